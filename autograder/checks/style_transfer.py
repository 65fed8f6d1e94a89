"""What a right answer to the style transfer assignment is.

Gatys, Ecker, Bethge: "Image Style Transfer Using Convolutional Neural Networks", 2016; for the
total variation Mahendran, Vedaldi: "Understanding Deep Image Representations by Inverting Them",
2015. Only derivatives by what the loop changes are asked for: the photograph's features and the
targets may be constants. `style_loss` builds on `gram_matrix`: where that is wrong, `style_loss` is
asked once more with another one in its place, so that one mistake costs its points once.
"""

import numpy as np
import pytest
import torch

from autograder.checks.follow_through import Helper, assert_same_with_helpers
from autograder.grading.compare import EXACT, SINGLE, assert_same, assert_value
from autograder.grading.inside.stand_ins_style_transfer import sums_of_means
from course_lib.gradients import numeric_gradient

FINITE_DIFFERENCES = 1e-4  # relative error of central differences with a step of 1e-6, and room

cell, points = pytest.mark.cell, pytest.mark.points


def as_number(value):
    """A scalar in whatever form as a tensor of shape (); anything else stays as it is."""
    if type(value) in (int, float):
        return torch.tensor(float(value), dtype=torch.float64)
    if isinstance(value, np.ndarray):
        value = torch.from_numpy(value)
    if isinstance(value, torch.Tensor) and value.numel() == 1:
        return value.reshape(())
    return value


# content_loss(content_weight, content_current, content_original): weight * sum((F - P)^2)


@cell("test_content_loss")
@points(3)
def test_content_loss_of_a_layer(student, reference, draw):
    for model in (draw.plain_network(), draw.batch_norm_network()):
        current, original = (model[:5](draw.images(1, 9, 11)) for _ in range(2))
        weight = draw.numbers(1)[0]
        asked = student.content_loss.seen_as(as_number)
        assert_same(asked, reference.content_loss, weight, current, original)


@cell("test_content_loss")
@points(2)
def test_content_loss_of_layers_of_any_size(student, reference, draw):
    for channels, height, width in ((1, 4, 3), (6, 2, 7), (5, 1, 1), (3, 8, 1)):
        current, original = (draw.features(1, channels, height, width) for _ in range(2))
        weight = draw.numbers(1)[0]
        asked = student.content_loss.seen_as(as_number)
        assert_same(asked, reference.content_loss, weight, current, original)


@cell("test_content_loss")
@points(1)
def test_content_loss_grows_with_its_weight(student, reference, draw):
    current, original = (draw.features(1, 4) for _ in range(2))
    for weight in (1e-3 * draw.numbers(1)[0], 100 * draw.numbers(1)[0]):
        asked = student.content_loss.seen_as(as_number)
        assert_same(asked, reference.content_loss, weight, current, original)


@cell("test_content_loss")
@points(2)
def test_content_gradient(student, reference, draw):
    current, original = (draw.features(1, 4) for _ in range(2))
    gradient, weight = student.content_loss.gradient(at=1), draw.numbers(1)[0]
    assert_same(gradient, reference.content_loss, weight, current, original)
    # A painting may begin as the photograph: there the gradient is zero.
    rounded = gradient.seen_as(_without_rounding)
    assert_same(rounded, reference.content_loss, weight, original, original)


@cell("test_content_loss")
@points(1)
def test_content_gradient_agrees_with_finite_differences(student, draw):
    layer, weight = draw.smooth_network()[:3], draw.numbers(1)[0]
    current, original = (layer(draw.images(1, 4, 3)) for _ in range(2))
    expected = numeric_gradient(lambda F: weight * (F - original).pow(2).sum(), current)
    gradient = student.content_loss.gradient(at=1)
    assert_value(gradient, expected, weight, current, original, rtol=FINITE_DIFFERENCES)


