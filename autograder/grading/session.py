"""The functions of one notebook in a kernel, which is replaced when the notebook ends it.

A kernel that died or no longer answers is replaced by a new one, in which the definitions of the
notebook run again, without the cell at fault. So a function that ends its process costs its own
points and no others.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.errors import CourseError
from autograder.grading import arguments
from autograder.grading.assignment import grade_id
from autograder.grading.definitions import needed_cells
from autograder.grading.inside import values
from autograder.grading.kernel import ENDED, KernelClient
from autograder.grading.question import Question
from autograder.grading.settings import Settings
from autograder.grading.student import (
    KernelEnded,
    NotCalled,
    Student,
    StudentFault,
    TimedOut,
)
from autograder.grading.text import parsed, readable

MAX_TEXT = 20_000  # characters of a written answer that a check sees
MAX_BAD_ENDS = 2  # calls of one function that may end badly before it is called no more


class KernelStudent(Student):
    """The functions of a notebook, called in its kernel.

    Use it as a context manager: the kernel lives from `with` to its end.

    Args:
        notebook: is changed in place: outputs of the cells appear in it.
        folder: where the submission's data files lie; they are copied, never written to.
        probes: the file that lies beside the notebook's code in the jail.
    """

    def __init__(
        self, notebook: NotebookNode, folder: Path, settings: Settings, probes: Path | None = None
    ) -> None:
        super().__init__()
        self.notebook = notebook
        self.folder = folder
        self.settings = settings
        self.probes = probes
        self.notes: list[str] = []
        self._blamed: set[int] = set()  # cells that are not run again
        self._bad_ends: Counter[str] = Counter()  # by function
        self._starts = 0
        self._seconds = 0.0  # that cells of earlier kernels have had
        self._stack = ExitStack()
        self._client: KernelClient | None = None

    def __enter__(self) -> KernelStudent:
        self._start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._stack.close()

    def run_notebook(self, only: Collection[int] | None = None) -> None:
        """Run the code cells in order; when `only` is not None, those with an index in it."""
        for index, cell in enumerate(self.notebook.cells):
            if cell.cell_type != "code" or not cell.source.strip():
                continue
            if only is not None and index not in only:
                continue
            if self._is_out_of_time:
                self.notes.append(f"The notebook ran out of time before {_label(index, cell)}.")
                break
            if self._client is None:
                return
            self._run(index, cell)
        if self._client and not self._client.answers():  # it may have been asked to quit
            self._restart()

    def call(self, name: str, question: Question) -> dict[str, Any]:
        if question.probe is values.text:  # it is in the notebook, so no kernel is asked
            return self._text(name)
        if self._client is None:
            raise NotCalled(f"{name} was not called: the kernel could not be kept alive.")
        if self._bad_ends[name] >= MAX_BAD_ENDS:
            raise NotCalled(
                f"{name} was not called again, after {MAX_BAD_ENDS} calls that did not end."
            )
        arguments.insist(question.data, self.settings.packages)
        try:
            return self._client.call(name, question.data)
        except StudentFault as fault:
            if isinstance(fault, (TimedOut, KernelEnded)):
                self._bad_ends[name] += 1
                self._restart()
            raise

    @property
    def _is_out_of_time(self) -> bool:
        seconds = self._seconds + (self._client.seconds if self._client else 0.0)
        return seconds > self.settings.timeouts.notebook

    def _text(self, name: str) -> dict[str, Any]:
        """The source of the Markdown cell of that name, as an answer."""
        for cell in self.notebook.cells:
            if cell.cell_type == "markdown" and grade_id(cell) == name:
                return {"value": cell.source[:MAX_TEXT]}
        return {"missing": True}

    def why_missing(self, name: str) -> str:
        """The error of the cell that should define the function; empty when it had none."""
        for cell in self.notebook.cells:
            if grade_id(cell) == name and cell.cell_type == "code":
                errors = [output for output in cell.outputs if output.output_type == "error"]
                return "".join(
                    readable(f" Its cell ended with {error.ename}: {error.evalue}")
                    for error in errors[:1]
                )
        return ""

    def _run(self, index: int, cell: NotebookNode, retry: bool = True) -> None:
        """Run one cell; if it ends the kernel, continue in a new one without it."""
        client = self._client
        if client is None:
            return
        reason = client.run_cell(cell, index)
        if not reason and client.timed_out:
            self._blamed.add(index)
            self.notes.append(
                f"{_label(index, cell)} was stopped after {self.settings.timeouts.cell:g} seconds."
            )
            if not client.answers():
                reason = "It could not be interrupted after its time was up."
        if not reason:
            return
        if reason == ENDED and retry:
            # An earlier cell may have asked the kernel to quit: only the second time it is this cell's fault.
            self._restart(up_to=index)
            if self._client:
                self._run(index, cell, retry=False)
            return
        self._blamed.add(index)
        cell.outputs = [*cell.get("outputs", []), _error_output("KernelEnded", reason)]
        self.notes.append(f"{_label(index, cell)} was left out. {reason}")
        self._restart(up_to=index)

    def _start(self) -> None:
        client = KernelClient(self.notebook, self.settings, self.folder, self.probes)
        try:
            self._stack.enter_context(client.setup_kernel(cleanup_kc=True, cwd=str(self.folder)))
        except (RuntimeError, OSError) as error:
            raise CourseError(f"The kernel could not be started: {error}") from error
        try:
            client.warm_up()
        except StudentFault as fault:
            raise CourseError(f"The kernel was started, but is not ready. {fault}") from fault
        self._client = client

    def _restart(self, up_to: int | None = None) -> None:
        """A new kernel with the definitions of the cells before `up_to` (default: all)."""
        self._stack.close()
        self._seconds += self._client.seconds if self._client else 0.0
        self._client = None
        self._starts += 1
        if self._starts > self.settings.timeouts.restarts:
            self.notes.append("The kernel was started too often and was given up.")
            return
        try:
            self._start()
        except CourseError as error:
            self.notes.append(f"The kernel was given up. {error}")
            return
        needed = needed_cells(self.notebook.cells)
        for index, cell in enumerate(self.notebook.cells[:up_to]):
            if self._client is None or self._is_out_of_time:
                return
            if cell.cell_type != "code" or index in self._blamed:
                continue
            # A graded value may be computed in a loop.
            if _defines(cell.source) or index in needed:
                self._run(index, nbformat.from_dict(cell), retry=False)


def _defines(source: str) -> bool:
    """Whether calls need the cell: it defines, imports, or only assigns."""
    tree = parsed(source)
    if tree is None:  # perhaps an IPython magic: cheap to run, and %run may define
        return True
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
    constants = (ast.Assign, ast.AnnAssign)
    return any(isinstance(node, definitions) for node in ast.walk(tree)) or all(
        isinstance(node, constants) for node in tree.body
    )


def _label(index: int, cell: NotebookNode) -> str:
    name = grade_id(cell)
    return f"Cell {index + 1} ({name})" if name else f"Cell {index + 1}"


def _error_output(name: str, text: str) -> NotebookNode:
    return nbformat.v4.new_output("error", ename=name, evalue=text, traceback=[f"{name}: {text}"])
