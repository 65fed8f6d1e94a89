"""How one submission is graded, from bytes to verdict. Read this first.

    repair   any file becomes a notebook with the release's graded cells        (repair.py)
    run      its cells run in a jailed kernel                        (session.py, kernel.py, jail.py)
    check    pytest, in this process, calls the student's functions there       (checking.py, checks/)
    record   the verdict becomes outputs of the graded cells                    (feedback.py)

This process never runs student code; the process that does never sees what is expected.

Who comes here: `autograder check` by `grade_file`. `autograder grade` by `grade_file`, too, in worker
processes (course/batch.py), which lay down what they find (prepared.py) for nbgrader's autograde step;
that step takes it, or grades where nothing lies ready, as for formgrader's button (nbgrader_plugin.py),
and writes the gradebook.
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
from autograder.grading.kernel import KernelOptions
from autograder.grading.repair import Repaired, read_submission, repair
from autograder.grading.session import KernelStudent
from autograder.grading.verdict import Verdict


def grade_file(
    path: Path,
    assignment: Assignment,
    options: KernelOptions = KernelOptions(),
    submission: str = "",
) -> tuple[Verdict, NotebookNode]:
    """Grade the notebook in a file.

    Args:
        submission: the name it goes by in the verdict; the file's name when empty.

    Returns:
        The verdict, and the notebook as it ran.

    Raises:
        CourseError: the file can't be read, or there is no jail, GPU or release.
    """
    repaired = repair(read_submission(path), assignment.release)
    verdict = grade_notebook(repaired, assignment, path.parent, options, submission or path.stem)
    return verdict, repaired.notebook


def grade_notebook(
    repaired: Repaired,
    assignment: Assignment,
    folder: Path,
    options: KernelOptions,
    submission: str,
) -> Verdict:
    """Run and check a repaired notebook; the outputs of its cells appear in it.

    Args:
        folder: where the submission's data files lie.
    """
    begin = time.monotonic()
    if options.jail == "bubblewrap":
        jail.require()
    options = replace(options, device=resolve_device(options.device))
    notebook = repaired.notebook
    tests = {index for index, cell in enumerate(notebook.cells) if is_test(cell)}
    with KernelStudent(notebook, folder, options) as student:
        student.run_notebook(skip=tests)
        cells, notes = run_checks(assignment, student, options.device)
    return Verdict(
        assignment=assignment.name,
        submission=submission,
        jail=options.jail,
        device=options.device,
        seconds=time.monotonic() - begin,
        cells=cells,
        notes=[*repaired.notes, *student.notes, *notes],
    )


def resolve_device(device: str) -> str:
    """ "cpu" or "cuda"; "auto" is the GPU where there is one."""
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise CourseError(
            "--device cuda: there is no GPU here that torch can use; say --device cpu."
        )
    return device