@cell("test_content_loss")
@points(1)
def test_content_loss_in_float32(student, reference, draw):
    current, original = (draw.features(1, 4).float() for _ in range(2))
    arguments = (draw.numbers(1)[0], current, original)
    for asked in (student.content_loss.seen_as(as_number), student.content_loss.gradient(at=1)):
        assert_same(asked, reference.content_loss, *arguments, rtol=SINGLE)


# gram_matrix(features, normalize=True) -> (N, C, C), divided by C * H * W when normalised


@cell("test_gram_matrix")
@points(4)
def test_gram_matrix_of_one_image(student, reference, draw):
    features = draw.residual_network()[:3](draw.images(1))
    for F in (draw.features(1, 4), features):
        assert_same(student.gram_matrix, reference.gram_matrix, F)


@cell("test_gram_matrix")
@points(3)
def test_gram_matrix_that_is_not_normalized(student, reference, draw):
    for n in (1, 2):
        F = draw.features(n, 4)
        assert_same(student.gram_matrix, reference.gram_matrix, F, normalize=False)
        assert_same(student.gram_matrix, reference.gram_matrix, F, False)
        assert_same(student.gram_matrix, reference.gram_matrix, F, True)


@cell("test_gram_matrix")
@points(4)
def test_gram_matrices_of_a_batch(student, reference, draw):
    for n in (5, 2):
        features = draw.batch_norm_network()[:4](draw.images(n, 6, 7))
        for F in (draw.features(n, 4), features):
            assert_same(student.gram_matrix, reference.gram_matrix, F)


@cell("test_gram_matrix")
@points(2)
def test_gram_matrix_of_features_of_any_size(student, reference, draw):
    for channels, height, width in ((7, 3, 2), (3, 2, 9), (2, 9, 2), (1, 4, 5), (6, 1, 1)):
        F = draw.features(2, channels, height, width)
        assert_same(student.gram_matrix, reference.gram_matrix, F)


@cell("test_gram_matrix")
@points(2)
def test_gram_matrix_does_not_depend_on_the_rest_of_the_batch(student, reference, draw):
    F = draw.features(4, 5)
    F[1:] *= 20  # bright neighbours
    for chosen in (slice(0, 4), slice(0, 1), slice(0, 2)):
        assert_same(student.gram_matrix, reference.gram_matrix, F[chosen])


@cell("test_gram_matrix")
@points(2)
def test_gram_gradient(student, reference, draw):
    for n in (1, 3):
        gradient, F = student.gram_matrix.gradient(at=0), draw.features(n, 4)
        assert_same(gradient, reference.gram_matrix, F)
        assert_same(gradient, reference.gram_matrix, F, normalize=False)


@cell("test_gram_matrix")
@points(2)
def test_gram_gradient_agrees_with_finite_differences(student, draw):
    F = draw.smooth_network()[:3](draw.images(2, 4, 3))
    size = F[0].numel()
    # All elements of the matrix added up are the square of the channels' sum, place by place.
    expected = numeric_gradient(lambda F: F.sum(dim=1).pow(2).sum() / size, F)
    assert_value(student.gram_matrix.gradient(at=0), expected, F, rtol=FINITE_DIFFERENCES)


@cell("test_gram_matrix")
@points(1)
def test_gram_matrix_in_float32(student, reference, draw):
    F = draw.features(2, 5).float()
    assert_same(student.gram_matrix, reference.gram_matrix, F, rtol=SINGLE)
    assert_same(student.gram_matrix.gradient(at=0), reference.gram_matrix, F, rtol=SINGLE)


# style_loss(feats, style_layers, style_targets, style_weights):
# sum over i of style_weights[i] * sum((gram(feats[style_layers[i]]) - style_targets[i])^2)


@cell("test_style_loss")
@points(3)
def test_style_loss_of_one_layer(student, reference, draw):
    for layer in (0, 2):
        arguments = _style(draw, [layer])
        _assert_style(student, reference, student.style_loss.seen_as(as_number), arguments)


