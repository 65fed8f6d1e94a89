"""What a right answer to the assignment on fooling images is.

Goodfellow, Shlens, Szegedy: "Explaining and Harnessing Adversarial Examples", 2014 (FGSM).
Szegedy et al.: "Intriguing Properties of Neural Networks", 2013; Nguyen, Yosinski, Clune: "Deep
Neural Networks are Easily Fooled", 2015.
"""

from collections.abc import Callable, Collection
from itertools import chain, islice

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from autograder.checks import (
    ROOM_FOR_EPSILON,
    SINGLE,
    Mismatch,
    assert_same,
    assert_value,
    check,
    describe_difference,
    numeric_gradient,
)
from course_lib.visible_checks.core import as_number

from .inputs import (
    clear_slopes,
    gives_in_after,
    linear_network,
    networks_of_all_kinds,
    partly_black_and_white,
    passes_another_class,
    slope_of_score,
    two_classes,
    way_up,
)

ROOM_FOR_ROUNDING = 1e-4  # what is left, in single precision, of a small change of a pixel


def _change_from(X: Tensor, of: Callable[[Tensor], Tensor] = torch.clone) -> Callable:
    """A view of an image: its difference from X, or what `of` makes of that.

    Anything but an image is left as it is, so that the message can name it: None, or a tuple.
    """

    def view(image):
        if not isinstance(image, (Tensor, np.ndarray)):
            return image
        return of(torch.as_tensor(image).cpu() - X.cpu())

    return view


# fgsm_attack(X, y, model, epsilon) -> X + epsilon * sign(d cross-entropy / d X), in [0, 1]


def _epsilon(draw) -> float:
    """From 0.05 to 0.2."""
    return 0.1 * draw.numbers(1)[0]


@check("fgsm_attack", points=3)
def test_attack_on_one_image(answer, draw):
    assert_same(answer, *clear_slopes(draw, draw.plain_network, 1), _epsilon(draw))


@check("fgsm_attack", points=3)
def test_attack_on_a_batch(answer, draw):
    for n in (5, 2):
        X, y, model = clear_slopes(draw, lambda: draw.plain_network(frozen=False), n)
        assert_same(answer, X, y, model, _epsilon(draw))


@check("fgsm_attack", points=1)
def test_attack_on_non_square_images(answer, draw):
    for size in ((7, 12), (12, 7)):
        assert_same(answer, *clear_slopes(draw, draw.plain_network, 2, size), _epsilon(draw))


@check("fgsm_attack", points=2)
def test_attack_agrees_with_finite_differences(answer, draw):
    X, y, model = clear_slopes(draw, draw.smooth_network, 2, (5, 6), clear=1e-4)
    slopes = numeric_gradient(lambda x: F.cross_entropy(model(x), y, reduction="sum"), X)
    epsilon = _epsilon(draw)
    assert_value(answer, X + epsilon * slopes.sign(), X, y, model, epsilon)


@check("fgsm_attack", points=3)
def test_attacked_pixels_stay_between_zero_and_one(answer, draw):
    arguments = clear_slopes(draw, draw.plain_network, 2, prepare=partly_black_and_white)
    for epsilon in (1.5, _epsilon(draw)):
        assert_same(answer, *arguments, epsilon)


@check("fgsm_attack", points=2)
def test_pixels_without_influence_stay(answer, draw):
    """A convolution of stride 2 with kernels of one pixel uses every other pixel only."""

    def network():
        model = draw.smooth_network()
        model[1] = nn.Conv2d(3, 8, 1, stride=2, dtype=torch.float64, device=draw.device)
        weights = draw.tensor(8, 3, 1, 1)
        model[1].weight.data, model[1].bias.data = weights, weights[:, 0].flatten().clone()
        return model.requires_grad_(False)

    assert_same(answer, *clear_slopes(draw, network, 2, (8, 10)), _epsilon(draw))


@check("fgsm_attack", points=1)
def test_epsilon_zero_changes_nothing(answer, draw):
    X, y, model = draw.images(2), draw.labels(2), draw.plain_network()
    assert_value(answer, X, X, y, model, 0.0)


