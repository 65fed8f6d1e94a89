"""Runs the checks of an assignment on one student, in the trusted process."""

from __future__ import annotations

import contextlib
import io
import os
import secrets
from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from pathlib import Path

import pytest
import torch

from autograder.errors import CourseError
from autograder.grading import pytest_plugin
from autograder.grading.assignment import TEST, Assignment, GradedCell
from autograder.grading.compare import Mismatch
from autograder.grading.diagnosis import diagnose
from autograder.grading.idle import idle_functions, withhold
from autograder.grading.misconception import hint
from autograder.grading.pytest_plugin import RUN, CheckRun
from autograder.grading.student import LocalStudent, Raised, Student
from autograder.grading.text import readable
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
    with _same_precision():
        _run_pytest(run, assignment.plugins, *(["--exitfirst"] if stop_early else []))
        _insist(assignment, run)
        if run.starved:
            raise run.starved
        if not stop_early:
            for cell in assignment.graded_cells:
                _tell_mistakes(assignment, run, cell)
                _withhold(assignment, run, cell)
    cells = [
        CellVerdict(cell.grade_id, cell.points, run.results.get(cell.grade_id, []))
        for cell in assignment.graded_cells
        if run.only is None or cell.grade_id in run.only
    ]
    return cells, [*student.remarks, *_notes(run)]


def _tell_mistakes(assignment: Assignment, run: CheckRun, cell: GradedCell) -> None:
    """Add to the failed checks of a cell the hints of the misconceptions that explain them."""
    lost = {check.name: check for check in run.results.get(cell.grade_id, []) if not check.passed}
    try:
        found = diagnose(
            {name: run.failures[name] for name in lost if _is_about(run.failures.get(name), cell)},
            lost,
            [*assignment.misconceptions.get(cell.function, []), *_idle(assignment, cell)],
            lambda wrong: _failed_in_place(assignment, cell, wrong, run.device, run.seed),
        )
    except Exception as error:  # an odd answer must cost its hint, never the grade
        run.faults.append(readable(f"{cell.function}: {type(error).__name__}: {error}"))
        return
    for name, mistakes in found.items():
        check = lost[name]
        check.misconception, *check.further = [mistake.__name__ for mistake in mistakes]
        check.message = f"{' Also: '.join(map(hint, mistakes))} ({check.message})"


def _is_about(failure: Mismatch | Raised | None, cell: GradedCell) -> bool:
    return failure is not None and failure.name == cell.function


def _withhold(assignment: Assignment, run: CheckRun, cell: GradedCell) -> None:
    """Take back the points for what a function has without computing anything."""
    withhold(
        run.results.get(cell.grade_id, []),
        lambda check: _is_weak(assignment, cell, check, run.device, run.seed),
    )


@lru_cache(maxsize=1_000)
def _is_weak(assignment: Assignment, cell: GradedCell, check: str, device: str, seed: int) -> bool:
    """Whether a function that computes nothing passes a check on the inputs of this seed."""
    idle = _idle(assignment, cell)
    return any(not _failed(assignment, cell, one, device, seed, {check}) for one in idle)


@lru_cache(maxsize=1_000)
def _idle(assignment: Assignment, cell: GradedCell) -> tuple[Callable, ...]:
    return idle_functions(getattr(assignment.reference, cell.function))


@lru_cache(maxsize=1_000)
def _failed_in_place(
    assignment: Assignment, cell: GradedCell, function: Callable, device: str, seed: int
) -> frozenset[str]:
    """The checks of a cell that a known function fails on the inputs of this seed.

    All of a class is asked the same, so it is wanted many times.
    """
    return _failed(assignment, cell, function, device, seed)


def _failed(
    assignment: Assignment,
    cell: GradedCell,
    function: Callable,
    device: str,
    seed: int,
    checks: Collection[str] | None = None,
) -> frozenset[str]:
    """The names of the checks that a known function does not pass in a student's place."""
    functions = {**vars(assignment.reference), cell.function: function}
    student = LocalStudent(functions, device)
    run = _make_run(assignment, student, device, seed, [cell.function], checks)
    _run_pytest(run, assignment.plugins)
    return frozenset(check.name for check in run.results[cell.grade_id] if not check.passed)


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
    checks: Collection[str] | None = None,
) -> CheckRun:
    return CheckRun(
        module=assignment.checks,
        student=student,
        reference=assignment.reference,
        device=device,
        seed=secrets.randbits(32) if seed is None else seed,
        cells={cell.grade_id for cell in assignment.graded_cells},
        only=None if only is None else {TEST + name for name in only},
        checks=checks,
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
