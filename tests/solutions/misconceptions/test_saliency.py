"""The known wrong answers to the saliency assignment are wrong, and each in a way of its own.

Right values come from captum's `Saliency` and `LayerGradientXActivation`, and from NumPy.
"""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest
import torch
from captum.attr import LayerGradientXActivation, Saliency
from torch import Tensor, nn

from autograder.grading.misconception import hint
from tests.corpus import assignment

CLASSES = 7
KNOWN = assignment("saliency").misconceptions
ALL = [pytest.param(name, wrong, id=wrong.__name__) for name in KNOWN for wrong in KNOWN[name]]


def tiny_network(seed: int, in_place: bool) -> nn.Sequential:
    """A small random network in float64 whose batch norm has statistics that matter."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = nn.Sequential(
            nn.Conv2d(3, 6, 3, padding=1),
            nn.BatchNorm2d(6),
            nn.ReLU(inplace=in_place),
            nn.Conv2d(6, 5, 3, stride=2, padding=1),
            nn.Tanh(),
            nn.AdaptiveAvgPool2d((2, 2)),
            nn.Flatten(),
            nn.Linear(20, CLASSES),
        )
        nn.init.normal_(network[-1].weight)  # scores that are not nearly alike
        nn.init.normal_(network[1].running_mean, std=0.3)
        nn.init.uniform_(network[1].running_var, 0.5, 2)
    return network.double().eval().requires_grad_(False)


def squares(scores: Tensor) -> Tensor:
    return scores.square().mean(dim=1)


def third_score(scores: Tensor) -> Tensor:
    return scores[:, 3]


def log_probability(scores: Tensor) -> Tensor:
    return scores.log_softmax(dim=1)[:, 1]


def negated_score(scores: Tensor) -> Tensor:
    return -scores[:, 5]


def make_calls(name: str) -> list[tuple]:
    """Arguments that tell the wrong answers apart: 1, 2 and 5 images, higher than wide."""
    draw = torch.Generator().manual_seed(3)
    if name == "normalize_maps":
        maps = torch.randn(5, 6, 4, generator=draw, dtype=torch.float64)
        constant = torch.full((1, 6, 4), 0.25, dtype=torch.float64)
        return [(maps,), (maps[:1].abs() + 0.5,), (torch.cat([maps[:2], constant]),)]
    calls = []
    for n, in_place in ((1, False), (2, True), (5, False), (5, True)):
        model = tiny_network(n, in_place)
        X = torch.rand(n, 3, 8, 6, generator=draw, dtype=torch.float64)
        y = model(X).argsort(dim=1)[:, CLASSES // 2]  # never the predicted class
        y = (y + torch.arange(n)) % CLASSES
        if name == "compute_saliency_maps":
            calls.append((X, y, model))
        elif name == "compute_layer_saliency":
            calls += [(X, y, model, model[1]), (X, y, model, model[3])]
        else:
            losses = [(0.7, squares), (-1.3, third_score), (0.0, negated_score)]
            calls.append((X, [*losses, (2.0, log_probability)], model))
            calls.append((X, [(1.0, third_score)], model))
    return calls


def right_answer(name: str, arguments: tuple) -> Tensor:
    """The right values, by captum or NumPy."""
    if name == "normalize_maps":
        maps = arguments[0].numpy()
        spans = [np.ptp(m) for m in maps]
        return torch.tensor(
            np.stack([(m - m.min()) / s if s else 0 * m for m, s in zip(maps, spans)])
        )
    if name == "compute_saliency_maps":
        X, y, model = arguments
        return Saliency(model).attribute(X.clone().requires_grad_(), target=y).detach().amax(dim=1)
    if name == "compute_layer_saliency":
        X, y, model, layer = copy.deepcopy(arguments)
        for module in model.modules():
            module.inplace = False
        method = LayerGradientXActivation(model, layer, multiply_by_inputs=False)
        return method.attribute(X.requires_grad_(), target=y).abs().amax(dim=1).detach()
    X, losses, model = arguments

    def total(images: Tensor) -> Tensor:
        return sum(weight * loss(model(images)) for weight, loss in losses)

    return Saliency(total).attribute(X.clone().requires_grad_()).detach().amax(dim=1)


def answer(function, arguments: tuple) -> Tensor | str:
    """What a function returns, or the name of the exception it raises."""
    try:
        return function(*arguments)
    except Exception as error:
        return type(error).__name__


def agree(one: Tensor | str, other: Tensor | str) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return isinstance(one, str) and isinstance(other, str)
    return one.shape == other.shape and torch.allclose(
        one.double(), other.double(), rtol=1e-6, atol=1e-12, equal_nan=True
    )


@pytest.fixture(scope="module")
def answers() -> dict[str, dict[str, list]]:
    """What each wrong answer, and the right one, says to each call, by graded function."""
    table: dict[str, dict[str, list]] = {}
    for name, wrong_ones in KNOWN.items():
        calls = make_calls(name)
        table[name] = {wrong.__name__: [answer(wrong, c) for c in calls] for wrong in wrong_ones}
        table[name]["the right answer"] = [right_answer(name, c) for c in calls]
    return table


def test_there_are_enough_of_each():
    counts = {name: len(wrong_ones) for name, wrong_ones in KNOWN.items()}
    assert counts["compute_saliency_maps"] >= 10
    assert counts["normalize_maps"] >= 4
    assert counts["compute_layer_saliency"] >= 5
    assert counts["compute_loss_saliency"] >= 5


@pytest.mark.parametrize(("name", "wrong"), ALL)
def test_differs_from_the_right_answer_and_from_every_other_wrong_one(name, wrong, answers):
    mine = answers[name][wrong.__name__]
    for other, theirs in answers[name].items():
        if other != wrong.__name__:
            same = [agree(one, another) for one, another in zip(mine, theirs)]
            assert not all(same), f"{wrong.__name__} cannot be told from {other}"


@pytest.mark.parametrize(("name", "wrong"), ALL)
def test_can_be_recognised(name, wrong, answers):
    """Is there a call that it answers with wrong numbers, or with an exception?"""
    pairs = zip(answers[name][wrong.__name__], answers[name]["the right answer"])
    wrong_values = [mine for mine, right in pairs if not agree(mine, right)]
    # The first is right for five images only, the second for all but one.
    raises = wrong.__name__ in ("gradient_seed_for_five_images", "scores_squeezed")
    assert wrong_values and all(isinstance(value, str) == raises for value in wrong_values)


@pytest.mark.parametrize(("name", "wrong"), ALL)
def test_leaves_model_images_and_random_numbers_as_they_were(name, wrong):
    arguments = make_calls(name)[-1]
    model = next((a for a in arguments if isinstance(a, nn.Module)), nn.Identity())
    before = {key: value.clone() for key, value in model.state_dict().items()}
    inputs = arguments[0].clone()
    random_state = torch.random.get_rng_state()

    first = answer(wrong, arguments)

    assert agree(first, answer(wrong, arguments))
    assert torch.equal(inputs, arguments[0]) and not arguments[0].requires_grad
    assert torch.equal(random_state, torch.random.get_rng_state())
    assert all(torch.equal(before[key], value) for key, value in model.state_dict().items())
    assert not any(module.training for module in model.children())
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())


@pytest.mark.parametrize(("name", "wrong"), ALL)
def test_hint_says_what_it_is_in_a_sentence_or_two(name, wrong):
    text = hint(wrong)
    assert 40 < len(text) < 260 and text.endswith(".")
    for code in ("(1)", "dim=", "torch.", "requires_grad", "abs()", "gather"):
        assert code not in text, f"{code} hands over code"


def test_cross_entropy_of_one_image_is_what_its_name_says():
    """By hand: a linear model has score gradients W, cross-entropy gradient W^T (p - e_y)."""
    weights = torch.tensor([[1.0, 0.0, 2.0], [0.0, -3.0, 1.0]], dtype=torch.float64)
    model = nn.Sequential(nn.Flatten(), nn.Linear(3, 2, bias=False).double())
    model[1].weight.data = weights
    X = torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64).view(1, 3, 1, 1)
    p = math.e / (1 + math.e)  # of class 0: scores are 1 and 0
    by_hand = max(abs(p - 1), abs(3 * (p - 1)), abs(2 * (p - 1) + (1 - p)))

    wrong = {w.__name__: w for w in KNOWN["compute_saliency_maps"]}
    value = wrong["gradient_of_cross_entropy"](X, torch.tensor([0]), model)

    assert value.item() == pytest.approx(by_hand)
    assert wrong["signed_maximum"](X, torch.tensor([1]), model).item() == 1.0
    assert wrong["absolute_value_after_maximum"](X, torch.tensor([1]), model).item() == 1.0
    assert wrong["norm_over_channels"](X, torch.tensor([1]), model).item() == pytest.approx(10**0.5)


def test_all_names_are_different():
    names = [wrong.__name__ for wrong_ones in KNOWN.values() for wrong in wrong_ones]
    assert len(set(names)) == len(names)
