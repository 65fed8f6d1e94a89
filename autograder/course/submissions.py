"""Submissions written as text, for the demo class and the tests.

A submission is a jupytext percent script. A cell whose header names a grade_id takes the place of
that cell in the release; named again, it is there twice; with `delete=true` it is gone. A cell
without a name is put in behind the one before it, or behind the imports. All else stays as it was
handed out.

    # %% grade_id="compute_saliency_maps"
    def compute_saliency_maps(X, y, model):
        ...
"""

from __future__ import annotations

import ast
import copy
import re

import jupytext
import nbformat
from nbformat import NotebookNode

from autograder.grading.assignment import Assignment, grade_id


def fill_in(release: NotebookNode, script: str) -> NotebookNode:
    """The release with the cells of a script in it."""
    notebook = copy.deepcopy(release)
    position, seen = _last(notebook, "imports"), set()
    for cell in _cells(script):
        name = cell.metadata.get("grade_id")
        if name is None:
            notebook.cells.insert(position + 1, _plain(cell))
            position += 1
            continue
        position = _last(notebook, name)
        if cell.metadata.get("delete"):
            del notebook.cells[position]
            position -= 1
            continue
        if name in seen:
            again = copy.deepcopy(notebook.cells[position])
            again.id = f"{again.id[:50]}-{len(notebook.cells)}"
            position += 1
            notebook.cells.insert(position, again)
        seen.add(name)
        notebook.cells[position].source = cell.source
    return notebook


def only_graded_cells(release: NotebookNode) -> NotebookNode:
    """The release without its demonstrations: quick to run, and worth the same points."""
    notebook = copy.deepcopy(release)
    notebook.cells = [cell for cell in notebook.cells if grade_id(cell)]
    return notebook


def without_demonstrations(release: NotebookNode) -> NotebookNode:
    """The release up to its first question, and of the rest the graded cells: quick, and complete."""
    notebook = copy.deepcopy(release)
    first = next(i for i, cell in enumerate(notebook.cells) if cell_is_answer(cell))
    rest = [cell for cell in notebook.cells[first:] if grade_id(cell)]
    notebook.cells = notebook.cells[:first] + rest
    return notebook


def cell_is_answer(cell: NotebookNode) -> bool:
    return cell.metadata.get("nbgrader", {}).get("solution", False)


def solved(assignment: Assignment) -> NotebookNode:
    """The release with the reference solution filled in."""
    notebook = copy.deepcopy(assignment.release)
    answers = {grade_id(cell): cell.source for cell in assignment.source.cells if grade_id(cell)}
    for cell in notebook.cells:
        cell.source = _without_marks(answers.get(grade_id(cell), cell.source))
    return notebook


def _without_marks(source: str) -> str:
    """A solution as a student would hand it in: no marks around it, and no rubric."""
    source = re.sub(r"^.*### (BEGIN|END) SOLUTION.*\n?", "", source, flags=re.MULTILINE)
    source = re.sub(r"^( *)# Rubric:.*\n(\1#  .*\n)*", "", source, flags=re.MULTILINE)
    source = re.sub(r"^\*\*Rubric\.\*\*(.+\n?)+", "", source, flags=re.MULTILINE)
    return source.replace("**Model answer.** ", "").rstrip()


def code_of(script: str) -> str:
    """All code of a script, without the form of a notebook."""
    return "\n\n".join(cell.source for cell in _cells(script) if cell.cell_type == "code")


def description(script: str) -> str:
    """The docstring of a script: what this submission is."""
    opening = script.split("# %%")[0]  # what follows need not be Python
    return " ".join((ast.get_docstring(ast.parse(opening)) or "").split())


def _cells(script: str) -> list[NotebookNode]:
    cells = jupytext.reads(script, fmt="py:percent").cells
    return [cell for cell in cells if not (_is_docstring(cell) and "grade_id" not in cell.metadata)]


def _is_docstring(cell: NotebookNode) -> bool:
    return (
        cell.cell_type == "code" and cell.source.startswith('"""') and cell.source.endswith('"""')
    )


def _plain(cell: NotebookNode) -> NotebookNode:
    make = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}
    return make[cell.cell_type](cell.source)


def _last(notebook: NotebookNode, name: str) -> int:
    indices = [index for index, cell in enumerate(notebook.cells) if grade_id(cell) == name]
    if not indices:
        raise ValueError(f"the release has no cell {name!r}")
    return indices[-1]
