"""What a right answer to the assignment on fooling images is.

Goodfellow, Shlens, Szegedy: "Explaining and Harnessing Adversarial Examples", 2014 (FGSM).
Szegedy et al.: "Intriguing Properties of Neural Networks", 2013; Nguyen, Yosinski, Clune: "Deep
Neural Networks are Easily Fooled", 2015.
"""

from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from autograder.checks.draw import CLASSES, Draw
from autograder.grading.compare import SINGLE, assert_same, assert_value
from course_lib.gradients import numeric_gradient
from course_lib.networks import Normalize

ROOM_FOR_EPSILON = 1e-4  # a small constant beside the norm is good practice
ROOM_FOR_ROUNDING = 1e-4  # what is left, in single precision, of a small change of a pixel
ATTEMPTS = 500  # draws until an input is clear; each succeeds more often than not

cell, points = pytest.mark.cell, pytest.mark.points


# fgsm_attack(X, y, model, epsilon) -> X + epsilon * sign(d cross-entropy / d X), in [0, 1]


@cell("test_fgsm_attack")
@points(3)
def test_attack_on_one_image(student, reference, draw):
    X, y, model = _clear_slopes(draw, draw.plain_network, 1)
    assert_same(student.fgsm_attack, reference.fgsm_attack, X, y, model, 0.1 * _number(draw))


@cell("test_fgsm_attack")
@points(3)
def test_attack_on_a_batch(student, reference, draw):
    for n in (5, 2):
        X, y, model = _clear_slopes(draw, lambda: draw.plain_network(frozen=False), n)
        assert_same(student.fgsm_attack, reference.fgsm_attack, X, y, model, 0.1 * _number(draw))


@cell("test_fgsm_attack")
@points(1)
def test_attack_on_non_square_images(student, reference, draw):
    for size in ((7, 12), (12, 7)):
        X, y, model = _clear_slopes(draw, draw.plain_network, 2, size)
        assert_same(student.fgsm_attack, reference.fgsm_attack, X, y, model, 0.1 * _number(draw))


@cell("test_fgsm_attack")
@points(2)
def test_attack_agrees_with_finite_differences(student, draw):
    X, y, model = _clear_slopes(draw, draw.smooth_network, 2, (5, 6), clear=1e-4)
    slopes = numeric_gradient(lambda x: F.cross_entropy(model(x), y, reduction="sum"), X)
    epsilon = 0.1 * _number(draw)
    assert_value(student.fgsm_attack, X + epsilon * slopes.sign(), X, y, model, epsilon)


@cell("test_fgsm_attack")
@points(3)
def test_attacked_pixels_stay_between_zero_and_one(student, reference, draw):
    X, y, model = _clear_slopes(draw, draw.plain_network, 2, prepare=_some_black_and_white)
    for epsilon in (1.5, 0.1 * _number(draw)):
        assert_same(student.fgsm_attack, reference.fgsm_attack, X, y, model, epsilon)


@cell("test_fgsm_attack")
@points(2)
def test_pixels_without_influence_stay(student, reference, draw):
    """A convolution of stride 2 with kernels of one pixel: it looks at every other pixel only."""

    def network():
        model = draw.smooth_network()
        model[1] = nn.Conv2d(3, 8, 1, stride=2, dtype=torch.float64, device=draw.device)
        weights = draw.features(8, 3, 1, 1)
        model[1].weight.data, model[1].bias.data = weights, weights[:, 0].flatten().clone()
        return model.requires_grad_(False)

    X, y, model = _clear_slopes(draw, network, 2, (8, 10))
    assert_same(student.fgsm_attack, reference.fgsm_attack, X, y, model, 0.1 * _number(draw))


@cell("test_fgsm_attack")
@points(1)
def test_epsilon_zero_changes_nothing(student, draw):
    X, y, model = draw.images(2), draw.labels(2), draw.plain_network()
    assert_value(student.fgsm_attack, X, X, y, model, 0.0)


@cell("test_fgsm_attack")
@points(1)
def test_small_and_large_steps(student, reference, draw):
    """The first is too small to fool the model."""

    def most_likely(X: Tensor, model: nn.Module) -> Tensor:
        y = model(X).argmax(dim=1)
        model[-1].bias.data[y] += 1
        return y

    X, y, model = _clear_slopes(draw, draw.plain_network, 1, labels=most_likely)
    for epsilon in (1 / 255, 0.25):
        change = student.fgsm_attack.seen_as(_change_from(X))
        assert_same(change, reference.fgsm_attack, X, y, model, epsilon, rtol=ROOM_FOR_ROUNDING)


