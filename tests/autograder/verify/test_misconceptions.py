"""A misconception is caught, named, without side effects, and unlike the others; or a sentence says not."""

from __future__ import annotations

import pytest
import torch

from autograder.verify.misconceptions import (
    problem_of_misconception,
    problems_between_misconceptions,
)
from tests.autograder.verify.example import CHECKS, MISCONCEPTIONS, edited, make_assignment

HEAD = '\n\n@misconception(of="square", caught_by="test_one_number")\n'
DOUBLED = "    return 2 * x\n"


def problem(assignment, name: str) -> str:
    (wrong,) = [w for w in assignment.misconceptions["square"] if w.__name__ == name]
    return problem_of_misconception(assignment, "square", wrong)


def test_good_misconceptions_have_no_problem(tmp_path):
    assignment = make_assignment(tmp_path)
    assert [problem(assignment, name) for name in ("doubled", "cubed")] == ["", ""]
    assert problems_between_misconceptions(assignment, "square") == []


def test_one_that_its_check_does_not_catch_is_told_with_those_that_do(tmp_path):
    text = edited(MISCONCEPTIONS, "test_one_number", "test_zero")
    said = problem(make_assignment(tmp_path, misconceptions=text), "doubled")
    assert said.startswith("doubled passes test_zero") and "points in test_one_number" in said


def test_one_that_is_a_right_answer_is_told(tmp_path):
    text = edited(MISCONCEPTIONS, DOUBLED, "    return x * x\n")
    said = problem(make_assignment(tmp_path, misconceptions=text), "doubled")
    assert "has full marks" in said


def test_one_whose_check_does_not_exist_is_told(tmp_path):
    text = edited(MISCONCEPTIONS, "test_one_number", "test_two_numbers")
    said = problem(make_assignment(tmp_path, misconceptions=text), "doubled")
    assert "test_two_numbers" in said and "test_one_number, test_zero" in said


def test_one_that_another_one_is_taken_for_is_told(tmp_path):
    text = MISCONCEPTIONS + HEAD + 'def added(x):\n    """A sum."""\n    return x + x\n'
    assignment = make_assignment(tmp_path, misconceptions=text)
    assert "taken for doubled" in problem(assignment, "added")
    (said,) = problems_between_misconceptions(assignment, "square")
    assert said.startswith("doubled and added answer every question of the checks alike")


def test_two_that_differ_in_a_single_question_can_be_told_apart(tmp_path):
    text = (
        MISCONCEPTIONS
        + HEAD
        + 'def at_zero(x):\n    """One at zero."""\n    return 2 * x if x else 1.0\n'
    )
    assert (
        problems_between_misconceptions(make_assignment(tmp_path, misconceptions=text), "square")
        == []
    )


def test_two_exceptions_with_different_messages_can_be_told_apart(tmp_path):
    raises = "".join(
        HEAD + f'def {n}(x):\n    """No."""\n    raise ValueError("{n}")\n' for n in "ab"
    )
    assignment = make_assignment(tmp_path, misconceptions=MISCONCEPTIONS + raises)
    assert problems_between_misconceptions(assignment, "square") == []


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("random.random()", "the random numbers"),
        ("torch.rand(1)", "the random numbers"),
        ("torch.set_grad_enabled(False)", "torch's settings"),
        ("x.append(1)", "its arguments"),
        ("x[0].requires_grad_()", "its arguments"),
    ],
)
def test_one_with_a_side_effect_is_told(tmp_path, line, what):
    checks = CHECKS.replace("draw.numbers(1)[0]", "[draw.tensor(2)]").replace("0.0", "[]")
    assert checks != CHECKS
    text = "import random\nimport torch\n" + MISCONCEPTIONS
    text = edited(text, DOUBLED, f"    x and {line}\n    return 2.0\n")
    text = edited(text, "    return x**3\n", "    return 3.0\n")
    assignment = make_assignment(tmp_path, checks=checks, misconceptions=text)
    assignment.reference.square = lambda x: 1.0
    before = torch_state()
    (said,) = problems_between_misconceptions(assignment, "square")
    assert said.startswith(f"doubled changes {what}, as the reference does not")
    assert torch_state() == before


def torch_state():
    return torch.is_grad_enabled(), torch.get_rng_state().tolist()
