"""Honest submissions in which something is broken get what is right in them, and a reason."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

from autograder.course.submissions import only_graded_cells, solved
from autograder.grading.assignment import Assignment
from autograder.grading.kernel import KernelOptions
from tests.corpus import ASSIGNMENTS, SALIENCY, entries, grade, scores, words
from tests.submissions.damage import all_damages

PATIENT = KernelOptions()
BROKEN = entries(Path(__file__).parent / "saliency" / "broken")


@pytest.mark.parametrize("entry", BROKEN, ids=lambda entry: entry.path.stem)
def test_a_broken_submission_gets_its_partial_grade_and_a_reason(entry, tmp_path):
    verdict = grade(entry.hand_in(tmp_path))
    assert scores(verdict) == entry.scores("expect"), words(verdict)
    assert entry.line("reason").lower() in words(verdict).lower()
    json.loads(verdict.to_json())


@pytest.mark.parametrize("damage", all_damages(), ids=lambda damage: damage.__name__)
def test_a_damaged_notebook_gets_its_grade_and_a_reason(damage, tmp_path):
    handed_in = damage(only_graded_cells(solved(SALIENCY)))
    text = handed_in if isinstance(handed_in, str) else nbformat.writes(handed_in)
    path = tmp_path / "saliency.ipynb"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    verdict = grade(path)
    assert scores(verdict) == damage.expectation.scores, words(verdict)
    assert damage.expectation.reason.lower() in words(verdict).lower()


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_the_release_as_handed_out_is_worth_nothing(name):
    assignment = Assignment(name)
    verdict = grade(assignment.release_path, PATIENT, assignment)
    assert verdict.score == 0
    assert verdict.max_score == sum(cell.points for cell in assignment.graded_cells) > 0
    assert all(
        "not answered yet" in check.message for cell in verdict.cells for check in cell.checks
    )


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_the_solution_is_worth_all_points(name, tmp_path):
    assignment = Assignment(name)
    path = tmp_path / f"{name}.ipynb"
    nbformat.write(only_graded_cells(solved(assignment)), path)
    verdict = grade(path, PATIENT, assignment)
    assert verdict.score == verdict.max_score, words(verdict)
    assert [note for note in verdict.notes if "seed" not in note] == []
