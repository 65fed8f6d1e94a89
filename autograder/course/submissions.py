"""Submissions written as text, for the demo class and the tests.

A submission is a jupytext percent script. A cell whose header names a grade_id replaces that cell of
the release; named again, it is there twice; with `delete=true` it is deleted. A cell without a name
is inserted after the one before it, or after the imports. All other cells stay as they were handed
out.

    # %% grade_id="double"
    def double(x):
        return 2 * x
"""

from __future__ import annotations

import ast
import copy
import re

import jupytext
import nbformat
from nbformat import NotebookNode

from autograder.errors import CourseError
from autograder.grading.assignment import IMPORTS, Assignment, grade_id


def fill_in(release: NotebookNode, script: str) -> NotebookNode:
    """The release with the cells of a script in it.

    Raises:
        CourseError: the script names a cell that the release does not have.
    """
    notebook = copy.deepcopy(release)
    position, seen = _last(notebook, IMPORTS), set()
    for cell in _cells(script):
        name = cell.metadata.get("grade_id")
        if name is None:
            notebook.cells.insert(position + 1, _plain(cell))
            position += 1
            continue
        position = _last(notebook, name)
        if position < 0:
            raise CourseError(f"A submission has a cell {name!r}, which the release does not have.")
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
    answers = [index for index, cell in enumerate(notebook.cells) if _is_answer(cell)]
    first = answers[0] if answers else len(notebook.cells)
    rest = [cell for cell in notebook.cells[first:] if grade_id(cell)]
    notebook.cells = notebook.cells[:first] + rest
    return notebook


def solved(assignment: Assignment) -> NotebookNode:
    """The release with the reference solution filled in."""
    notebook = copy.deepcopy(assignment.release)
    answers = {grade_id(cell): cell.source for cell in assignment.source.cells if grade_id(cell)}
    for cell in notebook.cells:
        cell.source = _without_markers(answers.get(grade_id(cell), cell.source))
    return notebook


def _without_markers(source: str) -> str:
    """A solution in the form of a student's: without markers and rubrics."""
    source = re.sub(r"^.*### (BEGIN|END) SOLUTION.*\n?", "", source, flags=re.MULTILINE)
    source = re.sub(r"^( *)# Rubric:.*\n(\1#  .*\n)*", "", source, flags=re.MULTILINE)
    source = re.sub(r"^\*\*Rubric\.\*\*(.+\n?)+", "", source, flags=re.MULTILINE)
    return source.replace("**Model answer.** ", "").rstrip()


def code_of(script: str) -> str:
    """The code of all cells of a script."""
    return "\n\n".join(cell.source for cell in _cells(script) if cell.cell_type == "code")


def description(script: str) -> str:
    """The docstring of a script, in one line."""
    opening = script.split("# %%")[0]  # the rest need not be Python
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


def _is_answer(cell: NotebookNode) -> bool:
    return cell.metadata.get("nbgrader", {}).get("solution", False)


def _last(notebook: NotebookNode, name: str) -> int:
    """The index of the last cell of that name; -1 if there is none."""
    return max((i for i, cell in enumerate(notebook.cells) if grade_id(cell) == name), default=-1)
