"""Finds the known mistakes that explain a wrong answer, one or several.

A misconception is named only if two things speak for it: it gives the student's values, several of
them, or it gives one value and passes and fails the very checks that the student's function does.
It never fails a check that the student passes. What nothing explains stays without a name: a wrong
name is worse than none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, islice
from typing import Any

import numpy as np
import torch

from autograder.grading.compare import EXACT, SINGLE, Mismatch, describe_difference
from autograder.grading.misconception import several_at_once
from autograder.grading.student import Raised
from autograder.grading.text import readable

NOT_A_NUMBER = 1.25e300  # hardly an answer
PLAIN = (type(None), bool, int, float, str)
AT_ONCE = (2, 3)  # mistakes in one answer
MOST_TRIED = 800  # combinations: a second or two, once for a class
ENOUGH = 2  # values that agree

Failure = Mismatch | Raised
Rehearse = Callable[[Callable], Collection[str]]
"""Names of the checks that a function fails in the student's place, on the same inputs."""


def diagnose(
    failures: Mapping[str, Failure],
    failed: Collection[str],
    candidates: Sequence[Callable],
    rehearse: Rehearse,
) -> dict[str, tuple[Callable, ...]]:
    """The misconceptions that explain each failed check of one function.

    Args:
        failures: what was answered wrongly, by check.
        failed: all checks that were not passed.
        candidates: the known wrong answers.

    Returns:
        By check, one misconception or several; none where nothing explains it.
    """
    if not failures:
        return {}
    for wrong, mistakes in _that_explain_all(failures, candidates):
        if set(rehearse(wrong)) == set(failed):
            certain = _certain(mistakes, failures.values())
            needed = {check: _needed(mistakes, failure) for check, failure in failures.items()}
            named = {
                check: tuple(m for m in some if m in certain) for check, some in needed.items()
            }
            return {check: some for check, some in named.items() if some}
    return _that_explain_some(failures, failed, candidates, rehearse)


def explanations(failure: Failure, candidates: Iterable[Callable]) -> list[str]:
    """Names of the candidates that answer as the student did, given the same arguments."""
    return [candidate.__name__ for candidate in candidates if _agrees(candidate, failure)]


def _that_explain_all(
    failures: Mapping[str, Failure], candidates: Sequence[Callable]
) -> Iterator[tuple[Callable, tuple[Callable, ...]]]:
    """Wrong answers that agree with every failure, and the mistakes in them: the fewest first."""
    telling = sorted(failures.values(), key=_values, reverse=True)
    single = ((candidate, (candidate,)) for candidate in candidates)
    several = (pair for number in AT_ONCE for pair in several_at_once(candidates, number))
    for wrong, mistakes in (*single, *islice(several, MOST_TRIED)):
        if all(_agrees(wrong, failure) for failure in telling):
            yield wrong, mistakes


def _certain(mistakes: tuple[Callable, ...], failures: Collection[Failure]) -> tuple[Callable, ...]:
    """The mistakes without which values would not agree; vague failures alone prove none."""
    if len(mistakes) == 1:
        return mistakes
    telling = [failure for failure in failures if _values(failure)]
    return tuple(
        mistake
        for mistake in mistakes
        if not all(_agrees(_joined([m for m in mistakes if m is not mistake]), f) for f in telling)
    )


def _needed(mistakes: tuple[Callable, ...], failure: Failure) -> tuple[Callable, ...]:
    """The fewest of the mistakes that explain a failure alone."""
    for number in range(1, len(mistakes)):
        for some in combinations(mistakes, number):
            if _agrees(_joined(some), failure):
                return some
    return mistakes


def _joined(mistakes: Sequence[Callable]) -> Callable:
    """The wrong answer that makes all of these mistakes."""
    several = several_at_once(mistakes, len(mistakes))
    return mistakes[0] if len(mistakes) == 1 else next(several)[0]