@cell("test_fgsm_attack")
@points(1)
def test_attack_on_classes_that_are_not_predicted(student, reference, draw):
    def least_likely(X: Tensor, model: nn.Module) -> Tensor:
        return model(X).argmin(dim=1)

    X, y, model = _clear_slopes(draw, draw.plain_network, 3, labels=least_likely)
    assert_same(student.fgsm_attack, reference.fgsm_attack, X, y, model, 0.1 * _number(draw))


@cell("test_fgsm_attack")
@points(2)
def test_attack_on_networks_of_all_kinds(student, reference, draw):
    for network in (
        draw.batch_norm_network,
        lambda: draw.residual_network(frozen=False),
        draw.shared_relu_network,
        draw.dropout_network,
    ):
        X, y, model = _clear_slopes(draw, network, 2)
        assert_same(student.fgsm_attack, reference.fgsm_attack, X, y, model, 0.1 * _number(draw))


@cell("test_fgsm_attack")
@points(1)
def test_attack_in_float32(student, reference, draw):
    def network():  # without kinks: in single precision a pixel may lie on either side of one
        return draw.smooth_network().float()

    X, y, model = _clear_slopes(draw, network, 2, (5, 6), clear=1e-3, dtype=torch.float32)
    epsilon = 0.1 * _number(draw)
    assert_same(student.fgsm_attack, reference.fgsm_attack, X, y, model, epsilon, rtol=SINGLE)


# make_fooling_image(X, target_y, model): X += g / norm(g) until the model says target_y


@cell("test_make_fooling_image")
@points(4)
def test_the_direction_of_a_step(student, reference, draw):
    """A linear network has one gradient: the direction of all steps, however long or many."""
    for steps, size in ((1, (8, 8)), (3, (6, 9))):
        X, target, model = _gives_in_after(steps, draw, lambda s=size: _linear(draw, s), size)
        direction = student.make_fooling_image.seen_as(_direction_from(X))
        assert_same(direction, reference.make_fooling_image, X, target, model)


@cell("test_make_fooling_image")
@points(3)
def test_the_length_of_a_step(student, reference, draw):
    """Networks that need a single step."""
    for network in (draw.plain_network, lambda: draw.smooth_network(frozen=False)):
        X, target, model = _gives_in_after(1, draw, network)
        _assert_same_image(student, reference, X, target, model)


@cell("test_make_fooling_image")
@points(5)
def test_the_gradient_is_taken_anew_at_each_step(student, reference, draw):
    for steps in (5, 3, 2):
        X, target, model = _gives_in_after(steps, draw, lambda: draw.plain_network(frozen=False))
        _assert_same_image(student, reference, X, target, model)


@cell("test_make_fooling_image")
@points(4)
def test_the_stop(student, reference, draw):
    """A linear network: the whole way is as long as there are steps, in whatever direction."""
    for steps in (9, 4, 2, 1):
        X, target, model = _gives_in_after(steps, draw, lambda: _linear(draw))
        way = student.make_fooling_image.seen_as(_distance_from(X))
        assert_same(way, reference.make_fooling_image, X, target, model, rtol=ROOM_FOR_EPSILON)


@cell("test_make_fooling_image")
@points(2)
def test_another_class_on_the_way_is_no_stop(student, reference, draw):
    X, target, model = _passes_another_class(4, draw)
    _assert_same_image(student, reference, X, target, model)


@cell("test_make_fooling_image")
@points(2)
def test_an_image_already_classified_so_comes_back_unchanged(student, draw):
    X, model = draw.images(1), draw.plain_network()
    target = int(model(X).argmax())
    assert_value(student.make_fooling_image, X, X, target, model)


@cell("test_make_fooling_image")
@points(2)
def test_no_more_than_100_steps(student, reference, draw):
    X, target, model = _gives_in_after(1, draw, lambda: _linear(draw))
    model[-1].bias.data[target] -= 1e6
    way = student.make_fooling_image.seen_as(_distance_from(X))
    assert_same(way, reference.make_fooling_image, X, target, model, rtol=ROOM_FOR_EPSILON)


