"""What a right answer to the style transfer assignment is.

Gatys, Ecker, Bethge: "Image Style Transfer Using Convolutional Neural Networks", 2016; for the
total variation Mahendran, Vedaldi: "Understanding Deep Image Representations by Inverting Them",
2015. Derivatives are checked only with respect to what the loop changes: the photograph's features
and the targets may be constants. `style_loss` builds on `gram_matrix`, and may build on
`content_loss`: where these are wrong, `style_loss` is asked again with test doubles in their places,
so that one mistake costs its points once.
"""

import numpy as np
import pytest
import torch

from autograder.checks import (
    EXACT,
    FINITE_DIFFERENCES,
    SINGLE,
    Helper,
    assert_same,
    assert_same_with_helpers,
    assert_value,
    check,
    numeric_gradient,
)

from .probes import fourth_powers, sums_of_means


@pytest.fixture
def loss(answer):
    """The student's function, with its answer as one number in whatever form."""
    return answer.seen_as(_as_scalar)


def _as_scalar(value):
    """A number as a tensor of shape (); anything else stays as it is."""
    if type(value) in (int, float):
        return torch.tensor(float(value), dtype=torch.float64)
    if isinstance(value, np.ndarray):
        value = torch.from_numpy(value)
    if isinstance(value, torch.Tensor) and value.numel() == 1:
        return value.reshape(())
    return value


def _without_rounding(gradients):
    """For a gradient that is zero, relative to which rounding errors would not be small."""
    if isinstance(gradients, list):
        return [_without_rounding(gradient) for gradient in gradients]
    return gradients.round(decimals=9)


def _number(draw):
    """From 0.5 to 2."""
    return draw.numbers(1)[0]


# content_loss(content_weight, content_current, content_original): weight * sum((F - P)^2)


@check("content_loss", points=3)
def test_content_loss_of_a_layer(loss, draw):
    for model in (draw.plain_network(), draw.batch_norm_network()):
        current, original = (model[:5](draw.images(1, 9, 11)) for _ in range(2))
        assert_same(loss, _number(draw), current, original)


@check("content_loss", points=2)
def test_content_loss_of_layers_of_any_size(loss, draw):
    for channels, height, width in ((1, 4, 3), (6, 2, 7), (5, 1, 1), (3, 8, 1)):
        current, original = (draw.features(1, channels, height, width) for _ in range(2))
        assert_same(loss, _number(draw), current, original)


@check("content_loss", points=1)
def test_content_loss_grows_with_its_weight(loss, draw):
    current, original = (draw.features(1, 4) for _ in range(2))
    for weight in (1e-3 * _number(draw), 100 * _number(draw)):
        assert_same(loss, weight, current, original)


@check("content_loss", points=2)
def test_content_gradient(answer, draw):
    current, original = (draw.features(1, 4) for _ in range(2))
    gradient, weight = answer.gradient(at=1), _number(draw)
    # A painting may begin as the photograph: there the gradient is zero. A mistake that shows only
    # here comes first, for a check ends where it fails.
    assert_same(gradient.seen_as(_without_rounding), weight, original, original)
    assert_same(gradient, weight, current, original)


@check("content_loss", points=1)
def test_content_gradient_agrees_with_finite_differences(answer, draw):
    layer, weight = draw.smooth_network()[:3], _number(draw)
    current, original = (layer(draw.images(1, 4, 3)) for _ in range(2))
    expected = numeric_gradient(lambda F: weight * (F - original).pow(2).sum(), current)
    gradient = answer.gradient(at=1)
    assert_value(gradient, expected, weight, current, original, rtol=FINITE_DIFFERENCES)


@check("content_loss", points=1)
def test_content_loss_in_float32(answer, loss, draw):
    current, original = (draw.features(1, 4).float() for _ in range(2))
    weight = _number(draw)
    for asked in (loss, answer.gradient(at=1)):
        assert_same(asked, weight, current, original, rtol=SINGLE)


# gram_matrix(features, normalize=True) -> (N, C, C), divided by C * H * W when normalised


@check("gram_matrix", points=4)
def test_gram_matrix_of_one_image(answer, draw):
    features = draw.residual_network()[:3](draw.images(1))
    for F in (draw.features(1, 4), features):
        assert_same(answer, F)


@check("gram_matrix", points=3)
def test_gram_matrix_that_is_not_normalized(answer, draw):
    for n in (3, 2):
        F = draw.features(n, 4)
        assert_same(answer, F, normalize=False)
        assert_same(answer, F, False)
        assert_same(answer, F, True)


