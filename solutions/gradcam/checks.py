"""What a right answer to the Grad-CAM assignment is.

Springenberg, Dosovitskiy, Brox, Riedmiller: "Striving for Simplicity: The All Convolutional Net",
2015 (guided backpropagation). Selvaraju, Cogswell, Das, Vedantam, Parikh, Batra: "Grad-CAM: Visual
Explanations from Deep Networks via Gradient-based Localization", 2017.

`guided_grad_cam` builds on the other two functions: where one of these is wrong, it is asked again
with a test double in its place, so that one mistake costs its points once.
"""

import torch
from torch import nn

from autograder.checks import (
    CLASSES,
    EXACT,
    FINITE_DIFFERENCES,
    ROOM_FOR_EPSILON,
    SINGLE,
    Helper,
    assert_same,
    assert_same_with_helpers,
    assert_value,
    check,
    describe_difference,
    fail,
    numeric_gradient,
)
from course_lib.interpolation import resize_bilinear
from course_lib.losses import ClassScore

from .probes import bright_places, coloured_pixels, model_afterwards

# guided_backprop(X, y, model) -> (N, 3, H, W): ReLUs pass back positive gradients only


@check("guided_backprop", points=3)
def test_guided_backprop_of_one_image(answer, draw):
    X, y, model = draw.images(1), draw.labels(1), draw.plain_network()
    assert_same(answer, X, y, model)


@check("guided_backprop", points=4)
def test_guided_backprop_of_a_batch(answer, draw):
    for n in (5, 2):
        X, y, model = draw.images(n), draw.labels(n), draw.plain_network(frozen=False)
        assert_same(answer, X, y, model)


@check("guided_backprop", points=1)
def test_guided_backprop_of_non_square_images(answer, draw):
    for height, width in ((7, 12), (12, 7)):
        X, y, model = draw.images(2, height, width), draw.labels(2), draw.dropout_network()
        assert_same(answer, X, y, model)


@check("guided_backprop", points=2)
def test_without_relus_it_is_the_gradient(answer, draw):
    X, y, model = draw.images(2, 5, 6), draw.labels(2), draw.smooth_network()
    expected = _numeric_gradient_of_scores(model, y, X)
    assert_value(answer, expected, X, y, model, rtol=FINITE_DIFFERENCES)


@check("guided_backprop", points=3)
def test_relus_inside_of_blocks(answer, draw):
    models = [draw.residual_network(frozen=frozen) for frozen in (True, False)]
    for model in (*models, _with_nested_relu(draw.residual_network())):
        X, y = draw.images(3), draw.labels(3)
        assert_same(answer, X, y, model)


def _with_nested_relu(model):
    """The same network with its last ReLU in a block in a block in a block."""
    return nn.Sequential(*model[:3], nn.Sequential(nn.Sequential(model[3])), *model[4:])


@check("guided_backprop", points=3)
def test_in_place_relus(answer, draw):
    for n in (3, 2):
        X, y, model = draw.images(n), draw.labels(n), draw.batch_norm_network()
        assert_same(answer, X, y, model)


@check("guided_backprop", points=3)
def test_a_relu_module_that_is_used_several_times(answer, draw):
    for model in (draw.residual_network(), draw.shared_relu_network()):
        X, y = draw.images(2), draw.labels(2)
        assert_same(answer, X, y, model)


@check("guided_backprop", points=1)
def test_guided_backprop_of_classes_that_are_not_predicted(answer, draw):
    X, model = draw.images(3), draw.plain_network()
    least_likely = model(X).argmin(dim=1)
    assert_same(answer, X, least_likely, model)


@check("guided_backprop", points=1)
def test_guided_backprop_does_not_depend_on_the_rest_of_the_batch(answer, draw):
    X, y, model = draw.images(4), draw.labels(4), draw.batch_norm_network()
    X[1:] *= 0.05  # dark neighbours, whose gradients have another size
    for chosen in (slice(0, 4), slice(0, 2), slice(1, 3)):  # one image alone is another check's
        assert_same(answer, X[chosen], y[chosen], model)


@check("guided_backprop", points=1)
def test_guided_backprop_in_float32(answer, draw):
    X, y = draw.images(2, dtype=torch.float32), draw.labels(2)
    model = draw.batch_norm_network(torch.float32)
    assert_same(answer, X, y, model, rtol=SINGLE)


@check("guided_backprop", points=2)
def test_the_model_is_afterwards_as_it_was(answer, draw):
    for model in (draw.residual_network(), draw.batch_norm_network(), draw.plain_network()):
        _assert_model_as_it_was(answer, draw.images(2), draw.labels(2), model)


AFTERWARDS = {
    "returned": "nothing was returned.",
    "modules": "after the call, the model has other modules than before.",
    "in_place": "after the call, the ReLUs' inplace flags are not what they were before.",
    "training": "after the call, the model is in another mode (train or eval) than before.",
    "hooks": "after the call, the model has hooks that it did not have before.",
    "scores": "after the call, the model returns other scores than before.",
    "gradient": "after the call, the model's plain gradient is another one than before.",
}


