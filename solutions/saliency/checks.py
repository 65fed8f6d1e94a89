"""What a right answer to the saliency assignment is.

Simonyan, Vedaldi, Zisserman: "Deep Inside Convolutional Networks: Visualising Image
Classification Models and Saliency Maps", 2013.
"""

import torch

from autograder.checks import (
    FINITE_DIFFERENCES,
    ROOM_FOR_EPSILON,
    SINGLE,
    assert_same,
    assert_value,
    check,
    numeric_gradient,
)
from course_lib.losses import ClassScore, CrossEntropy, Entropy, LogProbability, Margin

# compute_saliency_maps(X, y, model) -> (N, H, W): max over channels of |d s_y / d X|


@check("compute_saliency_maps", points=2)
def test_maps_of_one_image(answer, draw):
    X, y, model = draw.images(1), draw.labels(1), draw.plain_network()
    assert_same(answer, X, y, model)


@check("compute_saliency_maps", points=3)
def test_maps_of_a_batch(answer, draw):
    for n in (5, 2):
        X, y, model = draw.images(n), draw.labels(n), draw.plain_network(frozen=False)
        assert_same(answer, X, y, model)


@check("compute_saliency_maps", points=1)
def test_maps_of_non_square_images(answer, draw):
    for height, width in ((7, 12), (12, 7)):
        X, y, model = draw.images(2, height, width), draw.labels(2), draw.plain_network()
        assert_same(answer, X, y, model)


@check("compute_saliency_maps", points=2)
def test_maps_agree_with_finite_differences(answer, draw):
    X, y, model = draw.images(2, 5, 6), draw.labels(2), draw.smooth_network()
    expected = _numeric_maps(X, lambda scores: ClassScore(y)(scores).sum(), model)
    assert_value(answer, expected, X, y, model, rtol=FINITE_DIFFERENCES)


@check("compute_saliency_maps", points=2)
def test_maps_with_batch_norm_and_in_place_relu(answer, draw):
    for model in (draw.batch_norm_network(), draw.residual_network(frozen=False)):
        X, y = draw.images(3), draw.labels(3)
        assert_same(answer, X, y, model)


@check("compute_saliency_maps", points=2)
def test_maps_do_not_depend_on_the_rest_of_the_batch(answer, draw):
    X, y, model = draw.images(4), draw.labels(4), draw.batch_norm_network()
    X[1:] *= 0.05  # dark neighbours, whose gradients have another size
    for chosen in (slice(0, 4), slice(0, 2), slice(1, 3)):  # one image alone is another check's
        assert_same(answer, X[chosen], y[chosen], model)


@check("compute_saliency_maps", points=1)
def test_maps_of_classes_that_are_not_predicted(answer, draw):
    X, model = draw.images(3), draw.plain_network()
    least_likely = model(X).argmin(dim=1)
    assert_same(answer, X, least_likely, model)


@check("compute_saliency_maps", points=1)
def test_maps_in_float32(answer, draw):
    X, y, model = (
        draw.images(2, dtype=torch.float32),
        draw.labels(2),
        draw.plain_network(torch.float32),
    )
    assert_same(answer, X, y, model, rtol=SINGLE)


# normalize_maps(maps) -> (N, H, W): each map on its own to [0, 1] by min and max


@check("normalize_maps", points=2)
def test_each_map_spans_zero_to_one(answer, draw):
    for n in (1, 2):
        assert_same(answer, draw.maps(n), rtol=ROOM_FOR_EPSILON)


@check("normalize_maps", points=2)
def test_maps_are_normalised_on_their_own(answer, draw):
    assert_same(answer, draw.maps(5, 8, 5), rtol=ROOM_FOR_EPSILON)


@check("normalize_maps", points=1)
def test_a_constant_map_becomes_zeros(answer, draw):
    maps = draw.maps(3)
    maps[1] = draw.numbers(1)[0]
    assert_same(answer, maps, rtol=ROOM_FOR_EPSILON)


@check("normalize_maps", points=1)
def test_negative_and_small_values(answer, draw):
    for maps in (-10 - draw.maps(2).abs(), 0.1 * draw.maps(2)):
        assert_same(answer, maps, rtol=ROOM_FOR_EPSILON)


# compute_layer_saliency(X, y, model, layer) -> (N, h, w): the same for the output of a layer


@check("compute_layer_saliency", points=2)
def test_layer_maps_of_one_image(answer, draw):
    X, y, model = draw.images(1), draw.labels(1), draw.plain_network()
    assert_same(answer, X, y, model, model[3])


@check("compute_layer_saliency", points=2)
def test_layer_maps_of_a_batch(answer, draw):
    for n in (5, 2):
        X, y, model = draw.images(n), draw.labels(n), draw.plain_network(frozen=False)
        assert_same(answer, X, y, model, model[1])


