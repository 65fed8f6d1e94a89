"""Finds the mistakes in an assignment's notebook source: headers, cells, markers and pictures.

nbgrader finds some of them, too, but only when a release is half made, and with a traceback. jupytext
makes plain cells of those whose metadata it can't read, and says nothing.
"""

from __future__ import annotations

import difflib
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import jupytext
from nbformat import NotebookNode
from nbgrader.nbgraderformat import MetadataValidator, ValidationError
from nbgrader.nbgraderformat.common import SchemaMismatchError

from autograder.course.pictures import shown_in
from autograder.errors import CourseError
from autograder.grading.assignment import TEST, Assignment, grade_id, is_test

HEADER = re.compile(r"#\s*%%")
OF_NBGRADER = re.compile(r"nbgrader|\bgrade_id\b")
COMMENT = {"code": re.compile(r"\s*###+(.*)"), "markdown": re.compile(r"\s*<!--[\s#]*(.*?)-->")}
REGIONS = ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")
MARKERS = tuple(f"{edge} {region}" for region in REGIONS for edge in ("BEGIN", "END"))


def source_mistakes(assignment: Assignment) -> list[str]:
    """One sentence for each mistake in the source of an assignment."""
    path = assignment.source_path
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        notebook = assignment.source
    except (OSError, UnicodeError) as error:
        return [f"{path} can't be read: {error}."]
    except CourseError as error:
        return [str(error)]
    if headers := list(_header_mistakes(lines)):  # the cells below them would be misunderstood
        return [f"{path}, line {number}: {what}" for number, what in headers]
    found = []
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        found.append(
            f"{path}: the YAML header at the top can't be read or has no kernelspec python3: copy "
            "the one that `autograder new` writes."
        )
    for number, cell in enumerate(notebook.cells, start=1):
        place = f"cell {grade_id(cell)!r}" if grade_id(cell) else f"cell number {number}"
        found += [
            f"{path}, {place}: {what}"
            for what in (
                *_metadata_mistakes(cell),
                *_marker_mistakes(cell),
                *_picture_mistakes(cell, path.parent),
            )
        ]
    return found + [f"{path}: {what}" for what in _pair_mistakes(notebook)]


def _header_mistakes(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Numbers of the lines that are meant for nbgrader, but that jupytext does not read so."""
    for number, line in enumerate(lines, start=1):
        if HEADER.match(line) and OF_NBGRADER.search(line):
            (cell,) = jupytext.reads(f"{line}\n1\n", fmt="py:percent").cells
            if not isinstance(cell.metadata.get("nbgrader"), dict):
                yield (
                    number,
                    f"the cell's metadata can't be read{_reason(line)}: write "
                    'nbgrader={"grade_id": "...", ...} in JSON, all on this line.',
                )


def _reason(line: str) -> str:
    try:
        json.loads(line[line.index("{") :])
    except ValueError as error:
        return f" ({error})"
    return ""


def _metadata_mistakes(cell: NotebookNode) -> Iterator[str]:
    if "nbgrader" not in cell.metadata:
        return
    nbgrader = cell.metadata.nbgrader
    points = nbgrader.get("points")
    if not nbgrader.get("grade_id"):
        yield 'it has no grade_id: name it, for example "grade_id": "imports".'
    elif nbgrader.get("grade") and points is None:
        yield 'it is graded and has no points: write "points": N into its metadata.'
    elif points is not None and (type(points) not in (int, float) or points < 0):
        yield f"it is worth {points!r} points: write a number, 0 or more."
    else:
        try:
            MetadataValidator().validate_cell(cell)
        except (ValidationError, SchemaMismatchError) as error:
            what = getattr(error, "message", None) or str(error)
            yield f"nbgrader does not accept its metadata: {what}."


def _marker_mistakes(cell: NotebookNode) -> Iterator[str]:
    opened = ""
    for line in cell.source.splitlines():
        marker = next((marker for marker in MARKERS if marker in line), None)
        if not marker:
            comment = COMMENT[cell.cell_type].match(line) if cell.cell_type in COMMENT else None
            close = comment and difflib.get_close_matches(
                comment[1].strip().upper(), MARKERS, 1, cutoff=0.85
            )
            if close:
                yield f"{line.strip()!r} is no marker: write ### {close[0]}."
            continue
        edge, region = marker.split(" ", 1)
        if edge == "BEGIN" and opened:
            yield f"### {marker} stands inside of a {opened} that has no end: write ### END {opened}."
        if edge == "END" and opened != region:
            yield f"### {marker} has no beginning: write ### BEGIN {region} above it."
        opened = region if edge == "BEGIN" else ""
        if marker == "BEGIN SOLUTION" and not cell.metadata.get("nbgrader", {}).get("solution"):
            yield 'it holds a solution, but is no solution cell: write "solution": true.'
    if opened:
        yield f"### BEGIN {opened} has no end: write ### END {opened}."


def _picture_mistakes(cell: NotebookNode, folder: Path) -> Iterator[str]:
    for path in shown_in(cell):
        if not (folder / path).is_file():
            yield f"it shows {path}, but there is no {folder / path}."


def _pair_mistakes(notebook: NotebookNode) -> Iterator[str]:
    """Names that occur twice, and solutions and tests that lack each other."""
    names = Counter(name for cell in notebook.cells if (name := grade_id(cell)))
    for name, count in names.items():
        if count > 1:
            yield f"{count} cells have the grade_id {name!r}: give each a name of its own."
    tests = {grade_id(cell) for cell in notebook.cells if is_test(cell)}
    answers = {
        grade_id(cell): cell
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }
    for name, cell in answers.items():
        graded = cell.metadata.nbgrader.get("grade") or TEST + str(name) in tests
        if cell.cell_type == "code" and not graded:
            yield (
                f"the solution cell {name!r} has no test: add a cell with the grade_id "
                f"'{TEST}{name}' that is graded, locked and no solution."
            )
    for name in sorted(test for test in tests if test):
        if not name.startswith(TEST):
            yield f"the test cell {name!r} needs the name '{TEST}FUNCTION' of what it grades."
        elif name.removeprefix(TEST) not in answers:
            yield (
                f"the test cell {name!r} has no solution cell: add one with the grade_id "
                f"{name.removeprefix(TEST)!r} that defines it."
            )
