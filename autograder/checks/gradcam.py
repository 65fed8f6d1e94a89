"""What a right answer to the Grad-CAM assignment is.

Springenberg, Dosovitskiy, Brox, Riedmiller: "Striving for Simplicity: The All Convolutional Net",
2015 (guided backpropagation). Selvaraju, Cogswell, Das, Vedantam, Parikh, Batra: "Grad-CAM: Visual
Explanations from Deep Networks via Gradient-based Localization", 2017.

`guided_grad_cam` builds on the other two functions: where one of these is wrong, it is asked once
more with another one in its place, so that one mistake costs its points once.
"""

import pytest
import torch
from torch import nn

from autograder.checks.follow_through import Helper, assert_same_with_helpers
from autograder.grading.compare import (
    EXACT,
    SINGLE,
    assert_same,
    assert_value,
    describe_difference,
    fail,
)
from autograder.grading.inside.probes_gradcam import model_afterwards
from autograder.grading.inside.stand_ins_gradcam import bright_places, coloured_pixels
from autograder.grading.student import StudentFunction
from course_lib.gradients import numeric_gradient

FINITE_DIFFERENCES = 1e-4  # relative error of central differences with a step of 1e-6, and room
ROOM_FOR_EPSILON = 1e-4  # a small constant in the denominator is good practice
CLASSES = 7

cell, points = pytest.mark.cell, pytest.mark.points


# guided_backprop(X, y, model) -> (N, 3, H, W): ReLUs pass back positive gradients only


@cell("test_guided_backprop")
@points(3)
def test_guided_backprop_of_one_image(student, reference, draw):
    X, y, model = draw.images(1), draw.labels(1), draw.plain_network()
    assert_same(student.guided_backprop, reference.guided_backprop, X, y, model)


@cell("test_guided_backprop")
@points(4)
def test_guided_backprop_of_a_batch(student, reference, draw):
    for n in (5, 2):
        X, y, model = draw.images(n), draw.labels(n), draw.plain_network(frozen=False)
        assert_same(student.guided_backprop, reference.guided_backprop, X, y, model)


@cell("test_guided_backprop")
@points(1)
def test_guided_backprop_of_non_square_images(student, reference, draw):
    for height, width in ((7, 12), (12, 7)):
        X, y, model = draw.images(2, height, width), draw.labels(2), draw.dropout_network()
        assert_same(student.guided_backprop, reference.guided_backprop, X, y, model)


@cell("test_guided_backprop")
@points(2)
def test_without_relus_it_is_the_gradient(student, draw):
    X, y, model = draw.images(2, 5, 6), draw.labels(2), draw.smooth_network()
    with torch.no_grad():
        expected = numeric_gradient(lambda x: model(x).gather(1, y[:, None]).sum(), X)
    assert_value(student.guided_backprop, expected, X, y, model, rtol=FINITE_DIFFERENCES)


@cell("test_guided_backprop")
@points(3)
def test_relus_inside_of_blocks(student, reference, draw):
    models = [draw.residual_network(frozen=frozen) for frozen in (True, False)]
    for model in (*models, _in_blocks(draw.residual_network())):
        X, y = draw.images(3), draw.labels(3)
        assert_same(student.guided_backprop, reference.guided_backprop, X, y, model)


def _in_blocks(model):
    """The same network with its last ReLU in a block in a block in a block."""
    return nn.Sequential(*model[:3], nn.Sequential(nn.Sequential(model[3])), *model[4:])


@cell("test_guided_backprop")
@points(3)
def test_in_place_relus(student, reference, draw):
    for n in (3, 1):
        X, y, model = draw.images(n), draw.labels(n), draw.batch_norm_network()
        assert_same(student.guided_backprop, reference.guided_backprop, X, y, model)


@cell("test_guided_backprop")
@points(3)
def test_a_relu_module_that_is_used_several_times(student, reference, draw):
    for model in (draw.residual_network(), draw.shared_relu_network()):
        X, y = draw.images(2), draw.labels(2)
        assert_same(student.guided_backprop, reference.guided_backprop, X, y, model)


@cell("test_guided_backprop")
@points(1)
def test_guided_backprop_of_classes_that_are_not_predicted(student, reference, draw):
    X, model = draw.images(3), draw.plain_network()
    least_likely = model(X).argmin(dim=1)
    assert_same(student.guided_backprop, reference.guided_backprop, X, least_likely, model)


