"""The grades in the course's gradebook. Reports, exports and feedback show these and no others.

What a person changed there counts: points given by hand, extra credit, a penalty for a late
submission. All sums are nbgrader's own.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

import nbgrader.api as nb
from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.course.nbgrader_steps import NbgraderSteps
from autograder.grading.assignment import TEST


@dataclass(frozen=True)
class Person:
    """A student as the gradebook knows them; of one who is not in it, the name of the folder."""

    id: str
    last_name: str = ""
    first_name: str = ""
    email: str = ""
    lms_user_id: str = ""


@dataclass(frozen=True)
class CellGrade:
    """The points of one graded cell.

    Attributes:
        score: with extra credit; points given by hand replace those of the checks.
        auto_score: of the checks; None where they gave none.
        extra_credit: the part of the score beyond the cell's points.
        is_checked: whether checks grade the cell, not a person.
        waits: whether the cell still waits for a person.
    """

    name: str
    score: float
    max_score: float
    auto_score: float | None = None
    manual_score: float | None = None
    extra_credit: float = 0.0
    is_checked: bool = True
    waits: bool = False

    @property
    def question(self) -> str:
        """The function that checks ask, or the name of a written answer."""
        return self.name.removeprefix(TEST) if self.is_checked else self.name

    @property
    def is_overridden(self) -> bool:
        """Whether a person gave other points than the checks."""
        return self.is_checked and self.manual_score not in (None, self.auto_score)


@dataclass(frozen=True)
class Grade:
    """A student's grade for an assignment.

    Attributes:
        cells: in the order of the notebook.
        penalty: points taken off because it was late.
        handed_in: when, where a time is on record.
    """

    cells: tuple[CellGrade, ...]
    penalty: float = 0.0
    handed_in: datetime | None = None
    seconds_late: float = 0.0

    @property
    def score(self) -> float:
        """The points: all cells with their extra credit, less the penalty, as nbgrader exports it."""
        return max(0.0, sum(cell.score for cell in self.cells) - self.penalty)

    @property
    def max_score(self) -> float:
        return sum(cell.max_score for cell in self.cells)

    @property
    def extra_credit(self) -> float:
        return sum(cell.extra_credit for cell in self.cells)

    @property
    def checked(self) -> list[CellGrade]:
        return [cell for cell in self.cells if cell.is_checked]

    @property
    def written(self) -> list[CellGrade]:
        return [cell for cell in self.cells if not cell.is_checked]

    @property
    def waiting(self) -> int:
        """The number of cells that wait for a person."""
        return sum(cell.waits for cell in self.cells)

    @property
    def is_begun(self) -> bool:
        """Whether anything gave points: nbgrader makes an entry before it grades."""
        return any((cell.auto_score, cell.manual_score) != (None, None) for cell in self.cells)


@dataclass(frozen=True)
class Gradebook:
    """The roster and the grades for one assignment.

    Attributes:
        people: everyone on the roster, by name in the gradebook.
        grades: those who have one, by the same name.
    """

    people: dict[str, Person] = field(default_factory=dict)
    grades: dict[str, Grade] = field(default_factory=dict)


def read_gradebook(
    steps: NbgraderSteps, assignment: str, checked: Collection[str], order: Sequence[str] = ()
) -> Gradebook:
    """Everyone's grade for an assignment; the gradebook stays as it is.

    Args:
        checked: grade_ids of the cells that checks grade.
        order: grade_ids in the order of the notebook; by name where this does not say it.

    Raises:
        CourseError: the gradebook can't be read.
    """
    with steps.reading() as session:
        if session is None:
            return Gradebook()
        people = {student.id: _person(student) for student in session.scalars(select(nb.Student))}
        return Gradebook(people, read_grades(session, assignment, checked, order))


def due_dates(steps: NbgraderSteps, assignment: str) -> dict[str | None, datetime]:
    """The due date of an assignment, for None; and that of each student with an extension.

    Raises:
        CourseError: the gradebook can't be read.
    """
    with steps.reading() as session:
        wanted = select(nb.Assignment).where(nb.Assignment.name == assignment)
        found = session.scalars(wanted).first() if session else None
        if found is None or found.duedate is None:
            return {}
        extended = {one.student_id: one.duedate for one in found.submissions if one.extension}
        dates = {None: found.duedate, **extended}
        return {student: date.replace(tzinfo=timezone.utc) for student, date in dates.items()}


def _person(student: nb.Student) -> Person:
    names = (student.last_name, student.first_name, student.email, student.lms_user_id)
    return Person(student.id, *(name or "" for name in names))


def read_grades(
    session: Session,
    assignment: str,
    checked: Collection[str],
    order: Sequence[str] = (),
    student: str | None = None,
) -> dict[str, Grade]:
    """The grades for an assignment by student, or that of one student; see `read_gradebook`."""
    places = {name: place for place, name in enumerate(dict.fromkeys(order))}

    def place(cell: CellGrade) -> tuple[int, str]:
        return places.get(cell.name, len(places)), cell.name

    wanted = [nb.Assignment.name == assignment]
    if student is not None:
        wanted.append(nb.SubmittedAssignment.student_id == student)
    cells = _cells(session, wanted, checked)
    submissions = session.scalars(select(nb.SubmittedAssignment).join(nb.Assignment).where(*wanted))
    return {
        submission.student_id: Grade(
            cells=tuple(sorted(cells.get(submission.id, ()), key=place)),
            penalty=sum(book.late_submission_penalty or 0.0 for book in submission.notebooks),
            handed_in=_utc(submission.timestamp),
            # Of an extension without a due date nbgrader can't make a date.
            seconds_late=submission.total_seconds_late if submission.assignment.duedate else 0.0,
        )
        for submission in submissions
    }


def _cells(
    session: Session, wanted: list[Any], checked: Collection[str]
) -> dict[str, list[CellGrade]]:
    """All cells by submission. One query: a query for each cell takes seconds for a class."""
    rows = session.execute(
        select(
            nb.SubmittedAssignment.id,
            nb.BaseCell.name,
            nb.Grade.score,
            nb.Grade.max_score,
            nb.Grade.auto_score,
            nb.Grade.manual_score,
            nb.Grade.extra_credit,
            nb.Grade.needs_manual_grade,
        )
        .join(nb.SubmittedNotebook, nb.SubmittedNotebook.assignment_id == nb.SubmittedAssignment.id)
        .join(nb.Grade, nb.Grade.notebook_id == nb.SubmittedNotebook.id)
        .join(nb.BaseCell, nb.BaseCell.id == nb.Grade.cell_id)
        .join(nb.Assignment, nb.Assignment.id == nb.SubmittedAssignment.assignment_id)
        .where(*wanted)
    )
    cells: dict[str, list[CellGrade]] = {}
    for submission, name, score, max_score, auto, manual, extra, waits in rows:
        cell = CellGrade(
            name=name,
            score=score,
            max_score=max_score,
            auto_score=auto,
            manual_score=manual,
            # nbgrader counts it where there are other points.
            extra_credit=(extra or 0.0) if (auto, manual) != (None, None) else 0.0,
            is_checked=name in checked,
            waits=waits,
        )
        cells.setdefault(submission, []).append(cell)
    return cells


def _utc(time: datetime | None) -> datetime | None:
    """nbgrader keeps times in UTC, and does not say so."""
    return time.replace(tzinfo=timezone.utc) if time else None
