"""The checks of all assignments: right answers pass, wrong ones fail where they should.

The same functions as in `autograder verify`, one test for each case. Generated mutants take minutes:
`make verify` tries them, and docs/mutation-table.md has its figures.
"""

from __future__ import annotations

import pytest

from autograder.verify.misconceptions import (
    problem_of_misconception,
    problems_between_misconceptions,
)
from autograder.verify.reference import problems_of_reference
from autograder.verify.right_answers import answers_in, problem_of_right_answer
from autograder.verify.scores import verdicts
from tests.corpus import ASSIGNMENTS, SALIENCY, assignment

AT_LEAST = {  # known misconceptions
    "saliency": 20,
    "class_visualization": 15,
    "fooling_images": 15,
    "gradcam": 20,
    "style_transfer": 30,
    "sanity_checks": 10,
}
STYLES = 8  # right answers to each function, at least

RIGHT = [(name, path) for name in ASSIGNMENTS for path in assignment(name).right_answers]
FUNCTIONS = [(name, function) for name in ASSIGNMENTS for function in assignment(name).functions]
WRONG = [
    (name, function, wrong)
    for name, function in FUNCTIONS
    for wrong in assignment(name).misconceptions.get(function, [])
]


def name_of(part):
    return getattr(part, "stem", getattr(part, "__name__", part))


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_the_reference_gets_all_points(name, device):
    assert problems_of_reference(assignment(name), seed=2, device=device) == []


@pytest.mark.slow
@pytest.mark.parametrize(("name", "path"), RIGHT, ids=name_of)
def test_a_right_answer_in_another_style_is_accepted_by_all_checks(name, path, device):
    assert problem_of_right_answer(assignment(name), path, device) == ""


@pytest.mark.parametrize(("name", "function"), FUNCTIONS)
def test_a_function_that_does_nothing_earns_nothing_and_breaks_no_check(name, function):
    nothing = {function: lambda *arguments, **keywords: None}
    cells, broken = verdicts(assignment(name), nothing, only=[function])
    assert cells[function].score == 0, [c.name for c in cells[function].checks if c.points]
    assert broken == []


@pytest.mark.parametrize("name", AT_LEAST)
def test_there_are_enough_misconceptions_and_styles_of_right_answers(name):
    assert len([wrong for of, _, wrong in WRONG if of == name]) >= AT_LEAST[name]
    answered = [f for of, path in RIGHT if of == name for f in answers_in(assignment(name), path)]
    few = {f: answered.count(f) for f in assignment(name).functions if answered.count(f) < STYLES}
    assert few == {}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "function", "wrong"), WRONG, ids=name_of)
def test_a_misconception_loses_points_where_it_should_and_is_named(name, function, wrong, device):
    assert problem_of_misconception(assignment(name), function, wrong, device) == ""


@pytest.mark.slow
@pytest.mark.parametrize(("name", "function"), FUNCTIONS)
def test_misconceptions_have_no_side_effects_and_can_be_told_apart(name, function):
    assert problems_between_misconceptions(assignment(name), function) == []


def test_the_same_seed_draws_the_same_inputs_and_another_seed_others():
    def first_pixel(seed):
        seen = []
        spy = lambda maps: seen.append(maps.sum().item()) or maps  # noqa: E731
        verdicts(SALIENCY, {"normalize_maps": spy}, seed=seed, only=["normalize_maps"])
        return seen

    assert first_pixel(1) == first_pixel(1) != first_pixel(2)


def test_answers_remembered_from_another_run_are_wrong():
    """Values at inputs drawn afresh are proof: a table of old answers is worth nothing."""
    old, only = [], ["normalize_maps"]
    right = SALIENCY.reference.normalize_maps

    def record(maps):
        old.append(right(maps))
        return old[-1]

    verdicts(SALIENCY, {"normalize_maps": record}, seed=1, only=only)
    replay = iter(old * 2)
    cells, _ = verdicts(SALIENCY, {"normalize_maps": lambda maps: next(replay)}, seed=2, only=only)
    assert cells["normalize_maps"].score == 0
