"""What nbgrader fails at is told in one sentence with what to do, and never as a traceback."""

from __future__ import annotations

import errno
import os
import sqlite3

import pytest
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.course.nbgrader_reasons import reason_in
from autograder.course.nbgrader_steps import NbgraderSteps
from autograder.course.release import release
from autograder.errors import CourseError
from autograder.grading.verdict import Verdict
from tests.autograder.course.small import NAME, make_course

LOG = """\
[INFO] Converting notebook /course/source/counting/counting.ipynb
[ERROR] There was an error processing assignment: /course/source/./counting
[ERROR] Traceback (most recent call last):
      File "/somewhere/base.py", line 297, in convert_notebooks
        self.convert_single_notebook(notebook_filename)
    {error}

[ERROR] Please see the the above traceback for details on the specific errors on the above failures.
Traceback (most recent call last):
  File "/somewhere/base.py", line 374, in convert_notebooks
    raise NbGraderException(msg)
nbgrader.converters.base.NbGraderException: Please see the the above traceback for details.
"""


class Failing(NbGraderPreprocessor):
    """A step of nbgrader's for which the disk is too small."""

    def preprocess_cell(self, cell, resources, index):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/course/release")


def said(steps) -> str:
    with pytest.raises(CourseError) as error:
        steps()
    assert "\n" not in str(error.value)
    assert "traceback" not in str(error.value).lower()
    return str(error.value)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            "nbgrader.nbgraderformat.common.ValidationError: Duplicate grade id: total",
            "two cells have the grade_id 'total': give each a name of its own",
        ),
        (
            "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) no such column: a\n[SQL: SELECT]",
            "made by another version of nbgrader: copy it",
        ),
        (
            "psycopg.OperationalError: connection failed: Connection refused.\n"
            "\nThe above exception was the direct cause of the following exception:\n\n"
            "sqlalchemy.exc.OperationalError: (psycopg.OperationalError) connection failed: refused.",
            "OperationalError: connection failed: refused",
        ),
        ("KeyError: 'of nobody knows what'", "KeyError: 'of nobody knows what'"),
    ],
)
def test_the_reason_is_the_last_exception_before_nbgrader_s_own(error, words):
    assert words in reason_in(LOG.format(error=error))


def test_a_log_without_a_traceback_gives_its_first_error():
    log = "[WARNING] slow\n[ERROR] No notebooks were matched by 'a'\n[ERROR] Did you mean: b\n"
    assert reason_in(log) == "No notebooks were matched by 'a'"
    assert reason_in("") == "it did not say why"


def test_a_full_disk(tmp_path):
    course = make_course(tmp_path)
    course.config.GenerateAssignment.preprocessors.append(Failing)
    sentence = said(lambda: release(course.assignment(NAME), course))
    assert sentence == (
        "nbgrader could not release counting: there is no space left on the disk: make some, and run "
        "this again."
    )


def test_a_gradebook_that_another_program_writes_to(tmp_path):
    course = make_course(tmp_path)
    release(course.assignment(NAME), course)
    steps = NbgraderSteps(course)
    other = sqlite3.connect(tmp_path / "gradebook.db", isolation_level=None)
    with steps.gradebook() as gradebook:
        other.execute("BEGIN EXCLUSIVE")
        verdict = Verdict(NAME, "ada", "none", "cpu", 1.0, [])
        assert "another program writes to it" in said(
            lambda: steps.record_points(gradebook, verdict)
        )
    assert "another program writes to it" in said(lambda: release(course.assignment(NAME), course))
    other.close()


def test_a_gradebook_that_can_only_be_read(tmp_path):
    course = make_course(tmp_path)
    release(course.assignment(NAME), course)
    line = f'c.CourseDirectory.db_url = "sqlite:///file:{tmp_path}/gradebook.db?mode=ro&uri=true"'
    course = make_course(tmp_path, line)
    assert "make its file and its folder writable" in said(
        lambda: release(course.assignment(NAME), course)
    )
    with NbgraderSteps(course).reading() as session:
        assert session is not None, "it can be read"


@pytest.mark.parametrize("step", ["release", "knows"])
@pytest.mark.parametrize(
    ("address", "words"),
    [
        (
            "postgresql+psycopg2://ada@host/grades",
            "the driver psycopg2 is not installed: run `pip install",
        ),
        ("sqlite:////nowhere/grades.db", "its folder has to exist"),
    ],
)
def test_an_address_that_can_not_be_used(tmp_path, step, address, words):
    lines = (
        f'c.CourseDirectory.db_url = "{address}"',
        'c.CourseDirectory.course_id = "default_course"',
    )
    course = make_course(tmp_path, *lines)
    steps = {
        "release": lambda: release(course.assignment(NAME), course),
        "knows": lambda: NbgraderSteps(course).knows(NAME),
    }
    assert words in said(steps[step])


def test_postgresql_without_a_name_for_the_course(tmp_path):
    line = 'c.CourseDirectory.db_url = "postgresql+psycopg://ada@host/grades"'
    course = make_course(tmp_path, line)
    for step in (
        lambda: NbgraderSteps(course).knows(NAME),
        lambda: release(course.assignment(NAME), course),
    ):
        assert 'Write c.CourseDirectory.course_id = "default_course"' in said(step)
    assert not (tmp_path / "release").exists()
