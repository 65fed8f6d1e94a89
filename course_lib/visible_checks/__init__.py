"""Checks that students run below their answers: properties and central differences, no solutions.

A check prints one line for each property that holds and stops at the first one that doesn't. The
graded checks are more, and use other inputs.
"""

from course_lib.visible_checks.core import CheckFailed

__all__ = ["CheckFailed"]
