"""Wrong answers known by name.

A misconception is a small function with the signature of the graded function. Its docstring is the
hint that a student reads whose values agree with it, and its decorator names the check that must
fail. An assignment has them in `misconceptions.py`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import TypeVar

Function = TypeVar("Function", bound=Callable)


def misconception(*, of: str, caught_by: str) -> Callable[[Function], Function]:
    """Mark a function as a known wrong answer.

    Args:
        of: name of the graded function that it answers wrongly.
        caught_by: name of the check that is about this mistake.
    """

    def mark(function: Function) -> Function:
        function.of = of  # type: ignore[attr-defined]
        function.caught_by = caught_by  # type: ignore[attr-defined]
        return function

    return mark


def misconceptions_in(module: ModuleType) -> dict[str, list[Callable]]:
    """The misconceptions of a module, in its order, by graded function."""
    by_function: dict[str, list[Callable]] = {}
    for candidate in vars(module).values():
        if hasattr(candidate, "caught_by"):
            by_function.setdefault(candidate.of, []).append(candidate)
    return by_function


def hint(function: Callable) -> str:
    """The docstring of a misconception in one line: what a student is told."""
    return " ".join((inspect.getdoc(function) or "").split())
