"""A pytest plugin that turns checks into points.

A check is a pytest function with two markers: `cell(grade_id)` says which graded cell it belongs
to, `points(n)` what it is worth. A third, `explanation(text)`, is what a student reads where the
check passed. `autograder.checks.check` sets all of them. Results are kept as data in
`config.stash`; nothing that pytest prints is ever read. Every check that pytest collects is on
record as "not run" before the first one starts, so that a check that never ends has earned nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import pytest

from autograder.grading.compare import Mismatch
from autograder.grading.stopwatch import Starved
from autograder.grading.student import Answers, Raised, Student, StudentFault, StudentFunction
from autograder.grading.text import readable
from autograder.grading.verdict import CheckResult

MARKERS = {
    "cell": "cell(grade_id): the graded cell that a check belongs to",
    "points": "points(n): what a check is worth",
    "explanation": "explanation(text): what a student reads when a check passed",
}
OF_PYTEST = {"parametrize", "usefixtures"}
NOTHING = "The answer is not right."


@dataclass
class CheckRun:
    """What one run of an assignment's checks needs, and what came of it.

    Attributes:
        module: with the checks.
        cells: the grade_ids of all graded cells.
        only: grade_ids of the cells to check; all when None.
        checks: names of the checks to run; all of those cells when None.
        results: by grade_id.
        failures: by check, what was answered wrongly.
        faults: checks that failed by the grader's own fault.
        mistakes: what is wrong with how the checks are written.
        starved: why nothing can be said about the submission.
    """

    module: ModuleType
    student: Student
    reference: Any
    device: str
    seed: int
    cells: Collection[str]
    only: Collection[str] | None = None
    checks: Collection[str] | None = None
    results: dict[str, list[CheckResult]] = field(default_factory=dict)
    failures: dict[str, Mismatch | Raised] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    starved: Starved | None = None


RUN = pytest.StashKey[CheckRun]()
RESULT = pytest.StashKey[CheckResult]()


def pytest_configure(config: pytest.Config) -> None:
    """Make the markers known."""
    for line in MARKERS.values():
        config.addinivalue_line("markers", line)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module:
    """Collect the module that is loaded already, as a part of its assignment's package."""
    collector = pytest.Module.from_parent(parent, path=module_path)
    collector.obj = parent.config.stash[RUN].module
    return collector


def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Keep the checks of the cells that are asked for, and note the mistakes in all of them."""
    run = config.stash[RUN]
    mistakes = {item: _mistake(item, run) for item in items}
    run.mistakes += dict.fromkeys(mistake for mistake in mistakes.values() if mistake)
    items[:] = [item for item in items if not mistakes[item] and _is_asked_for(item, run)]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Put every check on record before the first one runs."""
    run = session.config.stash[RUN]
    for item in session.items:
        item.stash[RESULT] = CheckResult(item.name, float(_argument(item, "points")))
        run.results.setdefault(_cell(item), []).append(item.stash[RESULT])


def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> pytest.TestReport:
    """Keep the result; the report itself says no more than how it went, as nobody reads its text."""
    error = call.excinfo.value if call.excinfo else None
    if error is not None or call.when == "call":
        explanation = _argument(item, "explanation") or ""
        _record(item.stash[RESULT], error, item.config.stash[RUN], explanation)
    assert call.when != "collect"
    outcome: Literal["passed", "failed"] = "failed" if error else "passed"
    return pytest.TestReport(item.nodeid, item.location, {}, outcome, longrepr=None, when=call.when)


@pytest.fixture
def student(pytestconfig: pytest.Config) -> Answers:
    """The submission's functions."""
    run = pytestconfig.stash[RUN]
    return Answers(run.student, run.reference)


@pytest.fixture
def reference(pytestconfig: pytest.Config) -> Any:
    """The reference solution's functions, under the same names."""
    return pytestconfig.stash[RUN].reference


@pytest.fixture
def answer(student: Answers, request: pytest.FixtureRequest) -> StudentFunction:
    """The submission's function that the check is about."""
    return getattr(student, _cell(request.node).removeprefix("test_"))


@pytest.fixture
def seed(pytestconfig: pytest.Config) -> int:
    """The seed of this run's hidden inputs."""
    return pytestconfig.stash[RUN].seed


@pytest.fixture
def device(pytestconfig: pytest.Config) -> str:
    """Where tensors and models are put: "cpu" or "cuda"."""
    return pytestconfig.stash[RUN].device


def _argument(item: pytest.Item, marker: str) -> Any:
    """The argument of a marker; None where there is none."""
    mark = item.get_closest_marker(marker)
    return mark.args[0] if mark and mark.args else None


def _cell(item: pytest.Item) -> str:
    return _argument(item, "cell")


def _is_asked_for(item: pytest.Item, run: CheckRun) -> bool:
    asked_for = run.checks is None or item.name in run.checks
    return asked_for and (run.only is None or _cell(item) in run.only)


def _mistake(item: pytest.Item, run: CheckRun) -> str:
    """What is wrong with how a check is marked; empty when nothing is."""
    name = item.name.partition("[")[0]
    unknown = {mark.name for mark in item.iter_markers()} - MARKERS.keys() - OF_PYTEST
    if unknown:
        return (
            f"{name} has the marker {min(unknown)!r}, which checks do not know: the markers are "
            f"{', '.join(MARKERS)}."
        )
    cell, points = _argument(item, "cell"), _argument(item, "points")
    if cell is None:
        return f'{name} does not say what it is about: write @check("FUNCTION", points=N) above it.'
    if cell not in run.cells:
        known = ", ".join(sorted(cell.removeprefix("test_") for cell in run.cells))
        return (
            f"{name} is about {str(cell).removeprefix('test_')!r}, which the source does not "
            f"grade: it grades {known or 'nothing'}."
        )
    if points is None:
        return f'{name} has no points: write @check("FUNCTION", points=N) above it.'
    if type(points) not in (int, float) or not points > 0:
        return f"{name} is worth {points!r}: points are a number above 0."
    return ""


def _record(
    result: CheckResult, error: BaseException | None, run: CheckRun, explanation: str
) -> None:
    if error is None:
        result.status, result.message = "passed", explanation
    elif isinstance(error, Starved):
        run.starved = error
    elif isinstance(error, StudentFault):
        result.status, result.message = error.status, str(error)
    elif isinstance(error, AssertionError):  # a Mismatch, or a plain assert
        result.status, result.message = "failed", readable(error) or NOTHING
    else:
        result.status = "error"
        result.message = "The check itself broke down: please tell your instructor."
        run.faults.append(readable(f"{result.name}: {type(error).__name__}: {error}"))
    if isinstance(error, (Mismatch, Raised)):
        run.failures[result.name] = error
