"""One submission never costs another its grade."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor
from pathlib import Path

from autograder.course.batch import _grade_all
from tests.autograder.course.grading_double import grade


def test_a_worker_that_is_killed_or_raises_costs_only_its_own_submission():
    students = ["ada", "mallory", "bela", "oscar", "carmen", "dora"]
    todo = {student: Path("submitted") / student for student in students}
    results = dict(_grade_all(todo, grade, workers=2))
    assert set(results) == set(students)
    assert isinstance(results.pop("mallory"), BrokenExecutor)
    assert isinstance(results.pop("oscar"), ZeroDivisionError)
    assert results == {student: f"{student}: {student}" for student in results}