def _assert_model_as_it_was(guided_backprop, X, y, model):
    function = guided_backprop.asked(model_afterwards).seen_as(dict)
    expected, actual = function.expected(X, y, model), function(X, y, model)
    for key, sentence in AFTERWARDS.items():
        if describe_difference(actual.get(key), expected[key], EXACT):
            fail(function, sentence, actual, X, y, model)


# grad_cam(X, y, model, layer) -> (N, H, W): ReLU of the weighted channels, upsampled, in [0, 1]


@check("grad_cam", points=3)
def test_grad_cam_of_one_image(answer, draw):
    for _ in range(2):
        X, model = draw.images(1), _with_large_scores(draw.plain_network())
        _assert_maps(answer, draw, X, model, model[3])


@check("grad_cam", points=4)
def test_grad_cam_of_a_batch(answer, draw):
    for n in (5, 2):
        X, model = draw.images(n), _with_large_scores(draw.plain_network(frozen=False))
        _assert_maps(answer, draw, X, model, model[3])


@check("grad_cam", points=2)
def test_grad_cam_of_non_square_images(answer, draw):
    for height, width in ((8, 14), (13, 7)):
        X, model = draw.images(2, height, width), _with_large_scores(draw.dropout_network())
        _assert_maps(answer, draw, X, model, model[4])


@check("grad_cam", points=3)
def test_grad_cam_at_early_and_late_layers_and_blocks(answer, draw):
    X, model = draw.images(2, 8, 11), _with_large_scores(draw.residual_network())
    for layer in (model[1], model[2].conv1, model[2], model[3]):
        _assert_maps(answer, draw, X, model, layer)


@check("grad_cam", points=3)
def test_grad_cam_at_a_layer_followed_by_an_in_place_relu(answer, draw):
    X, model = draw.images(3), _with_large_scores(draw.batch_norm_network())
    for layer in (model[4], model[2]):
        _assert_maps(answer, draw, X, model, layer)


@check("grad_cam", points=2)
def test_each_grad_cam_is_stretched_on_its_own(answer, draw):
    X, model = draw.images(4), _with_large_scores(draw.batch_norm_network())
    X[1:] *= 0.3  # darker neighbours, whose activations have another size
    y = _labels_with_evidence(answer, draw, X, model, model[4])
    for chosen in (slice(0, 4), slice(0, 2), slice(1, 3)):  # one image alone is another check's
        assert_same(answer, X[chosen], y[chosen], model, model[4], rtol=ROOM_FOR_EPSILON)


@check("grad_cam", points=2)
def test_a_grad_cam_that_is_positive_everywhere(answer, draw):
    X, model = draw.images(3), _with_large_scores(draw.smooth_network())
    _make_evidence_for(model, [0, 2, 4])
    y = torch.tensor([4, 0, 2], device=X.device)
    assert_same(answer, X, y, model, model[4], rtol=ROOM_FOR_EPSILON)


@check("grad_cam", points=2)
def test_a_grad_cam_without_contrast_is_zero(answer, draw):
    X, model = draw.images(3), _with_large_scores(draw.smooth_network())
    _make_evidence_for(model, [0, 2])
    y = torch.tensor([2, 5, 0], device=X.device)  # for class 5 there is only evidence against it
    assert_same(answer, X, y, model, model[4], rtol=ROOM_FOR_EPSILON)
    X = draw.images(3, 8, 8)
    X[1] = 0.5  # grey, which is 0 once normalised: the first convolution returns its bias
    y = torch.tensor([2, 2, 0], device=X.device)
    with torch.no_grad():
        model[3].weight.abs_()
        model[1].bias.zero_()
        model[1].bias[0] = 1
    assert_same(answer, X, y, model, model[1], rtol=ROOM_FOR_EPSILON)


def _make_evidence_for(model, classes):
    """Make all that the last activation returns positive, and evidence for `classes` only."""
    model[4] = nn.Softplus()
    with torch.no_grad():
        model[-1].weight.abs_()
        others = [k for k in range(CLASSES) if k not in classes]
        model[-1].weight[others] *= -1


@check("grad_cam", points=2)
def test_grad_cam_agrees_with_finite_differences(answer, draw):
    X, model = draw.images(2, 6, 8), _with_large_scores(draw.smooth_network())
    y = _labels_with_evidence(answer, draw, X, model, model[3])
    outputs = model[:4](X)
    weights = _numeric_gradient_of_scores(model[4:], y, outputs).mean(dim=(2, 3))
    maps = resize_bilinear(torch.einsum("nk,nkhw->nhw", weights, outputs).clamp(min=0), 6, 8)
    lowest, highest = maps.amin(dim=(1, 2), keepdim=True), maps.amax(dim=(1, 2), keepdim=True)
    expected = (maps - lowest) / (highest - lowest).clamp_min(1e-30)
    assert_value(answer, expected, X, y, model, model[3], rtol=FINITE_DIFFERENCES)


