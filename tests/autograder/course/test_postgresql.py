"""A gradebook in PostgreSQL is graded into, read and kept like one in a file."""

from __future__ import annotations

import csv

import nbformat
import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course.nbgrader_steps import NbgraderSteps
from autograder.course.release import release
from autograder.course.submissions import solved
from tests.autograder.course.postgresql import NEEDS_POSTGRESQL, postgresql
from tests.autograder.course.small import DOZENS, NAME, TOTAL, make_course

pytestmark = [pytest.mark.jail, pytest.mark.slow, NEEDS_POSTGRESQL]


@pytest.fixture
def address():
    """The `db_url` of a new database."""
    with postgresql() as address:
        yield address


# nbgrader makes no course without a name, and PostgreSQL insists on one where SQLite does not.
def test_a_class_is_graded_into_it_and_reported_from_it(address, tmp_path):
    course = make_course(
        tmp_path,
        f'c.CourseDirectory.db_url = "{address}"',
        'c.CourseDirectory.course_id = "default_course"',
    )
    assignment = course.assignment(NAME)
    release(assignment, course)
    for student, notebook in (("ada", solved(assignment)), ("bela", assignment.release)):
        path = tmp_path / "submitted" / student / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)

    def run(*words: str):
        done = CliRunner().invoke(app, [*words, NAME, "--course", str(tmp_path)])
        assert done.exit_code == 0, done.output
        return done.output

    said = run("grade")
    assert f"ada: {DOZENS + TOTAL} of {DOZENS + TOTAL}" in said
    with NbgraderSteps(course).gradebook() as gradebook:
        found = {one.student.id: one.score for one in gradebook.assignment_submissions(NAME)}
        assert found == {"ada": DOZENS + TOTAL, "bela": 0}
        grade = gradebook.find_grade("why_twelve", NAME, NAME, "ada")
        grade.manual_score, grade.needs_manual_grade = 7, False
        gradebook.db.commit()
    run("report")
    with (tmp_path / "reports" / f"{NAME}.csv").open(newline="") as file:
        ada = next(csv.DictReader(file))
    assert (ada["student"], ada["score"]) == ("ada", f"{DOZENS + TOTAL + 7}.0")
    assert "nothing new" in run("grade")
    assert not (tmp_path / "gradebook.db").exists()
