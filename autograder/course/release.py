"""Makes the notebooks that students receive from the instructors' sources.

The text source becomes a notebook with jupytext, and nbgrader takes out the solutions, locks the
graded cells and enters the assignment into the gradebook.
"""

from __future__ import annotations

import base64
import mimetypes
import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.course.nbgrader_course import Course
from autograder.errors import CourseError
from autograder.grading.assignment import Assignment, grade_id


def release(name: str, course: Course) -> Path:
    """Make the student notebook of an assignment, in the course's release folder.

    Returns:
        The path of the notebook.

    Raises:
        CourseError: there is no such assignment, nbgrader could not make it, or the notebook is not
            the one in `assignments/`, by which submissions are graded.
    """
    assignment = Assignment(name)
    source = course.folder(course.directory.source_directory, ".", name) / f"{name}.ipynb"
    source.parent.mkdir(parents=True, exist_ok=True)
    notebook = _with_pictures(_with_stable_ids(assignment.source), assignment.source_path.parent)
    nbformat.write(notebook, source)
    course.generate_assignment(name)
    made = course.folder(course.directory.release_directory, ".", name) / f"{name}.ipynb"
    by = assignment.release_path
    if not (by.is_file() and by.read_bytes() == made.read_bytes()):
        raise CourseError(
            f"{made} is newer than {by}, and submissions are graded by the latter: "
            "run `make release` in the kit first, then this again."
        )
    return made


def _with_pictures(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """Pictures that the text shows from the source's folder, attached: students get one file."""
    for cell in notebook.cells:
        if cell.cell_type != "markdown":
            continue
        for path in re.findall(r"!\[[^\]]*\]\(([^):]+)\)", cell.source):
            picture = folder / path
            if not picture.is_file():
                raise CourseError(f"{picture} is shown in the text, but is not there.")
            name, kind = path.replace("/", "-"), mimetypes.guess_type(path)[0]
            data = base64.b64encode(picture.read_bytes()).decode()
            cell.setdefault("attachments", {})[name] = {kind: data}
            cell.source = cell.source.replace(f"({path})", f"(attachment:{name})")
    return notebook


def _with_stable_ids(notebook: NotebookNode) -> NotebookNode:
    """Cell ids that are the same each time, so that two releases of one source are equal."""
    for index, cell in enumerate(notebook.cells):
        name = re.sub(r"[^A-Za-z0-9_-]", "-", grade_id(cell) or "cell")
        cell.id = f"{index:03d}-{name}"[:64]
    return notebook
