"""The reference against independent sources."""

import pytest
import torch
from captum.attr import GuidedBackprop, GuidedGradCam, LayerConductance, LayerGradCam
from pytorch_grad_cam import GradCAM, GuidedBackpropReLUModel
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
from torch import nn

from course_lib import load_classifier, sample_images
from course_lib.networks import Normalize, ResidualBlock
from tests.corpus import assignment

reference = assignment("gradcam").reference


pytestmark = pytest.mark.filterwarnings("ignore:Setting backward hooks on ReLU")


def plain():
    return [
        nn.Conv2d(3, 8, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(8, 6, 3, stride=2, padding=1),
        nn.ReLU(),
    ]


def in_place():
    return [
        nn.Conv2d(3, 8, 3, padding=1),
        nn.BatchNorm2d(8),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Sequential(nn.Conv2d(8, 6, 3, padding=1), nn.ReLU(inplace=True)),
    ]


def residual():
    """A block that uses its only ReLU twice."""
    return [nn.Conv2d(3, 8, 3, padding=1), ResidualBlock(8, 6, stride=2)]


def build(kind):
    with torch.random.fork_rng():
        torch.manual_seed(3)
        head = [nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(24, 4)]
        model = nn.Sequential(Normalize([0.5] * 3, [0.25] * 3), *kind(), *head)
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                nn.init.normal_(module.running_mean, std=0.3)
                nn.init.uniform_(module.running_var, 0.5, 2)
    return model.double().eval().requires_grad_(False)


NETWORKS = {"plain": plain, "in place": in_place, "residual": residual}
on_networks = pytest.mark.parametrize("kind", NETWORKS)


@pytest.fixture
def images():
    return torch.rand(3, 3, 10, 13, generator=torch.Generator().manual_seed(1)).double()


y = torch.tensor([3, 0, 2])


def last_maps(model):
    """The last module with feature maps."""
    return model[-4]


def stretched(maps):
    lowest, highest = maps.amin((1, 2), keepdim=True), maps.amax((1, 2), keepdim=True)
    return (maps - lowest) / (highest - lowest).clamp_min(1e-30)


def captum_cam(model, layer, X, labels):
    small = LayerGradCam(model, layer).attribute(
        X.clone().requires_grad_(), target=labels, relu_attributions=True
    )
    return LayerGradCam.interpolate(small.detach(), X.shape[-2:], "bilinear")[:, 0]


@on_networks
def test_guided_backprop_agrees_with_captum(kind, images):
    model = build(NETWORKS[kind])
    theirs = GuidedBackprop(model).attribute(images.clone().requires_grad_(), target=y)
    torch.testing.assert_close(reference.guided_backprop(images, y, model), theirs)


@on_networks
def test_guided_backprop_agrees_with_pytorch_grad_cam(kind, images):
    model, X = build(NETWORKS[kind]).float(), images.float()
    mine = reference.guided_backprop(X, y, model)
    method = GuidedBackpropReLUModel(model, "cpu")
    for i in range(3):
        theirs = torch.from_numpy(method(X[i : i + 1], target_category=int(y[i])))
        torch.testing.assert_close(mine[i].permute(1, 2, 0), theirs, rtol=1e-4, atol=1e-6)


@on_networks
def test_grad_cam_agrees_with_captum(kind, images):
    model = build(NETWORKS[kind])
    layer = last_maps(model)
    theirs = captum_cam(model, layer, images, y)
    assert (theirs.amax((1, 2)) > 0).any()
    torch.testing.assert_close(reference.grad_cam(images, y, model, layer), stretched(theirs))


@on_networks
def test_grad_cam_agrees_with_pytorch_grad_cam(kind, images):
    model, X = build(NETWORKS[kind]).float(), images.float()
    layer = last_maps(model)
    with GradCAM(model, [layer]) as method:
        theirs = method(
            X.clone().requires_grad_(), targets=[ClassifierOutputTarget(int(k)) for k in y]
        )
    mine = reference.grad_cam(X, y, model, layer)
    torch.testing.assert_close(mine, torch.from_numpy(theirs), rtol=1e-3, atol=1e-3)


@on_networks
def test_guided_grad_cam_agrees_with_captum(kind, images):
    """Captum multiplies by the map before it is stretched; two numbers undo the stretching."""
    model = build(NETWORKS[kind])
    layer = last_maps(model)
    theirs = GuidedGradCam(model, layer).attribute(
        images.clone().requires_grad_(), target=y, interpolate_mode="bilinear"
    )
    small = captum_cam(model, layer, images, y)
    lowest, highest = small.amin((1, 2)).view(-1, 1, 1, 1), small.amax((1, 2)).view(-1, 1, 1, 1)
    mine = reference.guided_grad_cam(images, y, model, layer)
    mine = mine * (highest - lowest) + lowest * reference.guided_backprop(images, y, model)
    torch.testing.assert_close(mine, theirs.detach())


@pytest.mark.parametrize("name", ["shapes_vgg", "shapes_cnn"])
def test_all_three_agree_with_captum_on_bundled_classifiers(name):
    model, samples = load_classifier(name), sample_images("shapes", n=4, seed=5)
    X, labels = samples.images, samples.labels
    theirs = GuidedBackprop(model).attribute(X.clone().requires_grad_(), target=labels)
    guided = reference.guided_backprop(X, labels, model)
    torch.testing.assert_close(guided, theirs, rtol=1e-3, atol=1e-5)
    for layer in model.layers().values():
        mine = reference.grad_cam(X, labels, model, layer)
        theirs = stretched(captum_cam(model, layer, X, labels))
        torch.testing.assert_close(mine, theirs, rtol=1e-3, atol=1e-3)
        both = reference.guided_grad_cam(X, labels, model, layer)
        torch.testing.assert_close(both, guided * mine[:, None])


def test_where_the_head_is_linear_conductance_from_zero_activations_is_grad_cam():
    """After global pooling the gradient is the same at all places and all along the path. From zero
    activations, gradient times change is then gradient times activation: Grad-CAM's sum.
    """
    with torch.random.fork_rng():
        torch.manual_seed(2)
        head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 4)]
        layers = [nn.Conv2d(3, 6, 3, padding=1, bias=False), nn.Tanh(), *head]
        model = nn.Sequential(*layers).double().eval().requires_grad_(False)
    X = torch.rand(3, 3, 8, 9, generator=torch.Generator().manual_seed(4)).double()
    theirs = LayerConductance(model, model[1]).attribute(X, target=y, n_steps=50).detach()
    maps = stretched(theirs.sum(1).relu())
    torch.testing.assert_close(
        reference.grad_cam(X, y, model, model[1]), maps, rtol=1e-3, atol=1e-3
    )