@cell("test_guided_backprop")
@points(1)
def test_guided_backprop_does_not_depend_on_the_rest_of_the_batch(student, reference, draw):
    X, y, model = draw.images(4), draw.labels(4), draw.batch_norm_network()
    X[1:] *= 0.05  # dark neighbours, whose gradients have another size
    for chosen in (slice(0, 4), slice(0, 1), slice(1, 3)):
        assert_same(student.guided_backprop, reference.guided_backprop, X[chosen], y[chosen], model)


@cell("test_guided_backprop")
@points(1)
def test_guided_backprop_in_float32(student, reference, draw):
    X, y = draw.images(2, dtype=torch.float32), draw.labels(2)
    model = draw.batch_norm_network(torch.float32)
    assert_same(student.guided_backprop, reference.guided_backprop, X, y, model, rtol=SINGLE)


AFTERWARDS = {
    "returned": "nothing was returned.",
    "modules": "after the call other modules stand in the model than before.",
    "in_place": "after the call the ReLUs' inplace flags are not what they were before.",
    "training": "after the call the model is in another mode (train or eval) than before.",
    "hooks": "after the call there are hooks on the model that were not there before.",
    "scores": "after the call the model gives other scores than before.",
    "gradient": "after the call the model's plain gradient is another one than before.",
}


@cell("test_guided_backprop")
@points(2)
def test_the_model_is_afterwards_as_it_was(student, reference, draw):
    for model in (draw.residual_network(), draw.batch_norm_network(), draw.plain_network()):
        _assert_model_as_it_was(student, reference, draw.images(2), draw.labels(2), model)


def _assert_model_as_it_was(student, reference, X, y, model):
    """The function is called on a model, and then the model is asked: in the jail, as it is there."""
    function = StudentFunction(student, "guided_backprop", model_afterwards)
    expected = function.question(X, y, model).put_to(reference.guided_backprop)
    actual = function(X, y, model)
    for key, sentence in AFTERWARDS.items():
        if describe_difference(actual.get(key), expected[key], EXACT):
            fail(function, sentence, actual, X, y, model)


# grad_cam(X, y, model, layer) -> (N, H, W): ReLU of the weighted channels, enlarged, from 0 to 1


@cell("test_grad_cam")
@points(3)
def test_grad_cam_of_one_image(student, reference, draw):
    for _ in range(2):
        X, model = draw.images(1), _with_large_scores(draw.plain_network())
        y = _labels_with_evidence(draw, reference, X, model, model[3])
        _assert_same_maps(student, reference, X, y, model, model[3])


@cell("test_grad_cam")
@points(4)
def test_grad_cam_of_a_batch(student, reference, draw):
    for n in (5, 2):
        X, model = draw.images(n), _with_large_scores(draw.plain_network(frozen=False))
        y = _labels_with_evidence(draw, reference, X, model, model[3])
        _assert_same_maps(student, reference, X, y, model, model[3])


@cell("test_grad_cam")
@points(2)
def test_grad_cam_of_non_square_images(student, reference, draw):
    for height, width in ((8, 14), (13, 7)):
        X, model = draw.images(2, height, width), _with_large_scores(draw.dropout_network())
        y = _labels_with_evidence(draw, reference, X, model, model[4])
        _assert_same_maps(student, reference, X, y, model, model[4])


@cell("test_grad_cam")
@points(3)
def test_grad_cam_at_early_and_late_layers_and_blocks(student, reference, draw):
    X, model = draw.images(2, 8, 11), _with_large_scores(draw.residual_network())
    for layer in (model[1], model[2].conv1, model[2], model[3]):
        y = _labels_with_evidence(draw, reference, X, model, layer)
        _assert_same_maps(student, reference, X, y, model, layer)


@cell("test_grad_cam")
@points(3)
def test_grad_cam_at_a_layer_followed_by_an_in_place_relu(student, reference, draw):
    X, model = draw.images(3), _with_large_scores(draw.batch_norm_network())
    for layer in (model[4], model[2]):
        y = _labels_with_evidence(draw, reference, X, model, layer)
        _assert_same_maps(student, reference, X, y, model, layer)


