"""A mistake costs its points once, also where a function builds on another graded one.

`style_loss` calls `gram_matrix`. If its answer is wrong, and the student's own `gram_matrix` is
wrong on the same features, it is asked again with another function in that place. The reference
then answers with the same one in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograder.grading.compare import EXACT, Mismatch, assert_same, assert_value
from autograder.grading.inside.with_helpers import WithHelpers
from autograder.grading.student import (
    KernelEnded,
    NotCalled,
    StudentFault,
    StudentFunction,
    TimedOut,
)

FINAL = (KernelEnded, NotCalled, TimedOut)  # asking again would only cost more time


@dataclass(frozen=True)
class Helper:
    """A graded function that another one builds on.

    name: of the function
    other: takes its place. It computes something else, so that it gives nothing away to the code
        that runs beside it
    check: raises where the student's own is wrong
    """

    name: str
    other: Callable
    check: Callable[[], None]

    def is_wrong(self) -> bool:
        try:
            self.check()
        except (Mismatch, StudentFault):
            return True
        return False


def assert_same_with_helpers(
    helpers: list[Helper],
    function: StudentFunction,
    reference: Callable,
    *arguments: Any,
    expected: Any = None,
    rtol: float = EXACT,
) -> None:
    """Like `assert_same`, but where helpers are to blame, ask again with others in their place.

    expected: what to compare the first answer with, by default the reference's
    """
    try:
        if expected is None:
            assert_same(function, reference, *arguments, rtol=rtol)
        else:
            assert_value(function, expected, *arguments, rtol=rtol)
    except FINAL:
        raise
    except (Mismatch, StudentFault) as failure:
        others = tuple((helper.name, helper.other) for helper in helpers if helper.is_wrong())
        if not others:
            raise
        again = StudentFunction(
            function.student,
            function.__name__,
            WithHelpers(others, function.probe),
            function.view,
        )
        try:
            assert_same(again, reference, *arguments, rtol=rtol)
        except FINAL:
            raise
        except (Mismatch, StudentFault) as second:
            # What a helper raised says nothing about this function.
            raise (second if isinstance(failure, StudentFault) else failure) from None
