"""A mistake in one graded function costs no points of another one that builds on it."""

from __future__ import annotations

import types

import pytest
import torch

from autograder.grading.checking import run_checks
from autograder.grading.student import LocalStudent
from tests.corpus import COURSE, assignment

pytestmark = pytest.mark.slow  # each function beside each mistake in its helpers

BUILDS_ON = [  # every n-th misconception of the helper
    ("style_transfer", "style_loss", "gram_matrix", 4),
    ("gradcam", "guided_grad_cam", "guided_backprop", 12),
    ("gradcam", "guided_grad_cam", "grad_cam", 12),
    ("sanity_checks", "cascade_similarity", "randomize_layers", 1),
    ("sanity_checks", "cascade_similarity", "rank_correlation", 1),
]
SEED = 1


def stub(*arguments, **keywords):
    raise NotImplementedError("not written yet")


HELPERS = [
    (name, function, helper, wrong)
    for name, function, helper, stride in BUILDS_ON
    for wrong in [*assignment(name).misconceptions[helper][::stride], stub]
]


def misconception(name, function, wrong):
    (found,) = [m for m in assignment(name).misconceptions[function] if m.__name__ == wrong]
    return found


def notebook(name, **wrong):
    """The reference's functions, which call each other by name, with wrong ones among them."""
    namespace = COURSE.assignment(name).namespace  # of its own: a new assignment each time
    namespace.update(wrong)
    return namespace


def written_there(function, namespace):
    """The function as if it had been written in the notebook: it looks up names there."""
    return types.FunctionType(function.__code__, namespace, function.__name__)


def check(name, namespace, *functions):
    """Verdicts on the functions, or on all, by name."""
    of = assignment(name)
    student = LocalStudent({function: namespace[function] for function in of.functions})
    cells, notes = run_checks(of, student, seed=SEED, only=functions or None)
    assert [note for note in notes if "broke down" in note] == []
    return {cell.grade_id.removeprefix("test_"): cell for cell in cells}


def score(name, namespace, function):
    return check(name, namespace, function)[function].score


def full_marks(name):
    return {cell.function: cell.points for cell in assignment(name).graded_cells}


@pytest.mark.parametrize(
    ("name", "function", "helper", "wrong"), HELPERS, ids=lambda p: getattr(p, "__name__", p)
)
def test_a_wrong_helper_costs_its_own_points_only(name, function, helper, wrong):
    assert score(name, notebook(name, **{helper: wrong}), function) == full_marks(name)[function]


@pytest.mark.parametrize(
    ("name", "function", "helper", "mistake", "other"),
    [
        ("gradcam", "guided_grad_cam", "guided_backprop", "last_relu_left_out", "grad_cam"),
        (
            "sanity_checks",
            "cascade_similarity",
            "randomize_layers",
            "all_layers_for_zero",
            "rank_correlation",
        ),
    ],
)
def test_two_wrong_helpers_cost_their_own_points_only(name, function, helper, mistake, other):
    wrong = {helper: misconception(name, helper, mistake), other: stub}
    assert score(name, notebook(name, **wrong), function) == full_marks(name)[function]


def first_layer_only(feats, style_layers, style_targets, style_weights):
    G = gram_matrix(feats[style_layers[0]])  # noqa: F821
    return style_weights[0] * (G - style_targets[0]).pow(2).sum()


def not_normalized(feats, style_layers, style_targets, style_weights):
    loss = 0
    for layer, target, weight in zip(style_layers, style_targets, style_weights, strict=True):
        G = gram_matrix(feats[layer], normalize=False)  # noqa: F821
        loss = loss + weight * (G - target).pow(2).sum()
    return loss


def cut_off(feats, style_layers, style_targets, style_weights):
    loss = 0
    for layer, target, weight in zip(style_layers, style_targets, style_weights, strict=True):
        G = gram_matrix(feats[layer]).detach()  # noqa: F821
        loss = loss + weight * (G - target).pow(2).sum()
    return loss


