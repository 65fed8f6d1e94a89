"""Visible checks of the assignment `fooling_images`.

What is expected comes from central differences on tiny networks in float64, or was worked out by
hand for networks that are linear in the pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.gradients import numeric_gradient
from course_lib.visible_checks.core import Question, visible_check

__all__ = ["check_fgsm_attack", "check_fooling_report", "check_make_fooling_image"]

CLASSES = 4
HEIGHT, WIDTH = 4, 5  # not square, so that swapped dimensions show
EPSILON = 0.05

Images = Callable[..., Tensor]


@visible_check
def check_fgsm_attack(fgsm_attack: Images) -> None:
    """Question 1: `(X, y, model, epsilon) -> images (N, 3, H, W)`."""
    question = Question("fgsm_attack", 1)
    model, X, y = _tiny_network(), 0.3 + 0.4 * _images(3), torch.tensor([2, 0, 3])

    def attack(images: Tensor, labels: Tensor, epsilon: float) -> Tensor:
        given = images.clone()
        attacked = question.require_tensor(
            fgsm_attack(given, labels, model, epsilon),
            images.shape,
            images.dtype,
            any_precision=True,
        )
        question.require(
            torch.equal(given.detach(), images),
            "X is not what it was before the call; add the step to a copy",
        )
        return attacked

    attacked = attack(X, y, EPSILON)
    attack(X[:1], y[:1], EPSILON)
    question.passed("images come back as many and as large as they came in, also a single one")

    change = attacked - X
    size = change.abs()
    question.require(
        bool(((size - EPSILON).abs() < 1e-6).all()),
        f"with epsilon = {EPSILON:g} every pixel here should move by {EPSILON:g}, but the moves are "
        f"from {size.min():.2g} to {size.max():.2g}; of a gradient only its sign counts here",
    )
    question.passed("every pixel moves by epsilon")
    for i in range(len(X)):
        slope = numeric_gradient(
            lambda x, i=i: F.cross_entropy(model(x), y[i : i + 1]), X[i : i + 1]
        )[0]
        right = (change[i].sign() == slope.sign()).double().mean().item()
        question.require(
            right == 1,
            f"image {i} of 3, class {int(y[i])}: only {right:.0%} of the pixels move in the direction "
            "that raises the cross-entropy of the class; check what is differentiated, and whether "
            "you go up or down",
        )
    question.passed("each goes the way that raises its image's cross-entropy")

    black_and_white = X.round()
    attacked = attack(black_and_white, y, 0.2)
    question.require(
        bool((attacked >= 0).all() and (attacked <= 1).all()),
        f"pixels should stay in [0, 1], but they run from {attacked.min():.2g} to "
        f"{attacked.max():.2g}; clamp the image after the step",
    )
    question.passed("pixels stay between 0 and 1")
    blind = nn.Sequential(_FirstRow(), _tiny_network(height=1))
    attacked = question.require_tensor(
        fgsm_attack(X.clone(), y, blind, EPSILON), X.shape, X.dtype, any_precision=True
    )
    question.require(
        torch.allclose(attacked[:, :, 1:], X[:, :, 1:]),
        "a model that looks at the first row only has slope zero in the others, and these pixels "
        "should stay; what is the sign of zero?",
    )
    question.passed("pixels without influence stay what they are")
    question.require_close(
        attack(X, y, 0.0), X, "with epsilon = 0 the images change", "nothing should move"
    )
    question.passed("epsilon = 0 changes nothing")


@visible_check
def check_make_fooling_image(make_fooling_image: Images) -> None:
    """Question 2: `(X, target_y, model) -> image (1, 3, H, W)`."""
    question = Question("make_fooling_image", 2)
    X = _images(1)

    def fool(target_y: int, model: nn.Module) -> Tensor:
        given = X.clone()
        image = question.require_tensor(
            make_fooling_image(given, target_y, model), X.shape, X.dtype
        )
        question.require(
            torch.equal(given.detach(), X),
            "X is not what it was before the call; `image = X` makes no copy, `X.clone()` does",
        )
        return image

    model = _tiny_network()
    said = int(model(X).argmax())
    question.require(
        torch.equal(fool(said, model), X),
        "an image that the model takes for target_y already should come back as it is; ask the "
        "model before the first step",
    )
    question.passed("an image already taken for the target comes back unchanged")

    # Scores linear in the pixels: each step of length 1 raises the target's score by the same
    # amount, so that it is known beforehand how many it takes.
    for steps in (1, 3, 7):
        linear, target = _gives_in_after(steps, X)
        direction = linear[-1].weight[target].view_as(X)
        direction = direction / direction.norm()
        change = fool(target, linear) - X
        length = change.norm().item()
        along = (change * direction).sum().item()
        question.require(
            length > 0,
            "the image comes back unchanged, though the model does not take it for the target yet",
        )
        question.require(
            along > (1 - 1e-9) * length,
            "the change does not point along the gradient of the target's score; check what is "
            "differentiated, up or down, and that one norm is taken over the whole image",
        )
        question.require(
            abs(length - steps) < 1e-6,
            f"a linear model that gives in after {steps} step{'s' * (steps > 1)} of length 1 gets a "
            f"change of length {length:.3g}; check the length of a step, and where you stop",
        )
    question.passed(
        "1, 3 and 7 steps where so many are needed: direction, length and stop are right"
    )

    model, target = _tiny_network(), int(_tiny_network()(X).argmin())
    with torch.no_grad():  # two steps: the highest score that the target can have and not win
        first = X + _unit(_slope(model, target, X))
        second = first + _unit(_slope(model, target, first))
        leads = [_lead(model(image), target) for image in (X, first, second)]
        model[-1].bias[target] -= (max(leads[:2]) + leads[2]) / 2
    question.require_close(
        fool(target, model),
        second,
        "the second step on a network that is not linear is not what central differences find",
        "the gradient has to be computed anew at each place, and backward() adds to what is there",
    )
    question.passed("a second step follows the gradient at the new place")

    linear, target = _gives_in_after(1, X)
    with torch.no_grad():
        linear[-1].bias[target] -= 1e6
    length = (fool(target, linear) - X).norm().item()
    question.require(
        abs(length - 100) < 1e-4,
        f"a model that never gives in should get 100 steps of length 1, but the change has the "
        f"length {length:.4g}",
    )
    question.passed("after 100 steps it gives up")


@visible_check
def check_fooling_report(fooling_report: Callable[..., dict]) -> None:
    """Question 3: `(X, X_fooling, model) -> dict` of six numbers."""
    question = Question("fooling_report", 3)
    # A score is the sum of a channel: log 4, log 3 and 0 before, and after -log 2, log 3 and log 4.
    X = torch.zeros(1, 3, 1, 2, dtype=torch.float64)
    X[0, :, 0, 0] = torch.tensor([4.0, 3.0, 1.0]).double().log()
    X_fooling = X.clone()
    X_fooling[0, 0, 0, 1] = -math.log(8)
    X_fooling[0, 2, 0, 1] = math.log(4)
    expected = {
        "class_before": 0,
        "class_after": 2,
        "confidence_before": 4 / (4 + 3 + 1),
        "confidence_after": 4 / (1 / 2 + 3 + 4),
        "l2": math.hypot(math.log(8), math.log(4)),
        "linf": math.log(8),
    }

    report = fooling_report(X.clone(), X_fooling.clone(), _ChannelSums())
    question.require(
        isinstance(report, dict),
        f"it should return a dict, but returns {type(report).__name__}",
    )
    missing = [key for key in expected if key not in report]
    question.require(
        not missing, f"the dict has no {', '.join(map(repr, missing))}; it has {list(report)}"
    )
    question.passed("a dict with six entries")
    advice = {
        "class_before": "the class with the highest score for X",
        "class_after": "the class with the highest score for X_fooling",
        "confidence_before": "the probability of the class that is predicted for X",
        "confidence_after": "the probability of the class that is predicted for X_fooling",
        "l2": "the square root of the sum of the squared changes",
        "linf": "the largest absolute change, also of pixels that got darker",
    }
    for key, right in expected.items():
        seen = _as_number(report[key])
        question.require(
            seen is not None,
            f"{key!r} should be one number, but is {type(report[key]).__name__}",
        )
        question.require(
            abs(seen - right) < 1e-6,
            f"{key!r} should be {right:.4g} here, but is {seen:.4g}: it is {advice[key]}",
        )
        question.passed(f"{key}: {right:.4g}")


class _FirstRow(nn.Module):
    """Looks at the first row of pixels only."""

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :, :1]


class _ChannelSums(nn.Module):
    """Three classes: the score of each is the sum of a channel."""

    def forward(self, x: Tensor) -> Tensor:
        return x.sum(dim=(2, 3))


def _tiny_network(height: int = HEIGHT) -> nn.Sequential:
    """Smooth, so that central differences are exact."""
    layers = (
        nn.Conv2d(3, 6, 3, padding=1),
        nn.BatchNorm2d(6),
        nn.Tanh(),
        nn.Flatten(),
        nn.Linear(6 * height * WIDTH, CLASSES),
    )
    model = nn.Sequential(*layers).double().eval().requires_grad_(False)
    generator = torch.Generator().manual_seed(1)
    for parameter in model.parameters():
        parameter.normal_(std=0.4, generator=generator)
    return model


def _images(count: int) -> Tensor:
    generator = torch.Generator().manual_seed(2)
    return torch.rand(count, 3, HEIGHT, WIDTH, generator=generator, dtype=torch.float64)


def _gives_in_after(steps: int, X: Tensor) -> tuple[nn.Sequential, int]:
    """A linear model, and a class that wins after just that many steps of length 1 up its score."""
    layer = nn.Linear(X.numel(), CLASSES).double().requires_grad_(False)
    layer.weight.normal_(generator=torch.Generator().manual_seed(3))
    model, target = nn.Sequential(nn.Flatten(), layer), 1
    layer.bias.zero_()
    pull = layer.weight @ _unit(layer.weight[target])  # of a step, on each score
    scores = model(X)[0]
    layer.bias += scores[target] - scores  # all scores are equal now, and the target's grows most
    layer.bias[0] += (steps - 0.5) * (pull[target] - pull[0])
    return model, target


def _unit(change: Tensor) -> Tensor:
    return change / change.norm()


def _slope(model: nn.Module, target: int, image: Tensor) -> Tensor:
    return numeric_gradient(lambda x: model(x)[0, target], image)


def _lead(scores: Tensor, target: int) -> float:
    """By how much the target's score exceeds the best of the others."""
    others = torch.cat([scores[0, :target], scores[0, target + 1 :]])
    return (scores[0, target] - others.max()).item()


def _as_number(value: object) -> float | None:
    """A number of any kind as a float: Python's, NumPy's, or a tensor with one element."""
    if isinstance(value, (Tensor, np.ndarray, np.generic)):
        value = value.reshape(-1)
        return float(value[0]) if len(value) == 1 else None
    return float(value) if isinstance(value, (int, float)) else None
