"""A reference that loses points is named, with the seed and the check."""

from __future__ import annotations

from autograder.verify.reference import problems_of_reference
from tests.autograder.verify.example import CHECKS, edited, make_assignment


def test_a_right_reference_has_no_problem(tmp_path):
    assert problems_of_reference(make_assignment(tmp_path), seed=3) == []


def test_a_check_that_refuses_the_reference_is_named(tmp_path):
    checks = edited(CHECKS, "    assert_same(answer, 0.0)", "    assert answer(0.0) == 1, 'no'")
    (problem,) = problems_of_reference(make_assignment(tmp_path, checks=checks), seed=3)
    assert "square loses points with seed 3: test_zero: no" in problem


def test_a_check_that_breaks_down_is_named(tmp_path):
    checks = edited(CHECKS, "    assert_same(answer, 0.0)", "    1 / 0")
    problems = problems_of_reference(make_assignment(tmp_path, checks=checks), seed=3)
    assert any("test_zero: ZeroDivisionError" in problem for problem in problems)
