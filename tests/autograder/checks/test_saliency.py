"""The checks of the saliency assignment: right answers pass, wrong ones fail where they should."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from autograder.course.submissions import code_of
from autograder.grading.assignment import Assignment, grade_id
from autograder.grading.checking import run_checks
from autograder.grading.student import LocalStudent
from autograder.misconceptions import hint, known_misconceptions

TESTS = Path(__file__).resolve().parents[2]
ASSIGNMENT = Assignment("saliency")
FUNCTIONS = [cell.grade_id.removeprefix("test_") for cell in ASSIGNMENT.graded_cells]
RIGHT = sorted((TESTS / "submissions" / "saliency" / "right").glob("*.py"))
WRONG = [wrong for of in known_misconceptions("saliency").values() for wrong in of]


@pytest.fixture(params=["cpu", "cuda"])
def device(request):
    if request.param == "cuda" and not torch.cuda.is_available():
        pytest.skip("there is no GPU on this machine")
    return request.param


def points_of(function):
    return next(
        cell.points for cell in ASSIGNMENT.graded_cells if cell.grade_id == f"test_{function}"
    )


def verdict_on(device="cpu", seed=None, **functions):
    """Results by check, and score by function, of the reference with some functions replaced."""
    student = LocalStudent({**vars(ASSIGNMENT.reference), **functions}, device)
    cells, notes = run_checks(ASSIGNMENT, student, device, seed)
    checks = {check.name: check for cell in cells for check in cell.checks}
    scores = {cell.grade_id.removeprefix("test_"): cell.score for cell in cells}
    return checks, scores, notes


def run_script(path):
    """The functions that a submission in text form defines."""
    (imports,) = [cell for cell in ASSIGNMENT.source.cells if grade_id(cell) == "imports"]
    namespace: dict = {}
    exec(imports.source, namespace)
    exec(compile(code_of(path.read_text(encoding="utf-8")), path.name, "exec"), namespace)
    return {name: namespace[name] for name in FUNCTIONS if name in namespace}


def test_the_reference_gets_all_forty_points(device):
    checks, scores, notes = verdict_on(device)
    assert sum(scores.values()) == 40
    assert [note for note in notes if "seed" not in note] == []


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_a_right_answer_in_another_style_gets_full_marks(path, device):
    answered = run_script(path)
    assert answered, f"{path.name} answers no question"
    checks, scores, _ = verdict_on(device, **answered)
    assert {name: check.message for name, check in checks.items() if check.status != "passed"} == {}
    assert sum(scores.values()) == 40


def test_every_function_is_answered_in_at_least_eight_styles():
    answered = [name for path in RIGHT for name in run_script(path)]
    assert len(RIGHT) >= 12
    assert {name: answered.count(name) >= 8 for name in FUNCTIONS} == dict.fromkeys(FUNCTIONS, True)


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.__name__)
def test_a_misconception_loses_points_where_it_should_and_is_named(wrong, device):
    checks, scores, notes = verdict_on(device, **{wrong.of: wrong})
    caught = checks[wrong.caught_by]
    assert caught.points == 0
    assert caught.misconception == wrong.__name__
    assert hint(wrong) in caught.message
    others = {name: score for name, score in scores.items() if name != wrong.of}
    assert others == {name: points_of(name) for name in others}
    assert [note for note in notes if "broke down" in note] == []


def test_there_are_at_least_twenty_misconceptions():
    assert len(WRONG) >= 20


def test_the_same_seed_draws_the_same_inputs_and_another_seed_others():
    def first_pixel(seed):
        seen = []
        verdict_on(seed=seed, normalize_maps=lambda maps: seen.append(maps.sum().item()) or maps)
        return seen

    assert first_pixel(1) == first_pixel(1) != first_pixel(2)


def test_answers_remembered_from_another_run_are_wrong():
    """Values at inputs drawn afresh are proof: a table of old answers is worth nothing."""
    old = []
    right = ASSIGNMENT.reference.normalize_maps

    def record(maps):
        old.append(right(maps))
        return old[-1]

    verdict_on(seed=1, normalize_maps=record)
    replay = iter(old * 2)
    _, scores, _ = verdict_on(seed=2, normalize_maps=lambda maps: next(replay))
    assert scores["normalize_maps"] == 0
