"""A released course, notebooks to hand in, and downloads as each LMS makes them."""

from __future__ import annotations

import copy
import json
import zipfile
from pathlib import Path

import nbformat

from autograder.course.course import Course
from autograder.course.nbgrader_steps import NbgraderSteps
from autograder.course.release import release
from autograder.course.submissions import fill_in, solved
from autograder.grading.assignment import grade_id
from tests.autograder.course.small import NAME, make_course

OTHER = "sorting"


def released(root: Path) -> Course:
    """The small course with a second assignment, in which other functions are asked for."""
    course = make_course(root)
    folder = root / "solutions" / NAME
    other = root / "solutions" / OTHER
    other.mkdir()
    for path in folder.iterdir():
        if path.is_file():
            text = path.read_text().replace("dozens", "scores").replace("total", "order")
            (other / path.name.replace(NAME, OTHER)).write_text(text)
    for name in (NAME, OTHER):
        release(course.assignment(name), course)
    return course


def answered(course: Course, name: str = NAME, **answers: str) -> bytes:
    """The reference solution as a student's notebook; or the release with some cells answered."""
    assignment = course.assignment(name)
    if not answers:
        return nbformat.writes(solved(assignment)).encode()
    cells = [f'# %% grade_id="{cell}"\n{text}\n' for cell, text in answers.items()]
    return nbformat.writes(fill_in(assignment.release, "\n".join(cells))).encode()


def untouched(course: Course, name: str = NAME) -> bytes:
    return course.assignment(name).release_path.read_bytes()


def without_names(content: bytes) -> bytes:
    """A notebook whose cells have lost their metadata."""
    notebook = nbformat.reads(content.decode(), as_version=4)
    for cell in notebook.cells:
        cell.metadata = {}
    return nbformat.writes(notebook).encode()


def with_large_outputs(content: bytes, megabytes: int) -> bytes:
    document = json.loads(content)
    cell = next(one for one in document["cells"] if one["cell_type"] == "code")
    text = "x" * (megabytes * 2**20)
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": text}]
    return json.dumps(document).encode()


def as_script(content: bytes) -> bytes:
    """What `jupyter nbconvert --to script` makes of a notebook."""
    notebook = copy.deepcopy(nbformat.reads(content.decode(), as_version=4))
    parts = ["#!/usr/bin/env python\n# coding: utf-8\n"]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            parts.append(f"# In[ ]:\n\n\n{cell.source}\n")
        else:
            parts.append("\n".join(f"# {line}" for line in cell.source.splitlines()) + "\n")
    return "\n\n".join(parts).encode()


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def names_of(content: bytes) -> list[str]:
    cells = nbformat.reads(content.decode(), as_version=4).cells
    return [name for cell in cells if (name := grade_id(cell))]


def due(course: Course, when: str) -> None:
    with NbgraderSteps(course).gradebook() as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate=when)
