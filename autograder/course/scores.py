"""The scores of a class as CSV: a row for everybody, and a column for each question."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

from autograder.course.grades import Grade
from autograder.course.standings import Student
from autograder.errors import CourseError

FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # a cell that starts so is a formula to some spreadsheets
COLUMNS = (
    "student",
    "last_name",
    "first_name",
    "email",
    "score",
    "max_score",
    "state",
    "checks",
    "written",
    "to_grade",
    "extra_credit",
    "late_penalty",
    "hours_late",
    "handed_in",
)


def write_scores(path: Path, students: Sequence[Student]) -> None:
    """Write everybody's score, its parts, and why there is none or why it may still change.

    Raises:
        CourseError: the file can't be written.
    """
    cells = [cell for student in students if student.grade for cell in student.grade.cells]
    questions = list(dict.fromkeys(cell.question for cell in cells))
    header = [*COLUMNS, *questions, "reason"]
    write_csv(path, [header, *(_row(student, questions) for student in students)])


def _row(student: Student, questions: list[str]) -> list[object]:
    person, grade = student.person, student.grade
    return [
        *map(inert, (person.id, person.last_name, person.first_name, person.email)),
        *([grade.score, grade.max_score] if grade else ["", ""]),
        student.state,
        *(_parts(grade) if grade else [""] * 7),
        *_points(grade, questions),
        inert(" ".join(student.reasons)),
    ]


def _parts(grade: Grade) -> list[object]:
    return [
        sum(cell.score for cell in grade.checked),
        sum(cell.score for cell in grade.written),
        grade.waiting,
        grade.extra_credit,
        grade.penalty,
        round(grade.seconds_late / 3600, 2),
        grade.handed_in.isoformat() if grade.handed_in else "",
    ]


def _points(grade: Grade | None, questions: list[str]) -> list[object]:
    """The points of each question; none where an answer waits."""
    cells = {cell.question: cell for cell in grade.cells} if grade else {}
    return [
        cells[name].score if name in cells and not cells[name].waits else "" for name in questions
    ]


def write_csv(path: Path, rows: Iterable[Sequence[object]]) -> None:
    """Write rows, in UTF-8.

    Raises:
        CourseError: the file can't be written.
    """
    try:
        with path.open("w", newline="", encoding="utf-8", errors="replace") as file:
            csv.writer(file).writerows(rows)
    except OSError as error:
        raise CourseError(f"{path} can't be written: {error.strerror}.") from error


def inert(text: str) -> str:
    """The text in a form that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip().startswith(FORMULA) or text.startswith(FORMULA) else text
