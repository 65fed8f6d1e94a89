"""A pytest plugin that turns checks into points.

A check is a pytest function with two markers: `cell(grade_id)` says which graded cell it belongs
to, `points(n)` what it is worth. A third, `explanation(text)`, is what a student reads where the
check passed; without it, nothing. Its fixtures are `student`, `reference` and `draw`. Results are
kept as data in `config.stash`; nothing that pytest prints is ever read. Every check that pytest
collects is on record as "not run" before the first one starts, so that a check that never ends
has earned nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from autograder.checks.draw import Draw
from autograder.grading import diagnosis
from autograder.grading.compare import Mismatch
from autograder.grading.student import Raised, Student, StudentFault
from autograder.grading.text import readable
from autograder.grading.verdict import CheckResult
from autograder.misconceptions import hint


@dataclass
class CheckRun:
    """What one run of an assignment's checks needs, and what came of it."""

    student: Student
    reference: Any
    device: str
    seed: int
    misconceptions: dict[str, list]
    results: dict[str, list[CheckResult]] = field(default_factory=dict)  # by grade_id
    explanations: dict[str, tuple[str, list[str]]] = field(default_factory=dict)  # by check
    faults: list[str] = field(default_factory=list)  # checks that failed by our own fault


RUN = pytest.StashKey[CheckRun]()
RESULT = pytest.StashKey[CheckResult]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "cell(grade_id): the graded cell that a check belongs to")
    config.addinivalue_line("markers", "points(n): what a check is worth")
    config.addinivalue_line("markers", "explanation(text): what is said when a check passed")


def pytest_collection_finish(session: pytest.Session) -> None:
    run = session.config.stash[RUN]
    for item in session.items:
        (grade_id,) = item.get_closest_marker("cell").args
        (points,) = item.get_closest_marker("points").args
        item.stash[RESULT] = CheckResult(item.name, float(points))
        run.results.setdefault(grade_id, []).append(item.stash[RESULT])


def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> pytest.TestReport:
    """Keep the result; the report itself says no more than how it went, as nobody reads its text."""
    error = call.excinfo.value if call.excinfo else None
    if error is not None or call.when == "call":
        explanation = item.get_closest_marker("explanation")
        said = explanation.args[0] if explanation else ""
        _record(item.stash[RESULT], error, item.config.stash[RUN], said)
    outcome = "failed" if error else "passed"
    return pytest.TestReport(item.nodeid, item.location, {}, outcome, longrepr=None, when=call.when)


def pytest_sessionfinish(session: pytest.Session) -> None:
    _name_misconceptions(session.config.stash[RUN])


@pytest.fixture
def student(pytestconfig: pytest.Config) -> Student:
    """The submission's functions."""
    return pytestconfig.stash[RUN].student


@pytest.fixture
def reference(pytestconfig: pytest.Config) -> Any:
    """The reference solution's functions, under the same names."""
    return pytestconfig.stash[RUN].reference


@pytest.fixture
def draw(pytestconfig: pytest.Config, request: pytest.FixtureRequest) -> Draw:
    """Inputs that are drawn afresh for this run and this check."""
    run = pytestconfig.stash[RUN]
    return Draw(run.seed, request.node.name, run.device)


def _record(
    result: CheckResult, error: BaseException | None, run: CheckRun, explanation: str
) -> None:
    if error is None:
        result.status, result.message = "passed", explanation
    elif isinstance(error, Mismatch):
        result.status, result.message = "failed", str(error)
    elif isinstance(error, StudentFault):
        result.status, result.message = error.status, str(error)
    else:
        result.status = "error"
        result.message = "The check itself broke down: please tell your instructor."
        run.faults.append(readable(f"{result.name}: {type(error).__name__}: {error}"))
    if isinstance(error, (Mismatch, Raised)):
        candidates = run.misconceptions.get(error.name, [])
        run.explanations[result.name] = error.name, diagnosis.explanations(error, candidates)


def _name_misconceptions(run: CheckRun) -> None:
    """Tell, for each failed check, the misconception that explains the most of its function."""
    results = {result.name: result for results in run.results.values() for result in results}
    for function, candidates in run.misconceptions.items():
        failed = {name: found for name, (of, found) in run.explanations.items() if of == function}
        counts = diagnosis.most_common(failed.values())
        hints = {candidate.__name__: hint(candidate) for candidate in candidates}
        for check, found in failed.items():
            if found:
                result = results[check]
                result.misconception = max(found, key=counts.__getitem__)
                result.message = f"{hints[result.misconception]} ({result.message})"
