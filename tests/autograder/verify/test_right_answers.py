"""A right answer is accepted by the checks that decide and by those that students see."""

from __future__ import annotations

import pytest

from autograder.errors import CourseError
from autograder.verify.right_answers import answers_in, objections, problem_of_right_answer
from tests.autograder.verify.example import RELEASE, RIGHT, edited, make_assignment


@pytest.fixture
def problem(tmp_path):
    def put(text: str, release: str = RELEASE) -> str:
        assignment = make_assignment(tmp_path, release=release, other=text)
        return problem_of_right_answer(assignment, assignment.folder / "right" / "other.py")

    return put


def test_a_right_answer_is_accepted(problem):
    assert problem(RIGHT) == ""


def test_one_that_loses_points_is_told_where(problem):
    said = problem(edited(RIGHT, "x**2", "x * abs(x) if x else 1.0"))
    assert said.startswith("square in other.py loses points: test_zero")
    assert "visible" not in said


def test_one_that_the_visible_check_refuses_is_told_why(problem):
    release = edited(RELEASE, "square(3.0), 9.0", "square(3.0), 8.0")
    assert problem(RIGHT, release).endswith("visible check: AssertionError: square(3) is 9")


def test_the_visible_check_sees_the_imports_of_all_cells_but_not_what_cells_do(problem):
    assert "name 'isclose' is not defined" in problem(
        RIGHT, edited(RELEASE, "from math import isclose", "isclose = math.isclose")
    )


def test_one_that_defines_nothing_or_can_not_be_run_is_an_error(tmp_path):
    assignment = make_assignment(tmp_path, nothing="x = 1\n", broken="1 / 0\n")
    right = assignment.folder / "right"
    with pytest.raises(CourseError, match="defines none of square"):
        objections(assignment, right / "nothing.py")
    with pytest.raises(CourseError, match="can't be run: ZeroDivisionError"):
        answers_in(assignment, right / "broken.py")
