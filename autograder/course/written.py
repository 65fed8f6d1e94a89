"""What graders gave for the written and experimental questions, from nbgrader's gradebook."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry


@dataclass
class WrittenScore:
    """Points of the cells that no check grades.

    Attributes:
        ungraded: how many of these cells still wait for a grader.
    """

    score: float = 0.0
    max_score: float = 0.0
    ungraded: int = 0


def read_written_scores(
    database: Path, assignment: str, checked: Iterable[str]
) -> dict[str, WrittenScore]:
    """The written scores by student; the gradebook stays as it is.

    Args:
        checked: grade_ids of the cells that checks grade, which are left out.
    """
    checked = set(checked)
    written: dict[str, WrittenScore] = {}
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "gradebook.db"  # to open a gradebook with nbgrader may write to it
        _copy_database(database, copy)
        with Gradebook(f"sqlite:///{copy}") as gradebook:
            for student, grade in _grades(gradebook, assignment):
                if grade.name not in checked:
                    score = written.setdefault(student, WrittenScore())
                    score.score += grade.score
                    score.max_score += grade.max_score
                    score.ungraded += grade.needs_manual_grade
    return written


def _grades(gradebook: Gradebook, assignment: str):
    try:
        submissions = gradebook.assignment_submissions(assignment)
    except MissingEntry:
        return
    for submission in submissions:
        for notebook in submission.notebooks:
            for grade in notebook.grades:
                yield submission.student.id, grade


def _copy_database(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as reader,
        closing(sqlite3.connect(target)) as writer,
    ):
        reader.backup(writer)
