"""Any file becomes a notebook with the release's graded cells, each once."""

import copy
import json
import os
import time

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.errors import CourseError
from autograder.grading.assignment import grade_id
from autograder.grading.handed_in import read_notebook
from autograder.grading.repair import MAX_BYTES, repair


def named(name, source, **metadata):
    flags = {"grade": False, "solution": False, "locked": True, "schema_version": 3, "task": False}
    return new_code_cell(source, metadata={"nbgrader": {**flags, "grade_id": name, **metadata}})


RELEASE = new_notebook(
    cells=[
        new_markdown_cell("# Title"),
        named("imports", "import torch"),
        named("answer", "def answer(): raise NotImplementedError", solution=True, locked=False),
        named("test_answer", "check(answer)", grade=True, points=4, checksum="abc"),
    ],
    metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
)
NAMES = ["imports", "answer", "test_answer"]


def handed_in(change):
    notebook = copy.deepcopy(RELEASE)
    notebook.cells[2].source = "def answer(): return 4"
    result = change(notebook.cells) or notebook.cells
    notebook.cells = result
    return repair(nbformat.writes(notebook).encode(), RELEASE)


def names(repaired):
    return [grade_id(cell) for cell in repaired.notebook.cells if grade_id(cell)]


def cell(repaired, name):
    return next(cell for cell in repaired.notebook.cells if grade_id(cell) == name)


def test_an_honest_notebook_stays_as_it_is():
    repaired = handed_in(lambda cells: None)
    assert repaired.notes == []
    assert names(repaired) == NAMES
    assert cell(repaired, "answer").source == "def answer(): return 4"
    assert cell(repaired, "test_answer").metadata == RELEASE.cells[3].metadata


@pytest.mark.parametrize("index", [1, 2, 3])
def test_a_missing_cell_is_put_back_in_its_place(index):
    repaired = handed_in(lambda cells: cells[:index] + cells[index + 1 :])
    assert names(repaired) == NAMES
    assert "was missing" in repaired.notes[0]


def test_of_a_doubled_cell_the_last_counts_and_both_run():
    repaired = handed_in(
        lambda cells: [*cells, named("answer", "def answer(): return 5", solution=True)]
    )
    assert sorted(names(repaired)) == sorted(NAMES)
    assert cell(repaired, "answer").source == "def answer(): return 5"
    assert "def answer(): return 4" in [cell.source for cell in repaired.notebook.cells]
    assert "more than once" in repaired.notes[0]


def test_a_locked_cell_gets_its_own_text_back():
    repaired = handed_in(lambda cells: setattr(cells[3], "source", "4.0"))
    assert cell(repaired, "test_answer").source == "check(answer)"
    assert "was changed" in repaired.notes[0]


def test_points_locks_and_checksums_come_from_the_release():
    def forge(cells):
        cells[3].metadata.nbgrader.update(
            points=400, locked=False, solution=True, checksum="forged"
        )

    assert cell(handed_in(forge), "test_answer").metadata == RELEASE.cells[3].metadata


@pytest.mark.parametrize(
    "source",
    ["def answer(): return 4", "class answer: pass", "answer = [1, 2]", "first, answer = 1, 2"],
)
def test_an_answer_whose_cell_lost_its_name_is_found_by_its_definition(source):
    def lose(cells):
        cells[2].source = source
        del cells[2].metadata["nbgrader"]

    repaired = handed_in(lose)
    assert cell(repaired, "answer").source == source
    assert "had lost its name" in repaired.notes[0]


def test_a_foreign_kernel_is_replaced():
    notebook = copy.deepcopy(RELEASE)
    notebook.metadata.kernelspec.name = "evil"
    repaired = repair(nbformat.writes(notebook).encode(), RELEASE)
    assert repaired.notebook.metadata.kernelspec == RELEASE.metadata.kernelspec


def test_outputs_do_not_come_along_and_of_attachments_only_pictures():
    def forge(cells):
        cells[3].outputs = [nbformat.v4.new_output("execute_result", data={"text/plain": "4"})]
        cells[0].attachments = {
            "page": {"text/html": "<script>"},
            "broken": {"image/png": "<script>"},
            "drawing": {"image/png": "iVBORw0KGgo="},
        }

    repaired = handed_in(forge)
    assert cell(repaired, "test_answer").outputs == []
    assert repaired.notebook.cells[0].attachments == {"drawing": {"image/png": "iVBORw0KGgo="}}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"{",
        b"[]",
        b"null",
        b'{"cells": 3}',
        b'{"nbformat": 4}',
        nbformat.writes(RELEASE).encode()[:400],
        b"[" * 200_000,
    ],
    ids=range(9),
)
def test_a_file_that_is_no_notebook_gets_the_release_and_a_reason(content):
    repaired = repair(content, RELEASE)
    assert names(repaired) == NAMES
    assert "could not be read" in repaired.notes[0]
    nbformat.validate(repaired.notebook)


@pytest.mark.parametrize(
    "broken",
    [
        None,
        3,
        {},
        {"cell_type": "code"},
        {"cell_type": "code", "source": 3},
        {"cell_type": "x", "source": ""},
    ],
)
def test_a_cell_that_is_no_cell_is_left_out(broken):
    document = json.loads(nbformat.writes(RELEASE))
    document["cells"].append(broken)
    repaired = repair(json.dumps(document).encode(), RELEASE)
    assert names(repaired) == NAMES
    assert "1 cells could not be read" in repaired.notes[0]


@pytest.mark.filterwarnings("ignore::nbformat.warnings.DuplicateCellId")
def test_the_result_is_a_valid_notebook():
    nbformat.validate(handed_in(lambda cells: cells + copy.deepcopy(cells)).notebook)


@pytest.mark.parametrize("code", ["-" * 100_000 + "1", "a" + "+a" * 100_000, "not " * 50_000 + "a"])
def test_code_that_is_nested_too_deeply_to_be_parsed_is_a_cell_as_any_other(code):
    repaired = handed_in(lambda cells: [cells[0], new_code_cell(code), cells[1], cells[3]])
    assert sorted(names(repaired)) == sorted(NAMES)


def test_a_cell_that_would_hold_up_the_feedback_is_cut_and_it_is_said():
    repaired = handed_in(lambda cells: [new_markdown_cell("\\begin{a}" * 100_000), *cells])
    assert len(repaired.notebook.cells[0].source) == 30_000
    assert any("too long" in note for note in repaired.notes)


def test_a_picture_that_is_none_is_told_apart_in_no_time():
    begin = time.monotonic()
    spaces = {"picture.png": {"image/png": " " * 1_000_000 + "!"}}
    handed_in(lambda cells: [new_markdown_cell("x", attachments=spaces), *cells])
    assert time.monotonic() - begin < 5


def test_a_file_of_too_many_parts_is_not_taken_apart():
    repaired = repair(b"[" + b"[]," * 3_000_000 + b"0]", RELEASE)
    assert "too many parts" in repaired.notes[0]


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "saliency.ipynb")
    with pytest.raises(CourseError, match="it is not an ordinary file"):
        read_notebook(tmp_path / "saliency.ipynb")


def test_of_a_file_that_is_too_large_no_more_is_read_than_shows_it(tmp_path):
    path = tmp_path / "saliency.ipynb"
    with path.open("wb") as file:
        file.truncate(2**40)  # a hole, which costs its sender nothing
    content = read_notebook(path)
    assert len(content) == MAX_BYTES + 1
    assert "larger than 100 MB" in repair(content, RELEASE).notes[0]
