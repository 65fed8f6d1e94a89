"""A script becomes a notebook whose answers are found, and a notebook is known by its cells."""

from __future__ import annotations

from pathlib import PurePosixPath

import jupytext
import nbformat
import pytest

from autograder.course.lms.notebooks import Releases
from autograder.grading.repair import repair
from tests.autograder.course.lms.class_of_three import (
    OTHER,
    answered,
    as_script,
    names_of,
    released,
    untouched,
)
from tests.autograder.course.small import NAME

ANSWER = "def dozens(n):\n    return 12 * n"
SCRIPT = PurePosixPath("counting.py")
NOTEBOOK = PurePosixPath("counting.ipynb")


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return released(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="module")
def releases(course):
    return Releases(NAME, {name: course.assignment(name).release for name in (NAME, OTHER)})


def graded(course, content: bytes) -> dict[str, str]:
    """The sources of the cells that are graded."""
    cells = repair(content, course.assignment(NAME).release).notebook.cells
    return {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in cells
        if "nbgrader" in cell.metadata
    }


def test_the_code_of_an_export_is_found_when_it_is_graded(course, releases):
    script = as_script(answered(course, dozens=ANSWER, why_twelve="It has divisors."))
    found = releases.candidate(SCRIPT, script)
    assert found.answers >= {"dozens"}
    cells = graded(course, found.content)
    assert cells["dozens"] == ANSWER
    assert "It has divisors." not in cells["why_twelve"], "as the note says"


def test_a_script_that_names_its_cells_keeps_the_written_answers_too(course, releases):
    content = answered(course, dozens=ANSWER, why_twelve="It has divisors.")
    script = jupytext.writes(nbformat.reads(content.decode(), as_version=4), "py:percent").encode()
    found = releases.candidate(SCRIPT, script)
    assert found.answers == {"dozens", "why_twelve"}
    assert graded(course, found.content)["why_twelve"] == "It has divisors."
    assert found.notes == ("it is a script: its code counts",)


def test_a_script_in_one_piece_is_found_when_it_is_graded(course, releases):
    found = releases.candidate(SCRIPT, f"from measures import DOZEN\n\n{ANSWER}\n".encode())
    assert found.answers == {"dozens"}
    assert "12 * n" in "\n".join(
        cell.source
        for cell in repair(found.content, course.assignment(NAME).release).notebook.cells
    )


def test_line_ends_are_no_answers(course, releases):
    text = untouched(course).replace(b"\\n", b"\\r\\n")
    assert releases.candidate(NOTEBOOK, b"\xef\xbb\xbf" + text).answers == frozenset()


def test_another_assignment_s_notebook_is_known_though_some_names_are_shared(course, releases):
    content = answered(course, OTHER)
    assert set(names_of(content)) & set(names_of(answered(course)))
    assert releases.candidate(NOTEBOOK, content).other == OTHER
    assert releases.candidate(NOTEBOOK, answered(course)).other == ""


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"null", b'{"cells": 3}', b'{"cells": [[]]}', b"\xff", b"[" * 100_000]
)
def test_what_is_no_notebook_says_so_and_is_left_to_grading(releases, content):
    assert releases.candidate(NOTEBOOK, content).notes == ("it can't be read as a notebook",)
