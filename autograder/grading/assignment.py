"""One assignment as the autograder knows it: its source, its release, its reference solution."""

from __future__ import annotations

import types
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from autograder.errors import CourseError

HOME = Path(__file__).resolve().parents[2]  # holds solutions/ and assignments/


@dataclass(frozen=True)
class GradedCell:
    """A cell that the checks of one function give points to."""

    grade_id: str
    points: float


class Assignment:
    """One assignment by name, for example "saliency".

    Args:
        home: the folder with `solutions/NAME/NAME.py` and `assignments/NAME/NAME.ipynb`.

    Raises:
        CourseError: there is no such assignment.
    """

    def __init__(self, name: str, home: Path = HOME) -> None:
        self.name = name
        self.source_path = home / "solutions" / name / f"{name}.py"
        self.release_path = home / "assignments" / name / f"{name}.ipynb"
        if not name.isidentifier() or not self.source_path.is_file():
            known = ", ".join(assignment_names(home)) or "none"
            raise CourseError(f"There is no assignment {name!r}. The assignments are: {known}.")

    @property
    def checks_module(self) -> str:
        module = f"autograder.checks.{self.name}"
        if find_spec(module) is None:
            raise CourseError(f"{self.name} has no checks: write autograder/checks/{self.name}.py.")
        return module

    @cached_property
    def source(self) -> NotebookNode:
        """The instructor's notebook, solutions and all."""
        return jupytext.read(self.source_path)

    @cached_property
    def release(self) -> NotebookNode:
        """The notebook that students received."""
        if not self.release_path.is_file():
            raise CourseError(
                f"{self.name} is not released yet: run `autograder release {self.name}`."
            )
        return nbformat.read(self.release_path, as_version=4)

    @cached_property
    def graded_cells(self) -> tuple[GradedCell, ...]:
        """The cells whose points the checks give; manually graded cells are not among them."""
        return tuple(
            GradedCell(cell.metadata.nbgrader.grade_id, float(cell.metadata.nbgrader.points))
            for cell in self.source.cells
            if is_test(cell)
        )

    @cached_property
    def reference(self) -> types.SimpleNamespace:
        """The functions of the reference solution, run from the source's own cells."""
        functions = [test.grade_id.removeprefix("test_") for test in self.graded_cells]
        namespace: dict = {}
        for cell in self.source.cells:
            if grade_id(cell) == "imports" or grade_id(cell) in functions:
                exec(compile(cell.source, f"{self.name}: {grade_id(cell)}", "exec"), namespace)
        return types.SimpleNamespace(**{name: namespace[name] for name in functions})


def assignment_names(home: Path = HOME) -> list[str]:
    """The assignments that have a source."""
    return sorted(
        path.stem for path in (home / "solutions").glob("*/*.py") if path.stem == path.parent.name
    )


def grade_id(cell: NotebookNode) -> str | None:
    """The name that nbgrader knows a cell by; None for a cell that is the student's own."""
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def is_test(cell: NotebookNode) -> bool:
    """Whether the checks, not a person, grade this cell."""
    nbgrader = cell.metadata.get("nbgrader", {})
    return (
        cell.cell_type == "code"
        and nbgrader.get("grade", False)
        and not nbgrader.get("solution", False)
    )
