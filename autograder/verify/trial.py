"""Puts a generated mutant in a student's place, until a check catches it or none does."""

from __future__ import annotations

import contextlib
import functools
import random
import signal
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from autograder.grading.assignment import Assignment
from autograder.grading.checking import run_checks
from autograder.grading.student import LocalStudent

SEEDS = (1, 2, 3)  # a mutant that survives the first one is tried on the others
PATIENCE = 10.0  # seconds that a mutant has in any case,
TIMES_THE_REFERENCE = 20  # and how many times as long as the reference takes
TIMEOUT = "timeout"


class OutOfTime(BaseException):
    """Not an Exception, so that less code catches it."""


def killed_by(assignment: Assignment, function: str, source: str) -> str:
    """The check that catches a mutant, or another reason for which it can't pass; empty if none does.

    Args:
        function: the graded function, class or value.
        source: of its cell, with the mutation. Helpers in the cell are the mutant's, all others the
            reference's.
    """
    limit = PATIENCE + TIMES_THE_REFERENCE * _seconds_of_reference(assignment, function)
    try:
        with _time_limit(limit):
            namespace = dict(assignment.namespace)
            del namespace[function]  # a value whose statement is deleted is not there
            try:
                exec(compile(source, f"mutant of {function}", "exec"), namespace)
            except Exception as error:  # whatever the mutation leads to
                return f"its definition raises {type(error).__name__}"
            mutant = {**vars(assignment.reference), function: namespace.get(function)}
            for seed in SEEDS:
                if caught := _first_failed_check(assignment, mutant, function, seed):
                    return caught
    except OutOfTime:
        return TIMEOUT
    return ""


def _first_failed_check(
    assignment: Assignment, functions: dict[str, Any], function: str, seed: int
) -> str:
    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)
    (cell,), _ = run_checks(
        assignment, LocalStudent(functions), seed=seed, only=[function], stop_early=True
    )
    failed = [c.name for c in cell.checks if c.status not in ("passed", "not_run")]
    return failed[0] if failed else ""


@functools.cache
def _seconds_of_reference(assignment: Assignment, function: str) -> float:
    began = time.monotonic()
    _first_failed_check(assignment, vars(assignment.reference), function, SEEDS[0])
    return time.monotonic() - began


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raise OutOfTime in the code below after some seconds, and again while it is caught."""
    rang = False

    def ring(*_: Any) -> None:
        nonlocal rang
        rang = True
        raise OutOfTime

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    except Exception as error:
        if rang:  # pytest reports that it was interrupted
            raise OutOfTime from error
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    if rang:
        raise OutOfTime
