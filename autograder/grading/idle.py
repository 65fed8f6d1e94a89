"""Points only for what a function computes.

Some checks hold without any work: "leaves its input alone", "returns ones where nothing changed".
A check is weak if an idle function passes it on the same inputs: one that returns nothing, its own
argument, or one number everywhere. Weak checks earn points only beside a check that is not weak.
An author marks nothing: which checks are weak is found by trying.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from autograder.grading.compare import describe_form
from autograder.grading.verdict import CheckResult

WITHHELD = (
    "It holds, but so it does for a function that computes nothing: it earns points only beside a "
    "check of the values that this function computes."
)


def withhold(checks: list[CheckResult], is_weak: Callable[[str], bool]) -> None:
    """Take back the points of weak checks where no other check of the function has passed.

    A function that has nothing but weak checks keeps them: nothing better is known about it.

    Args:
        checks: of one function, with their results.
        is_weak: whether an idle function passes the check of that name.
    """
    passed = sorted((c for c in checks if c.passed), key=lambda c: -c.max_points)
    if not passed or len(passed) == len(checks):
        return
    if not all(is_weak(check.name) for check in passed):
        return
    if all(is_weak(check.name) for check in checks if not check.passed):
        return
    for check in passed:
        check.status, check.message = "failed", WITHHELD


def holds(check: CheckResult) -> bool:
    """Whether a check has passed, with its points or without."""
    return check.passed or check.message == WITHHELD


def idle_functions(right: Any) -> tuple[Callable, ...]:
    """Functions that compute nothing but answer in the form of the right function.

    Their docstrings are what a student reads who handed in such a function.

    Args:
        right: what the reference has: a function, a class or a value.
    """

    def nothing_returned(*args: Any, **kwargs: Any) -> None:
        """Nothing was returned, and nothing was done with the arguments: is a line missing at the end?"""

    def input_returned(*args: Any, **kwargs: Any) -> Any:
        """What came back is what the function was given, unchanged: the work on it is still to be done."""
        answer = _answer(right, args, kwargs)
        given = (*args, *kwargs.values())
        alike = [argument for argument in given if not describe_form(argument, answer)]
        return copy.deepcopy(alike[0]) if alike else None

    def zeros_returned(*args: Any, **kwargs: Any) -> Any:
        """Every value is zero, whatever the arguments are: nothing was computed, or it was lost on the way."""
        return _filled(_answer(right, args, kwargs), 0)

    def ones_returned(*args: Any, **kwargs: Any) -> Any:
        """Every value is one, whatever the arguments are: nothing was computed, or it was lost on the way."""
        return _filled(_answer(right, args, kwargs), 1)

    if isinstance(right, type):
        return (nothing_returned,)
    return nothing_returned, input_returned, zeros_returned, ones_returned


def _answer(right: Any, args: tuple, kwargs: dict[str, Any]) -> Any:
    """The right answer, for its form; what it works on are copies."""
    if not inspect.isroutine(right):
        return right
    own_args, own_kwargs = copy.deepcopy((args, kwargs))
    return right(*own_args, **own_kwargs)


def _filled(answer: Any, number: int) -> Any:
    """The same number in the place of all; tensors keep their graph, for those who differentiate."""
    if isinstance(answer, torch.Tensor):
        if not answer.is_floating_point():
            return torch.full_like(answer, number)
        return (0 * answer).nan_to_num(0.0) + number
    if isinstance(answer, np.ndarray):
        return np.full_like(answer, number)
    if isinstance(answer, (bool, int, float, str)):
        return type(answer)(number) if not isinstance(answer, str) else ""
    if isinstance(answer, dict):
        return {key: _filled(value, number) for key, value in answer.items()}
    if isinstance(answer, (list, tuple)):
        return type(answer)(_filled(value, number) for value in answer)
    return None
