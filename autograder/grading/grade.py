"""Grades one submission, from bytes to verdict. Read this first.

    repair   any file becomes a notebook with the release's graded cells        (repair.py)
    run      its cells run in a jailed kernel                        (session.py, kernel.py, jail.py)
    check    pytest, in this process, calls the student's functions there     (checking.py, student.py)
    record   the verdict becomes outputs of the graded cells        (feedback.py, course/nbgrader_plugin.py)

This process never runs student code; the process that does never sees what is expected.

Callers: `autograder check` (`grade_file`). `autograder grade` (`grade_notebook`, then `run_cells`, in
other processes: course/batch.py, course/worker.py), whose results nbgrader's autograde step takes
(course/prepared.py). That step, also behind formgrader's button, grades what does not lie ready.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import torch
from nbformat import NotebookNode

from autograder.errors import CourseError
from autograder.grading import jail
from autograder.grading.assignment import Assignment, grade_id, is_test
from autograder.grading.checking import run_checks
from autograder.grading.definitions import needed_cells
from autograder.grading.handed_in import read_notebook
from autograder.grading.repair import Repaired, repair
from autograder.grading.session import KernelStudent
from autograder.grading.verdict import Cells, CellVerdict, Verdict


def grade_file(
    path: Path,
    assignment: Assignment,
    submission: str = "",
    cells: Cells = "all",
    seed: int | None = None,
) -> tuple[Verdict, NotebookNode]:
    """Grade the notebook in a file, by the settings of its assignment.

    Args:
        submission: the name it goes by in the verdict; the file's name when empty.
        cells: which cells run, see `grade_notebook`.
        seed: of the hidden inputs; drawn afresh when it is None.

    Returns:
        The verdict, and the notebook as it ran.

    Raises:
        CourseError: the file can't be read, or there is no jail, GPU or release.
    """
    repaired = repair(read_notebook(path), assignment.release)
    name = submission or path.stem
    return grade_notebook(repaired, assignment, path.parent, name, cells, seed), repaired.notebook


def grade_notebook(
    repaired: Repaired,
    assignment: Assignment,
    folder: Path,
    submission: str,
    cells: Cells = "all",
    seed: int | None = None,
    functions: Collection[str] | None = None,
) -> Verdict:
    """Run and check a repaired notebook; the outputs of its cells appear in it.

    Args:
        folder: where the submission's data files lie.
        cells: "all", or "defining": only those that graded answers depend on. If an answer is then
            wrong in a way that nobody knows, all cells run, and what they give counts.
        functions: those to check; all when it is None.
    """
    begin = time.monotonic()
    settings = replace(assignment.settings, device=resolve_device(assignment.settings.device))
    if settings.jail == "bubblewrap":
        jail.require()
    seed = secrets.randbits(32) if seed is None else seed
    notebook = repaired.notebook
    everything = {index for index, cell in enumerate(notebook.cells) if not is_test(cell)}
    needed = needed_cells(notebook.cells) & everything if cells == "defining" else everything
    for only in dict.fromkeys((frozenset(needed), frozenset(everything))):
        with KernelStudent(notebook, folder, settings, assignment.probes) as student:
            student.run_notebook(only)
            judged, notes = run_checks(assignment, student, settings.device, seed, functions)
        if _is_explained(judged, notebook, assignment.release):
            break
    return Verdict(
        assignment=assignment.name,
        submission=submission,
        jail=settings.jail,
        device=settings.device,
        seconds=time.monotonic() - begin,
        cells=judged,
        notes=[*repaired.notes, *student.notes, *notes],
        ran="all" if only == everything else "defining",
    )


def _is_explained(cells: list[CellVerdict], notebook: NotebookNode, release: NotebookNode) -> bool:
    """Whether each answer is right, has a known mistake, or was not given.

    If so, no other cell of the notebook can be what makes it right or wrong.
    """
    handed_out = {grade_id(cell): cell.source for cell in release.cells}
    unanswered = {
        grade_id(cell) for cell in notebook.cells if handed_out.get(grade_id(cell)) == cell.source
    }
    return all(
        check.misconception or cell.function in unanswered for cell in cells for check in cell.lost
    )


def run_cells(repaired: Repaired, assignment: Assignment, folder: Path) -> list[str]:
    """Run all cells of a repaired notebook, for those who read it, and check nothing.

    Returns:
        What there is to say about how they ran.
    """
    settings = replace(assignment.settings, device=resolve_device(assignment.settings.device))
    cells = repaired.notebook.cells
    with KernelStudent(repaired.notebook, folder, settings, assignment.probes) as student:
        student.run_notebook({index for index, cell in enumerate(cells) if not is_test(cell)})
    return student.notes


def resolve_device(device: str) -> str:
    """The device "cpu" or "cuda"; "auto" is the GPU where there is one.

    Raises:
        CourseError: there is no GPU.
    """
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise CourseError(
            "--device cuda: there is no GPU here that torch can use; say --device cpu."
        )
    return device
