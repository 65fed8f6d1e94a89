"""A gradebook in PostgreSQL is graded into, read and kept like one in a file."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import nbformat
import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course.nbgrader_steps import NbgraderSteps
from autograder.course.release import release
from autograder.course.submissions import solved
from tests.autograder.course.small import DOZENS, NAME, TOTAL, make_course

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
pytestmark = [
    pytest.mark.jail,
    pytest.mark.slow,
    pytest.mark.skipif(not PROGRAMS, reason="needs PostgreSQL (sudo apt install postgresql)"),
]


@pytest.fixture
def address():
    """The `db_url` of a new database in a server of its own, which goes afterwards."""
    with tempfile.TemporaryDirectory(
        prefix="pg-", dir="/tmp"
    ) as folder:  # a short path, for a socket
        if os.geteuid() == 0:  # as whom PostgreSQL does not run
            shutil.chown(folder, "postgres")

        def run(program: str, *words: str) -> None:
            user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
            command = [*user, str(PROGRAMS[-1] / program), *words]
            subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)

        data = f"{folder}/data"
        run("initdb", "-D", data, "-U", "grader", "-A", "trust")
        options = f"-c listen_addresses='' -k {folder}"
        run("pg_ctl", "-D", data, "-l", f"{folder}/log", "-o", options, "-w", "start")
        try:
            run("createdb", "-h", folder, "-U", "grader", "grades")
            yield f"postgresql+psycopg://grader@/grades?host={folder}"
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "stop")


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
    ada = (tmp_path / "reports" / f"{NAME}.csv").read_text().splitlines()[1].split(",")
    assert ada[0] == "ada"
    assert "7.0" in ada
    assert "nothing new" in run("grade")
    assert not (tmp_path / "gradebook.db").exists()
