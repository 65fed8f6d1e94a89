"""The report of an assignment: one self-contained HTML page, and its scores as CSV.

Verdicts carry text that submissions chose, so all of it is escaped, and the page's own policy lets
no script or style run but the two that it was made with.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import re
from datetime import datetime
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from autograder.course.summary import ClassSummary, Student
from autograder.course.written import read_written_scores
from autograder.errors import CourseError
from autograder.misconceptions import hint, known_misconceptions

TEMPLATES = Path(__file__).parent
INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # a cell that starts so is a formula to some spreadsheets


def write_report(course: Path, assignment: str) -> Path:
    """Write COURSE/reports/ASSIGNMENT.html and, beside it, ASSIGNMENT.csv.

    Args:
        course: the course folder, with `verdicts/ASSIGNMENT/STUDENT.json` in it and, where graders
            have been at work, `gradebook.db`.

    Returns:
        Where the page lies.

    Raises:
        CourseError: there is no verdict, or one can't be read.
    """
    summary = ClassSummary(assignment, _read_students(course, assignment))
    page = course / "reports" / f"{assignment}.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(_render(summary), encoding="utf-8")
    _write_scores(page.with_suffix(".csv"), summary)
    return page


def _read_students(course: Path, assignment: str) -> list[Student]:
    folder = course / "verdicts" / assignment
    paths = sorted(folder.glob("*.json"))
    if not paths:
        raise CourseError(
            f"There are no verdicts in {folder}: grade first, with `autograder grade {assignment}`."
        )
    students = [Student(path.stem, _read_verdict(path, assignment)) for path in paths]
    _add_written_scores(students, course / "gradebook.db", assignment)
    for student in students:
        feedback = Path("feedback", student.name, assignment, f"{assignment}.html")
        if (course / feedback).is_file():
            student.feedback = quote(f"../{feedback.as_posix()}")
    return students


def _read_verdict(path: Path, assignment: str) -> dict[str, Any]:
    try:
        verdict = json.loads(path.read_text(encoding="utf-8"))
        verdict["score"], verdict["max_score"], verdict["cells"]
    except (OSError, ValueError, TypeError, LookupError) as error:
        again = f"autograder grade {assignment} --student {path.stem} --force"
        raise CourseError(
            f"{path} is not a verdict: grade this student again, with `{again}`."
        ) from error
    return verdict


def _add_written_scores(students: list[Student], database: Path, assignment: str) -> None:
    if not database.is_file():
        return
    checked = {cell["grade_id"] for student in students for cell in student.verdict["cells"]}
    written = read_written_scores(database, assignment, checked)
    for student in students:
        student.written = written.get(student.name)


def _render(summary: ClassSummary) -> str:
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
        hints=_hints(summary.assignment),
        style=Markup(style),
        script=Markup(script),
        policy="default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"style-src {_hash_source(style)}; script-src {_hash_source(script)}",
        made=datetime.now(),
    )


def _hints(assignment: str) -> dict[str, str]:
    """What students are told, by misconception; a verdict's message has the values seen, too."""
    if find_spec(f"autograder.misconceptions.{assignment}") is None:
        return {}
    functions = chain.from_iterable(known_misconceptions(assignment).values())
    return {function.__name__: hint(function) for function in functions}


def _hash_source(text: str) -> str:
    """What a content security policy calls an inline script or style by."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _without_invisible_characters(value: Any) -> Any:
    """Control characters and bidirectional overrides can make a text look like another."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return INVISIBLE.sub("\N{REPLACEMENT CHARACTER}", value)
    return value


def _points(value: float) -> str:
    return f"{round(value, 2):g}"


def _words(name: str) -> str:
    """test_maps_of_a_batch -> maps of a batch"""
    return name.removeprefix("test_").replace("_", " ")


def _write_scores(path: Path, summary: ClassSummary) -> None:
    questions = [question.name for question in summary.questions()]
    header = ["student", "score", "max_score", *questions]
    if summary.has_written_part:
        header += ["written", "max_written", "written_to_grade"]
    with path.open("w", newline="", encoding="utf-8", errors="replace") as file:
        rows = csv.writer(file)
        rows.writerow(header)
        for student in summary.students:
            scores = {name: cell["score"] for name, cell in student.cells.items()}
            row = [_inert(student.name), student.score, student.max_score]
            row += [scores.get(question, "") for question in questions]
            if summary.has_written_part:
                written = student.written
                row += [written.score, written.max_score, written.ungraded] if written else [""] * 3
            rows.writerow(row)


def _inert(text: str) -> str:
    """The text as a spreadsheet takes it for text."""
    return f"'{text}" if text.lstrip().startswith(FORMULA) or text.startswith(FORMULA) else text