def test_grad_cam_takes_the_output_of_the_layer_before_an_in_place_relu(images):
    """Captum and pytorch-grad-cam on the same network whose ReLUs are not in place."""
    model, other = build(in_place), build(in_place)
    for module in other.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False
    layer, its_layer = model[5][0], other[5][0]
    theirs = stretched(captum_cam(other, its_layer, images, y))
    torch.testing.assert_close(reference.grad_cam(images, y, model, layer), theirs)
    X = images.float()
    with GradCAM(other.float(), [its_layer]) as method:
        theirs = method(
            X.clone().requires_grad_(), targets=[ClassifierOutputTarget(int(k)) for k in y]
        )
    mine = reference.grad_cam(X, y, model.float(), layer)
    torch.testing.assert_close(mine, torch.from_numpy(theirs), rtol=1e-3, atol=1e-3)


def test_a_constant_map_becomes_zeros_although_enlarging_rounds():
    """A layer with one number for each channel: every map is constant, whatever its value."""
    for dtype in (torch.float32, torch.float64):
        model = nn.Sequential(
            nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)
        ).to(dtype)
        X = torch.rand(5, 3, 9, 7).to(dtype)
        maps = reference.grad_cam(X, torch.arange(5) % 3, model, model[1])
        assert maps.shape == (5, 9, 7) and not maps.any()


def test_a_relu_computed_by_hand():
    """One pixel of three channels, two hidden numbers.

    Hidden: 1*1 + 2*0.5 - 1*0 = 2 and -1 + 1.5 + 0 = 0.5, both positive; the score is 3 * first -
    2 * second. Guided, the second passes nothing back, which leaves 3 * (1, 2, -1); the plain
    gradient would be that minus 2 * (-1, 3, 4).
    """
    model = nn.Sequential(
        nn.Flatten(), nn.Linear(3, 2, bias=False), nn.ReLU(), nn.Linear(2, 1, bias=False)
    )
    with torch.no_grad():
        model[1].weight.copy_(torch.tensor([[1.0, 2, -1], [-1, 3, 4]]))
        model[3].weight.copy_(torch.tensor([[3.0, -2]]))
    X = torch.tensor([1.0, 0.5, 0]).view(1, 3, 1, 1)
    guided = reference.guided_backprop(X, torch.tensor([0]), model)
    torch.testing.assert_close(guided.flatten(), torch.tensor([3.0, 6, -3]))


@on_networks
def test_model_and_images_are_left_as_they_were(kind, images, left_as_it_was):
    model = build(NETWORKS[kind]).requires_grad_(True)
    layer = last_maps(model)
    with left_as_it_was(model, images):
        reference.guided_backprop(images, y, model)
        reference.grad_cam(images, y, model, layer)
        reference.guided_grad_cam(images, y, model, layer)


def test_hooks_are_removed_after_an_exception_too(images):
    model = build(in_place)
    for call in (
        lambda X: reference.guided_backprop(X, y, model),
        lambda X: reference.grad_cam(X, y, model, model[5]),
    ):
        with pytest.raises(RuntimeError):
            call(images[:, :2])
        call(images)
        assert not any(m._forward_hooks for m in model.modules())
