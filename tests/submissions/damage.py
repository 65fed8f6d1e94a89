"""What happens to notebooks on their way from the release to the grader.

Each function takes a filled-in notebook that is worth all automatic points and returns what is
handed in instead: a notebook, or the raw text of the file. `expects` says what that must come to,
and a word that a message or a note must say.
"""

from __future__ import annotations

import copy
import inspect
import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode

Damage = Callable[[NotebookNode], "NotebookNode | str"]

POINTS = {
    "compute_saliency_maps": 14,
    "normalize_maps": 6,
    "compute_layer_saliency": 10,
    "compute_loss_saliency": 10,
}


@dataclass(frozen=True)
class Expectation:
    """What a damaged notebook must come to.

    Attributes:
        scores: points by graded function.
        reason: must occur in a message or a note, whatever the case of its letters.
    """

    scores: dict[str, float]
    reason: str = ""


def expects(reason: str = "", **lost: float) -> Callable[[Damage], Damage]:
    """Mark a kind of damage. Functions that are not named keep all their points."""

    def mark(function: Damage) -> Damage:
        function.expectation = Expectation({**POINTS, **lost}, reason)
        return function

    return mark


NOTHING = dict.fromkeys(POINTS, 0)


def all_damages() -> list[Damage]:
    """Every kind of damage in this module."""
    members = inspect.getmembers(sys.modules[__name__], inspect.isfunction)
    return [function for _, function in members if hasattr(function, "expectation")]


def _find(nb: NotebookNode, grade_id: str) -> int:
    names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in nb.cells]
    return names.index(grade_id)


def _graded(nb: NotebookNode) -> Iterator[NotebookNode]:
    for function in POINTS:
        yield nb.cells[_find(nb, f"test_{function}")]


# Graded cells


@expects(reason="missing")
def graded_cell_deleted(nb):
    """The cell that carries the points of normalize_maps is gone."""
    del nb.cells[_find(nb, "test_normalize_maps")]
    return nb


@expects(reason="missing")
def all_graded_cells_deleted(nb):
    """None of the cells that carry points is left."""
    for function in POINTS:
        del nb.cells[_find(nb, f"test_{function}")]
    return nb


@expects(reason="more than once")
def graded_cell_duplicated(nb):
    """A graded cell was copied: two cells have the same name."""
    index = _find(nb, "test_compute_saliency_maps")
    nb.cells.insert(index + 1, copy.deepcopy(nb.cells[index]))
    return nb


@expects(reason="more than once")
def graded_cell_five_times_at_the_end(nb):
    """Five copies of a graded cell at the end: worth its points once."""
    cell = nb.cells[_find(nb, "test_normalize_maps")]
    nb.cells += [copy.deepcopy(cell) for _ in range(5)]
    return nb


@expects()
def graded_cells_moved_to_the_top(nb):
    """The graded cells come before the functions that they check."""
    graded = list(_graded(nb))
    nb.cells = [*graded, *(cell for cell in nb.cells if cell not in graded)]
    return nb


@expects(reason="changed")
def graded_cell_rewritten(nb):
    """The line of checks was replaced by one that prints full marks."""
    for cell in _graded(nb):
        cell.source = "print('all checks passed')\n40.0"
    return nb


@expects(reason="changed")
def graded_cell_emptied(nb):
    """The graded cells are there, with nothing in them."""
    for cell in _graded(nb):
        cell.source = ""
    return nb


@expects(reason="turned back")
def graded_cell_became_markdown(nb):
    """A graded cell was turned into text, as the key M does."""
    index = _find(nb, "test_compute_layer_saliency")
    old = nb.cells[index]
    nb.cells[index] = nbformat.v4.new_markdown_cell(old.source, metadata=old.metadata)
    return nb


@expects(reason="missing")
def graded_cell_lost_its_metadata(nb):
    """A graded cell was pasted as plain text into a new cell."""
    nb.cells[_find(nb, "test_compute_loss_saliency")].metadata = NotebookNode()
    return nb


@expects()
def graded_cells_claim_more_points(nb):
    """The metadata says that each graded cell is worth a thousand points."""
    for cell in _graded(nb):
        cell.metadata.nbgrader.points = 1000
    return nb


@expects()
def graded_cells_claim_text_for_points(nb):
    """The points in the metadata are no number, and the flags are words."""
    for cell in _graded(nb):
        cell.metadata.nbgrader.update(points="all of them", locked="no", grade="maybe")
    return nb


