"""Claim: the reference solution earns all points, whatever inputs are drawn."""

from __future__ import annotations

from autograder.grading.assignment import Assignment
from autograder.verify.scores import first_loss, verdicts


def problems_of_reference(assignment: Assignment, seed: int, device: str = "cpu") -> list[str]:
    """A sentence for each function of the reference that loses points with this seed."""
    cells, broken = verdicts(assignment, {}, device, seed)
    lost = [
        f"The reference's {function} loses points with seed {seed}: {first_loss(cell)} Mend the "
        f"solution or the check."
        for function, cell in cells.items()
        if first_loss(cell)
    ]
    return [*lost, *(f"With the reference and seed {seed}: {note}" for note in broken)]
