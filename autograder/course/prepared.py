"""Hands results from the workers that grade to the one process that writes the gradebook.

A result is valid for the cells that it was made from: it is taken once, and only for those.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.grading.assignment import grade_id
from autograder.grading.verdict import Verdict


def fingerprint(notebook: NotebookNode) -> str:
    """A digest of a repaired notebook: of its cells, not of their outputs."""
    cells = [(cell.cell_type, grade_id(cell), cell.source) for cell in notebook.cells]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def put(folder: Path, student: str, verdict: Verdict, notebook: NotebookNode) -> None:
    """Store a result for `take`."""
    content = {
        "fingerprint": fingerprint(notebook),
        "verdict": verdict.to_json(),
        "notebook": nbformat.writes(notebook),
    }
    (folder / f"{student}.json").write_text(json.dumps(content), encoding="utf-8")


def take(folder: Path, student: str, notebook: NotebookNode) -> tuple[Verdict, NotebookNode] | None:
    """The result that was stored for this notebook, if there is one; it is removed."""
    path = folder / f"{student}.json"
    if not path.is_file():
        return None
    content = json.loads(path.read_text(encoding="utf-8"))
    path.unlink()
    if content["fingerprint"] != fingerprint(notebook):
        return None
    return Verdict.from_json(content["verdict"]), nbformat.reads(content["notebook"], as_version=4)
