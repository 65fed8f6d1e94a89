"""Turns any submitted file into a notebook that can be graded.

Students delete, copy, move and retype cells; files arrive truncated or empty. The release says which
cells there must be, so every submission gets exactly those, each once, with the release's own
metadata and, where it is locked, the release's own source. A note says what was repaired.
"""

from __future__ import annotations

import ast
import json
import re
from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode

from autograder.grading.assignment import grade_id
from autograder.grading.text import parsed, readable, writable

MAX_BYTES = 100 * 2**20
MAX_CELLS = 2_000
# Characters of one cell: what makes HTML of text can take time with the square of its length.
MAX_SOURCE = {"code": 200_000, "markdown": 30_000, "raw": 30_000}
MAX_NODES = 2_000_000  # lists and dictionaries: each takes far more memory than its two letters
MAX_PICTURES = 8 * 2**20  # characters of the pictures pasted into one cell
BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")  # one class: two that overlap take time with the square


@dataclass(frozen=True)
class Repaired:
    """A notebook that can be graded, and notes on what was repaired."""

    notebook: NotebookNode
    notes: list[str]


def repair(content: bytes, release: NotebookNode) -> Repaired:
    """A gradable notebook from the bytes of a submission.

    Args:
        release: the notebook that the student received.
    """
    notes: list[str] = []
    cells = _read_cells(content, notes)
    known = {name: cell for cell in release.cells if (name := grade_id(cell))}
    cells = _strip_unknown(cells, known, notes)
    cells = _keep_one_of_each(cells, notes)
    cells = _adopt_functions(cells, known, notes)
    cells = [_restore(cell, known, notes) for cell in cells]
    cells = _as_handed_out(cells, release)
    cells = _add_missing(cells, release, notes)
    notebook = nbformat.v4.new_notebook(
        cells=cells, metadata={"kernelspec": release.metadata.get("kernelspec", {})}
    )
    return Repaired(notebook, notes)


def _read_cells(content: bytes, notes: list[str]) -> list[NotebookNode]:
    """The cells of the file, in any notebook format; none when it can't be read."""
    try:
        if len(content) > MAX_BYTES:
            raise ValueError(f"it is larger than {MAX_BYTES // 2**20} MB")
        if content.count(b"[") + content.count(b"{") > MAX_NODES:
            raise ValueError("it has too many parts")
        document = json.loads(content.decode("utf-8-sig"))
        if document.get("nbformat", 4) < 4:
            document = nbformat.convert(nbformat.from_dict(document), 4)
            notes.append("The notebook was converted from an old format.")
        cells = document["cells"]
        if not isinstance(cells, list) or len(cells) > MAX_CELLS:
            raise ValueError(f"`cells` is not a list, or has more than {MAX_CELLS} items")
    except Exception as error:  # the readers raise many kinds on a broken file
        reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        notes.append(
            f"The file could not be read as a notebook, so nothing in it counts ({readable(reason, 200)})."
        )
        return []
    clean_cells = [clean for cell in cells if (clean := _clean(cell))]
    _cut_sources(clean_cells, notes)
    if len(clean_cells) < len(cells):
        notes.append(f"{len(cells) - len(clean_cells)} cells could not be read and were left out.")
    return clean_cells


def _clean(cell: object) -> NotebookNode | None:
    """A cell with its source, its name and its pictures; None when it has no source.

    Outputs go: they are made anew.
    """
    if not isinstance(cell, dict):
        return None
    source = cell.get("source")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    kinds = {
        "code": nbformat.v4.new_code_cell,
        "markdown": nbformat.v4.new_markdown_cell,
        "raw": nbformat.v4.new_raw_cell,
    }
    make = kinds.get(str(cell.get("cell_type")))
    if make is None or not isinstance(source, str):
        return None
    clean = make(source=writable(source.replace("\r\n", "\n")))
    metadata = cell.get("metadata")
    named = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    if isinstance(named, dict) and isinstance(named.get("grade_id"), str):
        clean.metadata.nbgrader = {"grade_id": readable(named["grade_id"], 80)}
    if clean.cell_type == "markdown" and (pictures := _pictures(cell.get("attachments"))):
        clean.attachments = pictures
    return clean


def _pictures(attachments: object) -> dict[str, dict[str, str]]:
    """The pictures that were pasted into a cell: PNG and JPEG, and not too large."""
    found: dict[str, dict[str, str]] = {}
    room = MAX_PICTURES
    for name, bundle in attachments.items() if isinstance(attachments, dict) else ():
        for kind in ("image/png", "image/jpeg"):
            data = bundle.get(kind) if isinstance(bundle, dict) else None
            if isinstance(data, list) and all(isinstance(line, str) for line in data):
                data = "".join(data)
            if isinstance(data, str) and len(data) <= room and BASE64.fullmatch(data):
                found[readable(name, 200)] = {kind: data}
                room -= len(data)
    return found


