"""Finds the misconceptions whose values agree with a wrong answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch

from autograder.grading.compare import EXACT, SINGLE, Mismatch, describe_difference
from autograder.grading.student import Raised
from autograder.grading.text import readable

NOT_A_NUMBER = 1.25e300  # hardly an answer
KNOWN_ANSWERS = 5_000  # of some ten kilobytes
PLAIN = (type(None), bool, int, float, str)


def explanations(failure: Mismatch | Raised, candidates: Iterable[Callable]) -> list[str]:
    """Names of the candidates that answer as the student did, given the same arguments."""
    return [candidate.__name__ for candidate in candidates if _agrees(candidate, failure)]


def most_common(explanations_of_checks: Iterable[list[str]]) -> Counter[str]:
    """The number of a function's failed checks that each misconception explains.

    Two wrong answers can agree by chance on one input, hardly on all: the one that explains the
    most failed checks is the one to tell the student.
    """
    return Counter(name for names in explanations_of_checks for name in names)


def _agrees(candidate: Callable, failure: Mismatch | Raised) -> bool:
    if failure.question is None:
        return False
    try:
        wrong = failure.question.answer_of(candidate)
    except Exception as error:  # some misconceptions are about what can't be computed
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
