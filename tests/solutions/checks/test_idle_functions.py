"""Functions that compute nothing earn nothing, in each function of each assignment."""

from __future__ import annotations

import copy
import inspect

import pytest
import torch

from autograder.grading.checking import run_checks
from autograder.grading.student import LocalStudent
from tests.corpus import ASSIGNMENTS, assignment

SEED = 1
FUNCTIONS = [(name, function) for name in ASSIGNMENTS for function in assignment(name).functions]


def returning(value):
    """A function that returns the same whatever it is given."""
    return lambda *arguments, **keywords: value


def argument(number, treat):
    """A function that returns one of its arguments, or what `treat` makes of it."""

    def function(*arguments, **keywords):
        return treat([*arguments, *keywords.values()][number])

    return function


def itself(thing):
    return thing


def filled(number):
    def fill(thing):
        tensors = thing if isinstance(thing, list) else [thing]
        return torch.full_like(tensors[0], number)

    return fill


def in_the_right_form(right, fill):
    """A function whose answers are as the right ones, but made of one number."""

    def function(*arguments, **keywords):
        return made(right(*copy.deepcopy(arguments), **copy.deepcopy(keywords)))

    def made(answer):
        if isinstance(answer, dict):
            return {key: made(value) for key, value in answer.items()}
        if isinstance(answer, torch.Tensor):
            return fill(answer)
        return type(answer)(fill(torch.tensor(0.0)))

    return function


def first_row_of_ones(method, X, y, model):
    layers = [m for m in model.modules() if list(m.parameters(recurse=False))]
    rows = X.new_zeros(len(layers) + 1, len(X))
    rows[0] = 1
    return rows


def idle_functions(name, function):
    right = getattr(assignment(name).reference, function)
    yield "None", returning(None)
    yield "zero", returning(0.0)
    yield "a tensor of shape ()", returning(torch.zeros((), dtype=torch.float64))
    yield "empty list", returning([])
    yield "empty dict", returning({})
    if not inspect.isfunction(right):
        return
    for number, parameter in enumerate(inspect.signature(right).parameters):
        yield f"{parameter} itself", argument(number, itself)
        yield f"a copy of {parameter}", argument(number, copy.deepcopy)
        for value in (0, 1):
            yield f"{value} in the form of {parameter}", argument(number, filled(value))
    for value in (0, 1, 0.5):
        yield f"{value} everywhere", in_the_right_form(right, filled(value))
    yield "noise", in_the_right_form(right, torch.rand_like)


def earned(name, function, answer):
    of = assignment(name)
    student = LocalStudent({**vars(of.reference), function: answer})
    (cell,), notes = run_checks(of, student, seed=SEED, only=[function])
    assert [note for note in notes if "broke down" in note] == []
    return [check.name for check in cell.checks if check.points]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "function"), FUNCTIONS)
def test_a_function_that_computes_nothing_earns_nothing(name, function):
    earning = {
        label: checks
        for label, answer in idle_functions(name, function)
        if (checks := earned(name, function, answer))
    }
    assert earning == {}


def test_the_part_of_a_cascade_that_needs_no_look_at_the_model_earns_nothing():
    assert earned("sanity_checks", "cascade_similarity", first_row_of_ones) == []


def test_a_copy_of_the_image_is_called_a_copy_and_not_a_wrong_stop():
    of = assignment("fooling_images")
    idle = {"make_fooling_image": lambda X, target_y, model: X.clone()}
    student = LocalStudent({**vars(of.reference), **idle})
    (cell,), _ = run_checks(of, student, seed=SEED, only=["make_fooling_image"])
    told = {check.name: check.message for check in cell.lost}
    assert "unchanged: the work on it is still to be done" in told["test_the_stop"]
    assert not any("too early" in message for message in told.values())
