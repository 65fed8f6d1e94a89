"""The guide for authors works as it is written: every block of code in it is run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course.course import Course
from autograder.course.init import init_course
from autograder.course.structure import mistakes
from autograder.course.submissions import code_of
from autograder.grading.checking import run_checks
from autograder.grading.student import LocalStudent

GUIDE = Path(__file__).resolve().parents[1] / "docs" / "write-an-assignment.md"
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.M | re.S)
COMMANDS = [line for kind, text in BLOCKS if kind == "sh" for line in text.splitlines()]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course with what the guide says: `autograder new`, then its blocks as files."""
    root = tmp_path_factory.mktemp("guide") / "course"
    init_course(root, empty=True)
    (made,) = [line for line in COMMANDS if " new " in line]
    assert run(made, root).exit_code == 0
    for old in (root / "solutions" / "words").rglob("*.py"):
        old.unlink()
    for kind, text in BLOCKS:
        if kind != "sh":
            path, content = re.match(r"# (\S+)\n(.*)", text, re.S).groups()
            file = root / "solutions" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, encoding="utf-8")
    return Course(root)


def run(command, root):
    program, *arguments = command.split()
    assert program == "autograder"
    return CliRunner().invoke(app, [*arguments, "--course", str(root)])


def failed(assignment, **answers):
    """The checks that other answers than the reference's fail, with their misconceptions."""
    cells, _ = run_checks(assignment, LocalStudent({**vars(assignment.reference), **answers}))
    checks = [check for cell in cells for check in cell.checks]
    return {check.name: check.misconception for check in checks if check.status != "passed"}


def test_all_blocks_are_files_or_commands():
    assert {kind for kind, _ in BLOCKS} == {"sh", "python", "yaml"}
    assert len(COMMANDS) == 3


@pytest.mark.parametrize("name", ["words", "colours"])
def test_the_assignments_are_without_mistakes_and_the_reference_is_right(name, course):
    assignment = course.assignment(name)
    assert mistakes(assignment) == []
    assert failed(assignment) == {}


@pytest.mark.parametrize("name", ["words", "colours"])
def test_each_misconception_is_caught_and_named(name, course):
    assignment = course.assignment(name)
    for function, candidates in assignment.misconceptions.items():
        for wrong in candidates:
            assert failed(assignment, **{function: wrong})[wrong.caught_by] == wrong.__name__


def test_the_right_answers_are_right(course):
    words = course.assignment("words")
    (path,) = words.right_answers
    names = dict(words.namespace)
    exec(code_of(path.read_text(encoding="utf-8")), names)
    assert failed(words, mean_loss=names["mean_loss"]) == {}


@pytest.fixture(scope="module")
def released(course):
    """The course with its releases."""
    (command,) = [line for line in COMMANDS if " release " in line]
    assert run(command, course.root).exit_code == 0
    return course


@pytest.mark.jail
def test_what_is_released_earns_nothing(released):
    for name in ("words", "colours"):
        release = released.assignment(name).release_path
        graded = run(f"autograder check {name} {release}", released.root)
        assert f"{name}: 0 of " in graded.output


@pytest.mark.slow
def test_the_checks_are_verified(released):
    (command,) = [line for line in COMMANDS if " verify " in line]
    verified = run(f"{command} --seeds 2 --jobs 1 --no-mutants", released.root)
    assert verified.exit_code == 0, verified.output
