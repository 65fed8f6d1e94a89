"""Claim: the release contains no line of a solution, of a rubric or of a model answer."""

from __future__ import annotations

from autograder.grading.assignment import Assignment
from autograder.grading.text import readable

REGIONS = ("SOLUTION", "MARK SCHEME", "HIDDEN TESTS")  # as nbgrader calls them
NEVER = (*(f"BEGIN {region}" for region in REGIONS), "MODEL ANSWER")  # in a release
TELLING = 12  # a shorter line, such as "return x", may stand anywhere


def problems_of_release(assignment: Assignment) -> list[str]:
    """A sentence for each line of a solution that students can read."""
    return [
        f"The release shows a line of a solution: {readable(line, 120)!r}. Put it between "
        f"BEGIN SOLUTION and END SOLUTION and run `autograder release {assignment.name}`."
        for line in leaked_lines(assignment)
    ]


def leaked_lines(assignment: Assignment) -> list[str]:
    """Lines of the source's solution regions that are in the release and nowhere else in the source.

    Raises:
        CourseError: there is no release.
    """
    sources = [cell.source for cell in assignment.source.cells]
    text = "\n".join(cell.source for cell in assignment.release.cells)
    shown = {line.strip() for source in sources for line in shown_lines(source)}
    secrets = [line.strip() for source in sources for line in secret_lines(source)]
    leaked = [
        line for line in secrets if len(line) > TELLING and line in text and line not in shown
    ]
    return [*leaked, *(mark for mark in NEVER if mark.lower() in text.lower())]


def secret_lines(source: str) -> list[str]:
    """The lines of a cell, with those emptied that are outside of a solution region."""
    return [line if secret else "" for line, secret in _marked(source)]


def shown_lines(source: str) -> list[str]:
    """The lines of a cell that students can read."""
    return [line for line, secret in _marked(source) if secret is False]


def _marked(source: str) -> list[tuple[str, bool | None]]:
    """Each line, with whether it is in a solution region; None for the marks themselves."""
    marked: list[tuple[str, bool | None]] = []
    inside = False
    for line in source.splitlines():
        begins, ends = (
            any(f"{word} {region}" in line for region in REGIONS) for word in ("BEGIN", "END")
        )
        inside = (inside or begins) and not ends
        marked.append((line, None if begins or ends else inside))
    return marked