@cell("test_grad_cam")
@points(2)
def test_each_grad_cam_is_stretched_on_its_own(student, reference, draw):
    X, model = draw.images(4), _with_large_scores(draw.batch_norm_network())
    X[1:] *= 0.3  # darker neighbours, whose activations have another size
    y = _labels_with_evidence(draw, reference, X, model, model[4])
    for chosen in (slice(0, 4), slice(0, 1), slice(1, 3)):
        _assert_same_maps(student, reference, X[chosen], y[chosen], model, model[4])


@cell("test_grad_cam")
@points(2)
def test_a_grad_cam_that_is_positive_everywhere(student, reference, draw):
    X, model = draw.images(3), _with_large_scores(draw.smooth_network())
    _speaks_for_classes(model, [0, 2, 4])
    y = torch.tensor([4, 0, 2], device=X.device)
    _assert_same_maps(student, reference, X, y, model, model[4])


@cell("test_grad_cam")
@points(2)
def test_a_grad_cam_without_contrast_is_zero(student, reference, draw):
    X, model = draw.images(3), _with_large_scores(draw.smooth_network())
    _speaks_for_classes(model, [0, 2])
    y = torch.tensor([2, 5, 0], device=X.device)  # everything speaks against class 5
    _assert_same_maps(student, reference, X, y, model, model[4])
    X = draw.images(3, 8, 8)
    X[1] = 0.5  # grey, which the network takes for 0: the first convolution puts out its bias
    y = torch.tensor([2, 2, 0], device=X.device)
    with torch.no_grad():
        model[3].weight.abs_()
        model[1].bias.zero_()
        model[1].bias[0] = 1
    _assert_same_maps(student, reference, X, y, model, model[1])


@cell("test_grad_cam")
@points(2)
def test_grad_cam_agrees_with_finite_differences(student, reference, draw):
    X, model = draw.images(2, 6, 8), _with_large_scores(draw.smooth_network())
    y = _labels_with_evidence(draw, reference, X, model, model[3])
    below, above = model[:4], model[4:]
    with torch.no_grad():
        outputs = below(X)
        slopes = numeric_gradient(lambda z: above(z).gather(1, y[:, None]).sum(), outputs)
        small = torch.einsum("nk,nkhw->nhw", slopes.mean(dim=(2, 3)), outputs).clamp(min=0)
        rows, columns = _enlarging(6, small.shape[1]), _enlarging(8, small.shape[2])
        maps = torch.einsum("ih,nhw,jw->nij", rows.to(small), small, columns.to(small))
    lowest, highest = maps.amin(dim=(1, 2), keepdim=True), maps.amax(dim=(1, 2), keepdim=True)
    expected = (maps - lowest) / (highest - lowest).clamp_min(1e-30)
    assert_value(student.grad_cam, expected, X, y, model, model[3], rtol=FINITE_DIFFERENCES)


@cell("test_grad_cam")
@points(2)
def test_grad_cam_of_classes_that_are_not_predicted(student, reference, draw):
    X, model = draw.images(4), _with_large_scores(draw.plain_network())
    y = _labels_with_evidence(draw, reference, X, model, model[3], avoid=model(X).argmax(dim=1))
    _assert_same_maps(student, reference, X, y, model, model[3])


@cell("test_grad_cam")
@points(1)
def test_grad_cam_in_float32(student, reference, draw):
    X = draw.images(2, dtype=torch.float32)
    model = _with_large_scores(draw.plain_network(torch.float32))
    y = _labels_with_evidence(draw, reference, X, model, model[3])
    _assert_same_maps(student, reference, X, y, model, model[3], rtol=SINGLE)


# guided_grad_cam(X, y, model, layer) -> (N, 3, H, W): the product of the two


@cell("test_guided_grad_cam")
@points(2)
def test_guided_grad_cam_of_one_image(student, reference, draw):
    X, model = draw.images(1), _with_large_scores(draw.plain_network())
    y = _labels_with_evidence(draw, reference, X, model, model[3])
    _assert_same_products(student, reference, X, y, model, model[3])


@cell("test_guided_grad_cam")
@points(3)
def test_guided_grad_cam_of_a_batch(student, reference, draw):
    for n in (3, 5, 2):  # three images: as many as channels, so that swapped axes don't raise
        X, model = draw.images(n), _with_large_scores(draw.plain_network(frozen=False))
        y = _labels_with_evidence(draw, reference, X, model, model[3])
        _assert_same_products(student, reference, X, y, model, model[3])


