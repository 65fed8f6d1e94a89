"""A mistake in one function of `sanity_checks` costs no points of the function that builds on it."""

from __future__ import annotations

import functools
import types

import pytest
import torch

from autograder.grading.assignment import Assignment, grade_id
from autograder.grading.checking import run_checks
from autograder.grading.inside.with_helpers import WithHelpers
from autograder.grading.student import LocalStudent
from autograder.misconceptions import known_misconceptions

ASSIGNMENT = Assignment("sanity_checks")
NAMES = ("randomize_layers", "rank_correlation", "cascade_similarity")


def stub(*arguments):
    raise NotImplementedError("not written yet")


HELPERS = [
    (name, wrong)
    for name in NAMES[:2]
    for wrong in [*known_misconceptions("sanity_checks")[name], stub]
]


def written_as_one_notebook(**wrong):
    """The reference's functions, which call each other by name, with wrong ones among them."""
    namespace: dict = {}
    for cell in ASSIGNMENT.source.cells:
        if grade_id(cell) in ("imports", *NAMES):
            exec(cell.source, namespace)
    namespace.update(wrong)
    return namespace


def scores(functions):
    cells, _ = run_checks(ASSIGNMENT, LocalStudent({name: functions[name] for name in NAMES}))
    return {cell.grade_id.removeprefix("test_"): cell.score for cell in cells}


@pytest.mark.parametrize(
    ("name", "wrong"), HELPERS, ids=lambda part: getattr(part, "__name__", part)
)
def test_a_wrong_helper_costs_its_own_points_only(name, wrong):
    earned = scores(written_as_one_notebook(**{name: wrong}))
    assert earned.pop("cascade_similarity") == 16
    assert earned.pop(name) < {"randomize_layers": 20, "rank_correlation": 14}[name]


def test_two_wrong_helpers_cost_their_own_points_only():
    wrong = known_misconceptions("sanity_checks")
    functions = written_as_one_notebook(
        randomize_layers=wrong["randomize_layers"][2], rank_correlation=stub
    )
    assert scores(functions)["cascade_similarity"] == 16


def test_a_wrong_cascade_of_right_or_wrong_helpers_loses_its_points():
    def upside_down(method, X, y, model):
        original = method(X, y, model)
        count = sum(1 for m in model.modules() if list(m.parameters(recurse=False)))
        rank_correlation, randomize_layers = (globals_[name] for name in NAMES[1::-1])
        rows = [
            rank_correlation(method(X, y, randomize_layers(model, k)), original)
            for k in range(count, -1, -1)
        ]
        return torch.stack(rows)

    for wrong in ({}, {"randomize_layers": stub}, {"rank_correlation": stub}):
        globals_ = written_as_one_notebook(**wrong)
        globals_["globals_"] = globals_
        globals_["cascade_similarity"] = types.FunctionType(
            upside_down.__code__, globals_, closure=upside_down.__closure__
        )
        assert scores(globals_)["cascade_similarity"] <= 5  # its shape, and what is 1 everywhere


def test_other_helpers_are_found_in_decorated_functions_and_are_gone_afterwards():
    namespace: dict = {"torch": torch, "functools": functools}
    exec(
        "def helper(x): return x\n"
        "def plain(x): return helper(x)\n"
        "decorated = torch.enable_grad()(plain)\n"
        "partial = functools.partial(decorated)\n"
        "class Callable_:\n"
        "    def __call__(self, x): return helper(x)\n"
        "instance = Callable_()\n",
        namespace,
    )
    own = namespace["helper"]
    ask = WithHelpers((("helper", lambda x: x + 1), ("unknown", abs)))
    for name in ("plain", "decorated", "partial", "instance"):
        assert ask(namespace[name], (1,), {}) == 2
        assert namespace["helper"] is own and "unknown" not in namespace
    with pytest.raises(ZeroDivisionError):
        WithHelpers((("helper", lambda x: 1 / 0),))(namespace["plain"], (1,), {})
    assert namespace["helper"] is own
