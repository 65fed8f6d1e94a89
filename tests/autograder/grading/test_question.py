"""The answers of trusted functions are computed once, and nobody can change what is kept."""

import pytest
import torch

from autograder.grading.inside import probes, values
from autograder.grading.question import Question


def test_a_function_is_asked_once():
    calls = []

    def twice(x):
        calls.append(x)
        return 2 * x

    X = torch.tensor([1.0, 2.0], requires_grad=True)
    for _ in range(2):
        answer = Question((X,), {}, probes.value).answer_of(twice)
        assert answer.tolist() == [2, 4]
        assert not answer.requires_grad
        answer.zero_()
    assert len(calls) == 1
    assert Question((2 * X.detach(),), {}, probes.value).answer_of(twice).tolist() == [4, 8]


def test_what_it_raised_is_raised_again():
    def fails(x):
        raise ValueError(f"not {x}")

    for _ in range(2):
        with pytest.raises(ValueError, match="not 3"):
            Question((3,), {}, probes.value).answer_of(fails)


def test_values_that_are_equal_are_told_apart():
    question = Question((), {}, values.kept)
    assert [type(question.answer_of(one)) for one in (1, True, 1.0)] == [int, bool, float]
    assert question.answer_of((1, [2]))[0] == 1  # a tuple that has no hash