def _that_explain_some(
    failures: Mapping[str, Failure],
    failed: Collection[str],
    candidates: Sequence[Callable],
    rehearse: Rehearse,
) -> dict[str, tuple[Callable, ...]]:
    """For each failure the candidate that explains the most of them, if several values agree.

    Two wrong answers can agree by chance on one input, hardly on all.
    """
    explained = {
        candidate: [check for check, failure in failures.items() if _agrees(candidate, failure)]
        for candidate in candidates
    }
    found: dict[str, tuple[Callable, ...]] = {}
    for candidate in sorted(candidates, key=lambda one: -len(explained[one])):
        checks = explained[candidate]
        is_new = any(check not in found for check in checks)
        is_known = is_new and _evidence(failures[check] for check in checks) >= ENOUGH
        if is_known and set(rehearse(candidate)) <= set(failed):
            found |= {check: (candidate,) for check in checks if check not in found}
    return found


def _evidence(failures: Iterable[Failure]) -> int:
    """How many values agree. The same exception again is no new evidence."""
    numbers = {id(f) if isinstance(f, Mismatch) else f.text: _values(f) for f in failures}
    return sum(numbers.values())


def _values(failure: Failure) -> int:
    """How many different values a failure shows."""
    if isinstance(failure, Raised):
        return 1
    return 0 if failure.vague else _different_values(failure.actual)


def _different_values(answer: Any) -> int:
    if isinstance(answer, str):  # words, or a label, are not what a wrong formula gives by chance
        return ENOUGH
    if isinstance(answer, dict):
        return max(1, sum(map(_different_values, answer.values())))
    if isinstance(answer, (list, tuple)):
        return max(1, sum(map(_different_values, answer)))
    if isinstance(answer, np.ndarray):
        return max(1, len(np.unique(answer)))
    if isinstance(answer, torch.Tensor):  # NumPy does not know all of its dtypes
        plain = torch.view_as_real(answer) if answer.is_complex() else answer
        return max(1, _numbers(plain).unique().numel())
    return 0 if answer is None else 1


def _agrees(candidate: Callable, failure: Failure) -> bool:
    if failure.question is None:
        return False
    try:
        wrong = failure.question.answer_of(candidate)
    except Exception as error:  # some misconceptions are about what can't be computed
        error.__traceback__ = None  # it is kept, and would keep all frames that it came through
        raised = type(error).__name__, readable(error)
        return isinstance(failure, Raised) and raised == (failure.type_name, failure.text)
    return isinstance(failure, Mismatch) and same_answer(failure.actual, wrong)


def same_answer(actual: Any, wrong: Any) -> bool:
    """Whether two answers are the same to the precision that they are compared with."""
    if isinstance(wrong, dict):
        same_keys = isinstance(actual, dict) and actual.keys() == wrong.keys()
        return same_keys and all(same_answer(actual[key], wrong[key]) for key in wrong)
    if isinstance(wrong, (list, tuple)):
        same_length = isinstance(actual, (list, tuple)) and len(actual) == len(wrong)
        return same_length and all(map(same_answer, actual, wrong))
    if isinstance(actual, np.ndarray):
        actual = torch.from_numpy(actual)
    if isinstance(wrong, float) and type(actual) in (int, float):
        actual, wrong = torch.tensor(float(actual)).double(), torch.tensor(wrong).double()
    if not isinstance(actual, torch.Tensor) or not isinstance(wrong, torch.Tensor):
        return type(actual) is type(wrong) and type(actual) in PLAIN and actual == wrong
    if not wrong.is_floating_point():
        return actual.dtype == wrong.dtype and torch.equal(actual, wrong.cpu())
    if not bool(wrong.isfinite().all()):
        return torch.equal(_numbers(actual), _numbers(wrong))
    rtol = EXACT if wrong.dtype == torch.float64 else SINGLE
    return wrong.numel() > 0 and not describe_difference(actual, wrong, rtol)


def _numbers(tensor: torch.Tensor) -> torch.Tensor:
    """The values with a number in the place of NaN, which does not equal itself."""
    return tensor.cpu().double().nan_to_num(nan=NOT_A_NUMBER)
