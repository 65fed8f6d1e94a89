"""What the checks give to functions that run in this process."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from autograder.grading.assignment import Assignment
from autograder.grading.checking import run_checks
from autograder.grading.student import LocalStudent
from autograder.grading.verdict import CellVerdict

SEED = 1  # where wrong answers are told apart: on inputs that chance drew badly two can agree
BROKE_DOWN = "A check broke down"  # how a note on it begins


def verdicts(
    assignment: Assignment,
    replaced: dict[str, Callable],
    device: str = "cpu",
    seed: int = SEED,
    only: Collection[str] | None = None,
) -> tuple[dict[str, CellVerdict], list[str]]:
    """Check the reference with some of its functions replaced.

    Returns:
        The verdict on each function, and the notes on checks that broke down.
    """
    functions: dict[str, Any] = {**vars(assignment.reference), **replaced}
    student = LocalStudent(functions, device)
    cells, notes = run_checks(assignment, student, device, seed, only)
    names = {cell.grade_id: cell.function for cell in assignment.graded_cells}
    broken = [note for note in notes if note.startswith(BROKE_DOWN)]
    return {names[cell.grade_id]: cell for cell in cells}, broken


def first_loss(cell: CellVerdict) -> str:
    """The first check that lost points, with its reason; empty when the cell has full marks."""
    for check in cell.checks:
        if check.status != "passed":
            return f"{check.name}: {check.message}"
    return "" if cell.score == cell.max_score else "there are no checks"