@cell("test_guided_grad_cam")
@points(1)
def test_guided_grad_cam_of_non_square_images(student, reference, draw):
    X, model = draw.images(2, 8, 13), _with_large_scores(draw.dropout_network())
    y = _labels_with_evidence(draw, reference, X, model, model[4])
    _assert_same_products(student, reference, X, y, model, model[4])


@cell("test_guided_grad_cam")
@points(2)
def test_guided_grad_cam_with_relus_in_place_and_used_twice(student, reference, draw):
    for model, index in ((draw.batch_norm_network(), 4), (draw.shared_relu_network(), 5)):
        X, model = draw.images(2), _with_large_scores(model)
        y = _labels_with_evidence(draw, reference, X, model, model[index])
        _assert_same_products(student, reference, X, y, model, model[index])


@cell("test_guided_grad_cam")
@points(1)
def test_guided_grad_cam_at_several_layers(student, reference, draw):
    X, model = draw.images(2), _with_large_scores(draw.residual_network())
    for layer in (model[1], model[2], model[3]):
        y = _labels_with_evidence(draw, reference, X, model, layer)
        _assert_same_products(student, reference, X, y, model, layer)


@cell("test_guided_grad_cam")
@points(1)
def test_guided_grad_cam_in_float32(student, reference, draw):
    X = draw.images(2, dtype=torch.float32)
    model = _with_large_scores(draw.batch_norm_network(torch.float32))
    y = _labels_with_evidence(draw, reference, X, model, model[4])
    _assert_same_products(student, reference, X, y, model, model[4], rtol=SINGLE)


def _assert_same_maps(student, reference, *arguments, rtol=ROOM_FOR_EPSILON):
    assert_same(student.grad_cam, reference.grad_cam, *arguments, rtol=rtol)


def _assert_same_products(student, reference, X, y, model, layer, rtol=ROOM_FOR_EPSILON):
    def check_guided_backprop():
        assert_same(student.guided_backprop, reference.guided_backprop, X, y, model, rtol=rtol)
        _assert_model_as_it_was(student, reference, X, y, model)

    def check_grad_cam():
        _assert_same_maps(student, reference, X, y, model, layer, rtol=rtol)

    helpers = [
        Helper("guided_backprop", coloured_pixels, check_guided_backprop),
        Helper("grad_cam", bright_places, check_grad_cam),
    ]
    arguments = (X, y, model, layer)
    function, right = student.guided_grad_cam, reference.guided_grad_cam
    assert_same_with_helpers(helpers, function, right, *arguments, rtol=rtol)


def _with_large_scores(model):
    """Beside maps of this size a small constant in a denominator makes no difference."""
    with torch.no_grad():
        model[-1].weight *= 1000
    return model


def _labels_with_evidence(draw, reference, X, model, layer, avoid=None):
    """For each image a class, drawn by lot, that some places speak for and others don't.

    A map that is zero, or above zero everywhere, would let wrong answers pass. avoid: a class of
    each image that is not to be taken
    """
    n = len(X)
    classes = torch.arange(CLASSES, device=X.device)
    asked = classes.repeat_interleave(n)
    maps = reference.grad_cam(X.repeat(CLASSES, 1, 1, 1), asked, model, layer)
    empty = (maps == 0).flatten(1).double().mean(dim=1).view(CLASSES, n).T  # (N, CLASSES)
    good = (empty > 0.02) & (empty < 0.8)
    if avoid is not None:
        good &= classes != avoid[:, None]
    order = torch.stack([draw.labels(CLASSES) for _ in range(n)])  # each row a permutation
    first = good.gather(1, order).double().argmax(dim=1, keepdim=True)
    return order.gather(1, first).squeeze(1)


def _speaks_for_classes(model, classes):
    """Make all that the last activation puts out positive, and speak for `classes` only."""
    model[4] = nn.Softplus()
    with torch.no_grad():
        model[-1].weight.abs_()
        others = [k for k in range(CLASSES) if k not in classes]
        model[-1].weight[others] *= -1


def _enlarging(size, old):
    """(size, old): linear interpolation between the middles of `old` cells, at those of `size`."""
    middles = ((torch.arange(size).double() + 0.5) * old / size - 0.5).clamp(0, old - 1)
    return (1 - (middles[:, None] - torch.arange(old)).abs()).clamp(min=0)