@cell("test_make_fooling_image")
@points(2)
def test_the_input_stays_as_it_was(student, reference, draw):
    X, target, model = _gives_in_after(2, draw, draw.plain_network)
    after = student.make_fooling_image.changes.seen_as(
        lambda seen: None if seen["value"] is None else seen["args"][0]
    )
    assert_value(after, X, X, target, model)


@cell("test_make_fooling_image")
@points(1)
def test_pixels_may_leave_zero_to_one(student, reference, draw):
    X, target, model = _gives_in_after(3, draw, draw.plain_network, black_and_white=True)
    _assert_same_image(student, reference, X, target, model)


@cell("test_make_fooling_image")
@points(1)
def test_the_first_step_agrees_with_finite_differences(student, draw):
    X, target, model = _gives_in_after(1, draw, draw.smooth_network, (5, 6))
    slopes = numeric_gradient(lambda x: model(x)[0, target], X)
    assert_value(
        student.make_fooling_image, X + _unit(slopes), X, target, model, rtol=ROOM_FOR_EPSILON
    )


@cell("test_make_fooling_image")
@points(1)
def test_fooling_networks_of_all_kinds(student, reference, draw):
    for network in (
        draw.batch_norm_network,
        lambda: draw.residual_network(frozen=False),
        draw.shared_relu_network,
        draw.dropout_network,
    ):
        X, target, model = _gives_in_after(3, draw, network, (9, 11))
        _assert_same_image(student, reference, X, target, model)


@cell("test_make_fooling_image")
@points(1)
def test_fooling_in_float32(student, reference, draw):
    def network():  # without kinks: in single precision the way may lead along either side of one
        return draw.smooth_network().float()

    X, target, model = _gives_in_after(4, draw, network, dtype=torch.float32)
    _assert_same_image(student, reference, X, target, model, rtol=SINGLE)


# fooling_report(X, X_fooling, model) -> {"class_before", ..., "linf"}

CLASS_KEYS = ("class_before", "class_after")
CONFIDENCE_KEYS = ("confidence_before", "confidence_after")
ALL_KEYS = (*CLASS_KEYS, *CONFIDENCE_KEYS, "l2", "linf")


@cell("test_fooling_report")
@points(3)
def test_classes_before_and_after(student, reference, draw):
    for frozen in (True, False):
        pair = _two_classes(draw, lambda f=frozen: draw.plain_network(frozen=f))
        report = student.fooling_report.seen_as(_numbers(CLASS_KEYS))
        assert_same(report, reference.fooling_report, *pair)


@cell("test_fooling_report")
@points(3)
def test_confidences_before_and_after(student, reference, draw):
    for network in (draw.plain_network, draw.batch_norm_network):
        report = student.fooling_report.seen_as(_numbers(CONFIDENCE_KEYS))
        assert_same(report, reference.fooling_report, *_two_classes(draw, network))


@cell("test_fooling_report")
@points(2)
def test_l2_size_of_the_change(student, reference, draw):
    for size in ((9, 9), (6, 11)):
        pair = _two_classes(draw, draw.plain_network, size)
        assert_same(
            student.fooling_report.seen_as(_numbers(["l2"])), reference.fooling_report, *pair
        )


@cell("test_fooling_report")
@points(2)
def test_linf_size_of_the_change(student, reference, draw):
    """The pixel that changed most becomes darker in one pair, brighter in the other."""
    for most in (-1.5, 1.5):
        X, X_fooling, model = _two_classes(draw, draw.plain_network)
        X_fooling[0, 1, 2, 3] = X[0, 1, 2, 3] + most
        report = student.fooling_report.seen_as(_numbers(["linf"]))
        assert_same(report, reference.fooling_report, X, X_fooling, model)


@cell("test_fooling_report")
@points(1)
def test_a_report_where_nothing_changed(student, reference, draw):
    X, model = draw.images(1), draw.residual_network()
    report = student.fooling_report.seen_as(_numbers(ALL_KEYS))
    assert_same(report, reference.fooling_report, X, X.clone(), model)


@cell("test_fooling_report")
@points(1)
def test_a_report_in_float32(student, reference, draw):
    pair = _two_classes(draw, lambda: draw.plain_network(torch.float32), (7, 10), torch.float32)
    report = student.fooling_report.seen_as(_numbers(ALL_KEYS))
    assert_same(report, reference.fooling_report, *pair, rtol=SINGLE)