@check("gram_matrix", points=4)
def test_gram_matrices_of_a_batch(answer, draw):
    for n in (5, 2):
        features = draw.batch_norm_network()[:4](draw.images(n, 6, 7))
        for F in (draw.features(n, 4), features):
            assert_same(answer, F)


@check("gram_matrix", points=2)
def test_gram_matrix_of_features_of_any_size(answer, draw):
    for channels, height, width in ((7, 3, 2), (3, 2, 9), (2, 9, 2), (1, 4, 5), (6, 1, 1)):
        assert_same(answer, draw.features(2, channels, height, width))


@check("gram_matrix", points=2)
def test_gram_matrix_does_not_depend_on_the_rest_of_the_batch(answer, draw):
    F = draw.features(4, 5)
    F[1:] *= 20  # bright neighbours
    for chosen in (slice(0, 4), slice(0, 2), slice(1, 3)):  # one image alone is another check's
        assert_same(answer, F[chosen])


@check("gram_matrix", points=2)
def test_gram_gradient(answer, draw):
    for n in (2, 3):
        F = draw.features(n, 4)
        assert_same(answer.gradient(at=0), F, normalize=False)
        assert_same(answer.gradient(at=0), F)


@check("gram_matrix", points=2)
def test_gram_gradient_agrees_with_finite_differences(answer, draw):
    F = draw.smooth_network()[:3](draw.images(2, 4, 3))
    size = F[0].numel()
    # All elements of the matrix added up are the square of the channels' sum, place by place.
    expected = numeric_gradient(lambda F: F.sum(dim=1).pow(2).sum() / size, F)
    assert_value(answer.gradient(at=0), expected, F, rtol=FINITE_DIFFERENCES)


@check("gram_matrix", points=1)
def test_gram_matrix_in_float32(answer, draw):
    F = draw.features(2, 5).float()
    for asked in (answer, answer.gradient(at=0)):
        assert_same(asked, F, rtol=SINGLE)


# style_loss(feats, style_layers, style_targets, style_weights):
# sum over i of style_weights[i] * sum((gram(feats[style_layers[i]]) - style_targets[i])^2)


@pytest.fixture
def assert_style(student):
    """`assert_same` for `style_loss`, which is not to blame for the functions that it builds on."""

    def assert_same_style(asked, *arguments, expected=None, rtol=EXACT):
        feats, layers, *_ = arguments

        def check_gram_matrix():
            for F in (feats[i] for i in layers):
                for normalize in ((), (True,), (False,)):
                    assert_same(student.gram_matrix, F, *normalize, rtol=rtol)
                    assert_same(student.gram_matrix.gradient(at=0), F, *normalize, rtol=rtol)

        def check_content_loss():
            content_loss = student.content_loss
            for F in (feats[i] for i in layers):
                assert_same(content_loss.seen_as(_as_scalar), 0.5, F, F.flip(1), rtol=rtol)
                assert_same(content_loss.gradient(at=1), 0.5, F, F.flip(1), rtol=rtol)

        helpers = [
            Helper("gram_matrix", sums_of_means, check_gram_matrix),
            Helper("content_loss", fourth_powers, check_content_loss, _style_by_content_loss),
        ]
        assert_same_with_helpers(helpers, asked, *arguments, expected=expected, rtol=rtol)

    return assert_same_style


@check("style_loss", points=3)
def test_style_loss_of_one_layer(assert_style, loss, draw):
    for layer in (0, 2):
        assert_style(loss, *_style(draw, [layer]))


@check("style_loss", points=4)
def test_style_loss_of_several_layers(assert_style, loss, draw):
    for layers in ([0, 1, 2, 3], [0, 2, 3], [1, 3]):
        assert_style(loss, *_style(draw, layers))


@check("style_loss", points=3)
def test_style_layers_in_any_order(assert_style, loss, draw):
    for layers in ([2, 0], [3, 1, 0, 2]):
        assert_style(loss, *_style(draw, layers))


@check("style_loss", points=2)
def test_style_weights_as_a_tensor(assert_style, answer, loss, draw):
    feats, layers, targets, weights = _style(draw, [1, 0, 3])
    weights = torch.tensor(weights, dtype=torch.float64, device=draw.device)
    for asked in (loss, answer.gradient(at=0)):
        assert_style(asked, feats, layers, targets, weights)


@check("style_loss", points=4)
def test_style_gradient(assert_style, answer, draw):
    gradient = answer.gradient(at=0)
    feats, layers, targets, weights = _style(draw, [2, 0])
    feats[2], targets[0] = 0 * feats[2], 0 * targets[0]  # this layer is as it should be
    assert_style(gradient.seen_as(_without_rounding), feats, layers, targets, weights)
    for layers in ([1], [0, 2, 3], [3, 0, 1]):
        assert_style(gradient, *_style(draw, layers))


