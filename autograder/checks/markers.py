"""Says what a check is about and what it is worth."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest

Check = TypeVar("Check", bound=Callable)


def check(function: str, *, points: float, explanation: str = "") -> Callable[[Check], Check]:
    """Mark a pytest function as a check of what the student wrote under a name.

    In it, the fixture `answer` is the student's function of that name.

    Args:
        function: the name of the function, class or value.
        points: what the check is worth.
        explanation: what a student reads when the check passed.
    """

    def mark(test: Check) -> Check:
        marks = [pytest.mark.cell(f"test_{function}"), pytest.mark.points(points)]
        if explanation:
            marks.append(pytest.mark.explanation(explanation))
        for one in marks:
            test = one(test)
        return test

    return mark
