"""What authors of checks import: `from autograder.checks import assert_same, check, ...`.

A check is a pytest function in an assignment's `checks.py`:

    @check("double", points=2)
    def test_numbers_of_both_signs(answer, draw):
        assert_same(answer, draw.tensor(5))

Its fixtures are `answer`, the student's function of that name; `student`, all of the student's
functions; `reference`, the right ones; and `draw`, inputs drawn afresh for each run.
"""

from autograder.checks.assertions import (
    assert_holds,
    assert_mentions,
    assert_same,
    assert_value,
    fail,
)
from autograder.checks.draw import CLASSES, Draw
from autograder.checks.follow_through import FINAL, Helper, assert_same_with_helpers
from autograder.checks.gradients import FINITE_DIFFERENCES, numeric_gradient
from autograder.checks.markers import check
from autograder.grading.compare import (
    EXACT,
    ROOM_FOR_EPSILON,
    SINGLE,
    Mismatch,
    describe_difference,
    describe_form,
)
from autograder.grading.inside.helpers import WithHelpers
from autograder.grading.misconception import formula, misconception
from autograder.grading.student import Student, StudentFault, StudentFunction

__all__ = [
    "CLASSES",
    "EXACT",
    "FINAL",
    "FINITE_DIFFERENCES",
    "ROOM_FOR_EPSILON",
    "SINGLE",
    "Draw",
    "Helper",
    "Mismatch",
    "Student",
    "StudentFault",
    "StudentFunction",
    "WithHelpers",
    "assert_holds",
    "assert_mentions",
    "assert_same",
    "assert_same_with_helpers",
    "assert_value",
    "check",
    "describe_difference",
    "describe_form",
    "fail",
    "formula",
    "misconception",
    "numeric_gradient",
]
