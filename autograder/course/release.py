"""Makes the notebooks that students receive from the instructors' sources.

The text source becomes a notebook with jupytext, and nbgrader takes out the solutions, locks the
graded cells and enters the assignment into the gradebook.
"""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.course.nbgrader_course import Course
from autograder.grading.assignment import Assignment, grade_id

def release(name: str, course: Course) -> Path:
    """Make the student notebook of an assignment, in the course's release folder.

    Returns:
        The path of the notebook.

    Raises:
        CourseError: there is no such assignment, or nbgrader could not make it.
    """
    assignment = Assignment(name)
    source = course.folder(course.directory.source_directory, ".", name) / f"{name}.ipynb"
    source.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(_with_stable_ids(assignment.source), source)
    course.generate_assignment(name)
    return course.folder(course.directory.release_directory, ".", name) / f"{name}.ipynb"


def _with_stable_ids(notebook: NotebookNode) -> NotebookNode:
    """Cell ids that are the same each time, so that two releases of one source are equal."""
    for index, cell in enumerate(notebook.cells):
        name = re.sub(r"[^A-Za-z0-9_-]", "-", grade_id(cell) or "cell")
        cell.id = f"{index:03d}-{name}"[:64]
    return notebook
