"""A new course holds the assignments that are installed, or room for some."""

from __future__ import annotations

import re
from importlib.metadata import EntryPoint

import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course import init
from autograder.course.course import Course
from autograder.course.init import init_course
from autograder.course.new import new_assignment
from autograder.errors import CourseError
from tests.corpus import ASSIGNMENTS, ROOT

KIT = "looking-inside-classifiers"


def test_it_holds_the_configuration_and_the_assignments_and_nothing_else(tmp_path):
    names = init_course(tmp_path / "course")
    assert names == Course(tmp_path / "course").names == ASSIGNMENTS
    assert {path.name for path in (tmp_path / "course").iterdir()} == {
        "nbgrader_config.py", "solutions",
    }  # fmt: skip
    assert {path.name for path in (tmp_path / "course" / "solutions").iterdir()} == {*ASSIGNMENTS}
    assert not list(tmp_path.rglob("__pycache__"))
    for name in ASSIGNMENTS:
        ours, theirs = ROOT / "solutions" / name, tmp_path / "course" / "solutions" / name
        files = [path for path in ours.rglob("*") if path.is_file() and path.suffix != ".pyc"]
        assert len(files) > 3
        for path in files:
            assert (theirs / path.relative_to(ours)).read_bytes() == path.read_bytes()


def test_its_settings_are_those_of_this_course(tmp_path):
    init_course(tmp_path / "course")
    made, ours = Course(tmp_path / "course"), Course(ROOT)
    for name in ASSIGNMENTS:
        assert made.settings(name).packages == ours.settings(name).packages
        assert made.settings(name).limits == ours.settings(name).limits


def test_an_empty_course_has_no_assignments_and_takes_new_ones(tmp_path):
    assert init_course(tmp_path / "course", empty=True) == []
    course = Course(tmp_path / "course")
    assert course.names == []
    new_assignment(course, "norms")
    assert course.names == ["norms"]


def test_the_configuration_of_an_empty_course_shows_the_defaults(tmp_path):
    """Is each line that is commented out what holds without it?"""
    init_course(tmp_path / "course", empty=True)
    config = tmp_path / "course" / "nbgrader_config.py"
    as_made = Course(tmp_path / "course")
    said = re.findall(r"^# c\.Course\.(\w+)", config.read_text(), re.MULTILINE)
    assert len(said) > 8
    config.write_text(re.sub(r"^# c\.", "c.", config.read_text(), flags=re.MULTILINE))
    with_all = Course(tmp_path / "course")
    assert set(with_all.config.Course) == set(said)
    for trait in said:
        assert getattr(with_all, trait) == getattr(as_made, trait), trait


def test_a_new_folder_and_an_empty_one_will_do(tmp_path, monkeypatch):
    assert init_course(tmp_path / "deep" / "course", empty=True) == []
    (tmp_path / "here" / ".git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    init_course(tmp_path.__class__("."), empty=True)
    assert {path.name for path in (tmp_path / "here").iterdir()} == {
        ".git", "nbgrader_config.py", "solutions",
    }  # fmt: skip


def test_a_course_or_other_files_are_left_as_they_are(tmp_path):
    init_course(tmp_path / "course", empty=True)
    with pytest.raises(CourseError, match="course is a course already: .* Name a new folder"):
        init_course(tmp_path / "course")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "notes.txt").write_text("mine")
    with pytest.raises(CourseError, match="notes is not empty: name a new folder"):
        init_course(tmp_path / "notes")
    with pytest.raises(CourseError, match="notes.txt can't be written: Not a directory"):
        init_course(tmp_path / "notes" / "notes.txt")
    assert [path.name for path in (tmp_path / "notes").iterdir()] == ["notes.txt"]
    assert not list((tmp_path / "course" / "solutions").iterdir())


def test_what_fails_half_way_leaves_nothing_of_a_course(tmp_path, monkeypatch):
    def full_disk(*arguments, **keywords):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(init.shutil, "copytree", full_disk)
    with pytest.raises(CourseError, match="course can't be written: No space left on device"):
        init_course(tmp_path / "course")
    assert list((tmp_path / "course").iterdir()) == []


@pytest.fixture
def two_templates(tmp_path, monkeypatch):
    """A second installed package with assignments: one, called `spectra`."""
    package = tmp_path / "site" / "signals"
    (package / "spectra").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "nbgrader_config.py").write_text("c = get_config()\nc.Course.device = 'cpu'\n")
    (package / "spectra" / "spectra.py").touch()
    monkeypatch.syspath_prepend(tmp_path / "site")
    points = [
        EntryPoint(KIT, "looking_inside_classifiers", init.TEMPLATES),
        EntryPoint("signals", "signals", init.TEMPLATES),
    ]
    monkeypatch.setattr(init, "entry_points", lambda group: points)


def test_of_several_templates_one_is_named(two_templates, tmp_path):
    with pytest.raises(CourseError, match=f"{KIT}, signals. Say --from NAME, or --empty"):
        init_course(tmp_path / "course")
    assert init_course(tmp_path / "course", "signals") == ["spectra"]
    assert Course(tmp_path / "course").device == "cpu"


def test_a_template_that_is_not_installed_gets_a_sentence(tmp_path):
    with pytest.raises(CourseError, match=f"--from chess: the installed .* are: {KIT}"):
        init_course(tmp_path / "course", "chess")
    assert not (tmp_path / "course").exists()


def test_the_command_says_what_is_in_it_and_what_comes_next(tmp_path):
    full = CliRunner().invoke(app, ["init", str(tmp_path / "full"), "--from", KIT])
    assert full.exit_code == 0
    assert f"full: {', '.join(ASSIGNMENTS)}." in full.output
    assert "autograder release" in full.output
    empty = CliRunner().invoke(app, ["init", str(tmp_path / "empty"), "--empty"])
    assert empty.exit_code == 0
    assert "autograder new NAME" in empty.output
    again = CliRunner().invoke(app, ["init", str(tmp_path / "empty")])
    assert again.exit_code == 1
    assert "is a course already" in again.output