@cell("test_style_loss")
@points(4)
def test_style_loss_of_several_layers(student, reference, draw):
    for layers in ([0, 1, 2, 3], [0, 2, 3], [1, 3]):
        arguments = _style(draw, layers)
        _assert_style(student, reference, student.style_loss.seen_as(as_number), arguments)


@cell("test_style_loss")
@points(3)
def test_style_layers_in_any_order(student, reference, draw):
    for layers in ([2, 0], [3, 1, 0, 2]):
        arguments = _style(draw, layers)
        _assert_style(student, reference, student.style_loss.seen_as(as_number), arguments)


@cell("test_style_loss")
@points(2)
def test_style_weights_as_a_tensor(student, reference, draw):
    feats, layers, targets, weights = _style(draw, [1, 0, 3])
    weights = torch.tensor(weights, dtype=torch.float64, device=draw.device)
    arguments = (feats, layers, targets, weights)
    _assert_style(student, reference, student.style_loss.seen_as(as_number), arguments)
    _assert_style(student, reference, student.style_loss.gradient(at=0), arguments)


@cell("test_style_loss")
@points(4)
def test_style_gradient(student, reference, draw):
    for layers in ([1], [0, 2, 3], [3, 0, 1]):
        arguments = _style(draw, layers)
        _assert_style(student, reference, student.style_loss.gradient(at=0), arguments)
    feats, layers, targets, weights = _style(draw, [2, 0])
    feats[2], targets[0] = 0 * feats[2], 0 * targets[0]  # this layer is as it should be
    rounded = student.style_loss.gradient(at=0).seen_as(_without_rounding)
    _assert_style(student, reference, rounded, (feats, layers, targets, weights))


@cell("test_style_loss")
@points(3)
def test_style_gradient_agrees_with_finite_differences(student, reference, draw):
    model = draw.smooth_network()
    image, other = draw.images(1, 4, 5), draw.images(1, 6, 4)
    feats = [model[0](image), model[:2](image), model[:5](image)]
    targets = [_gram(model[0](other)), _gram(model[:5](other))]
    (first, second), layers = draw.numbers(2), [0, 2]

    def total(i, target, weight):
        return lambda F: weight * (_gram(F) - target).pow(2).sum()

    expected = [
        numeric_gradient(total(0, targets[0], first), feats[0]),
        torch.zeros_like(feats[1]),
        numeric_gradient(total(2, targets[1], second), feats[2]),
    ]
    arguments = (feats, layers, targets, [first, second])
    gradient = student.style_loss.gradient(at=0)
    how = {"expected": expected, "rtol": FINITE_DIFFERENCES}
    _assert_style(student, reference, gradient, arguments, **how)


@cell("test_style_loss")
@points(1)
def test_style_loss_in_float32(student, reference, draw):
    arguments = _style(draw, [0, 3, 1], torch.float32)
    for asked in (student.style_loss.seen_as(as_number), student.style_loss.gradient(at=0)):
        _assert_style(student, reference, asked, arguments, rtol=SINGLE)


# tv_loss(img, tv_weight): weight * (squared vertical + squared horizontal differences)


@cell("test_tv_loss")
@points(4)
def test_tv_loss_of_an_image(student, reference, draw):
    for size in (9, 4):
        img, weight = draw.images(1, size, size), draw.numbers(1)[0]
        assert_same(student.tv_loss.seen_as(as_number), reference.tv_loss, img, weight)


@cell("test_tv_loss")
@points(3)
def test_tv_loss_of_non_square_images(student, reference, draw):
    for height, width in ((5, 12), (12, 5), (2, 3)):
        img, weight = draw.images(1, height, width), draw.numbers(1)[0]
        assert_same(student.tv_loss.seen_as(as_number), reference.tv_loss, img, weight)


