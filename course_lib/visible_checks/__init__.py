"""Checks that students run below their answers: properties and finite differences, no solutions.

A check prints one line for each property that holds, and stops at the first that does not. They are
not the graded checks, which are more and use other inputs.
"""

from course_lib.visible_checks.core import CheckFailed

__all__ = ["CheckFailed"]
