"""Honest submissions in which something is broken get what is right in them, and a reason."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.course.submissions import only_graded_cells, solved
from autograder.grading.assignment import is_test
from autograder.grading.checking import run_checks
from autograder.grading.repair import repair
from autograder.grading.session import KernelStudent
from autograder.grading.student import LocalStudent
from autograder.grading.verdict import Verdict
from tests.corpus import ASSIGNMENTS, SALIENCY, assignment, entries, grade, scores, words
from tests.submissions.damage import all_damages, answer_behind_a_magic

BROKEN = entries(Path(__file__).parent / "saliency" / "broken")
IN_PLAIN_PYTHON = [damage for damage in all_damages() if damage is not answer_behind_a_magic]
SOLVED = only_graded_cells(solved(SALIENCY))


class NotebookHere(LocalStudent):
    """A trusted notebook's functions: its cells run in this process, with their errors as outputs."""

    why_missing = KernelStudent.why_missing

    def __init__(self, notebook: NotebookNode) -> None:
        names: dict = {}
        super().__init__(names)
        self.notebook = notebook
        for cell in notebook.cells:
            if cell.cell_type == "code" and not is_test(cell):
                try:
                    exec(cell.source, names)
                except Exception as error:
                    text = {"ename": type(error).__name__, "evalue": str(error)}
                    cell.outputs = [nbformat.v4.new_output("error", traceback=[], **text)]


def as_handed_in(damage) -> bytes:
    handed_in = damage(copy.deepcopy(SOLVED))
    text = handed_in if isinstance(handed_in, str) else nbformat.writes(handed_in)
    return text.encode("utf-8", "surrogatepass")


@pytest.mark.jail
@pytest.mark.parametrize("entry", BROKEN, ids=lambda entry: entry.path.stem)
def test_a_broken_submission_gets_its_partial_grade_and_a_reason(entry, tmp_path):
    verdict = grade(entry.hand_in(tmp_path))
    assert scores(verdict) == entry.scores("expect"), words(verdict)
    assert entry.line("reason").lower() in words(verdict).lower()
    json.loads(verdict.to_json())


@pytest.mark.parametrize("damage", IN_PLAIN_PYTHON, ids=lambda damage: damage.__name__)
def test_a_damaged_notebook_gets_its_grade_and_a_reason(damage):
    """What is damaged is the file, so its code, the reference solution, may run in this process."""
    repaired = repair(as_handed_in(damage), SALIENCY.release)
    cells, notes = run_checks(SALIENCY, NotebookHere(repaired.notebook))
    verdict = Verdict("saliency", "damaged", "none", "cpu", 0, cells, [*repaired.notes, *notes])
    assert scores(verdict) == damage.expectation.scores, words(verdict)
    assert damage.expectation.reason.lower() in words(verdict).lower()


@pytest.mark.jail
@pytest.mark.parametrize(
    "damage", [answer_behind_a_magic, *IN_PLAIN_PYTHON[::9]], ids=lambda damage: damage.__name__
)
def test_a_damaged_notebook_is_graded_in_the_jail(damage, tmp_path):
    path = tmp_path / "saliency.ipynb"
    path.write_bytes(as_handed_in(damage))
    verdict = grade(path)
    assert scores(verdict) == damage.expectation.scores, words(verdict)
    assert damage.expectation.reason.lower() in words(verdict).lower()


@pytest.mark.jail
@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_the_release_as_handed_out_is_worth_nothing(name):
    verdict = grade(assignment(name).release_path, assignment(name))
    assert verdict.score == 0
    assert verdict.max_score == sum(cell.points for cell in assignment(name).graded_cells) > 0
    assert all(
        "not answered yet" in check.message for cell in verdict.cells for check in cell.checks
    )


@pytest.mark.jail
@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_the_solution_is_worth_all_points(name, tmp_path):
    path = tmp_path / f"{name}.ipynb"
    nbformat.write(only_graded_cells(solved(assignment(name))), path)
    verdict = grade(path, assignment(name))
    assert verdict.score == verdict.max_score, words(verdict)
    assert [note for note in verdict.notes if "seed" not in note] == []
