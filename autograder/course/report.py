"""The report of an assignment: one self-contained HTML page, and its scores as CSV.

Verdicts carry text that submissions chose, so all of it is escaped, and the page's own policy lets
no script or style run but the two that it was made with.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import os
import re
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from autograder.course.course import Course
from autograder.course.nbgrader_steps import NbgraderSteps
from autograder.course.summary import ClassSummary, Student
from autograder.course.verdicts import read_verdicts
from autograder.course.written import read_written_scores
from autograder.grading.misconception import hint

TEMPLATES = Path(__file__).parent
INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # a cell that starts so is a formula to some spreadsheets


def write_report(course: Course, name: str) -> Path:
    """Write `reports/NAME.html` in the course's folder and, beside it, `NAME.csv`.

    Automatic scores come from the verdicts, written ones from the gradebook, which stays as it is.

    Args:
        name: of the assignment.

    Returns:
        The path of the page.

    Raises:
        CourseError: there is no such assignment or no verdict, or one can't be read.
    """
    functions = chain.from_iterable(course.assignment(name).misconceptions.values())
    hints = {function.__name__: hint(function) for function in functions}
    page = course.root / "reports" / f"{name}.html"
    summary = ClassSummary(name, _students(course, name, page.parent))
    page.parent.mkdir(exist_ok=True)
    page.write_text(_render(summary, hints), encoding="utf-8")
    _write_scores(page.with_suffix(".csv"), summary)
    return page


def _students(course: Course, assignment: str, reports: Path) -> list[Student]:
    verdicts = read_verdicts(course.root, assignment)
    checked = {cell.grade_id for verdict in verdicts.values() for cell in verdict.cells}
    written = read_written_scores(NbgraderSteps(course), assignment, checked)
    return [
        Student(name, verdict, written.get(name), _feedback(course, name, assignment, reports))
        for name, verdict in verdicts.items()
    ]


def _feedback(course: Course, student: str, assignment: str, reports: Path) -> str | None:
    """The address of a student's feedback page, relative to the report; None if there is none."""
    folder = course.folder(course.directory.feedback_directory, student, assignment)
    page = folder / f"{assignment}.html"
    return quote(Path(os.path.relpath(page, reports)).as_posix()) if page.is_file() else None


def _render(summary: ClassSummary, hints: dict[str, str]) -> str:
    """The page. `hints` are the students' texts by misconception; a message has values, too."""
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    script = (TEMPLATES / "report.js").read_text(encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_without_invisible_characters,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"points": _points, "words": _words}
    return environment.get_template("report.html").render(
        summary=summary,
        hints=hints,
        style=Markup(style),
        script=Markup(script),
        policy="default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"style-src {_hash_source(style)}; script-src {_hash_source(script)}",
        made=datetime.now(),
    )


def _hash_source(text: str) -> str:
    """The source expression of an inline script or style in a content security policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _without_invisible_characters(value: Any) -> Any:
    """Control characters and bidirectional overrides can make a text look like another."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return INVISIBLE.sub("\N{REPLACEMENT CHARACTER}", value)
    return value


def _points(value: float) -> str:
    return f"{round(value, 2):g}"


def _words(name: str) -> str:
    """The words of a name: mean_of_squares becomes mean of squares."""
    return name.replace("_", " ")


def _write_scores(path: Path, summary: ClassSummary) -> None:
    questions = [question.name for question in summary.questions()]
    header = ["student", "score", "max_score", *questions]
    if summary.has_written_part:
        header += ["written", "max_written", "written_to_grade"]
    with path.open("w", newline="", encoding="utf-8", errors="replace") as file:
        rows = csv.writer(file)
        rows.writerow(header)
        for student in summary.students:
            scores = {name: cell.score for name, cell in student.cells.items()}
            row = [_inert(student.name), student.score, student.max_score]
            row += [scores.get(question, "") for question in questions]
            if summary.has_written_part:
                written = student.written
                row += [written.score, written.max_score, written.ungraded] if written else [""] * 3
            rows.writerow(row)


def _inert(text: str) -> str:
    """The text in a form that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip().startswith(FORMULA) or text.startswith(FORMULA) else text
