"""Finds, among the files that a student sent, the notebook to grade; or the question to ask."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

import jupytext
import nbformat
from nbformat import NotebookNode

from autograder.errors import CourseError
from autograder.grading.assignment import grade_id
from autograder.grading.repair import MAX_BYTES
from autograder.grading.text import readable, writable

EXPORTED = re.compile(
    r"^# In\[[ \d]*\]:\n", re.MULTILINE
)  # above each cell of `nbconvert --to script`
SCRIPT_BYTES = 10 * 2**20


@dataclass(frozen=True)
class Candidate:
    """A file that may be the notebook.

    Attributes:
        content: as a notebook's bytes.
        answers: names of the cells that are not as they were handed out.
        other: the assignment that it is the notebook of, if that is another one.
        notes: what was done so that it can be read.
    """

    path: PurePosixPath
    content: bytes
    answers: frozenset[str] = frozenset()
    other: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chosen:
    """The notebook to grade, with notes; or None, with the reason."""

    candidate: Candidate | None
    notes: tuple[str, ...] = ()


class Releases:
    """The named cells of a course's releases, by which notebooks are recognised.

    Args:
        releases: by name.
    """

    def __init__(self, name: str, releases: Mapping[str, NotebookNode]) -> None:
        self._name = name
        self._sources = {
            assignment: {
                found: _plain(cell.source) for cell in notebook.cells if (found := grade_id(cell))
            }
            for assignment, notebook in releases.items()
        }
        asked = [
            found
            for cell in releases[name].cells
            if (found := grade_id(cell)) and cell.metadata.nbgrader.get("solution")
        ]
        self._asked = frozenset(asked)

    def candidate(self, path: PurePosixPath, content: bytes) -> Candidate:
        """A notebook or a script, and how much of an answer it is."""
        if path.suffix.lower() == ".py":
            return self._of_script(path, content)
        cells = _cells(content)
        if cells is None:
            return Candidate(path, content, notes=("it can't be read as a notebook",))
        notes: tuple[str, ...] = ()
        if len(content) > MAX_BYTES:  # which would not be graded
            size = f"{len(content) / 2**20:.0f} MB"
            content, notes = (
                _without_outputs(content),
                (f"its outputs were left out: it had {size}",),
            )
        return Candidate(path, content, self._answers(cells), self._other(cells), notes)

    def _of_script(self, path: PurePosixPath, content: bytes) -> Candidate:
        notebook = _notebook_of(content.decode("utf-8-sig", "replace")[:SCRIPT_BYTES])
        text = nbformat.writes(notebook).encode()
        cells = _cells(text) or {}
        note = "it is a script: its code counts"
        if not cells:
            note += ", but no written answers, whose cells it does not name"
        defined = re.findall(
            r"^(?:def|class)\s+(\w+)", content.decode("utf-8", "replace"), re.MULTILINE
        )
        answers = self._answers(cells) if cells else self._asked.intersection(defined)
        return Candidate(path, text, answers, self._other(cells), (note,))

    def _answers(self, cells: dict[str, str]) -> frozenset[str]:
        own = self._sources[self._name]
        changed = {name for name in self._asked & cells.keys() if _plain(cells[name]) != own[name]}
        return frozenset(changed)

    def _other(self, cells: dict[str, str]) -> str:
        """The assignment that has more of the cells than this one, if there is one."""
        shared = {name: len(cells.keys() & own.keys()) for name, own in self._sources.items()}
        best = max(shared, key=lambda name: (shared[name], name == self._name))
        return best if best != self._name else ""


def choose(name: str, candidates: Iterable[Candidate], said: str = "") -> Chosen:
    """The notebook to grade.

    Args:
        name: of the assignment.
        said: the file that the instructor chose, when there was a question.
    """
    found = _distinct(candidates)
    if said:
        found = [one for one in found if said in (str(one.path), one.path.name)]
        if not found:
            return Chosen(None, (f"there is no file {said!r}",))
    own = [one for one in found if not one.other]
    if not own:
        return Chosen(None, _reasons_for_none(found))
    notebooks = [one for one in own if one.path.suffix.lower() == ".ipynb"]
    answered = [one for one in own if one.answers]
    if len(answered) > 1 and len([one for one in answered if one in notebooks]) == 1:
        answered = [one for one in answered if one in notebooks]  # and its own export beside it
    if len(answered) > 1:
        listed = ", ".join(f"{one.path} ({len(one.answers)} answers)" for one in answered)
        return Chosen(None, (f"which one? {listed}: say --use STUDENT=FILE",))
    best = answered[0] if answered else _usual(name, notebooks or own)
    notes = list(best.notes)
    if len(own) > 1:
        others = ", ".join(str(one.path) for one in own if one is not best)
        which = "the one with answers" if best.answers else "the one of the usual name"
        notes.append(f"of {len(own)} files {which}; not {others}")
    elif best.path.name != f"{name}.ipynb":
        notes.append(f"it was called {best.path.name}")
    if not best.answers and not best.notes:
        notes.append("nothing in it is answered")
    return Chosen(best, tuple(notes))


def _reasons_for_none(found: list[Candidate]) -> tuple[str, ...]:
    others = [f"{one.path} is the notebook of {one.other}" for one in found]
    return tuple(others or ["there is no notebook among the files"])


def _distinct(candidates: Iterable[Candidate]) -> list[Candidate]:
    """One of those with the same content: the one with the shortest path."""
    by_content: dict[bytes, Candidate] = {}
    for one in sorted(candidates, key=lambda one: (len(str(one.path)), str(one.path))):
        by_content.setdefault(one.content, one)
    return list(by_content.values())


def _usual(name: str, candidates: list[Candidate]) -> Candidate:
    return next((one for one in candidates if one.path.name == f"{name}.ipynb"), candidates[0])


def _cells(content: bytes) -> dict[str, str] | None:
    """The sources of the named cells of a notebook; None when it can't be read."""
    try:
        document = json.loads(content.decode("utf-8-sig"))
        cells = document["cells"] if "cells" in document else document["worksheets"][0]["cells"]
        found = {}
        for cell in cells:
            name = cell.get("metadata", {}).get("nbgrader", {}).get("grade_id")
            source = cell.get("source", cell.get("input", ""))
            if isinstance(name, str):
                found[name] = source if isinstance(source, str) else "".join(source)
        return found
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return None


def _without_outputs(content: bytes) -> bytes:
    """Outputs are made anew when it is graded, and are most of a large notebook."""
    document = json.loads(content.decode("utf-8-sig"))
    for cell in document.get("cells", []):
        if "outputs" in cell:
            cell["outputs"] = []
    return json.dumps(writable(document)).encode()


def _notebook_of(script: str) -> NotebookNode:
    """The cells of a script: with jupytext's marks, of an export, or of one piece."""
    if EXPORTED.search(script):
        pieces = EXPORTED.split(script)
        return nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(piece.strip()) for piece in pieces if piece.strip()]
        )
    try:
        return jupytext.reads(script, fmt="py:percent")
    except Exception as error:  # jupytext and its YAML reader raise many kinds
        raise CourseError(f"the script can't be read: {readable(error, 200)}") from error


def _plain(source: str) -> str:
    """A source without what editors change: line ends and spaces at them."""
    return "\n".join(line.rstrip() for line in source.strip().splitlines())
