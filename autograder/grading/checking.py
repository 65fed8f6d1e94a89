"""Runs the checks of an assignment on one student, in the trusted process."""

from __future__ import annotations

import contextlib
import io
import os
import secrets
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest
import torch

from autograder.errors import CourseError
from autograder.grading import pytest_plugin
from autograder.grading.assignment import TEST, Assignment
from autograder.grading.pytest_plugin import RUN, CheckRun
from autograder.grading.student import LocalStudent, Student
from autograder.grading.verdict import CellVerdict, CheckResult

# Plugins of pytest that no check needs.
WITHOUT = (
    "cacheprovider",
    "debugging",
    "doctest",
    "faulthandler",
    "junitxml",
    "logging",
    "stepwise",
    "terminal",
    "threadexception",
    "timeout",
    "unraisableexception",
    "xdist",
)


def run_checks(
    assignment: Assignment,
    student: Student,
    device: str = "cpu",
    seed: int | None = None,
    only: Collection[str] | None = None,
    stop_early: bool = False,
) -> tuple[list[CellVerdict], list[str]]:
    """Check a student's functions.

    Args:
        seed: of the hidden inputs; drawn afresh when it is None.
        only: the functions to check; all when it is None.
        stop_early: whether to end at the first check that fails, without a diagnosis.

    Returns:
        One verdict per graded cell, in the assignment's order, and notes for the record.

    Raises:
        CourseError: the checks are not written as they should be, or the machine is too busy.
    """
    run = _make_run(assignment, student, device, seed, only)
    if stop_early:
        run.misconceptions = {}
    with _same_precision():
        _run_pytest(run, assignment.plugins, *(["--exitfirst"] if stop_early else []))
    _insist(assignment, run)
    if run.starved:
        raise run.starved
    cells = [
        CellVerdict(cell.grade_id, cell.points, run.results.get(cell.grade_id, []))
        for cell in assignment.graded_cells
        if run.only is None or cell.grade_id in run.only
    ]
    return cells, [*student.remarks, *_notes(run)]


def collect_checks(assignment: Assignment) -> tuple[dict[str, list[CheckResult]], list[str]]:
    """The checks of an assignment by grade_id, not run, and the mistakes in how they are written."""
    run = _make_run(assignment, LocalStudent({}), "cpu", 0, None)
    _run_pytest(run, assignment.plugins, "--collect-only")
    return run.results, [*run.mistakes, *_unequal_points(assignment, run)]


def _make_run(
    assignment: Assignment,
    student: Student,
    device: str,
    seed: int | None,
    only: Collection[str] | None,
) -> CheckRun:
    return CheckRun(
        module=assignment.checks,
        student=student,
        reference=assignment.reference,
        device=device,
        seed=secrets.randbits(32) if seed is None else seed,
        cells={cell.grade_id for cell in assignment.graded_cells},
        misconceptions=assignment.misconceptions,
        only=None if only is None else {TEST + name for name in only},
    )


@contextlib.contextmanager
def _same_precision() -> Iterator[None]:
    """Full float32 precision on a GPU, as where the student's functions run."""
    before = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = False
    try:
        yield
    finally:
        torch.backends.cudnn.allow_tf32 = before


def _run_pytest(run: CheckRun, plugins: tuple[str, ...], *options: str) -> None:
    """pytest on one module, with no configuration, conftest or cache from anywhere else."""
    path = Path(run.module.__file__ or "")
    arguments = [str(path), "-c", os.devnull, "--rootdir", str(path.parent), "--noconftest"]
    arguments += ["--capture=no", "--import-mode=importlib", *options]
    arguments += [word for name in WITHOUT for word in ("-p", f"no:{name}")]
    arguments += [word for name in plugins for word in ("-p", name)]

    class Handoff:
        def pytest_configure(self, config: pytest.Config) -> None:
            config.stash[RUN] = run

    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        outcome = pytest.main(arguments, plugins=[Handoff(), pytest_plugin])
    if outcome in (
        pytest.ExitCode.OK,
        pytest.ExitCode.TESTS_FAILED,
        pytest.ExitCode.NO_TESTS_COLLECTED,
    ):
        return
    if outcome == pytest.ExitCode.INTERNAL_ERROR and run.results:
        run.faults.append(f"pytest stopped before all checks had run: {printed.getvalue()[-500:]}")
    else:
        raise RuntimeError(f"pytest could not run {path} ({outcome!r}): {printed.getvalue()}")


def _insist(assignment: Assignment, run: CheckRun) -> None:
    """Raise CourseError if a check is not written as it should be: no grade is better than a wrong one."""
    if mistakes := [*run.mistakes, *_unequal_points(assignment, run)]:
        raise CourseError(f"{assignment.folder / 'checks.py'}: {' '.join(mistakes)}")


def _unequal_points(assignment: Assignment, run: CheckRun) -> list[str]:
    mistakes = []
    for cell in assignment.graded_cells:
        if run.only is not None and cell.grade_id not in run.only:
            continue
        total = sum(check.max_points for check in run.results.get(cell.grade_id, []))
        if total != cell.points:
            mistakes.append(
                f"The checks of {cell.function} are worth {total:g} points, its cell {cell.points:g}: "
                f"make the two agree."
            )
    return mistakes


def _notes(run: CheckRun) -> list[str]:
    broken = [f"A check broke down, for the instructor to look at: {fault}" for fault in run.faults]
    return [*broken, f"The hidden inputs were drawn with seed {run.seed}."]
