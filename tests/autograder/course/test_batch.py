"""One submission never costs another its grade."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor
from pathlib import Path

import pytest

from autograder.course.batch import _grade_all, grade_class
from autograder.course.release import release
from autograder.errors import CourseError
from tests.autograder.course.grading_double import grade
from tests.autograder.course.small import NAME, make_course


def test_a_worker_that_is_killed_or_raises_costs_only_its_own_submission():
    students = ["ada", "mallory", "bela", "oscar", "carmen", "dora"]
    todo = {student: Path("submitted") / student for student in students}
    results = dict(_grade_all(todo, grade, workers=2))
    assert set(results) == set(students)
    assert isinstance(results.pop("mallory"), BrokenExecutor)
    assert isinstance(results.pop("oscar"), ZeroDivisionError)
    assert results == {student: f"{student}: {student}" for student in results}


def test_a_release_that_students_hold_is_never_replaced_by_grading(tmp_path):
    """The gradebook is new, as in a clone, and the source has changed since the release."""
    course = make_course(tmp_path)
    assignment = course.assignment(NAME)
    held = release(assignment, course).read_bytes()
    (tmp_path / "gradebook.db").unlink()
    text = assignment.source_path.read_text()
    assignment.source_path.write_text(text.replace("Why twelve?", "Why a dozen?"))
    course.folder(course.directory.submitted_directory, "ada", NAME).mkdir(parents=True)
    with pytest.raises(CourseError, match="is not the release that .* makes now"):
        grade_class(tmp_path, NAME)
    assert assignment.release_path.read_bytes() == held
