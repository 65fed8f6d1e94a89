"""nbgrader's steps leave this process as it was, and say nothing of their own."""

from __future__ import annotations

import logging
import os
import warnings
from pathlib import Path

import pytest

from autograder.course.nbgrader_steps import NbgraderSteps
from autograder.course.release import release
from autograder.errors import CourseError
from tests.autograder.course.small import NAME, make_course


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A released course with a gradebook at a relative address, and its steps."""
    line = 'c.CourseDirectory.db_url = "sqlite:///grades.db"'
    course = make_course(tmp_path_factory.mktemp("course"), line)
    release(course.assignment(NAME), course)
    return course


def test_a_relative_gradebook_lies_in_the_course_s_folder(course, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert NbgraderSteps(course).knows(NAME)
    assert not NbgraderSteps(course).knows("another")
    assert (course.root / "grades.db").is_file()
    assert list(tmp_path.iterdir()) == []


def test_a_step_prints_nothing_and_its_error_is_one_line(course, capfd):
    with pytest.raises(CourseError, match="could not grade nobody's counting: No notebooks were m"):
        NbgraderSteps(course).autograde(NAME, "nobody")
    assert capfd.readouterr() == ("", "")


def test_a_step_leaves_the_process_as_it_was(course):
    def state():
        return Path.cwd(), dict(os.environ), list(warnings.filters), logging.root.manager.disable

    before = state()
    with NbgraderSteps(course).gradebook():
        assert Path.cwd() == course.root
    with pytest.raises(CourseError):
        NbgraderSteps(course).generate_feedback(NAME, "nobody")
    assert state() == before


def test_nbgrader_finds_alembic_where_the_virtual_environment_is_not_active(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    steps = NbgraderSteps(make_course(tmp_path))
    with steps.gradebook() as gradebook:  # a new one asks alembic for its version
        assert gradebook.assignments == []


def test_the_gradebook_s_address_has_no_password(tmp_path):
    line = 'c.CourseDirectory.db_url = "postgresql://ada:secret@host/grades"'
    assert NbgraderSteps(make_course(tmp_path, line)).address == "postgresql://ada:***@host/grades"
