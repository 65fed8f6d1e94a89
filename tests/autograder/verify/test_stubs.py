"""Stubs run, raise NotImplementedError with their name, and earn nothing."""

from __future__ import annotations

import pytest

from autograder.verify.stubs import problems_of_stubs
from tests.autograder.verify.example import CHECKS, RELEASE, edited, make_assignment

RAISE = '    raise NotImplementedError("square: write your answer here")\n'


def test_a_good_stub_has_no_problem(tmp_path):
    assert problems_of_stubs(make_assignment(tmp_path)) == []


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        ("    pass\n", "it raises nothing"),
        ("    raise ValueError('no')\n", "it raises ValueError: no"),
        (
            '    raise NotImplementedError("write here")\n',
            "raises NotImplementedError('write here')",
        ),
    ],
)
def test_a_stub_that_raises_something_else_is_named(tmp_path, body, seen):
    problems = problems_of_stubs(make_assignment(tmp_path, release=edited(RELEASE, RAISE, body)))
    assert any(seen in problem and "with the name 'square'" in problem for problem in problems)


def test_a_stub_that_needs_another_cell_is_named(tmp_path):
    release = edited(RELEASE, "def square(x):\n", "def square(x=isclose):\n")
    (problem,) = problems_of_stubs(make_assignment(tmp_path, release=release))
    assert "can't be run after the imports alone: NameError" in problem


def test_points_for_nothing_are_found(tmp_path):
    checks = edited(CHECKS, "    assert_same(answer, 0.0)", "    pass")
    (problem,) = problems_of_stubs(make_assignment(tmp_path, checks=checks))
    assert "passes test_zero, which is worth 1 points" in problem


def test_stubs_of_classes_raise_in_a_method_and_those_of_values_in_their_cell(tmp_path):
    stub = 'class square:\n    """Squares."""\n\n    def of(self, x, *, deep):\n    ' + RAISE
    old = RELEASE[RELEASE.index('def square(x):\n    """') : RELEASE.index(RAISE) + len(RAISE)]
    of_class = make_assignment(tmp_path / "class", release=edited(RELEASE, old, stub))
    of_value = make_assignment(
        tmp_path / "value", release=edited(RELEASE, old, f"square = None\n{RAISE.strip()}\n")
    )
    assert problems_of_stubs(of_class) == []
    assert problems_of_stubs(of_value) == []
