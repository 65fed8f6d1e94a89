"""Visible checks of the assignment `fooling_images`.

The expected values come from central differences on tiny networks in float64, or were computed by
hand for networks that are linear in the pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.gradients import numeric_gradient
from course_lib.losses import Lead
from course_lib.visible_checks.core import (
    CheckFailed,
    Mistake,
    Question,
    as_number,
    visible_check,
)
from course_lib.visible_checks.quantities import wrong_quantities

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
    question.passed("the result has the shape of X, also for a single image")

    change = attacked - X
    size = change.abs()
    what = f"with epsilon = {EPSILON:g} every pixel here should move by {EPSILON:g}, but"
    question.require(
        bool(size.any()),
        f"{what} none moves; add epsilon times the sign of the gradient",
    )
    question.require(
        bool(size.max() - size.min() > 1e-6 or (size.max() - EPSILON).abs() < 1e-6),
        f"{what} each moves by {size.max():.2g}; the step is taken once, and epsilon as it is given",
    )
    moved = (size - EPSILON).abs() < 1e-6
    question.require(
        not bool((moved | (size == 0)).all()) or bool(moved.all()),
        f"{what} {1 - moved.double().mean():.0%} of them do not move, of all images and channels",
    )
    question.require(
        bool(moved.all()),
        f"{what} the moves range from {size.min():.2g} to {size.max():.2g}; of the gradient only its "
        "sign counts",
    )
    question.passed("every pixel moves by epsilon")
    for i in range(len(X)):
        moves, image, label = change[i].sign(), X[i : i + 1], int(y[i])
        right = (moves == _away_from(label, model, image)).double().mean().item()
        if right < 1:
            what = (
                f"image {i} of 3, class {label}: only {right:.0%} of the pixels move in the "
                "direction that raises the cross-entropy of the class"
            )
            question.require_none_of(_mistaken_signs(label, model, image), moves, what)
            raise CheckFailed(
                f"{question.label}: {what}; check which quantity is differentiated, and whether "
                "you go up or down"
            )
    question.passed("each moves in the direction that raises the cross-entropy of its image")

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
        "for a model that uses the first row only, the gradient of the other pixels is zero, and "
        "they should not change; what is the sign of zero?",
    )
    question.passed("pixels without influence do not change")
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
    predicted = int(model(X).argmax())
    image = fool(predicted, model)
    question.require(
        bool(image.any()),
        "an image that the model already classifies as target_y should come back as it is, but it "
        "comes back black; start from X, and return the image, not its change",
    )
    question.require(
        torch.equal(image, X),
        "an image that the model already classifies as target_y should come back as it is; ask the "
        "model before the first step",
    )
    question.passed("an image already classified as the target comes back unchanged")

    # With scores linear in the pixels, each step of length 1 raises the target's score by the same
    # amount, so that the number of steps is known.
    for steps in (1, 3, 7):
        linear, target = _fooled_after(steps, X)
        direction = _linear(linear).weight[target].view_as(X)
        direction = direction / direction.norm()
        asked = _inputs_of(linear)
        image = fool(target, linear)
        change = image - X
        length = change.norm().item()
        along = (change * direction).sum().item()
        question.require(
            length > 0,
            "the image comes back unchanged, although the model does not predict the target yet",
        )
        stuck = bool(((image == 0) | (image == 1)).any())
        question.require(
            not (stuck and image.min() >= 0 and image.max() <= 1),
            "some pixels end at exactly 0 or 1, as after a clamp; here a pixel may leave [0, 1]",
        )
        if along < (1 - 1e-9) * length:
            what = "the change does not point along the gradient of the target's score"
            first = next((x for x in [*asked, image] if not torch.equal(x, X)), image)
            mistakes = _mistaken_directions(target, linear, X)
            question.require_none_of(mistakes, _unit(first - X), what)
            raise CheckFailed(
                f"{question.label}: {what}; check which quantity is differentiated, up or down, "
                "and that one norm is taken over the image"
            )
        question.require(
            abs(length - steps) < 1e-6,
            f"a linear model that is fooled after {steps} step{'s' * (steps > 1)} of length 1 gets "
            f"a change of length {length:.3g}; check the length of a step, and where you stop",
        )
    question.passed(
        "1, 3 and 7 steps where that many are needed: direction, length and stop are right"
    )

    model, target = _tiny_network(), int(_tiny_network()(X).argmin())
    with torch.no_grad():  # a bias with which two steps are needed
        first = X + _unit(_slope(model, target, X))
        second = first + _unit(_slope(model, target, first))
        leads = Lead(target)(model(torch.cat([X, first, second])))
        _linear(model).bias[target] -= (leads[:2].max() + leads[2]) / 2
    question.require_close(
        fool(target, model),
        second,
        "the second step on a network that is not linear differs from central differences",
        "compute the gradient again at each point; backward() adds to the gradient that is there",
    )
    question.passed("a second step follows the gradient at the new point")

    linear, target = _fooled_after(1, X)
    with torch.no_grad():
        _linear(linear).bias[target] -= 1e6
    length = (fool(target, linear) - X).norm().item()
    question.require(
        abs(length - 100) < 1e-4,
        f"a model that is never fooled should get 100 steps of length 1, but the change has the "
        f"length {length:.4g}",
    )
    question.passed("it stops after 100 steps")


@visible_check
def check_fooling_report(fooling_report: Callable[..., dict]) -> None:
    """Question 3: `(X, X_fooling, model) -> dict` of six numbers."""
    question = Question("fooling_report", 3)
    # The score of a class is log 16 times the sum of its channel: log 16, log 4 and 0 before; and
    # after, when a pixel got darker and two others brighter, log 2, log 4 and log 8.
    X = torch.zeros(1, 3, 1, 2, dtype=torch.float64)
    X[0, 0, 0] = 0.5
    X[0, 1, 0, 0] = 0.5
    X_fooling = X.clone()
    X_fooling[0, 0, 0, 1] = -0.25  # a fooling image may leave [0, 1] a little
    X_fooling[0, 2, 0] = torch.tensor([0.3, 0.45])
    expected = {
        "class_before": 0,
        "class_after": 2,
        "confidence_before": 16 / (16 + 4 + 1),
        "confidence_after": 8 / (2 + 4 + 8),
        "l2": math.sqrt(0.75**2 + 0.3**2 + 0.45**2),
        "linf": 0.75,
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
        "linf": "the largest absolute change, also of pixels that became darker",
    }
    for key, right in expected.items():
        seen = as_number(report[key])
        if seen is None:
            raise CheckFailed(
                f"{question.label}: {key!r} should be one number, but is "
                f"{type(report[key]).__name__}"
            )
        question.require(
            abs(seen - right) < 1e-6,
            f"{key!r} should be {right:.6g} here, but is {seen:.6g}: it is {advice[key]}",
        )
        question.passed(f"{key}: {right:.4g}")


class _FirstRow(nn.Module):
    """Passes on the first row of pixels only."""

    def forward(self, x: Tensor) -> Tensor:
        return x[:, :, :1]


class _ChannelSums(nn.Module):
    """Three classes: the score of each is log 16 times the sum of a channel."""

    def forward(self, x: Tensor) -> Tensor:
        return math.log(16) * x.sum(dim=(2, 3))


def _tiny_network(height: int = HEIGHT) -> nn.Sequential:
    """A smooth network, so that central differences are exact."""
    model = nn.Sequential(
        nn.Conv2d(3, 6, 3, padding=1),
        nn.BatchNorm2d(6),
        nn.Tanh(),
        nn.Flatten(),
        nn.Linear(6 * height * WIDTH, CLASSES),
    )
    model.double().eval().requires_grad_(False)
    generator = torch.Generator().manual_seed(1)
    for parameter in model.parameters():
        parameter.normal_(std=0.4, generator=generator)
    return model


def _images(count: int) -> Tensor:
    generator = torch.Generator().manual_seed(2)
    return torch.rand(count, 3, HEIGHT, WIDTH, generator=generator, dtype=torch.float64)


def _away_from(label: int, model: nn.Module, image: Tensor) -> Tensor:
    """Signs (3, H, W) of the steps that raise the cross-entropy of a class."""
    y = torch.tensor([label])
    return numeric_gradient(lambda x: F.cross_entropy(model(x), y), image)[0].sign()


def _mistaken_signs(label: int, model: nn.Module, image: Tensor) -> list[Mistake]:
    """Plausible mistakes with the signs (3, H, W) of the steps of one image."""
    predicted = int(model(image).argmax())

    def loss_of(k: int) -> Mistake:
        named = ", which the model predicts" if k == predicted else ""
        sentence = f"they raise that of class {k}{named}; take y"
        return sentence, partial(_away_from, k, model, image)

    return [
        ("each moves the other way; go up the loss", lambda: -_away_from(label, model, image)),
        *(loss_of(k) for k in range(CLASSES) if k != label),
        (
            "this only lowers the score of the class; the cross-entropy depends on all scores",
            lambda: -_slope(model, label, image)[0].sign(),
        ),
        (
            "this raises the score of the class; raise the cross-entropy",
            lambda: _slope(model, label, image)[0].sign(),
        ),
    ]


def _inputs_of(model: nn.Module) -> list[Tensor]:
    """A list that gets what the model is called with, from now on."""
    inputs: list[Tensor] = []

    def keep(module: nn.Module, arguments: tuple[Tensor]) -> None:
        inputs.append(arguments[0].detach().clone())

    model.register_forward_pre_hook(keep)
    return inputs


def _mistaken_directions(target: int, model: nn.Module, X: Tensor) -> list[Mistake]:
    """Plausible mistakes with the direction of the first step from X."""

    def along(quantity: Callable[[Tensor], Tensor]) -> Tensor:
        return _unit(numeric_gradient(lambda x: quantity(model(x)), X))

    return [
        (
            "it points the opposite way, down the score of the target",
            lambda: -_unit(_slope(model, target, X)),
        ),
        (
            "it points along the sign of the gradient; divide the gradient by its norm instead",
            lambda: _unit(_slope(model, target, X).sign()),
        ),
        *(
            (sentence, partial(along, quantity))
            for sentence, quantity in wrong_quantities(model(X), target)
        ),
    ]


def _linear(model: nn.Sequential) -> nn.Linear:
    """The last layer of one of the models here."""
    layer = model[-1]
    assert isinstance(layer, nn.Linear)
    return layer


def _fooled_after(steps: int, X: Tensor) -> tuple[nn.Sequential, int]:
    """A linear model, and a class that it predicts after exactly that many steps of length 1."""
    layer = nn.Linear(X.numel(), CLASSES).double().requires_grad_(False)
    layer.weight.normal_(generator=torch.Generator().manual_seed(3))
    model, target = nn.Sequential(nn.Flatten(), layer), 1
    layer.bias.zero_()
    pull = layer.weight @ _unit(layer.weight[target])  # effect of a step on each score
    scores = model(X)[0]
    layer.bias.add_(scores[target] - scores)  # all scores are equal now; the target's grows most
    layer.bias[0] += (steps - 0.5) * (pull[target] - pull[0])
    return model, target


def _unit(change: Tensor) -> Tensor:
    return change / change.norm()


def _slope(model: nn.Module, target: int, image: Tensor) -> Tensor:
    return numeric_gradient(lambda x: model(x)[0, target], image)
