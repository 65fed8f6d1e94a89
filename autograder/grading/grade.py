"""Grades one submission, from bytes to verdict. Read this first.

    repair   any file becomes a notebook with the release's graded cells        (repair.py)
    run      its cells run in a jailed kernel                        (session.py, kernel.py, jail.py)
    check    pytest, in this process, calls the student's functions there     (checking.py, student.py)
    record   the verdict becomes outputs of the graded cells        (feedback.py, course/nbgrader_plugin.py)

This process never runs student code; the process that does never sees what is expected.

Callers: `autograder check` (`grade_file`). `autograder grade` (`grade_file` in worker processes,
course/batch.py), whose results nbgrader's autograde step takes (course/prepared.py). That step, also
behind formgrader's button, grades what does not lie ready (`grade_notebook`) and writes the gradebook.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import torch
from nbformat import NotebookNode

from autograder.errors import CourseError
from autograder.grading import jail
from autograder.grading.assignment import Assignment, is_test
from autograder.grading.checking import run_checks
from autograder.grading.repair import Repaired, read_submission, repair
from autograder.grading.session import KernelStudent
from autograder.grading.verdict import Verdict


def grade_file(
    path: Path, assignment: Assignment, submission: str = ""
) -> tuple[Verdict, NotebookNode]:
    """Grade the notebook in a file, by the settings of its assignment.

    Args:
        submission: the name it goes by in the verdict; the file's name when empty.

    Returns:
        The verdict, and the notebook as it ran.

    Raises:
        CourseError: the file can't be read, or there is no jail, GPU or release.
    """
    repaired = repair(read_submission(path), assignment.release)
    verdict = grade_notebook(repaired, assignment, path.parent, submission or path.stem)
    return verdict, repaired.notebook


def grade_notebook(
    repaired: Repaired, assignment: Assignment, folder: Path, submission: str
) -> Verdict:
    """Run and check a repaired notebook; the outputs of its cells appear in it.

    Args:
        folder: where the submission's data files lie.
    """
    begin = time.monotonic()
    settings = replace(assignment.settings, device=resolve_device(assignment.settings.device))
    if settings.jail == "bubblewrap":
        jail.require()
    notebook = repaired.notebook
    tests = {index for index, cell in enumerate(notebook.cells) if is_test(cell)}
    with KernelStudent(notebook, folder, settings, assignment.probes) as student:
        student.run_notebook(skip=tests)
        cells, notes = run_checks(assignment, student, settings.device)
    return Verdict(
        assignment=assignment.name,
        submission=submission,
        jail=settings.jail,
        device=settings.device,
        seconds=time.monotonic() - begin,
        cells=cells,
        notes=[*repaired.notes, *student.notes, *notes],
    )


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
