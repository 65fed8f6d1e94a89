"""Is the reference right by sources that are not ours?"""

import warnings

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr
from torch import nn
from torchvision.models import resnet18

from course_lib import load_classifier, sample_images
from course_lib.attribution import METHODS
from tests.corpus import assignment

reference = assignment("sanity_checks").reference


def scipy_s(a, b):
    """Spearman's rho by SciPy, which has NaN where a map is constant."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pairs = zip(a.numpy(), b.numpy(), strict=True)
        return np.array([spearmanr(x.ravel(), y.ravel()).statistic for x, y in pairs])


@pytest.mark.parametrize("shape", [(1, 9, 9), (5, 4, 11), (2, 30, 20)])
@pytest.mark.parametrize("levels", [None, 0, 1])
def test_rank_correlation_agrees_with_scipy(shape, levels):
    draw = torch.Generator().manual_seed(sum(shape))
    a = torch.randn(shape, generator=draw).double()
    b = torch.randn(shape, generator=draw).double() + 0.5 * a
    if levels is not None:
        a, b = a.round(decimals=levels), b.relu().round(decimals=levels)
    np.testing.assert_allclose(reference.rank_correlation(a, b), scipy_s(a, b), rtol=1e-10)


def test_rank_correlation_of_real_maps_agrees_with_scipy():
    model, samples = load_classifier("shapes_cnn"), sample_images("shapes", n=4, seed=2)
    gradient, cam = (
        METHODS[k](samples.images, samples.labels, model) for k in ("gradient", "Grad-CAM")
    )
    assert (cam == 0).any()  # ties
    rho = reference.rank_correlation(gradient, cam)
    assert rho.dtype == torch.float32
    np.testing.assert_allclose(rho, scipy_s(gradient, cam), atol=1e-6)


def test_a_constant_map_is_nan_for_scipy_and_zero_here():
    a = torch.arange(12.0).view(2, 2, 3)
    b = a.clone()
    b[1] = 4
    assert np.isnan(scipy_s(a, b)).tolist() == [False, True]
    assert reference.rank_correlation(a, b).tolist() == [1, 0]
    assert reference.rank_correlation(b, b).tolist() == [1, 0]


def new_layers(model, copied):
    """Names of the modules of which a parameter has changed, in the order of torchvision's code."""
    old = dict(model.named_parameters())
    new = [name for name, p in copied.named_parameters() if not torch.equal(p, old[name])]
    return list(dict.fromkeys(name.rpartition(".")[0] for name in new))


def test_the_cascade_goes_down_a_torchvision_resnet():
    model = resnet18().eval()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):  # as if trained: a new one has ones and zeros
            nn.init.uniform_(module.weight, 0.5, 0.9)
            nn.init.uniform_(module.bias, 0.1, 0.5)
    randomize = reference.randomize_layers
    assert new_layers(model, randomize(model, 0)) == []
    assert new_layers(model, randomize(model, 1)) == ["fc"]
    last = ["layer4.1.conv1", "layer4.1.bn1", "layer4.1.conv2", "layer4.1.bn2", "fc"]
    assert new_layers(model, randomize(model, 5)) == last
    everything = new_layers(
        model, randomize(model, 41)
    )  # 20 convolutions, 20 batch norms, 1 linear
    assert len(everything) == 41
    assert new_layers(model, randomize(model, 99)) == everything


def test_randomised_weights_are_drawn_from_the_layer_s_initialisation():
    """A convolution draws from +- 1 / sqrt(fan in), by torch's documentation."""
    model = nn.Sequential(nn.Conv2d(3, 64, 5), nn.BatchNorm2d(64)).double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(7)
    copied = reference.randomize_layers(model, 2)
    bound = (3 * 5 * 5) ** -0.5
    assert copied[0].weight.abs().max() <= bound
    assert copied[0].weight.std().item() == pytest.approx(bound / 3**0.5, rel=0.05)
    assert copied[1].weight.unique().tolist() == [1]
    assert all((p == 7).all() for p in model.parameters())


def test_two_calls_draw_different_numbers_and_keep_mode_and_dtype():
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Dropout(), nn.Linear(2, 2)).double().eval()
    one, other = (reference.randomize_layers(model, 1) for _ in range(2))
    assert not torch.equal(one[2].weight, other[2].weight)
    assert one[2].weight.dtype == torch.float64
    assert not any(module.training for module in one.modules())


def test_a_cascade_by_hand():
    """Maps of a linear model are its weights: row 1 is SciPy's rho of old and new weights."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(12, 2)).double()
    seen = []

    def weights_of_class(X, y, model):
        maps = model[1].weight[y].detach().view(len(y), 3, 4)
        seen.append(maps)
        return maps

    X, y = torch.zeros(2, 1, 3, 4).double(), torch.tensor([1, 0])
    rows = reference.cascade_similarity(weights_of_class, X, y, model)
    old, new = seen[0], seen[-1]
    assert not torch.equal(old, new)
    np.testing.assert_allclose(rows, [[1, 1], scipy_s(old, new)], rtol=1e-10)


def test_what_the_paper_found_holds_here():
    """With half of the layers random, guided backprop is nearly unmoved, gradient and Grad-CAM not."""
    model, samples = load_classifier("shapes_cnn"), sample_images("shapes", n=8, seed=1)
    torch.manual_seed(0)
    left = {}
    for name in ("gradient", "guided backprop", "Grad-CAM", "edge detector"):
        half = reference.randomize_layers(model, 6)
        before, after = (METHODS[name](samples.images, samples.labels, m) for m in (model, half))
        left[name] = reference.rank_correlation(before, after).mean().item()
    assert left["edge detector"] == pytest.approx(1)
    assert left["guided backprop"] > 0.75
    assert left["gradient"] < left["guided backprop"] - 0.1
    assert left["Grad-CAM"] < left["guided backprop"] - 0.25