@check("style_loss", points=3)
def test_style_gradient_agrees_with_finite_differences(assert_style, answer, draw):
    model = draw.smooth_network()
    image, other = draw.images(1, 4, 5), draw.images(1, 6, 4)
    feats = [model[0](image), model[:2](image), model[:5](image)]
    targets = [gram_matrix(model[0](other)), gram_matrix(model[:5](other))]
    (first, second), layers = draw.numbers(2), [0, 2]

    def slope(F, target, weight):
        return numeric_gradient(lambda F: weight * (gram_matrix(F) - target).pow(2).sum(), F)

    expected = [
        slope(feats[0], targets[0], first),
        torch.zeros_like(feats[1]),
        slope(feats[2], targets[1], second),
    ]
    assert_style(
        answer.gradient(at=0),
        feats,
        layers,
        targets,
        [first, second],
        expected=expected,
        rtol=FINITE_DIFFERENCES,
    )


@check("style_loss", points=1)
def test_style_loss_in_float32(assert_style, answer, loss, draw):
    arguments = _style(draw, [0, 3, 1], torch.float32)
    for asked in (loss, answer.gradient(at=0)):
        assert_style(asked, *arguments, rtol=SINGLE)


def _style(draw, layers, dtype=torch.float64):
    """Features of four layers, more than are asked about, and targets and weights for `layers`.

    All layers have equally many channels: one that is taken for another must show in its values.
    """
    feats = [draw.features(1, 4, 6 - i, 5 + i).to(dtype) for i in range(4)]
    scales = draw.numbers(len(layers))
    # The style image has another size, and in each layer another contrast.
    targets = [scale * gram_matrix(draw.features(1, 4, 7, 3)).to(dtype) for scale in scales]
    return feats, layers, targets, draw.numbers(len(layers))


def gram_matrix(F, normalize=True):
    """(N, C, C); a formula that none of the answers needs to share."""
    return torch.einsum("nchw,ndhw->ncd", F, F) / (F[0].numel() if normalize else 1)


def _style_by_content_loss(feats, style_layers, style_targets, style_weights):
    """A right `style_loss`, with the test double of `content_loss` as its distance."""
    terms = zip(style_layers, style_targets, style_weights, strict=True)
    return sum(content_loss(w, gram_matrix(feats[i]), A) for i, A, w in terms)  # noqa: F821


# tv_loss(img, tv_weight): weight * (squared vertical + squared horizontal differences)


@check("tv_loss", points=4)
def test_tv_loss_of_an_image(loss, draw):
    for size in (9, 4):
        assert_same(loss, draw.images(1, size, size), _number(draw))


@check("tv_loss", points=3)
def test_tv_loss_of_non_square_images(loss, draw):
    for height, width in ((5, 12), (12, 5), (2, 3)):
        assert_same(loss, draw.images(1, height, width), _number(draw))


@check("tv_loss", points=4)
def test_tv_loss_of_stripes(loss, draw):
    """Lying stripes differ from top to bottom only, standing ones from left to right."""
    for img in (draw.images(1, 8, 1).repeat(1, 1, 1, 6), draw.images(1, 1, 6).repeat(1, 1, 8, 1)):
        assert_same(loss, img, _number(draw))


@check("tv_loss", points=2)
def test_tv_loss_grows_with_its_weight(loss, draw):
    img = draw.images(1, 6, 7)
    for weight in (1e-3 * _number(draw), 100 * _number(draw)):
        assert_same(loss, img, weight)


@check("tv_loss", points=4)
def test_tv_gradient(answer, draw):
    gradient = answer.gradient(at=0)
    stripes = draw.images(1, 6, 1).repeat(1, 1, 1, 5)  # neighbours may be equal
    for img in (stripes, stripes.mT):
        assert_same(gradient, img, _number(draw))
    for height, width in ((7, 7), (4, 9)):
        assert_same(gradient, draw.images(1, height, width), _number(draw))


@check("tv_loss", points=2)
def test_tv_gradient_agrees_with_finite_differences(answer, draw):
    img, weight = draw.images(1, 5, 4), _number(draw)

    def total(img):
        return weight * sum(img.diff(dim=dim).pow(2).sum() for dim in (2, 3))

    expected = numeric_gradient(total, img)
    assert_value(answer.gradient(at=0), expected, img, weight, rtol=FINITE_DIFFERENCES)


@check("tv_loss", points=1)
def test_tv_loss_in_float32(answer, loss, draw):
    img, weight = draw.images(1, 6, 8, torch.float32), _number(draw)
    for asked in (loss, answer.gradient(at=0)):
        assert_same(asked, img, weight, rtol=SINGLE)
