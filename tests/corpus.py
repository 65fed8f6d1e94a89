"""This repository's course, and the corpora of submissions in text form.

What breaks or attacks a grader has nothing to do with a question: those corpora are about saliency.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path

import nbformat

from autograder.course.course import Course
from autograder.course.submissions import code_of, fill_in, only_graded_cells
from autograder.grading.assignment import IMPORTS, Assignment, grade_id
from autograder.grading.grade import grade_file
from autograder.grading.settings import Timeouts
from autograder.grading.verdict import Verdict

ROOT = Path(__file__).resolve().parents[1]
COURSE = Course(ROOT)
ASSIGNMENTS = COURSE.names


@cache
def assignment(name: str) -> Assignment:
    """An assignment of this repository."""
    return COURSE.assignment(name)


SALIENCY = assignment("saliency")
FUNCTIONS = SALIENCY.functions
RELEASE = only_graded_cells(SALIENCY.release)
# Short enough that an endless loop does not hold up the tests; long enough for a busy machine.
IMPATIENT = COURSE.assignment("saliency")
IMPATIENT.settings = replace(
    IMPATIENT.settings, device="cpu", timeouts=Timeouts(cell=15, call=8, notebook=90)
)


def answers_in(assignment: Assignment, path: Path) -> dict[str, Callable]:
    """The functions that a submission in text form defines, run in this process."""
    (imports,) = [cell for cell in assignment.source.cells if grade_id(cell) == IMPORTS]
    namespace: dict = {}
    exec(imports.source, namespace)
    exec(compile(code_of(path.read_text(encoding="utf-8")), path.name, "exec"), namespace)
    return {name: namespace[name] for name in assignment.functions if name in namespace}


@dataclass(frozen=True)
class Entry:
    """One submission of a corpus."""

    path: Path

    @cached_property
    def script(self) -> str:
        return self.path.read_text(encoding="utf-8")

    def line(self, key: str) -> str:
        """What the docstring says after `key:`; empty when it has no such line."""
        found = re.search(rf"^{key}: *(.*)$", self.script, re.MULTILINE)
        return found[1].strip() if found else ""

    def scores(self, key: str) -> dict[str, float]:
        """Points by function from a line such as `expect: normalize_maps=6 ...`; 0 if not named."""
        named = re.findall(r"(\w+)=([\d.]+)", self.line(key))
        return {**dict.fromkeys(FUNCTIONS, 0.0), **{name: float(points) for name, points in named}}

    def hand_in(self, folder: Path) -> Path:
        path = folder / f"{SALIENCY.name}.ipynb"
        nbformat.write(fill_in(RELEASE, self.script), path)
        return path


def entries(folder: Path) -> list[Entry]:
    return [Entry(path) for path in sorted(folder.glob("*.py"))]


def grade(path: Path, assignment: Assignment = IMPATIENT) -> Verdict:
    verdict, _ = grade_file(path, assignment)
    return verdict


def scores(verdict: Verdict) -> dict[str, float]:
    return {cell.grade_id.removeprefix("test_"): cell.score for cell in verdict.cells}


def words(verdict: Verdict) -> str:
    """All that a verdict says."""
    messages = [check.message for cell in verdict.cells for check in cell.checks]
    return "\n".join([*verdict.notes, *messages])
