"""Is the reference right by sources that are not ours?"""

import pytest
import torch
from captum.attr import LayerGradientXActivation, Saliency
from torch import nn

from course_lib.gradients import numeric_gradient
from tests.corpus import assignment

reference = assignment("saliency").reference


y = torch.tensor([3, 0, 2])


def test_saliency_maps_agree_with_captum(model, images):
    theirs = Saliency(model).attribute(images.clone().requires_grad_(), target=y).amax(1)
    torch.testing.assert_close(reference.compute_saliency_maps(images, y, model), theirs)


def test_saliency_maps_agree_with_finite_differences(model, images):
    maps = reference.compute_saliency_maps(images, y, model)
    for i in range(3):
        slopes = numeric_gradient(lambda x, i=i: model(x)[0, y[i]], images[i : i + 1])
        torch.testing.assert_close(maps[i], slopes[0].abs().amax(0), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("index", [0, 3])
def test_layer_saliency_agrees_with_captum_before_an_in_place_relu(model, images, index):
    # Captum multiplies the gradient by the activation; dividing by it leaves the gradient. Captum
    # itself asks for ReLUs that don't write over their input.
    plain = nn.Sequential(
        *(nn.ReLU() if isinstance(layer, nn.ReLU) else layer for layer in model)
    ).eval()
    method = LayerGradientXActivation(plain, plain[index], multiply_by_inputs=False)
    theirs = method.attribute(images.clone().requires_grad_(), target=y).abs().amax(1)
    mine = reference.compute_layer_saliency(images, y, model, model[index])
    torch.testing.assert_close(mine, theirs)


@pytest.mark.parametrize("index", range(6))
def test_layer_saliency_agrees_with_finite_differences(model, images, index):
    outputs = model[: index + 1](images).detach()
    rest = model[index + 1 :]
    maps = reference.compute_layer_saliency(images, y, model, model[index])
    for i in range(3):
        slopes = numeric_gradient(lambda z, i=i: rest(z)[0, y[i]], outputs[i : i + 1])
        torch.testing.assert_close(maps[i], slopes[0].abs().amax(0), rtol=1e-5, atol=1e-9)


def test_layer_saliency_takes_containers_and_frozen_models(model, images):
    whole = nn.Sequential(model[:3], model[3:]).requires_grad_(False)
    maps = reference.compute_layer_saliency(images, y, whole, whole[0])
    expected = reference.compute_layer_saliency(images, y, model, model[2])
    torch.testing.assert_close(maps, expected)


def test_loss_saliency_agrees_with_captum_and_finite_differences(model, images):
    losses = [(0.7, lambda s: s[:, 1] ** 2), (-1.5, lambda s: s.log_softmax(1)[:, 2])]

    def total(x):
        scores = model(x)
        return 0.7 * scores[:, 1] ** 2 - 1.5 * scores.log_softmax(1)[:, 2]

    maps = reference.compute_loss_saliency(images, losses, model)
    theirs = Saliency(total).attribute(images.clone().requires_grad_()).amax(1)
    torch.testing.assert_close(maps, theirs)
    for i in range(3):
        slopes = numeric_gradient(lambda x: total(x)[0], images[i : i + 1])
        torch.testing.assert_close(maps[i], slopes[0].abs().amax(0), rtol=1e-5, atol=1e-9)


def test_normalised_maps_agree_with_scikit_learn():
    from sklearn.preprocessing import minmax_scale

    maps = torch.randn(4, 5, 6, generator=torch.Generator().manual_seed(2)).double()
    maps[2] = -3.5
    expected = torch.from_numpy(minmax_scale(maps.flatten(1), axis=1)).view(4, 5, 6)
    torch.testing.assert_close(reference.normalize_maps(maps), expected)
    assert not reference.normalize_maps(maps)[2].any()


def test_nothing_of_the_caller_s_is_changed(model, images, left_as_it_was):
    with left_as_it_was(model, images):
        reference.compute_saliency_maps(images, y, model)
        reference.compute_layer_saliency(images, y, model, model[0])
        reference.compute_loss_saliency(images, [(1.0, lambda s: s[:, 0])], model)


def test_hooks_are_gone_also_after_an_exception(model, images):
    with pytest.raises(RuntimeError):
        reference.compute_layer_saliency(images[:, :2], y, model, model[0])
    reference.compute_layer_saliency(images, y, model, model[0])
    assert not model[0]._forward_hooks
