"""Wrong answers known by name.

Each assignment has a module here. A wrong answer is a small function with the signature of the
graded function; its docstring is the hint that a student reads whose values agree with it. The
tests put every one of them in a student's place: it must lose points in the check that is about it.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable


def misconception(*, of: str, caught_by: str) -> Callable[[Callable], Callable]:
    """Mark a function as a known wrong answer.

    Args:
        of: name of the graded function that it answers wrongly.
        caught_by: name of the check that is about this mistake.
    """

    def mark(function: Callable) -> Callable:
        function.of = of
        function.caught_by = caught_by
        return function

    return mark


def known_misconceptions(assignment: str) -> dict[str, list[Callable]]:
    """The misconceptions of an assignment, in the order of its module, by graded function."""
    module = importlib.import_module(f"{__name__}.{assignment}")
    by_function: dict[str, list[Callable]] = {}
    for candidate in vars(module).values():
        if hasattr(candidate, "caught_by"):
            by_function.setdefault(candidate.of, []).append(candidate)
    return by_function


def hint(function: Callable) -> str:
    """What a student is told: the docstring in one line."""
    return " ".join(inspect.getdoc(function).split())
