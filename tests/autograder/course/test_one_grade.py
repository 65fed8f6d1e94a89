"""One grade: gradebook, feedback, report and CSV say the same number, in SQLite and PostgreSQL."""

from __future__ import annotations

import csv
import re

import nbformat
import pytest
from nbgrader.plugins import CsvExportPlugin
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course.course import Course
from autograder.course.nbgrader_steps import NbgraderSteps
from autograder.course.release import release
from autograder.course.submissions import solved
from tests.autograder.course.postgresql import NEEDS_POSTGRESQL, postgresql
from tests.autograder.course.small import NAME, make_course

LATE = """
from nbgrader.plugins import LateSubmissionPlugin

class TwoPoints(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 2.0

c.AssignLatePenalties.plugin_class = TwoPoints
"""
# 4 by hand instead of 5, 3 from the check, 7 written, 1.5 extra, 2 less because it was late
SCORE = 4 + 3 + 7 + 1.5 - 2
MAX_SCORE = 5 + 3 + 10

pytestmark = pytest.mark.slow


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=NEEDS_POSTGRESQL)])
def database(request):
    """Lines of configuration that say where the gradebook is."""
    if request.param == "sqlite":
        yield []
        return
    with postgresql() as address:
        yield [
            f'c.CourseDirectory.db_url = "{address}"',
            'c.CourseDirectory.course_id = "default_course"',
        ]


@pytest.fixture
def course(database, tmp_path):
    """A class that was graded by the checks and then by a person: ada late and changed by hand."""
    course = make_course(tmp_path, 'c.Course.jail = "none"', LATE, *database)
    assignment = course.assignment(NAME)
    release(assignment, course)
    with NbgraderSteps(course).gradebook() as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate="2026-03-01 12:00:00 UTC")
        gradebook.add_student("enrolled")
    path = tmp_path / "submitted" / "ada" / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(solved(assignment), path)
    (path.parent / "timestamp.txt").write_text("2026-03-01 15:00:00 UTC")
    run(course, "grade", NAME, "--jobs", "1")
    with NbgraderSteps(course).gradebook() as gradebook:
        for cell, values in {
            "test_dozens": {"manual_score": 4},
            "why_twelve": {"manual_score": 7},
            "test_total": {"extra_credit": 1.5},
        }.items():
            grade = gradebook.find_grade(cell, NAME, NAME, "ada")
            for name, value in {**values, "needs_manual_grade": False}.items():
                setattr(grade, name, value)
        gradebook.db.commit()
    return course


def run(course: Course, *words: str) -> None:
    done = CliRunner().invoke(app, [*words, "--course", str(course.root)])
    assert done.exit_code == 0, done.output


def by_nbgrader(course: Course) -> float:
    """The score that nbgrader itself exports."""
    exporter = CsvExportPlugin()
    exporter.to = str(course.root / "nbgrader.csv")
    with NbgraderSteps(course).gradebook() as gradebook:
        exporter.export(gradebook)
    with open(exporter.to, newline="") as file:
        (row,) = [row for row in csv.DictReader(file) if row["student_id"] == "ada"]
    return float(row["score"])


def test_gradebook_feedback_report_and_csv_say_the_same(course):
    assert by_nbgrader(course) == SCORE

    run(course, "feedback", NAME)
    page = (course.root / "feedback" / "ada" / NAME / f"{NAME}.html").read_text()
    assert f"(Score: {SCORE} / {MAX_SCORE:.1f})" in page
    for sentence in (
        f"<li>{SCORE} of {MAX_SCORE} points.</li>",
        "<li>dozens: a person gave 4 points instead of 5.</li>",
        "<li>Extra credit: 1.5 points.</li>",
        "<li>Late by 3.0 hours: 2 points less.</li>",
    ):
        assert sentence in page
    assert "not final" not in page

    run(course, "report", NAME)
    page = (course.root / "reports" / f"{NAME}.html").read_text()
    (row,) = re.findall(r'data-value="ada">.*?</tr>', page, re.DOTALL)
    assert f'data-value="{SCORE}"' in row
    assert "no grade" in page, "of the enrolled student"
    with (course.root / "reports" / f"{NAME}.csv").open(newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert float(rows["ada"]["score"]) == SCORE
    assert (rows["ada"]["late_penalty"], rows["ada"]["hours_late"]) == ("2.0", "3.0")
    assert rows["ada"]["state"] == "final"
    assert rows["enrolled"]["score"] == ""
