"""Runs the checks of an assignment on one student, in the trusted process."""

from __future__ import annotations

import contextlib
import io
import os
import secrets
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch

from autograder.grading import pytest_plugin
from autograder.grading.assignment import Assignment
from autograder.grading.pytest_plugin import RUN, CheckRun
from autograder.grading.student import Student
from autograder.grading.verdict import CellVerdict
from autograder.misconceptions import known_misconceptions


def run_checks(
    assignment: Assignment, student: Student, device: str = "cpu", seed: int | None = None
) -> tuple[list[CellVerdict], list[str]]:
    """Check a student's functions.

    Args:
        seed: of the hidden inputs; drawn afresh when it is None.

    Returns:
        One verdict per graded cell, in the assignment's order, and notes for the record.
    """
    run = CheckRun(
        student=student,
        reference=assignment.reference,
        device=device,
        seed=secrets.randbits(32) if seed is None else seed,
        misconceptions=known_misconceptions(assignment.name),
    )
    torch.backends.cudnn.allow_tf32 = False  # as where the student's functions run
    _run_pytest(assignment.checks_module, run)
    return _verdicts(assignment, run), [*student.remarks, *_notes(run)]


def _run_pytest(module: str, run: CheckRun) -> None:
    """pytest on one file, with no configuration, conftest or cache from anywhere else."""
    path = Path(find_spec(module).origin)
    without = (
        "cacheprovider",
        "terminal",
        "faulthandler",
        "threadexception",
        "unraisableexception",
        "xdist",
        "timeout",
    )
    arguments = [str(path), "-c", os.devnull, "--rootdir", str(path.parent), "--noconftest"]
    arguments += ["--capture=no", "--import-mode=importlib"]
    arguments += [word for name in without for word in ("-p", f"no:{name}")]

    class HandOver:
        def pytest_configure(self, config: pytest.Config) -> None:
            config.stash[RUN] = run

    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        outcome = pytest.main(arguments, plugins=[HandOver(), pytest_plugin])
    if outcome in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        return
    if outcome == pytest.ExitCode.INTERNAL_ERROR and run.results:
        run.faults.append(f"pytest stopped before all checks had run: {printed.getvalue()[-500:]}")
    else:
        raise RuntimeError(f"pytest could not run {path.name} ({outcome!r}): {printed.getvalue()}")


def _verdicts(assignment: Assignment, run: CheckRun) -> list[CellVerdict]:
    verdicts = []
    for cell in assignment.graded_cells:
        checks = run.results.get(cell.grade_id, [])
        if sum(check.max_points for check in checks) != cell.points:
            raise RuntimeError(
                f"The checks of {cell.grade_id} are worth "
                f"{sum(check.max_points for check in checks):g} points, its cell {cell.points:g}: "
                f"make {assignment.checks_module} and the assignment's source agree."
            )
        verdicts.append(CellVerdict(cell.grade_id, cell.points, checks))
    return verdicts


def _notes(run: CheckRun) -> list[str]:
    broken = [f"A check broke down, for the instructor to look at: {fault}" for fault in run.faults]
    return [*broken, f"The hidden inputs were drawn with seed {run.seed}."]
