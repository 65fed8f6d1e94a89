"""What a process that grades does with one submission. It knows no course, only what is sent to it."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import nbformat

from autograder.course.pack import Pack
from autograder.grading.grade import grade_notebook, run_cells
from autograder.grading.handed_in import HandedIn
from autograder.grading.repair import repair
from autograder.grading.verdict import Verdict


@dataclass(frozen=True)
class Ran:
    """A notebook whose cells have run: its text, and what there is to say about how they ran."""

    notebook: str
    notes: list[str]


def grade(
    pack: Pack,
    handed_in: HandedIn,
    seed: int,
    only: tuple[str, ...] | None = None,
) -> Verdict:
    """The points for one submission, for which only its definitions run.

    Args:
        seed: of the hidden inputs, the same for all of a class.
        only: the functions to check; all when it is None.
    """
    assignment = pack.open()
    repaired = repair(handed_in.notebook, assignment.release)
    with tempfile.TemporaryDirectory(prefix="handed-in-") as folder:
        handed_in.unpack(Path(folder))
        verdict = grade_notebook(
            repaired, assignment, Path(folder), handed_in.student, "defining", seed, only
        )
    verdict.digest = handed_in.digest
    return verdict


def run(pack: Pack, handed_in: HandedIn) -> Ran:
    """Run all cells of a submission, for those who read it."""
    assignment = pack.open()
    repaired = repair(handed_in.notebook, assignment.release)
    with tempfile.TemporaryDirectory(prefix="handed-in-") as folder:
        handed_in.unpack(Path(folder))
        notes = run_cells(repaired, assignment, Path(folder))
    return Ran(nbformat.writes(repaired.notebook), notes)