@cell("test_tv_loss")
@points(4)
def test_tv_loss_of_stripes(student, reference, draw):
    """Stripes that lie differ from top to bottom only, and stripes that stand from left to right."""
    for img in (draw.images(1, 8, 1).repeat(1, 1, 1, 6), draw.images(1, 1, 6).repeat(1, 1, 8, 1)):
        weight = draw.numbers(1)[0]
        assert_same(student.tv_loss.seen_as(as_number), reference.tv_loss, img, weight)


@cell("test_tv_loss")
@points(2)
def test_tv_loss_grows_with_its_weight(student, reference, draw):
    img = draw.images(1, 6, 7)
    for weight in (1e-3 * draw.numbers(1)[0], 100 * draw.numbers(1)[0]):
        assert_same(student.tv_loss.seen_as(as_number), reference.tv_loss, img, weight)


@cell("test_tv_loss")
@points(4)
def test_tv_gradient(student, reference, draw):
    for height, width in ((7, 7), (4, 9)):
        img, weight = draw.images(1, height, width), draw.numbers(1)[0]
        assert_same(student.tv_loss.gradient(at=0), reference.tv_loss, img, weight)
    stripes = draw.images(1, 6, 1).repeat(1, 1, 1, 5)  # neighbours may be equal
    for img in (stripes, stripes.mT):
        assert_same(student.tv_loss.gradient(at=0), reference.tv_loss, img, weight)


@cell("test_tv_loss")
@points(2)
def test_tv_gradient_agrees_with_finite_differences(student, draw):
    img, weight = draw.images(1, 5, 4), draw.numbers(1)[0]

    def total(img):
        return weight * sum(img.diff(dim=dim).pow(2).sum() for dim in (2, 3))

    expected = numeric_gradient(total, img)
    assert_value(student.tv_loss.gradient(at=0), expected, img, weight, rtol=FINITE_DIFFERENCES)


@cell("test_tv_loss")
@points(1)
def test_tv_loss_in_float32(student, reference, draw):
    img, weight = draw.images(1, 6, 8, torch.float32), draw.numbers(1)[0]
    for asked in (student.tv_loss.seen_as(as_number), student.tv_loss.gradient(at=0)):
        assert_same(asked, reference.tv_loss, img, weight, rtol=SINGLE)


def _style(draw, layers, dtype=torch.float64):
    """Features of four layers, more than are asked about, and targets and weights for `layers`.

    All layers have equally many channels: one that is taken for another must show in its values.
    """
    feats = [draw.features(1, 4, 6 - i, 5 + i).to(dtype) for i in range(4)]
    scales = draw.numbers(len(layers))
    # The style image has another size, and in each layer another contrast.
    targets = [scale * _gram(draw.features(1, 4, 7, 3)).to(dtype) for scale in scales]
    return feats, layers, targets, draw.numbers(len(layers))


def _assert_style(student, reference, asked, arguments, expected=None, rtol=EXACT):
    feats, layers, _, _ = arguments

    def check_gram_matrix():
        gram, gradient, right = (
            student.gram_matrix,
            student.gram_matrix.gradient(at=0),
            reference.gram_matrix,
        )
        for F in (feats[i] for i in layers):
            for normalize in ((), (True,), (False,)):
                assert_same(gram, right, F, *normalize, rtol=rtol)
                assert_same(gradient, right, F, *normalize, rtol=rtol)

    helpers = [Helper("gram_matrix", sums_of_means, check_gram_matrix)]
    right, how = reference.style_loss, {"expected": expected, "rtol": rtol}
    assert_same_with_helpers(helpers, asked, right, *arguments, **how)


def _without_rounding(gradients):
    """Where a gradient is zero, so that errors of rounding would not be small relative to it."""
    if isinstance(gradients, list):
        return [_without_rounding(gradient) for gradient in gradients]
    return gradients.round(decimals=9)


def _gram(F):
    """(N, C, C), normalised; a formula that none of the answers needs to share."""
    return torch.einsum("nchw,ndhw->ncd", F, F) / F[0].numel()
