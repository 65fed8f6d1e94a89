"""Wrong answers as students write them, and what the visible check has to say about each.

`says` are words that its sentence contains, `never` are words that would send the reader astray.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import ModuleType

ASSIGNMENTS = (
    "saliency",
    "class_visualization",
    "fooling_images",
    "gradcam",
    "style_transfer",
    "sanity_checks",
)


def wrong(*, of: str, says: str, never: str = "") -> Callable[[Callable], Callable]:
    """Mark a function as a wrong answer; words are separated by `|`."""

    def mark(function: Callable) -> Callable:
        function.of, function.says, function.never = of, says, never
        return function

    return mark


def wrong_answers(assignment: str) -> list[Callable]:
    """The wrong answers to the questions of an assignment, in the order of its file."""
    module: ModuleType = import_module(f"{__name__}.{assignment}")
    return [answer for answer in vars(module).values() if hasattr(answer, "of")]