@check("fgsm_attack", points=1)
def test_small_and_large_steps(answer, draw):
    """The first is too small to fool the model."""

    def most_likely(X: Tensor, model: nn.Module) -> Tensor:
        y = model(X).argmax(dim=1)
        model[-1].bias.data[y] += 1
        return y

    X, y, model = clear_slopes(draw, draw.plain_network, 2, labels=most_likely)
    change = answer.seen_as(_change_from(X))
    for epsilon in (1 / 255, 0.25):
        assert_same(change, X, y, model, epsilon, rtol=ROOM_FOR_ROUNDING)


@check("fgsm_attack", points=1)
def test_attack_on_classes_that_are_not_predicted(answer, draw):
    def least_likely(X: Tensor, model: nn.Module) -> Tensor:
        return model(X).argmin(dim=1)

    arguments = clear_slopes(draw, draw.plain_network, 3, labels=least_likely)
    assert_same(answer, *arguments, _epsilon(draw))


@check("fgsm_attack", points=2)
def test_attack_on_networks_of_all_kinds(answer, draw):
    for network in networks_of_all_kinds(draw):
        assert_same(answer, *clear_slopes(draw, network, 2), _epsilon(draw))


@check("fgsm_attack", points=1)
def test_attack_in_float32(answer, draw):
    def network():  # without kinks: in single precision a pixel may lie on either side of one
        return draw.smooth_network().float()

    arguments = clear_slopes(draw, network, 2, (5, 6), clear=1e-3, dtype=torch.float32)
    assert_same(answer, *arguments, _epsilon(draw), rtol=SINGLE)


# make_fooling_image(X, target_y, model): X += g / norm(g) until the model predicts target_y

MOST_STEPS = 100


def _assert_on_the_way(
    answer, steps, X, target, model, slope_of=slope_of_score, at_least=2, rtol=ROOM_FOR_EPSILON
):
    """Compare with the image after so many steps.

    Right steps that are too few or too many pass: where to stop is what other checks are about.

    Args:
        slope_of: of (X, target, model); the slope that a step follows.
        at_least: how many steps there have to be.
    """
    way = list(islice(way_up(X, target, model, slope_of=slope_of), steps + 1))
    try:
        assert_value(answer, way[steps], X, target, model, rtol=rtol)
    except Mismatch as wrong:
        longer = islice(way_up(X, target, model, slope_of=slope_of), steps + 1, MOST_STEPS + 1)
        others = chain(way[at_least:steps], longer)
        if all(describe_difference(wrong.actual, image, rtol) for image in others):
            raise


@check("make_fooling_image", points=4)
def test_the_direction_of_a_step(answer, draw):
    """A linear network has one gradient: the direction of all steps, however long or many."""
    for steps, size in ((2, (12, 12)), (3, (10, 15))):
        X, target, model = gives_in_after(steps, draw, lambda s=size: linear_network(draw, s), size)
        direction = answer.seen_as(_change_from(X, lambda change: change / change.norm()))
        assert_same(direction, X, target, model)


@check("make_fooling_image", points=3)
def test_the_length_of_a_step(answer, draw):
    for network in (draw.plain_network, lambda: draw.smooth_network(frozen=False)):
        _assert_on_the_way(answer, 2, *gives_in_after(2, draw, network), at_least=1)


@check("make_fooling_image", points=5)
def test_the_gradient_is_taken_anew_at_each_step(answer, draw):
    for steps in (5, 4, 3):
        arguments = gives_in_after(steps, draw, lambda: draw.plain_network(frozen=False))
        _assert_on_the_way(answer, steps, *arguments)


@check("make_fooling_image", points=4)
def test_the_stop(answer, draw):
    """A linear network: the whole way is as long as there are steps, in whatever direction."""
    for steps in (9, 4, 2, 1):
        X, target, model = gives_in_after(steps, draw, lambda: linear_network(draw))
        distance = answer.seen_as(_change_from(X, torch.linalg.vector_norm))
        assert_same(distance, X, target, model, rtol=ROOM_FOR_EPSILON)


@check("make_fooling_image", points=2)
def test_another_class_on_the_way_is_no_stop(answer, draw):
    assert_same(answer, *passes_another_class(4, draw), rtol=ROOM_FOR_EPSILON)


@check("make_fooling_image", points=2)
def test_an_image_already_classified_so_comes_back_unchanged(answer, draw):
    X, model = draw.images(1), draw.plain_network()
    target = int(model(X).argmax())
    assert_value(answer, X, X, target, model)


