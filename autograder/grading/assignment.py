"""One assignment: a folder with its source, its checks, and what belongs to them.

    NAME/NAME.py             the notebook's source: text, reference solutions, rubrics
    NAME/checks.py           what is checked
    NAME/misconceptions.py   wrong answers by name (optional)
    NAME/probes.py           what runs beside the student's code in the jail (optional)
    NAME/right/*.py          right answers in other styles (optional)

A course finds the folder and hands out the assignment, see `autograder.course.course`.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from autograder.errors import CourseError
from autograder.grading.misconception import misconceptions_in
from autograder.grading.modules import PROBES, load_module
from autograder.grading.settings import Settings
from autograder.grading.text import readable

TEST = "test_"  # the graded cell of the function f is called test_f
IMPORTS = "imports"  # the grade_id of the cell with what the solution cells import


@dataclass(frozen=True)
class GradedCell:
    """A cell whose points the checks of one function give."""

    grade_id: str
    points: float

    @property
    def function(self) -> str:
        """The function, class or value that is checked."""
        return self.grade_id.removeprefix(TEST)


class Assignment:
    """The assignment in a folder, which is called as it is.

    Args:
        folder: with `NAME.py` and `checks.py` in it.
        release_path: the notebook that students receive.
        settings: how its submissions are graded.
        plugins: names of the pytest plugins whose fixtures its checks use.
    """

    def __init__(
        self,
        folder: Path,
        release_path: Path,
        settings: Settings | None = None,
        plugins: tuple[str, ...] = (),
    ) -> None:
        self.folder, self.release_path = folder, release_path
        self.settings, self.plugins = settings or Settings(), plugins

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.folder)!r})"

    @property
    def name(self) -> str:
        return self.folder.name

    def before_release(self) -> None:
        """Write the files, besides the notebook, that are made of the source. Here there are none."""

    @property
    def source_path(self) -> Path:
        """The file that the notebook is made of."""
        return self.folder / f"{self.name}.py"

    @cached_property
    def source(self) -> NotebookNode:
        """The instructor's notebook, solutions and all.

        Raises:
            CourseError: it can't be read.
        """
        try:
            return jupytext.read(self.source_path)
        except Exception as error:  # jupytext and its YAML reader raise many kinds
            raise CourseError(
                f"{self.source_path} can't be read as a notebook: {readable(error)}."
            ) from error

    @cached_property
    def release(self) -> NotebookNode:
        """The notebook that students received.

        Raises:
            CourseError: there is none yet.
        """
        if not self.release_path.is_file():
            raise CourseError(
                f"{self.name} is not released yet ({self.release_path} does not exist): "
                f"run `autograder release {self.name}`."
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

    @property
    def functions(self) -> list[str]:
        """The names that students define and checks ask: functions, classes or values."""
        return [cell.function for cell in self.graded_cells]

    @property
    def checks(self) -> types.ModuleType:
        """The module with the checks.

        Raises:
            CourseError: there is none, or it can't be imported.
        """
        path = self.folder / "checks.py"
        if not path.is_file():
            raise CourseError(f"{self.name} has no checks: write {path}.")
        return load_module(self.folder, "checks")

    @property
    def misconceptions(self) -> dict[str, list[Callable]]:
        """The known wrong answers by graded function; none where there is no `misconceptions.py`."""
        if not (self.folder / "misconceptions.py").is_file():
            return {}
        return misconceptions_in(load_module(self.folder, "misconceptions"))

    @property
    def probes(self) -> Path | None:
        """The file that lies beside the student's code in the jail."""
        path = self.folder / PROBES
        return path if path.is_file() else None

    @property
    def right_answers(self) -> list[Path]:
        """Submissions in text form, each with right answers in a style of its own."""
        return sorted((self.folder / "right").glob("*.py"))

    @cached_property
    def namespace(self) -> dict[str, object]:
        """All names that the cells of the reference solution define, run in this process.

        A Markdown cell that checks are about is a text of that name.

        Raises:
            CourseError: a cell can't be run by itself.
        """
        names: dict[str, object] = {}
        for cell in self.source.cells:
            name = grade_id(cell)
            if cell.cell_type == "markdown" and name in self.functions:
                names[name] = cell.source
            if cell.cell_type == "code" and name in (IMPORTS, *self.functions):
                try:
                    exec(compile(cell.source, f"{self.name}: {name}", "exec"), names)
                except Exception as error:
                    reason = f"{type(error).__name__}: {readable(error)}"
                    advice = (
                        f"after the cell {IMPORTS!r} alone ({reason}): put what it needs there."
                    )
                    raise CourseError(
                        f"{self.source_path}: the cell {name!r} can't be run "
                        + (f"({reason})." if name == IMPORTS else advice)
                    ) from error
        return names

    @cached_property
    def reference(self) -> types.SimpleNamespace:
        """The reference solution's functions, by name.

        Raises:
            CourseError: a cell does not define what it is called.
        """
        for name in self.functions:
            if name not in self.namespace:
                raise CourseError(
                    f"{self.source_path}: no cell called {name!r} defines {name}, which "
                    f"{TEST + name!r} grades: the two cells and the function share their name."
                )
        return types.SimpleNamespace(**{name: self.namespace[name] for name in self.functions})


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
