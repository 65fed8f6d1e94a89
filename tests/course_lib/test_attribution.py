"""Do the ready-made methods agree with their formulas, and leave models and images alone?"""

import pytest
import torch
from skimage.filters import sobel_h, sobel_v
from torch import nn

from course_lib import load_classifier, sample_images
from course_lib.attribution import (
    METHODS,
    edge_map,
    grad_cam_map,
    gradient_map,
    gradient_times_input_map,
    guided_backprop_map,
)


@pytest.fixture(scope="module")
def model():
    return load_classifier("shapes_cnn")


@pytest.fixture(scope="module")
def samples():
    return sample_images("shapes", n=3, seed=5)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_returns_one_finite_map_an_image(name, model, samples, recwarn):
    before = {key: value.clone() for key, value in model.state_dict().items()}
    images = samples.images.clone()
    maps = METHODS[name](images, samples.labels, model)
    assert maps.shape == (3, 64, 64) and maps.dtype == torch.float32
    assert maps.is_contiguous()  # torch.searchsorted warns of others
    assert maps.isfinite().all() and (maps >= 0).all() and not maps.requires_grad
    assert torch.equal(images, samples.images) and images.grad is None
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())
    assert not any(m._forward_hooks or m._backward_hooks for m in model.modules())
    assert [str(w.message) for w in recwarn] == []


@pytest.mark.parametrize("name", [name for name in METHODS if name != "noise"])
def test_a_map_does_not_depend_on_the_rest_of_the_batch(name, model, samples):
    maps = METHODS[name](samples.images, samples.labels, model)
    alone = METHODS[name](samples.images[1:2], samples.labels[1:2], model)
    torch.testing.assert_close(alone[0], maps[1], rtol=1e-3, atol=1e-5 * maps.max().item())


def test_gradients_of_a_linear_model_are_its_weights():
    model = nn.Sequential(nn.Flatten(), nn.Linear(12, 2))
    X, y = torch.rand(1, 3, 2, 2), torch.tensor([1])
    weights = model[1].weight[1].detach().view(3, 2, 2)
    torch.testing.assert_close(gradient_map(X, y, model)[0], weights.abs().amax(0))
    product = ((X[0] - 0.5) * weights).sum(0).abs()
    torch.testing.assert_close(gradient_times_input_map(X, y, model)[0], product)


def test_guided_backprop_by_hand():
    """s = -relu(x) + 2 relu(-x): at x > 0 the gradient -1 is stopped; at x < 0 it is 2 times -1."""
    into = nn.Conv2d(1, 2, 1, bias=False)
    out = nn.Conv2d(2, 1, 1, bias=False)
    into.weight.data = torch.tensor([1.0, -1.0]).view(2, 1, 1, 1)
    out.weight.data = torch.tensor([-1.0, 2.0]).view(1, 2, 1, 1)
    model = nn.Sequential(
        into, nn.ReLU(inplace=True), out, nn.Flatten(), nn.Linear(2, 1, bias=False)
    )
    model[4].weight.data.fill_(1.0)
    X = torch.tensor([3.0, -3.0]).view(1, 1, 1, 2)
    assert guided_backprop_map(X, torch.tensor([0]), model).tolist() == [[[0.0, 2.0]]]


def test_grad_cam_of_a_pooled_linear_head_is_the_weighted_feature_map(model, samples):
    """Behind global average pooling the mean gradient of a channel is its weight / (h w)."""
    with torch.no_grad():
        features = model.network.stage3(
            model.network.stage2(
                model.network.stage1(model.network.stem(model.normalize(samples.images)))
            )
        )
    weights = model.network.head.weight[samples.labels]  # (N, C)
    cam = torch.einsum("nc,nchw->nhw", weights, features).relu() / features[0, 0].numel()
    cam = nn.functional.interpolate(cam[:, None], (64, 64), mode="bilinear")[:, 0]
    maps = grad_cam_map(samples.images, samples.labels, model)
    torch.testing.assert_close(maps, cam, rtol=1e-3, atol=1e-4 * cam.max().item())


def test_the_edge_detector_is_a_sobel_filter(samples):
    grey = samples.images[0].mean(0).double().numpy()
    theirs = torch.from_numpy((sobel_h(grey) ** 2 + sobel_v(grey) ** 2) ** 0.5)
    mine = edge_map(samples.images[:1].double(), samples.labels[:1], nn.Identity())[0]
    inside = slice(1, -1)  # scikit-image mirrors at the border
    torch.testing.assert_close(mine[inside, inside] / 4, theirs[inside, inside])