@expects(reason="not part")
def graded_cell_renamed(nb):
    """A graded cell goes by a name that the assignment does not know."""
    nb.cells[_find(nb, "test_normalize_maps")].metadata.nbgrader.grade_id = "test_bonus"
    return nb


@expects(reason="more than once")
def two_graded_cells_with_each_others_names(nb):
    """One graded cell took the name of another: one name twice, one not at all."""
    nb.cells[
        _find(nb, "test_normalize_maps")
    ].metadata.nbgrader.grade_id = "test_compute_saliency_maps"
    return nb


@expects()
def graded_cells_unlocked_and_made_answers(nb):
    """The metadata says that the graded cells are manual answers."""
    for cell in _graded(nb):
        cell.metadata.nbgrader.update(locked=False, solution=True)
    return nb


@expects()
def outputs_claim_full_marks(nb):
    """Outputs that nbgrader would take for a score were saved with the notebook."""
    for cell in _graded(nb):
        cell.outputs = [
            nbformat.v4.new_output("execute_result", data={"text/plain": "1000.0"}),
            nbformat.v4.new_output("stream", name="stderr", text="something on stderr\n"),
        ]
    return nb


# Answers


@expects(reason="missing", compute_layer_saliency=0)
def answer_deleted(nb):
    """The cell with the answer is gone."""
    del nb.cells[_find(nb, "compute_layer_saliency")]
    return nb


@expects(reason="not defined", compute_layer_saliency=0)
def answer_emptied(nb):
    """The cell is there, without the answer."""
    nb.cells[_find(nb, "compute_layer_saliency")].source = ""
    return nb


@expects(reason="more than once")
def answer_duplicated(nb):
    """The cell with an answer was copied, with its name."""
    index = _find(nb, "compute_saliency_maps")
    nb.cells.insert(index + 1, copy.deepcopy(nb.cells[index]))
    return nb


@expects(reason="more than once")
def answer_written_into_a_copy_of_the_stub(nb):
    """The stub was kept, and the answer stands in a copy of its cell below."""
    index = _find(nb, "normalize_maps")
    stub = copy.deepcopy(nb.cells[index])
    stub.source = "def normalize_maps(maps):\n    raise NotImplementedError('normalize_maps')"
    nb.cells.insert(index, stub)
    return nb


@expects(reason="more than once")
def answer_split_in_two(nb):
    """JupyterLab's "split cell" leaves both halves with the same name; the function is in the first."""
    index = _find(nb, "compute_saliency_maps")
    second = copy.deepcopy(nb.cells[index])
    second.source = "# try it out\nprint(compute_saliency_maps.__name__)"
    nb.cells.insert(index + 1, second)
    return nb


@expects(reason="turned back")
def answer_became_markdown(nb):
    """A cell with an answer was turned into text by mistake."""
    index = _find(nb, "compute_saliency_maps")
    old = nb.cells[index]
    nb.cells[index] = nbformat.v4.new_markdown_cell(old.source, metadata=old.metadata)
    return nb


@expects(reason="turned back")
def answer_became_raw(nb):
    """A cell with an answer was turned into a raw cell by mistake."""
    index = _find(nb, "normalize_maps")
    old = nb.cells[index]
    nb.cells[index] = nbformat.v4.new_raw_cell(old.source, metadata=old.metadata)
    return nb


@expects()
def answers_in_reverse_order(nb):
    """The four answers stand in the order of the last to the first."""
    indices = [_find(nb, function) for function in POINTS]
    cells = [nb.cells[index] for index in indices]
    for index, cell in zip(indices, reversed(cells)):
        nb.cells[index] = cell
    return nb


@expects(reason="lost its name")
def answer_lost_its_metadata(nb):
    """The cell with an answer was pasted as plain text into a new cell."""
    nb.cells[_find(nb, "compute_saliency_maps")].metadata = NotebookNode()
    return nb


@expects()
def answer_behind_a_magic(nb):
    """An answer is timed with a cell magic."""
    cell = nb.cells[_find(nb, "compute_saliency_maps")]
    cell.source = "%%time\n" + cell.source
    return nb


@expects()
def answers_with_windows_line_ends(nb):
    """The notebook was edited on Windows."""
    for cell in nb.cells:
        cell.source = cell.source.replace("\n", "\r\n")
    return nb


# The whole notebook


@expects(reason="missing")
def all_nbgrader_metadata_stripped(nb):
    """Another program saved the notebook and dropped all metadata of the cells."""
    for cell in nb.cells:
        cell.metadata = NotebookNode()
    return nb


