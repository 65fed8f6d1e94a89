"""Scores of the written and experimental questions, from nbgrader's gradebook."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from autograder.course.nbgrader_steps import NbgraderSteps


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
    steps: NbgraderSteps, assignment: str, checked: Collection[str]
) -> dict[str, WrittenScore]:
    """The written scores by student; the gradebook stays as it is.

    Args:
        checked: grade_ids of the cells that checks grade, which are left out.

    Raises:
        CourseError: the gradebook can't be read.
    """
    written: dict[str, WrittenScore] = {}
    with steps.submissions(assignment) as submissions:
        for submission in submissions:
            for grade in (grade for notebook in submission.notebooks for grade in notebook.grades):
                if grade.name not in checked:
                    score = written.setdefault(submission.student.id, WrittenScore())
                    score.score += grade.score
                    score.max_score += grade.max_score
                    score.ungraded += grade.needs_manual_grade
    return written