@check("make_fooling_image", points=2)
def test_no_more_than_100_steps(answer, draw):
    X, target, model = gives_in_after(1, draw, lambda: linear_network(draw))
    model[-1].bias.data[target] -= 1e6
    distance = answer.seen_as(_change_from(X, torch.linalg.vector_norm))
    assert_same(distance, X, target, model, rtol=ROOM_FOR_EPSILON)


@check("make_fooling_image", points=2)
def test_the_input_stays_as_it_was(answer, draw):
    X, target, model = gives_in_after(2, draw, draw.plain_network)
    after = answer.changes.seen_as(lambda seen: None if seen["value"] is None else seen["args"][0])
    assert_value(after, X, X, target, model)


@check("make_fooling_image", points=1)
def test_pixels_may_leave_zero_to_one(answer, draw):
    arguments = gives_in_after(3, draw, draw.plain_network, prepare=torch.round)
    _assert_on_the_way(answer, 3, *arguments)


@check("make_fooling_image", points=1)
def test_the_steps_agree_with_finite_differences(answer, draw):
    def slope_of(X: Tensor, target: int, model: nn.Module) -> Tensor:
        return numeric_gradient(lambda x: model(x)[0, target], X)

    arguments = gives_in_after(2, draw, draw.smooth_network, (5, 6))
    _assert_on_the_way(answer, 2, *arguments, slope_of=slope_of, at_least=1)


@check("make_fooling_image", points=1)
def test_fooling_networks_of_all_kinds(answer, draw):
    for network in networks_of_all_kinds(draw):
        _assert_on_the_way(answer, 3, *gives_in_after(3, draw, network, (9, 11)))


@check("make_fooling_image", points=1)
def test_fooling_in_float32(answer, draw):
    def network():  # without kinks: in single precision the way may lead along either side of one
        return draw.smooth_network().float()

    arguments = gives_in_after(4, draw, network, dtype=torch.float32)
    _assert_on_the_way(answer, 4, *arguments, rtol=SINGLE)


# fooling_report(X, X_fooling, model) -> {"class_before", ..., "linf"}

CLASSES = ("class_before", "class_after")
CONFIDENCES = ("confidence_before", "confidence_after")
ALL_ENTRIES = (*CLASSES, *CONFIDENCES, "l2", "linf")


def _entries(keys: Collection[str]) -> Callable:
    """A view of a report: some of its entries, as floats whatever kind of number they are."""

    def view(report):
        if not isinstance(report, dict):
            return report
        found = {key: report[key] for key in keys if key in report}
        numbers = {key: as_number(value) for key, value in found.items()}
        return {key: found[key] if number is None else number for key, number in numbers.items()}

    return view


@check("fooling_report", points=3)
def test_classes_before_and_after(answer, draw):
    for frozen in (True, False):
        pair = two_classes(draw, lambda f=frozen: draw.plain_network(frozen=f))
        assert_same(answer.seen_as(_entries(CLASSES)), *pair)


@check("fooling_report", points=3)
def test_confidences_before_and_after(answer, draw):
    for network in (draw.plain_network, draw.batch_norm_network):
        assert_same(answer.seen_as(_entries(CONFIDENCES)), *two_classes(draw, network))


@check("fooling_report", points=2)
def test_l2_size_of_the_change(answer, draw):
    for size in ((9, 9), (6, 11)):
        pair = two_classes(draw, draw.plain_network, size)
        assert_same(answer.seen_as(_entries(["l2"])), *pair)


@check("fooling_report", points=2)
def test_linf_size_of_the_change(answer, draw):
    """The pixel that changed most becomes darker in one pair, brighter in the other."""
    for most in (-1.5, 1.5):
        X, X_fooling, model = two_classes(draw, draw.plain_network)
        X_fooling[0, 1, 2, 3] = X[0, 1, 2, 3] + most
        assert_same(answer.seen_as(_entries(["linf"])), X, X_fooling, model)


@check("fooling_report", points=1)
def test_a_report_where_nothing_changed(answer, draw):
    X, model = draw.images(1), draw.residual_network()
    assert_same(answer.seen_as(_entries(ALL_ENTRIES)), X, X.clone(), model)


@check("fooling_report", points=1)
def test_a_report_in_float32(answer, draw):
    pair = two_classes(draw, lambda: draw.plain_network(torch.float32), (7, 10), torch.float32)
    assert_same(answer.seen_as(_entries(ALL_ENTRIES)), *pair, rtol=SINGLE)
