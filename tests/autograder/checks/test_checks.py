"""The checks of all assignments: right answers pass, wrong ones fail where they should."""

from __future__ import annotations

import pytest
import torch

from autograder.grading.assignment import Assignment
from autograder.grading.checking import run_checks
from autograder.grading.student import LocalStudent
from autograder.misconceptions import hint, known_misconceptions
from tests.corpus import ASSIGNMENTS, answers_in, functions_of, right_answers

AT_LEAST = {  # known misconceptions
    "saliency": 20,
    "class_visualization": 15,
    "fooling_images": 15,
    "gradcam": 20,
    "style_transfer": 30,
    "sanity_checks": 10,
}
STYLES = 8  # right answers to each function, at least
# On inputs that chance drew badly two wrong answers can agree, and the other one is named. Right
# answers have no such excuse: they are put to inputs drawn afresh in each run.
SEED = 1

RIGHT = [(name, path) for name in AT_LEAST for path in right_answers(name)]
WRONG = [
    (name, wrong)
    for name in AT_LEAST
    if name in ASSIGNMENTS
    for of in known_misconceptions(name).values()
    for wrong in of
]
FUNCTIONS = [
    (name, function) for name in ASSIGNMENTS for function in functions_of(Assignment(name))
]
on_all = pytest.mark.parametrize("name", ASSIGNMENTS)


@pytest.fixture(params=["cpu", "cuda"])
def device(request):
    if request.param == "cuda" and not torch.cuda.is_available():
        pytest.skip("there is no GPU on this machine")
    return request.param


def points(assignment):
    return {cell.grade_id.removeprefix("test_"): cell.points for cell in assignment.graded_cells}


def verdict_on(assignment, device="cpu", seed=None, **replaced):
    """Results by check, and score by function, of the reference with some functions replaced."""
    student = LocalStudent({**vars(assignment.reference), **replaced}, device)
    cells, notes = run_checks(assignment, student, device, seed)
    checks = {check.name: check for cell in cells for check in cell.checks}
    scores = {cell.grade_id.removeprefix("test_"): cell.score for cell in cells}
    return checks, scores, notes


@on_all
def test_the_reference_gets_all_points(name, device):
    assignment = Assignment(name)
    checks, scores, notes = verdict_on(assignment, device)
    assert scores == points(assignment), {c.name: c.message for c in checks.values() if c.message}
    assert [note for note in notes if "seed" not in note] == []


@pytest.mark.parametrize(("name", "path"), RIGHT, ids=lambda part: getattr(part, "stem", part))
def test_a_right_answer_in_another_style_gets_full_marks(name, path, device):
    assignment = Assignment(name)
    answered = answers_in(assignment, path)
    assert answered, f"{path.name} answers no question"
    checks, scores, _ = verdict_on(assignment, device, **answered)
    assert {name: check.message for name, check in checks.items() if check.status != "passed"} == {}
    assert scores == points(assignment)


@pytest.mark.parametrize(("name", "function"), FUNCTIONS)
def test_a_function_that_does_nothing_earns_nothing_and_breaks_no_check(name, function):
    assignment = Assignment(name)
    nothing = {function: lambda *arguments, **keywords: None}
    checks, scores, notes = verdict_on(assignment, **nothing)
    assert scores[function] == 0, [check.name for check in checks.values() if check.points]
    assert [note for note in notes if "broke down" in note] == []


@pytest.mark.parametrize("name", [name for name in AT_LEAST if name in ASSIGNMENTS])
def test_there_are_enough_misconceptions_and_styles_of_right_answers(name):
    assignment = Assignment(name)
    assert len([wrong for of, wrong in WRONG if of == name]) >= AT_LEAST[name]
    answered = [f for of, path in RIGHT if of == name for f in answers_in(assignment, path)]
    assert {
        f: answered.count(f) for f in functions_of(assignment) if answered.count(f) < STYLES
    } == {}


@pytest.mark.parametrize(("name", "wrong"), WRONG, ids=lambda part: getattr(part, "__name__", part))
def test_a_misconception_loses_points_where_it_should_and_is_named(name, wrong, device):
    assignment = Assignment(name)
    checks, scores, notes = verdict_on(assignment, device, SEED, **{wrong.of: wrong})
    caught = checks[wrong.caught_by]
    assert caught.points == 0
    assert caught.misconception == wrong.__name__
    assert hint(wrong) in caught.message
    full = points(assignment)
    assert {f: score for f, score in scores.items() if f != wrong.of and score != full[f]} == {}
    assert [note for note in notes if "broke down" in note] == []


def test_the_same_seed_draws_the_same_inputs_and_another_seed_others():
    def first_pixel(seed):
        seen = []
        spy = lambda maps: seen.append(maps.sum().item()) or maps  # noqa: E731
        verdict_on(Assignment("saliency"), seed=seed, normalize_maps=spy)
        return seen

    assert first_pixel(1) == first_pixel(1) != first_pixel(2)


def test_answers_remembered_from_another_run_are_wrong():
    """Values at inputs drawn afresh are proof: a table of old answers is worth nothing."""
    assignment, old = Assignment("saliency"), []
    right = assignment.reference.normalize_maps

    def record(maps):
        old.append(right(maps))
        return old[-1]

    verdict_on(assignment, seed=1, normalize_maps=record)
    replay = iter(old * 2)
    _, scores, _ = verdict_on(assignment, seed=2, normalize_maps=lambda maps: next(replay))
    assert scores["normalize_maps"] == 0