# What the checks share

Network = Callable[[], nn.Sequential]


def _number(draw: Draw) -> float:
    return draw.numbers(1)[0]


def _middle(X: Tensor) -> Tensor:
    """Pixels far from 0 and 1."""
    return 0.4 + 0.2 * X


def _some_black_and_white(X: Tensor) -> Tensor:
    """Pixels from 0 to 1; some are exactly that."""
    return X.round(decimals=1)


def _unit(change: Tensor) -> Tensor:
    return change / change.norm()


def _change_from(X: Tensor, of: Callable[[Tensor], Tensor] = lambda change: change) -> Callable:
    """A view of an image: how it differs from X, or what `of` makes of that.

    What is no image is seen as it is, so that a student reads that it is None, or a tuple.
    """

    def view(image):
        if not isinstance(image, (Tensor, np.ndarray)):
            return image
        return of(torch.as_tensor(image).cpu() - X.cpu())

    return view


def _direction_from(X: Tensor) -> Callable:
    """A view of an image: the direction in which it lies from X."""
    return _change_from(X, _unit)


def _distance_from(X: Tensor) -> Callable:
    """A view of an image: how far it lies from X."""
    return _change_from(X, torch.linalg.vector_norm)


def _assert_same_image(student, reference, X, target, model, rtol=ROOM_FOR_EPSILON) -> None:
    assert_same(
        student.make_fooling_image, reference.make_fooling_image, X, target, model, rtol=rtol
    )


def _linear(draw: Draw, size: tuple[int, int] = (9, 9)) -> nn.Sequential:
    """A network whose scores are linear in the pixels, so that its gradient is the same anywhere."""
    layer = nn.Linear(3 * size[0] * size[1], CLASSES, dtype=torch.float64, device=draw.device)
    layer.weight.data = 0.005 * draw.features(CLASSES, 3, *size).flatten(1)
    layer.bias.data = draw.features(1, CLASSES, 1, 1).flatten()
    model = nn.Sequential(Normalize([0.5] * 3, [0.25] * 3), nn.Flatten(), layer)
    return model.to(draw.device, torch.float64).eval().requires_grad_(False)


def _clear_slopes(
    draw: Draw,
    network: Network,
    n: int,
    size: tuple[int, int] = (9, 9),
    *,
    labels: Callable[[Tensor, nn.Module], Tensor] | None = None,
    prepare: Callable[[Tensor], Tensor] = _middle,
    clear: float = 1e-6,
    dtype: torch.dtype = torch.float64,
) -> tuple[Tensor, Tensor, nn.Module]:
    """Images, labels and a network whose loss has no slope so small that rounding gives its sign.

    prepare: what is done to random images; by default they are made so pale that a small step
        needs no clamping
    """
    for _ in range(ATTEMPTS):
        X, model = prepare(draw.images(n, *size, dtype=dtype)), network()
        model[-1].weight.data *= 5  # probabilities that are far from alike
        y = labels(X, model) if labels else draw.labels(n)
        pixels = X.clone().requires_grad_()
        loss = F.cross_entropy(model(pixels), y, reduction="sum")
        slopes = torch.autograd.grad(loss, pixels)[0].abs().flatten(1)
        largest = slopes.amax(dim=1, keepdim=True)
        if bool(((slopes == 0) | (slopes > clear * largest)).all()) and bool((largest > 0).all()):
            return X, y, model
    raise RuntimeError("no network with clear slopes was drawn")


def _climb(
    X: Tensor, model: nn.Module, target: int, steps: int, length: float = 1.0
) -> list[Tensor]:
    """The images on the way up the score of the target: steps + 1 of them."""
    way = [X]
    for _ in range(steps):
        pixels = way[-1].clone().requires_grad_()
        (slope,) = torch.autograd.grad(model(pixels)[0, target], pixels)
        way.append(way[-1] + length * _unit(slope))
    return way


def _leads(scores: Tensor, target: int) -> Tensor:
    """By how much the target's score exceeds the best of the others: (N, C) -> (N,)."""
    others = scores.clone()
    others[:, target] = -torch.inf
    return scores[:, target] - others.amax(dim=1)