@expects()
def all_in_one_cell(nb):
    """Everything was merged into a single cell without metadata."""
    merged = "\n\n".join(nb.cells[_find(nb, name)].source for name in ("imports", *POINTS))
    nb.cells = [nbformat.v4.new_code_cell(merged)]
    return nb


@expects()
def foreign_kernelspec(nb):
    """The notebook asks for a kernel of another language that is not installed."""
    nb.metadata.kernelspec = {"name": "ir", "display_name": "R", "language": "R"}
    nb.metadata.language_info = {"name": "R"}
    return nb


@expects()
def kernelspec_is_a_path(nb):
    """The name of the kernel leads out of its folder."""
    nb.metadata.kernelspec = {"name": "../../evil", "display_name": "evil", "language": "python"}
    return nb


@expects()
def no_notebook_metadata(nb):
    """The notebook's own metadata is gone."""
    nb.metadata = NotebookNode()
    return nb


@expects(reason="could not be read", **NOTHING)
def no_cells(nb):
    """The list of cells is gone."""
    document = json.loads(nbformat.writes(nb))
    del document["cells"]
    return json.dumps(document)


@expects(reason="missing", **NOTHING)
def empty_list_of_cells(nb):
    """A notebook without cells."""
    nb.cells = []
    return nb


@expects()
def cells_that_are_no_cells(nb):
    """Between the cells stand a number, a list, null, and a cell of an unknown type."""
    document = json.loads(nbformat.writes(nb))
    document["cells"][2:2] = [7, [], None, {"cell_type": "song", "source": "la", "metadata": {}}]
    return json.dumps(document)


@expects()
def cells_without_metadata_and_outputs(nb):
    """Another program left out what it thought to be optional."""
    document = json.loads(nbformat.writes(nb))
    for cell in document["cells"]:
        for key in ("outputs", "execution_count", "id"):
            cell.pop(key, None)
        if not cell["metadata"]:
            del cell["metadata"]
    return json.dumps(document)


@expects()
def all_cells_with_the_same_id(nb):
    """The ids of the cells, which should be unique, are all the same."""
    document = json.loads(nbformat.writes(nb))
    for cell in document["cells"]:
        cell["id"] = "same"
    document.update(nbformat=4, nbformat_minor=5)
    return json.dumps(document)


@expects()
def format_from_the_future(nb):
    """The file says that it is of a version that does not exist yet."""
    document = json.loads(nbformat.writes(nb))
    document["nbformat_minor"] = 99
    return json.dumps(document)


@expects(reason="old format")
def format_three(nb):
    """The notebook was saved in the format of 2014, with worksheets."""
    return nbformat.writes(nbformat.convert(nb, 3), version=3)


@expects()
def byte_order_mark(nb):
    """An editor put a byte order mark in front."""
    return "\ufeff" + nbformat.writes(nb)


@expects(reason="could not be read", **NOTHING)
def cut_short(nb):
    """Half the file arrived."""
    text = nbformat.writes(nb)
    return text[: len(text) // 2]


@expects(reason="could not be read", **NOTHING)
def merge_conflict(nb):
    """git left its marks of a conflict in the file."""
    text = nbformat.writes(nb)
    return re.sub(r'\n( *"cells": \[)', r"\n<<<<<<< HEAD\n\1\n=======\n\1\n>>>>>>> theirs", text)


@expects(reason="could not be read", **NOTHING)
def empty_file(nb):
    """A file of no bytes."""
    return ""


@expects(reason="could not be read", **NOTHING)
def python_script(nb):
    """The notebook was exported as a script, and that was handed in under the notebook's name."""
    return "\n\n".join(cell.source for cell in nb.cells if cell.cell_type == "code")


@expects(reason="could not be read", **NOTHING)
def web_page(nb):
    """The page around the notebook was saved instead of the notebook."""
    return "<!DOCTYPE html><html><body><h1>404: Not Found</h1></body></html>"


@expects(reason="could not be read", **NOTHING)
def json_that_is_no_notebook(nb):
    """Valid JSON: a list of the cells."""
    return json.dumps(json.loads(nbformat.writes(nb))["cells"])


@expects(reason="could not be read", **NOTHING)
def json_nested_without_end(nb):
    """A hundred thousand brackets, which a reader that calls itself runs out of stack on."""
    return "[" * 100_000 + "]" * 100_000


@expects()
def twenty_megabytes_of_pictures(nb):
    """A large picture was saved in the outputs of a cell."""
    picture = nbformat.v4.new_output(
        "display_data", data={"image/png": "iVBORw0KGgo" + "A" * 20_000_000}
    )
    nb.cells[_find(nb, "compute_saliency_maps")].outputs = [picture]
    return nb
