"""Do the visible checks of `gradcam` accept right answers, stop at wrong ones, and say what to do?"""

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from course_lib.visible_checks import CheckFailed
from course_lib.visible_checks.gradcam import (
    check_grad_cam,
    check_guided_backprop,
    check_guided_grad_cam,
)

CHECKS = {
    "guided_backprop": check_guided_backprop,
    "grad_cam": check_grad_cam,
    "guided_grad_cam": check_guided_grad_cam,
}


def gradient(X, y, model):
    X = X.detach().clone().requires_grad_()
    return torch.autograd.grad(model(X).gather(1, y[:, None]).sum(), X)[0]


def guided(X, y, model):
    """On a copy, by backward hooks."""
    model = copy.deepcopy(model)
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False
            module.register_full_backward_hook(lambda m, below, above: (below[0].clamp(min=0),))
    return gradient(X, y, model)


def small_map(X, y, model, layer, copied=True):
    kept = []

    def hook(module, inputs, output):
        kept.append(output)
        return output.clone() if copied else None

    with layer.register_forward_hook(hook):
        score = model(X.detach().clone().requires_grad_()).gather(1, y[:, None]).sum()
    slopes = torch.autograd.grad(score, kept[0])[0]
    return (slopes.mean((2, 3), keepdim=True) * kept[0].detach()).sum(1, keepdim=True)


def finish(small, X):
    maps = F.interpolate(small.relu(), X.shape[2:], mode="bilinear")[:, 0]
    maps = maps - maps.amin((1, 2), keepdim=True)
    return maps / maps.amax((1, 2), keepdim=True).clamp_min(1e-30)


def cam(X, y, model, layer):
    return finish(small_map(X, y, model, layer), X)


def product(X, y, model, layer):
    return guided(X, y, model) * cam(X, y, model, layer)[:, None]


RIGHT = {"guided_backprop": guided, "grad_cam": cam, "guided_grad_cam": product}


@pytest.mark.parametrize("name", CHECKS)
def test_a_right_answer_passes_with_one_line_a_property(name, capsys):
    CHECKS[name](RIGHT[name])
    out, err = capsys.readouterr()
    assert len(out.splitlines()) >= 3
    assert all(line.startswith("✓ ") for line in out.splitlines())
    assert err == ""


@pytest.mark.parametrize("name", CHECKS)
def test_a_stub_keeps_its_own_error(name):
    def stub(*arguments):
        raise NotImplementedError(f"{name}: not written yet")

    with pytest.raises(NotImplementedError, match=name):
        CHECKS[name](stub)


@pytest.mark.parametrize("name", CHECKS)
def test_a_forgotten_return_is_named_as_such(name):
    with pytest.raises(CheckFailed, match=rf"{name} \(question \d\).*return"):
        CHECKS[name](lambda *arguments: None)


def forgets_hooks(X, y, model):
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_hook(lambda m, i, o: None)
    return guided(X, y, model)


def switches_flags(X, y, model):
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = not module.inplace
    return guided(X, y, model)


def last_relu_plain(X, y, model):
    model = copy.deepcopy(model)
    for module in [m for m in model.modules() if isinstance(m, nn.ReLU)][:-1]:
        module.inplace = False
        module.register_full_backward_hook(lambda m, below, above: (below[0].clamp(min=0),))
    return gradient(X, y, model)


def blocks_forgotten(X, y, model):
    model = copy.deepcopy(model)
    for module in model.children():
        if isinstance(module, nn.ReLU):
            module.inplace = False
            module.register_full_backward_hook(lambda m, below, above: (below[0].clamp(min=0),))
    return gradient(X, y, model)


WRONG_GUIDED = {
    "plain gradient": (gradient, "two ReLUs"),
    "last ReLU left out": (last_relu_plain, "two ReLUs"),
    "blocks forgotten": (blocks_forgotten, "block inside a block"),
    "hooks left": (forgets_hooks, "hooks stay"),
    "flags changed": (switches_flags, "inplace flags"),
    "train mode": (lambda X, y, m: guided(X, y, m.train()), "its mode"),
    "divided by N": (lambda X, y, m: guided(X, y, m) / len(X), "other images in its batch"),
    "positive only": (lambda *a: guided(*a).clamp(min=0), "without any ReLU"),
    "one channel": (lambda *a: guided(*a).amax(1), r"shape \(3, 3, 6, 7\)"),
    "squeezed": (lambda *a: guided(*a).squeeze(0), r"shape \(1, 3, 6, 7\)"),
    "always float64": (lambda *a: guided(*a).double(), "float32"),
}


@pytest.mark.parametrize("case", WRONG_GUIDED)
def test_wrong_guided_backprop_is_caught(case):
    wrong, advice = WRONG_GUIDED[case]
    with pytest.raises(CheckFailed, match=advice):
        check_guided_backprop(wrong)


def behind_the_in_place_relu(X, y, model, layer):
    return finish(small_map(X, y, model, layer, copied=False), X)


def over_the_whole_batch(X, y, model, layer):
    maps = F.interpolate(small_map(X, y, model, layer).relu(), X.shape[2:], mode="bilinear")[:, 0]
    return (maps - maps.min()) / (maps.max() - maps.min() + 1e-30)


def aligned(X, y, model, layer):
    small = small_map(X, y, model, layer).relu()
    large = F.interpolate(small, X.shape[2:], mode="bilinear", align_corners=True)
    return finish(large, X)


def not_a_number(X, y, model, layer):
    maps = cam(X, y, model, layer)
    return maps / maps.amax((1, 2), keepdim=True)


WRONG_CAM = {
    "without ReLU": (
        lambda X, y, m, layer: finish(-(-small_map(X, y, m, layer)).abs(), X),
        "steps",
    ),
    "absolute values": (lambda X, y, m, layer: finish(small_map(X, y, m, layer).abs(), X), "steps"),
    "sign": (lambda X, y, m, layer: finish(-small_map(X, y, m, layer), X), "steps"),
    "aligned corners": (aligned, "steps"),
    "whole batch": (over_the_whole_batch, "other images in its batch"),
    "behind the ReLU": (behind_the_in_place_relu, "follows in place"),
    "not enlarged": (lambda *a: small_map(*a)[:, 0], r"shape \(3, 6, 7\)"),
    "to 255": (lambda *a: 255 * cam(*a), "last step"),
    "NaN": (not_a_number, "NaN"),
}


@pytest.mark.parametrize("case", WRONG_CAM)
def test_wrong_grad_cam_is_caught(case):
    wrong, advice = WRONG_CAM[case]
    with pytest.raises(CheckFailed, match=advice):
        check_grad_cam(wrong)


WRONG_PRODUCT = {
    "lined up from the right": (lambda *a: guided(*a[:3]) * cam(*a), "share it"),
    "sum": (lambda *a: guided(*a[:3]) + cam(*a)[:, None], "share it"),
    "absolute": (lambda *a: product(*a).abs(), "share it"),
    "one channel": (lambda *a: product(*a).amax(1), r"shape \(3, 3, 6, 7\)"),
}


@pytest.mark.parametrize("case", WRONG_PRODUCT)
def test_wrong_products_are_caught(case):
    wrong, advice = WRONG_PRODUCT[case]
    with pytest.raises(CheckFailed, match=advice):
        check_guided_grad_cam(wrong)


def test_hooks_that_grad_cam_leaves_get_a_remark_and_no_failure(capsys):
    def forgetful(X, y, model, layer):
        layer.register_forward_hook(lambda module, inputs, output: None)
        return cam(X, y, model, layer)

    check_grad_cam(forgetful)
    assert "hooks stay" in capsys.readouterr().out
