"""The report of an assignment: one self-contained HTML page, and its scores as CSV.

Verdicts carry text that submissions chose, so all of it is escaped, and the page's own policy lets
no script or style run but the two that it was made with.
"""

from __future__ import annotations

import base64
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
from autograder.course.scores import write_scores
from autograder.course.standings import read_standings
from autograder.course.summary import ClassSummary
from autograder.grading.misconception import hint

TEMPLATES = Path(__file__).parent
INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def write_report(course: Course, name: str) -> Path:
    """Write `reports/NAME.html` in the course's folder and, beside it, `NAME.csv`.

    Grades come from the gradebook, which stays as it is; reasons come from the verdicts.

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
    summary = ClassSummary(name, read_standings(course, name))
    page.parent.mkdir(exist_ok=True)
    page.write_text(_render(summary, hints, page.parent), encoding="utf-8")
    write_scores(page.with_suffix(".csv"), summary.students)
    return page


def _render(summary: ClassSummary, hints: dict[str, str], reports: Path) -> str:
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
    environment.filters |= {
        "points": _points,
        "words": _words,
        "address": lambda page: quote(Path(os.path.relpath(page, reports)).as_posix()),
    }
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
