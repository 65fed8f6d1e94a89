"""Where the CPU seconds go when one submission is graded for its points.

A student's own computation is what the defining cells and the functions that are called take alone,
in one process, without anybody who asks or looks on.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import psutil

from autograder.course.pack import Pack
from autograder.course.submissions import solved
from autograder.course.worker import grade
from autograder.grading.checking import run_checks
from autograder.grading.definitions import needed_cells
from autograder.grading.handed_in import read_handed_in
from autograder.grading.inside import wire
from autograder.grading.question import Question
from autograder.grading.session import KernelStudent
from autograder.grading.student import LocalStudent
from tests.corpus import COURSE

SEED = 7
WARM = 3  # submissions before: the fork server starts, the reference's answers are computed


def effort(folder: Path, name: str, submissions: int) -> dict[str, float]:
    """CPU seconds a submission, as medians, and the kernel's start on the wall.

    Returns:
        own: the student's computation, alone. trusted: of the process that grades. jailed: of the
        kernel, all of it. added: what grading adds to `own`. start: seconds from asking for a kernel
        until it answers.
    """
    assignment = COURSE.assignment(name)
    home = folder / "s1" / name
    home.mkdir(parents=True)
    nbformat.write(solved(assignment), home / f"{name}.ipynb")
    handed_in = read_handed_in(home, name, "s1")
    pack = Pack.of(assignment)
    own = _own_computation(name)
    rows = []
    with _measured() as seen:
        for _ in range(WARM + submissions):
            seen.update(jailed=0.0, start=0.0)
            begin = _cpu()
            verdict = grade(pack, handed_in, SEED)
            assert verdict.score == sum(cell.points for cell in assignment.graded_cells)
            trusted = _cpu() - begin
            rows.append({**seen, "trusted": trusted, "added": trusted + seen["jailed"] - own})
    medians = {key: statistics.median(row[key] for row in rows[WARM:]) for key in rows[0]}
    return {"own": own, **medians}


@contextlib.contextmanager
def _measured() -> Iterator[dict[str, float]]:
    """Notes what kernels take while the block runs."""
    seen: dict[str, float] = {}
    enter, leave = KernelStudent.__enter__, KernelStudent.__exit__

    def timed_enter(self: KernelStudent) -> KernelStudent:
        begin = time.monotonic()
        entered = enter(self)
        seen["start"] = time.monotonic() - begin
        return entered

    def counted_leave(self: KernelStudent, *error: object) -> None:
        process = psutil.Process(self._client._provisioner.pid)
        for one in (process, *process.children(recursive=True)):
            seen["jailed"] += sum(one.cpu_times()[:2])
        leave(self, *error)

    KernelStudent.__enter__, KernelStudent.__exit__ = timed_enter, counted_leave
    try:
        yield seen
    finally:
        KernelStudent.__enter__, KernelStudent.__exit__ = enter, leave


def _own_computation(name: str) -> float:
    assignment = COURSE.assignment(name)
    notebook = solved(assignment)
    cells = [notebook.cells[index].source for index in sorted(needed_cells(notebook.cells))]
    code = [compile(text, "cell", "exec") for text in cells if "get_ipython" not in text]
    exec_all(code, {})  # what is imported is there from now on, as in a forked kernel
    namespace: dict = {}
    begin = _cpu()
    exec_all(code, namespace)
    took = _cpu() - begin
    student = _Alone(namespace)
    for _ in range(2):  # the first time, torch warms up
        student.seconds = 0.0
        run_checks(assignment, student, "cpu", SEED)
    return took + student.seconds


def exec_all(code: list, namespace: dict) -> None:
    for cell in code:
        exec(cell, namespace)


class _Alone(LocalStudent):
    """Functions in this process; notes the CPU seconds in which they compute."""

    seconds = 0.0

    def call(self, name: str, question: Question) -> dict:
        args, kwargs, probe = wire.load_arguments(question.data)

        def computing(function, *rest):
            begin = _cpu()
            try:
                return probe(function, *rest)
            finally:
                self.seconds += _cpu() - begin

        with contextlib.suppress(Exception):
            computing(self._functions[name], args, kwargs)
        return super().call(name, question)


def _cpu() -> float:
    times = os.times()
    return times.user + times.system