@pytest.mark.parametrize("wrong", [first_layer_only, not_normalized, cut_off])
@pytest.mark.parametrize(
    "gram", [None, stub, *assignment("style_transfer").misconceptions["gram_matrix"][3:5]]
)
def test_a_wrong_style_loss_loses_its_points_whatever_the_gram_matrix(wrong, gram):
    namespace = notebook("style_transfer", **({"gram_matrix": gram} if gram else {}))
    right = score("style_transfer", namespace, "style_loss")
    namespace["style_loss"] = written_there(wrong, namespace)
    assert right == 20
    assert score("style_transfer", namespace, "style_loss") <= 11


def by_content_loss(feats, style_layers, style_targets, style_weights):
    loss = 0
    for layer, target, weight in zip(style_layers, style_targets, style_weights, strict=True):
        loss = loss + content_loss(weight, gram_matrix(feats[layer]), target)  # noqa: F821
    return loss


def without_weights(feats, style_layers, style_targets, style_weights):
    loss = 0
    for layer, target in zip(style_layers, style_targets, strict=True):
        loss = loss + content_loss(1.0, gram_matrix(feats[layer]), target)  # noqa: F821
    return loss


CONTENT = ["content_as_plain_number", "content_detached", "content_mean_instead_of_sum"]


@pytest.mark.parametrize("gram", [None, stub])
@pytest.mark.parametrize("content", CONTENT)
def test_a_style_loss_by_a_wrong_content_loss_is_charged_for_neither(content, gram):
    wrong = {"content_loss": misconception("style_transfer", "content_loss", content)}
    namespace = notebook("style_transfer", **wrong, **({"gram_matrix": gram} if gram else {}))
    assert (
        score("style_transfer", namespace, "style_loss") == 20
    )  # the reference uses no content loss
    namespace["style_loss"] = written_there(by_content_loss, namespace)
    assert score("style_transfer", namespace, "style_loss") == 20
    namespace["style_loss"] = written_there(without_weights, namespace)
    assert score("style_transfer", namespace, "style_loss") == 0


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
    namespace = notebook("gradcam", **({helper: stub} if helper else {}))
    namespace["guided_grad_cam"] = written_there(wrong, namespace)
    assert score("gradcam", namespace, "guided_grad_cam") <= 4


def upside_down(method, X, y, model):
    original = method(X, y, model)
    count = sum(1 for m in model.modules() if list(m.parameters(recurse=False)))
    rows = [
        rank_correlation(method(X, y, randomize_layers(model, k)), original)  # noqa: F821
        for k in range(count, -1, -1)
    ]
    return torch.stack(rows)


@pytest.mark.parametrize("helper", [None, "randomize_layers", "rank_correlation"])
def test_a_wrong_cascade_loses_its_points_whatever_its_helpers(helper):
    namespace = notebook("sanity_checks", **({helper: stub} if helper else {}))
    namespace["cascade_similarity"] = written_there(upside_down, namespace)
    # What is left: its shape, and what is 1 everywhere.
    assert score("sanity_checks", namespace, "cascade_similarity") <= 5


def test_helpers_that_are_right_are_not_replaced():
    """Each is right on its own, and leaves a gradient on X, to which the other one adds."""
    right = notebook("gradcam")

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
    cells = check("gradcam", notebook("gradcam", **wrong))
    scores = {function: cell.score for function, cell in cells.items()}
    assert scores == {**full_marks("gradcam"), "guided_grad_cam": 0}


def test_what_a_stub_raises_is_not_blamed_on_the_function_that_calls_it():
    namespace = notebook("style_transfer", gram_matrix=stub)
    namespace["style_loss"] = written_there(not_normalized, namespace)
    cell = check("style_transfer", namespace, "style_loss")["style_loss"]
    (said,) = [check.message for check in cell.checks if check.name.endswith("of_one_layer")]
    assert "the value is the right one times" in said


def test_a_right_function_without_the_helper_s_name_is_asked_as_it_is():
    def style_loss(feats, style_layers, style_targets, style_weights):
        terms = [
            weight * (torch.einsum("nchw,ndhw->ncd", F, F) / F[0].numel() - A).pow(2).sum()
            for F, A, weight in zip(
                (feats[i] for i in style_layers), style_targets, style_weights, strict=True
            )
        ]
        return sum(terms)

    namespace = notebook("style_transfer", gram_matrix=stub, style_loss=style_loss)
    assert score("style_transfer", namespace, "style_loss") == 20