def _cut_sources(cells: list[NotebookNode], notes: list[str]) -> None:
    for number, cell in enumerate(cells, start=1):
        limit = MAX_SOURCE[cell.cell_type]
        if len(cell.source) > limit:
            cell.source = cell.source[:limit]
            notes.append(f"Cell {number} is too long: only its first {limit} characters count.")


def _strip_unknown(
    cells: list[NotebookNode], known: dict[str, NotebookNode], notes: list[str]
) -> list[NotebookNode]:
    for cell in cells:
        name = grade_id(cell)
        if name is not None and name not in known:
            notes.append(f"A cell called {name!r} is not part of the assignment: it is not graded.")
            del cell.metadata["nbgrader"]
    return cells


def _keep_one_of_each(cells: list[NotebookNode], notes: list[str]) -> list[NotebookNode]:
    """Keep the last of duplicated graded cells, as in a Python session."""
    last = {grade_id(cell): index for index, cell in enumerate(cells)}
    for index, cell in enumerate(cells):
        name = grade_id(cell)
        if name is not None and last[name] != index:
            notes.append(f"The cell {name!r} is there more than once: the last one counts.")
            del cell.metadata["nbgrader"]
    return cells


def _adopt_functions(
    cells: list[NotebookNode], known: dict[str, NotebookNode], notes: list[str]
) -> list[NotebookNode]:
    """Use another cell that defines the answer where its own cell is missing."""
    present = {grade_id(cell) for cell in cells}
    for name, original in known.items():
        if name in present or not original.metadata.nbgrader.get("solution"):
            continue
        definitions = [cell for cell in cells if grade_id(cell) is None and _defines(cell, name)]
        if definitions:
            definitions[-1].metadata.nbgrader = {"grade_id": name}
            notes.append(
                f"The cell {name!r} had lost its name: the cell that defines {name} counts."
            )
    return cells


def _defines(cell: NotebookNode, name: str) -> bool:
    """Whether a cell defines a function or class of that name, or assigns to it."""
    tree = parsed(cell.source) if cell.cell_type == "code" else None
    return tree is not None and any(name in _names_defined_by(node) for node in tree.body)


def _names_defined_by(statement: ast.stmt) -> set[str]:
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {statement.name}
    if isinstance(statement, (ast.Assign, ast.AnnAssign)):
        stored = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
        return {node.id for node in stored if isinstance(node.ctx, ast.Store)}
    return set()


def _restore(cell: NotebookNode, known: dict[str, NotebookNode], notes: list[str]) -> NotebookNode:
    """Give a graded or locked cell the release's type and metadata, and its source if it is locked."""
    name = grade_id(cell)
    if name is None:
        return cell
    original = known[name]
    restored = nbformat.from_dict(original)
    if original.cell_type == "code":
        restored.outputs, restored.execution_count = [], None
    if cell.cell_type != original.cell_type:
        notes.append(f"The cell {name!r} had become a {cell.cell_type} cell: it was turned back.")
    if not original.metadata.nbgrader.get("solution"):
        if cell.source != original.source:
            notes.append(f"The locked cell {name!r} was changed: its original text counts.")
        return restored
    restored.source = cell.source
    return restored


def _as_handed_out(cells: list[NotebookNode], release: NotebookNode) -> list[NotebookNode]:
    """Give unchanged text the pictures of the release."""
    pictures = {cell.source: cell.attachments for cell in release.cells if "attachments" in cell}
    for cell in cells:
        if cell.cell_type == "markdown" and cell.source in pictures:
            cell.attachments = nbformat.from_dict(pictures[cell.source])
    return cells


def _add_missing(
    cells: list[NotebookNode], release: NotebookNode, notes: list[str]
) -> list[NotebookNode]:
    """Put back each missing cell of the release, after the one that it followed there."""
    cells = list(cells)
    position = -1
    for original in release.cells:
        name = grade_id(original)
        if name is None:
            continue
        found = next((i for i, cell in enumerate(cells) if grade_id(cell) == name), None)
        if found is None and any(_defines(cell, name) for cell in cells):
            notes.append(
                f"The cell {name!r} was missing: {name} is defined in another cell, and counts."
            )
        elif found is None:
            position += 1
            cells.insert(position, nbformat.from_dict(original))
            notes.append(f"The cell {name!r} was missing: it was put back as it was handed out.")
        else:
            position = max(position, found)
    return cells
