"""A mistake costs its points once, also where a function builds on another graded one.

If `f` calls `g`, its answer is wrong, and the student's own `g` is wrong on the same inputs, `f` is
asked again with a test double in the place of `g`. The reference then answers with the same double in
its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from autograder.checks.assertions import assert_same, assert_value
from autograder.grading.compare import EXACT, Mismatch
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

    Attributes:
        name: of the function.
        double: takes its place. It computes something else, so that it gives nothing away to the
            code that runs beside it.
        check: raises where the student's own is wrong.
        caller: where the reference does without the helper, but a right answer may use it: such an
            answer. It looks the helper up under its name.
    """

    name: str
    double: Callable
    check: Callable[[], None]
    caller: Callable | None = None

    def is_wrong(self) -> bool:
        try:
            self.check()
        except (Mismatch, StudentFault):
            return True
        return False


def assert_same_with_helpers(
    helpers: list[Helper],
    function: StudentFunction,
    *arguments: Any,
    expected: Any = None,
    rtol: float = EXACT,
) -> None:
    """Like `assert_same`, but where helpers are to blame, ask again with doubles in their place.

    Args:
        expected: what to compare the first answer with; the reference's when None.

    Raises:
        Mismatch, StudentFault: the function itself is wrong.
    """
    try:
        if expected is None:
            assert_same(function, *arguments, rtol=rtol)
        else:
            assert_value(function, expected, *arguments, rtol=rtol)
    except FINAL:
        raise
    except (Mismatch, StudentFault) as failure:
        wrong = [helper for helper in helpers if helper.is_wrong()]
        second: Mismatch | StudentFault = failure
        for again in _asked_again(function, wrong):
            try:
                return assert_same(again, *arguments, rtol=rtol)
            except FINAL:
                raise
            except (Mismatch, StudentFault) as also:
                second = also
        # What a helper raised says nothing about this function.
        raise (second if isinstance(failure, StudentFault) else failure) from None


def _asked_again(function: StudentFunction, wrong: list[Helper]) -> Iterator[StudentFunction]:
    """The function with doubles in the places of its wrong helpers.

    Of the helpers that the reference does without, each is tried on its own.
    """
    always = tuple((helper.name, helper.double) for helper in wrong if helper.caller is None)
    if always:
        yield function.with_helpers(always)
    for helper in wrong:
        if helper.caller is not None:
            doubles = (*always, (helper.name, helper.double))
            yield function.with_reference(helper.caller).with_helpers(doubles)
