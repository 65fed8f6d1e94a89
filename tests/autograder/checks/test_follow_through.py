"""Is a function asked again, with test doubles, exactly where its helpers are to blame?"""

from __future__ import annotations

import types

import pytest
import torch

from autograder.checks import Helper, Mismatch, StudentFault, assert_same, assert_same_with_helpers
from autograder.grading.student import Answers, LocalStudent, TimedOut

X = torch.tensor([1.0, -2.0], dtype=torch.float64)
RIGHT_HELPER = "def double(x): return 2 * x\n"
RIGHT = "def total(x): return double(x) + 2 * x\n"
STUB = "def double(x): raise NotImplementedError\n"


def negative(x):
    """The test double of `double`."""
    return -x


def functions(source):
    namespace: dict = {}
    exec(source, namespace)
    return namespace


def ask(student, **options):
    """Check `total`, which builds on `double`."""
    answers = Answers(student, types.SimpleNamespace(**functions(RIGHT_HELPER + RIGHT)))
    helper = Helper("double", negative, lambda: assert_same(answers.double, X))
    assert_same_with_helpers([helper], answers.total, X, **options)


@pytest.mark.parametrize("helper", [RIGHT_HELPER, "def double(x): return 5 * x\n", STUB])
def test_a_right_function_passes_whatever_its_helper(helper):
    ask(LocalStudent(functions(helper + RIGHT)))


@pytest.mark.parametrize("helper", [RIGHT_HELPER, "def double(x): return 5 * x\n", STUB])
def test_a_wrong_function_fails_whatever_its_helper(helper):
    with pytest.raises(Mismatch, match="total"):
        ask(LocalStudent(functions(helper + "def total(x): return double(x) + x\n")))


def test_a_helper_that_is_right_on_its_own_is_not_replaced():
    """It works in place: right, but what its caller does with x afterwards is not."""
    with pytest.raises(Mismatch):
        ask(LocalStudent(functions("def double(x): return x.mul_(2)\n" + RIGHT)))


def test_the_first_answer_is_what_a_student_reads_about():
    """The second one would be x + 1."""
    wrong = "def double(x): return x\ndef total(x): return double(x) + 2 * x + 1\n"
    with pytest.raises(Mismatch) as caught:
        ask(LocalStudent(functions(wrong)))
    assert caught.value.actual.tolist() == [4, -5]


def test_an_expected_value_is_for_the_first_answer_only():
    ask(LocalStudent(functions(RIGHT_HELPER + RIGHT)), expected=4 * X)
    ask(LocalStudent(functions(STUB + RIGHT)), expected=4 * X)
    with pytest.raises(Mismatch):
        ask(LocalStudent(functions(RIGHT_HELPER + RIGHT)), expected=5 * X)


def test_a_function_that_timed_out_is_not_asked_again():
    class Slow(LocalStudent):
        calls = 0

        def call(self, *arguments):
            self.calls += 1
            raise TimedOut("total did not finish")

    student = Slow({})
    with pytest.raises(StudentFault, match="did not finish"):
        ask(student)
    assert student.calls == 1