def _give_in_after(steps: int, scores: Tensor, model: nn.Sequential, target: int) -> bool:
    """Shift the target's score so that it becomes the best one after just that many steps.

    scores: (steps + 1, C) on the way. The way itself does not depend on the biases of the last
    layer. Returns whether rounding can't change the number of steps.
    """
    leads = _leads(scores, target)
    before, after = leads[:-1].max(), leads[-1]
    model[-1].bias.data[target] -= (before + after) / 2
    return bool(after - before > 0.004)


def _gives_in_after(
    steps: int,
    draw: Draw,
    network: Network,
    size: tuple[int, int] = (9, 9),
    *,
    black_and_white: bool = False,
    dtype: torch.dtype = torch.float64,
) -> tuple[Tensor, int, nn.Sequential]:
    """An image, a target and a network that says the target after just that many steps."""
    for _ in range(ATTEMPTS):
        X, target, model = draw.images(1, *size, dtype=dtype), int(draw.labels(1)), network()
        X = X.round() if black_and_white else X
        way = _climb(X, model, target, steps)
        with torch.no_grad():
            scores = model(torch.cat(way))
        clear = _give_in_after(steps, scores, model, target)
        if clear and _is_steady(way, model, target):
            return X, target, model
    raise RuntimeError("no network that gives in after so many steps was drawn")


def _is_steady(way: list[Tensor], model: nn.Module, target: int) -> bool:
    """Whether steps that are a little shorter lead the same way: no kink is so near that it matters
    whether somebody adds a small constant to the norm."""
    if way[0].dtype != torch.float64:
        return True
    shorter = _climb(way[0], model, target, len(way) - 1, length=1 - 1e-6)
    return bool((shorter[-1] - way[-1]).abs().max() < 1e-5)


def _passes_another_class(steps: int, draw: Draw) -> tuple[Tensor, int, nn.Sequential]:
    """As `_gives_in_after`, but on the way the network says a third class instead of the first, and
    the target passes the first class before it passes the third."""
    for _ in range(ATTEMPTS):
        X, target, model = draw.images(1), int(draw.labels(1)), draw.plain_network()
        way = _climb(X, model, target, steps)
        with torch.no_grad():
            scores = model(torch.cat(way))
        gain = scores[1] - scores[0]
        gain[target] = -torch.inf
        third = int(gain.argmax())
        gain[target] = torch.inf
        first = int(gain.argmin())
        shift = torch.full_like(scores[0], -100.0)  # the other classes are out of it
        shift[[first, third, target]] = 0
        middle = (scores[0] + scores[1]) / 2
        shift[third] += middle[first] - middle[third]
        model[-1].bias.data += shift
        clear = _give_in_after(steps, scores + shift, model, target)
        clear &= bool(gain[third] - gain[first] > 0.004)
        with torch.no_grad():  # before the last step the target is above the first class already
            last_but_one = model(way[-2])[0]
        clear &= bool(last_but_one[target] - last_but_one[first] > 0.002)
        if clear and _is_steady(way, model, target):
            return X, target, model
    raise RuntimeError("no network that passes another class was drawn")


def _two_classes(
    draw: Draw,
    network: Network,
    size: tuple[int, int] = (9, 9),
    dtype: torch.dtype = torch.float64,
) -> tuple[Tensor, Tensor, nn.Module]:
    """Two images that a network takes, clearly, for two classes."""
    for _ in range(ATTEMPTS):
        X, model = draw.images(1, *size, dtype=dtype), network()
        X_fooling = X + (draw.images(1, *size, dtype=dtype) - 0.5)
        with torch.no_grad():
            best, classes = model(torch.cat([X, X_fooling])).topk(2, dim=1)
        if classes[0, 0] != classes[1, 0] and bool((best[:, 0] - best[:, 1] > 0.002).all()):
            return X, X_fooling, model
    raise RuntimeError("no network that tells the two images apart was drawn")


def _numbers(keys: tuple[str, ...] | list[str]) -> Callable:
    """A view of a report: these of its entries, as plain numbers whatever kind of number it holds."""

    def view(report):
        if not isinstance(report, dict):
            return report
        return {key: _number_of(report[key]) for key in keys if key in report}

    return view


def _number_of(value):
    if isinstance(value, (Tensor, np.ndarray)):
        return float(value.reshape(-1)[0]) if value.reshape(-1).shape[0] == 1 else value
    return float(value) if isinstance(value, (int, float)) else value
