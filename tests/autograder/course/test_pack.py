"""An assignment that travels is the same where it arrives, and so is how it is graded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from autograder.course.pack import Pack
from autograder.course.release import release
from autograder.errors import CourseError
from tests.autograder.course.small import NAME, make_course


@pytest.fixture
def assignment(tmp_path):
    course = make_course(tmp_path)
    made = course.assignment(NAME)
    release(made, course)
    return made


def test_what_arrives_has_the_same_checks_reference_and_release(assignment):
    opened = Pack.of(assignment).open()
    assert opened.folder != assignment.folder
    assert opened.release == assignment.release
    assert opened.graded_cells == assignment.graded_cells
    assert opened.reference.dozens(2) == 24
    assert opened.checks.__file__ == str(opened.folder / "checks.py")
    assert [wrong.__name__ for wrong in opened.misconceptions["dozens"]] == ["counted_tens"]


def test_the_folder_that_it_arrives_in_is_secret(assignment):
    opened = Pack.of(assignment).open()
    assert any(opened.folder.is_relative_to(secret) for secret in opened.settings.secrets)


def test_each_is_graded_by_its_own_settings(assignment):
    pack = Pack.of(assignment)
    jails = [
        replace(pack, settings=replace(pack.settings, jail=jail)).open().settings.jail
        for jail in ("none", "bubblewrap", "none")
    ]
    assert jails == ["none", "bubblewrap", "none"]


def test_it_is_unpacked_once(assignment):
    assert Pack.of(assignment).open() is Pack.of(assignment).open()


def test_a_package_that_is_not_there_gets_a_sentence(assignment):
    pack = Pack.of(assignment)
    elsewhere = replace(pack.settings, packages=(Path("/nowhere/never_heard_of"),))
    with pytest.raises(CourseError, match="never_heard_of, .* is not installed where"):
        replace(pack, settings=elsewhere).open()
