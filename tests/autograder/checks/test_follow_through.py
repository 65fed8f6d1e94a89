"""A mistake in one graded function costs no points of another one that builds on it."""

from __future__ import annotations

import types

import pytest
import torch

from autograder.grading.assignment import Assignment, grade_id
from autograder.grading.checking import run_checks
from autograder.grading.student import LocalStudent
from autograder.misconceptions import known_misconceptions

POINTS = {
    "style_transfer": {"content_loss": 10, "gram_matrix": 20, "style_loss": 20, "tv_loss": 20},
    "gradcam": {"guided_backprop": 24, "grad_cam": 26, "guided_grad_cam": 10},
}
BUILDS_ON = [
    ("style_transfer", "style_loss", "gram_matrix"),
    ("gradcam", "guided_grad_cam", "guided_backprop"),
    ("gradcam", "guided_grad_cam", "grad_cam"),
]
SEED = 1


def stub(*arguments, **keywords):
    raise NotImplementedError("not written yet")


HELPERS = [
    (name, function, helper, wrong)
    for name, function, helper in BUILDS_ON
    for wrong in [
        *known_misconceptions(name)[helper][:: 4 if helper == "gram_matrix" else 12],
        stub,
    ]
]


def written_as_one_notebook(name, **wrong):
    """The reference's functions, which call each other by name, with wrong ones among them."""
    assignment, namespace = Assignment(name), {}
    for cell in assignment.source.cells:
        if grade_id(cell) in ("imports", *POINTS[name]):
            exec(cell.source, namespace)
    namespace.update(wrong)
    return namespace


def in_the_notebook(namespace, function):
    """The function as if it had been written there: it looks up names where they are wrong."""
    return types.FunctionType(function.__code__, namespace, function.__name__)


def scores(name, functions):
    student = LocalStudent({function: functions[function] for function in POINTS[name]})
    cells, notes = run_checks(Assignment(name), student, seed=SEED)
    assert [note for note in notes if "broke down" in note] == []
    return {cell.grade_id.removeprefix("test_"): cell.score for cell in cells}


@pytest.mark.parametrize(
    ("name", "function", "helper", "wrong"), HELPERS, ids=lambda p: getattr(p, "__name__", p)
)
def test_a_wrong_helper_costs_its_own_points_only(name, function, helper, wrong):
    earned = scores(name, written_as_one_notebook(name, **{helper: wrong}))
    assert earned[function] == POINTS[name][function]
    assert earned[helper] < POINTS[name][helper]


def test_two_wrong_helpers_cost_their_own_points_only():
    wrong = known_misconceptions("gradcam")
    last_relu = next(w for w in wrong["guided_backprop"] if w.__name__ == "last_relu_left_out")
    functions = written_as_one_notebook("gradcam", guided_backprop=last_relu, grad_cam=stub)
    assert scores("gradcam", functions)["guided_grad_cam"] == 10


def first_layer_only(feats, style_layers, style_targets, style_weights):
    G = gram_matrix(feats[style_layers[0]])  # noqa: F821
    return style_weights[0] * (G - style_targets[0]).pow(2).sum()


def not_normalized(feats, style_layers, style_targets, style_weights):
    loss = 0
    for layer, target, weight in zip(style_layers, style_targets, style_weights):
        G = gram_matrix(feats[layer], normalize=False)  # noqa: F821
        loss = loss + weight * (G - target).pow(2).sum()
    return loss


def cut_off(feats, style_layers, style_targets, style_weights):
    loss = 0
    for layer, target, weight in zip(style_layers, style_targets, style_weights):
        loss = loss + weight * (gram_matrix(feats[layer]).detach() - target).pow(2).sum()  # noqa: F821
    return loss


@pytest.mark.parametrize("wrong", [first_layer_only, not_normalized, cut_off])
@pytest.mark.parametrize(
    "gram", [None, stub, *known_misconceptions("style_transfer")["gram_matrix"][3:5]]
)
def test_a_wrong_style_loss_loses_its_points_whatever_the_gram_matrix(wrong, gram):
    functions = written_as_one_notebook("style_transfer", **({"gram_matrix": gram} if gram else {}))
    right = scores("style_transfer", functions)["style_loss"]
    functions["style_loss"] = in_the_notebook(functions, wrong)
    assert right == 20 and scores("style_transfer", functions)["style_loss"] <= 11


def summed(X, y, model, layer):
    return guided_backprop(X, y, model) + grad_cam(X, y, model, layer)[:, None]  # noqa: F821


def of_the_first_label(X, y, model, layer):
    y = y[:1].expand_as(y)
    return guided_backprop(X, y, model) * grad_cam(X, y, model, layer)[:, None]  # noqa: F821


def of_the_whole_model(X, y, model, layer):
    layer = [module for module in model.modules() if not list(module.children())][1]
    return guided_backprop(X, y, model) * grad_cam(X, y, model, layer)[:, None]  # noqa: F821


@pytest.mark.parametrize("wrong", [summed, of_the_first_label, of_the_whole_model])
@pytest.mark.parametrize("helper", [None, "guided_backprop", "grad_cam"])
def test_a_wrong_product_loses_its_points_whatever_its_factors(wrong, helper):
    functions = written_as_one_notebook("gradcam", **({helper: stub} if helper else {}))
    functions["guided_grad_cam"] = in_the_notebook(functions, wrong)
    assert scores("gradcam", functions)["guided_grad_cam"] <= 4


def test_helpers_that_are_right_are_not_replaced():
    """Each is right on its own, and leaves a gradient on X, to which the other one adds."""
    right = written_as_one_notebook("gradcam")

    def guided_backprop(X, y, model):
        guided = right["guided_backprop"](X, y, model)
        X.requires_grad_()
        (X * guided).sum().backward()
        return X.grad

    def grad_cam(X, y, model, layer):
        X.requires_grad_()
        model(X).sum().backward()
        return right["grad_cam"](X, y, model, layer)

    wrong = {"guided_backprop": guided_backprop, "grad_cam": grad_cam}
    earned = scores("gradcam", written_as_one_notebook("gradcam", **wrong))
    assert earned == {**POINTS["gradcam"], "guided_grad_cam": 0}


def test_what_a_stub_raises_is_not_blamed_on_the_function_that_calls_it():
    functions = written_as_one_notebook("style_transfer", gram_matrix=stub)
    functions["style_loss"] = in_the_notebook(functions, not_normalized)
    student = LocalStudent({name: functions[name] for name in POINTS["style_transfer"]})
    cells, _ = run_checks(Assignment("style_transfer"), student, seed=SEED)
    (said,) = [check.message for check in cells[2].checks if check.name.endswith("of_one_layer")]
    assert "the value is the right one times" in said


def test_a_right_function_without_the_helper_s_name_is_asked_as_it_is():
    def style_loss(feats, style_layers, style_targets, style_weights):
        terms = [
            weight * (torch.einsum("nchw,ndhw->ncd", F, F) / F[0].numel() - A).pow(2).sum()
            for F, A, weight in zip((feats[i] for i in style_layers), style_targets, style_weights)
        ]
        return sum(terms)

    functions = written_as_one_notebook("style_transfer", gram_matrix=stub, style_loss=style_loss)
    assert scores("style_transfer", functions)["style_loss"] == 20