@check("compute_layer_saliency", points=2)
def test_layer_maps_of_early_and_late_layers(answer, draw):
    X, y, model = draw.images(2, 8, 11), draw.labels(2), draw.residual_network()
    for layer in (model[0], model[2], model[2].conv1, model[3]):
        assert_same(answer, X, y, model, layer)


@check("compute_layer_saliency", points=2)
def test_layer_followed_by_in_place_relu(answer, draw):
    X, y, model = draw.images(2), draw.labels(2), draw.batch_norm_network()
    assert_same(answer, X, y, model, model[4])


@check("compute_layer_saliency", points=1)
def test_layer_maps_agree_with_finite_differences(answer, draw):
    X, y, model = draw.images(2, 6, 5), draw.labels(2), draw.smooth_network()
    below, above = model[:3], model[3:]
    expected = _numeric_maps(below(X), lambda scores: ClassScore(y)(scores).sum(), above)
    assert_value(
        answer,
        expected,
        X,
        y,
        model,
        model[2],
        rtol=FINITE_DIFFERENCES,
    )


@check("compute_layer_saliency", points=1)
def test_layer_maps_in_float32(answer, draw):
    X, y, model = (
        draw.images(2, dtype=torch.float32),
        draw.labels(2),
        draw.plain_network(torch.float32),
    )
    assert_same(
        answer,
        X,
        y,
        model,
        model[1],
        rtol=SINGLE,
    )


# compute_loss_saliency(X, losses, model) -> (N, H, W): for a weighted sum of losses


@check("compute_loss_saliency", points=2)
def test_a_single_loss(answer, draw):
    for frozen in (True, False):
        X, model = draw.images(3), draw.plain_network(frozen=frozen)
        losses = [(draw.numbers(1)[0], ClassScore(draw.labels(3)))]
        assert_same(answer, X, losses, model)


@check("compute_loss_saliency", points=2)
def test_a_weighted_sum_of_losses(answer, draw):
    for n in (5, 2):
        X, model = draw.images(n, 7, 10), draw.batch_norm_network()
        first, second, third = draw.numbers(3)
        losses = [
            (first, ClassScore(draw.labels(n))),
            (second, ClassScore(int(draw.labels(1)))),
            (third, CrossEntropy(draw.labels(n))),
        ]
        assert_same(answer, X, losses, model)


@check("compute_loss_saliency", points=1)
def test_negative_and_zero_weights(answer, draw):
    X, model = draw.images(2), draw.plain_network()
    weight, small = draw.numbers(2)
    losses = [
        (weight, ClassScore(draw.labels(2))),
        (-small, LogProbability(draw.labels(2))),
        (0.0, Entropy()),
    ]
    assert_same(answer, X, losses, model)


@check("compute_loss_saliency", points=1)
def test_loss_maps_of_one_image(answer, draw):
    X, model = draw.images(1), draw.residual_network()
    first, second = draw.numbers(2)
    losses = [(first, ClassScore(draw.labels(1))), (second, LogProbability(draw.labels(1)))]
    assert_same(answer, X, losses, model)


@check("compute_loss_saliency", points=2)
def test_nonlinear_losses(answer, draw):
    X, model = draw.images(3), draw.residual_network()
    first, second = draw.numbers(2)
    y, other = draw.labels(3), draw.labels(3)
    for losses in ([(first, Entropy())], [(first, CrossEntropy(y)), (second, Margin(y, other))]):
        assert_same(answer, X, losses, model)


@check("compute_loss_saliency", points=1)
def test_loss_maps_agree_with_finite_differences(answer, draw):
    X, model = draw.images(2, 5, 6), draw.smooth_network()
    (first, second), y = draw.numbers(2), draw.labels(2)
    losses = [(first, ClassScore(y)), (second, Entropy())]
    expected = _numeric_maps(
        X,
        lambda scores: (first * losses[0][1](scores) + second * losses[1][1](scores)).sum(),
        model,
    )
    assert_value(answer, expected, X, losses, model, rtol=FINITE_DIFFERENCES)


@check("compute_loss_saliency", points=1)
def test_loss_maps_in_float32(answer, draw):
    X, model = draw.images(2, dtype=torch.float32), draw.plain_network(torch.float32)
    losses = [(1.0, ClassScore(draw.labels(2))), (0.5, CrossEntropy(draw.labels(2)))]
    assert_same(
        answer,
        X,
        losses,
        model,
        rtol=SINGLE,
    )


def _numeric_maps(inputs, total, model):
    """Max over channels of |d total(model(inputs)) / d inputs| by central differences."""
    return numeric_gradient(lambda x: total(model(x)), inputs).abs().amax(dim=1)
