"""Points come only for what a function computes: is that found without a word of the author's?"""

from __future__ import annotations

import pytest

from autograder.grading.assignment import Assignment
from autograder.grading.checking import run_checks
from autograder.grading.idle import WITHHELD, idle_functions
from autograder.grading.student import LocalStudent
from tests.autograder.grading.test_checking import SOURCE

CHECKS = """
from autograder.checks import assert_same, check


@check("f", points=1)
def test_zero_stays_zero(answer):
    assert_same(answer, 0.0)


@check("f", points=3)
def test_values(answer, draw):
    assert_same(answer, draw.numbers(1)[0])


@check("f", points=2)
def test_large_values(answer, draw):
    assert_same(answer, 100 * draw.numbers(1)[0])
"""
WEAK_ONLY = """
from autograder.checks import assert_same, check


@check("f", points=4)
def test_zero(answer):
    assert_same(answer, 0.0)


@check("f", points=2)
def test_negative_zero(answer):
    assert_same(answer, -0.0, rtol=1e-3)
"""


@pytest.fixture
def grade(tmp_path):
    """The checks of `f`, which doubles a number, by name, for an answer to it."""

    def grade(answer, checks=CHECKS):
        folder = tmp_path / "fake"
        folder.mkdir(exist_ok=True)
        (folder / "fake.py").write_text(SOURCE.format(points=6.0))
        (folder / "checks.py").write_text(checks)
        assignment = Assignment(folder, tmp_path / "none", plugins=("autograder.checks.fixtures",))
        (cell,), _ = run_checks(assignment, LocalStudent({"f": answer}))
        return {check.name: check for check in cell.checks}

    return grade


def points(checks):
    return {name: check.points for name, check in checks.items()}


@pytest.mark.parametrize("idle", [lambda x: x, lambda x: 0.0, lambda x: 0 * x])
def test_what_holds_without_any_work_earns_nothing_alone(grade, idle):
    checks = grade(idle)
    assert points(checks) == {
        "test_zero_stays_zero": 0,
        "test_values": 0,
        "test_large_values": 0,
    }
    assert checks["test_zero_stays_zero"].message == WITHHELD


@pytest.mark.parametrize(
    ("idle", "name", "words"),
    [
        (lambda x: x, "input_returned", "what the function was given, unchanged"),
        (lambda x: 0.0, "zeros_returned", "Every value is zero, whatever"),
        (lambda x: None, "nothing_returned", "Nothing was returned"),
    ],
)
def test_who_computes_nothing_reads_so(grade, idle, name, words):
    check = grade(idle)["test_values"]
    assert check.misconception == name and words in check.message


def test_it_earns_its_points_beside_a_value(grade):
    checks = grade(lambda x: 2 * x if x < 10 else x)
    assert points(checks) == {"test_zero_stays_zero": 1, "test_values": 3, "test_large_values": 0}


def test_a_right_answer_keeps_all(grade):
    assert sum(points(grade(lambda x: x + x)).values()) == 6


def test_where_no_check_is_of_values_nothing_is_taken(grade):
    checks = grade(lambda x: x if str(x) == "0.0" else None, WEAK_ONLY)
    assert points(checks) == {"test_zero": 4, "test_negative_zero": 0}


def test_idle_functions_answer_in_the_form_of_the_right_one():
    def right(x, y):
        x.append(1)  # works in place: on a copy
        return {"sum": sum(x) + y, "items": [1.5, "a"]}

    given = [2]
    nothing, argument, zeros, ones = idle_functions(right)
    assert nothing(given, 3) is None and argument(given, 3) is None
    assert zeros(given, 3) == {"sum": 0, "items": [0.0, ""]}
    assert ones(given, 3) == {"sum": 1, "items": [1.0, ""]}
    assert given == [2]


def test_an_idle_function_returns_a_copy_of_what_looks_like_the_answer():
    _, argument, *_ = idle_functions(lambda model, x, y: [y])
    given = [4]
    assert argument("model", given, 5) == [4] and argument("model", given, 5) is not given


def test_of_a_class_only_nothing_can_be_made():
    assert len(idle_functions(int)) == 1