@check("grad_cam", points=2)
def test_grad_cam_of_classes_that_are_not_predicted(answer, draw):
    X, model = draw.images(4), _with_large_scores(draw.plain_network())
    _assert_maps(answer, draw, X, model, model[3], avoid=model(X).argmax(dim=1))


@check("grad_cam", points=1)
def test_grad_cam_in_float32(answer, draw):
    X = draw.images(2, dtype=torch.float32)
    model = _with_large_scores(draw.plain_network(torch.float32))
    _assert_maps(answer, draw, X, model, model[3], rtol=SINGLE)


def _assert_maps(grad_cam, draw, X, model, layer, avoid=None, rtol=ROOM_FOR_EPSILON):
    y = _labels_with_evidence(grad_cam, draw, X, model, layer, avoid)
    assert_same(grad_cam, X, y, model, layer, rtol=rtol)


# guided_grad_cam(X, y, model, layer) -> (N, 3, H, W): the product of the two


@check("guided_grad_cam", points=2)
def test_guided_grad_cam_of_one_image(student, draw):
    X, model = draw.images(1), _with_large_scores(draw.plain_network())
    _assert_products(student, draw, X, model, model[3])


@check("guided_grad_cam", points=3)
def test_guided_grad_cam_of_a_batch(student, draw):
    for n in (3, 5, 2):  # three images: as many as channels, so that swapped axes don't raise
        X, model = draw.images(n), _with_large_scores(draw.plain_network(frozen=False))
        _assert_products(student, draw, X, model, model[3])


@check("guided_grad_cam", points=1)
def test_guided_grad_cam_of_non_square_images(student, draw):
    X, model = draw.images(2, 8, 13), _with_large_scores(draw.dropout_network())
    _assert_products(student, draw, X, model, model[4])


@check("guided_grad_cam", points=2)
def test_guided_grad_cam_with_relus_in_place_and_used_twice(student, draw):
    for model, index in ((draw.batch_norm_network(), 4), (draw.shared_relu_network(), 5)):
        X, model = draw.images(2), _with_large_scores(model)
        _assert_products(student, draw, X, model, model[index])


@check("guided_grad_cam", points=1)
def test_guided_grad_cam_at_several_layers(student, draw):
    X, model = draw.images(2), _with_large_scores(draw.residual_network())
    for layer in (model[1], model[2], model[3]):
        _assert_products(student, draw, X, model, layer)


@check("guided_grad_cam", points=1)
def test_guided_grad_cam_in_float32(student, draw):
    X = draw.images(2, dtype=torch.float32)
    model = _with_large_scores(draw.batch_norm_network(torch.float32))
    _assert_products(student, draw, X, model, model[4], rtol=SINGLE)


def _assert_products(student, draw, X, model, layer, rtol=ROOM_FOR_EPSILON):
    y = _labels_with_evidence(student.grad_cam, draw, X, model, layer)

    def check_guided_backprop():
        assert_same(student.guided_backprop, X, y, model, rtol=rtol)
        _assert_model_as_it_was(student.guided_backprop, X, y, model)

    def check_grad_cam():
        assert_same(student.grad_cam, X, y, model, layer, rtol=rtol)

    helpers = [
        Helper("guided_backprop", coloured_pixels, check_guided_backprop),
        Helper("grad_cam", bright_places, check_grad_cam),
    ]
    assert_same_with_helpers(helpers, student.guided_grad_cam, X, y, model, layer, rtol=rtol)


# Shared by the checks above


def _numeric_gradient_of_scores(model, y, inputs):
    """d (score of class y) / d inputs by central differences."""
    return numeric_gradient(lambda x: ClassScore(y)(model(x)).sum(), inputs)


def _with_large_scores(model):
    """The model with a larger last layer: then a small constant in a denominator does no harm."""
    with torch.no_grad():
        model[-1].weight *= 1000
    return model


def _labels_with_evidence(grad_cam, draw, X, model, layer, avoid=None):
    """A random class for each image, with evidence for it at some places and not at others.

    A map that is zero, or positive everywhere, would let wrong answers pass.

    Args:
        avoid: for each image, a class that must not be drawn.
    """
    n = len(X)
    classes = torch.arange(CLASSES, device=X.device)
    asked = classes.repeat_interleave(n)
    maps = grad_cam.reference(X.repeat(CLASSES, 1, 1, 1), asked, model, layer)
    empty = (maps == 0).flatten(1).double().mean(dim=1).view(CLASSES, n).T  # (N, CLASSES)
    good = (empty > 0.02) & (empty < 0.8)
    if avoid is not None:
        good &= classes != avoid[:, None]
    order = torch.stack([draw.labels(CLASSES) for _ in range(n)])  # each row a permutation
    first = good.gather(1, order).double().argmax(dim=1, keepdim=True)
    return order.gather(1, first).squeeze(1)
