"""Makes the notebooks that students receive from the instructors' sources.

The text source becomes a notebook with jupytext, and nbgrader takes out the solutions, locks the
graded cells and enters the assignment into the gradebook.
"""

from __future__ import annotations

import copy
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import SaveCells
from traitlets.config import Config

from autograder.course.course import Course
from autograder.course.nbgrader_steps import NbgraderSteps
from autograder.course.pictures import attach_pictures
from autograder.course.structure import mistakes
from autograder.errors import CourseError
from autograder.grading.assignment import Assignment, grade_id


def release(assignment: Assignment, course: Course) -> Path:
    """Make the student notebook of an assignment, in the course's release folder.

    Returns:
        The path of the notebook.

    Raises:
        CourseError: the assignment has mistakes, or nbgrader could not make the notebook. Nothing
            was written then.
    """
    (path,) = release_all([assignment], course)
    return path


def release_all(assignments: Sequence[Assignment], course: Course) -> Iterator[Path]:
    """Make the student notebooks of some assignments, in the course's release folder.

    Yields:
        The path of each notebook.

    Raises:
        CourseError: an assignment has mistakes: nothing was written then. Or nbgrader could not make
            a notebook.
    """
    lines = []
    for assignment in assignments:
        if found := mistakes(assignment):
            lines += [f"{assignment.name} can't be released:", *found]
    if lines:
        raise CourseError("\n".join(lines))
    for assignment in assignments:
        yield _release(assignment, course)


def _release(assignment: Assignment, course: Course) -> Path:
    assignment.before_release()
    notebook = copy.deepcopy(assignment.source)
    attach_pictures(notebook, assignment.folder)
    _give_stable_ids(notebook)
    with tempfile.TemporaryDirectory(prefix="release-") as folder:
        # nbgrader deletes an earlier release before it makes the next: it has to succeed here first.
        _generate(notebook, assignment.name, _rehearsal(course, Path(folder)))
    _generate(notebook, assignment.name, course)
    return assignment.release_path


def _generate(notebook: NotebookNode, name: str, course: Course) -> None:
    source = course.folder(course.directory.source_directory, ".", name) / f"{name}.ipynb"
    source.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, source)
    NbgraderSteps(course).generate_assignment(name)


def _rehearsal(course: Course, folder: Path) -> Course:
    """The same course in an empty folder, without a gradebook."""
    steps = course.config.GenerateAssignment.get("preprocessors", [])
    changes = {
        "CourseDirectory": {"source_directory": "source", "release_directory": "release"},
        "GenerateAssignment": {
            "no_database": True,
            "preprocessors": [step for step in steps if step is not SaveCells],
        },
    }
    return Course(folder, course.config, Config(changes))


def _give_stable_ids(notebook: NotebookNode) -> None:
    """Cell ids that are the same each time, so that two releases of one source are equal."""
    for index, cell in enumerate(notebook.cells):
        name = re.sub(r"[^A-Za-z0-9_-]", "-", grade_id(cell) or "cell")
        cell.id = f"{index:03d}-{name}"[:64]
