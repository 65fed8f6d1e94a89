"""Do the visible checks accept right answers, stop at wrong ones, and say what to do?"""

import pytest
import torch

from course_lib.visible_checks import CheckFailed
from course_lib.visible_checks.saliency import (
    check_compute_layer_saliency,
    check_compute_loss_saliency,
    check_compute_saliency_maps,
    check_normalize_maps,
)

CHECKS = {
    "compute_saliency_maps": check_compute_saliency_maps,
    "normalize_maps": check_normalize_maps,
    "compute_layer_saliency": check_compute_layer_saliency,
    "compute_loss_saliency": check_compute_loss_saliency,
}


def gradient(X, y, model):
    """Signed gradient (N, 3, H, W) of the score, by backward on the caller's own X."""
    X.requires_grad_()
    X.grad = None
    model(X)[range(len(X)), y].sum().backward()
    return X.grad


def saliency(X, y, model):
    return gradient(X, y, model).abs().max(dim=1)[0]


def normalize(maps):
    flat = maps.flatten(1)
    low, high = flat.min(1)[0], flat.max(1)[0]
    span = (high - low).masked_fill(high == low, 1)
    return (maps - low[:, None, None]) / span[:, None, None]


def layer_saliency(X, y, model, layer):
    seen = []

    def hook(module, inputs, output):
        output.register_hook(seen.append)

    handle = layer.register_forward_hook(hook)
    model(X.requires_grad_()).gather(1, y[:, None]).sum().backward()
    handle.remove()
    return seen[0].abs().max(dim=1).values


def loss_saliency(X, losses, model):
    X = X.detach().requires_grad_()
    scores = model(X)
    torch.stack([w * loss(scores).sum() for w, loss in losses]).sum().backward()
    return X.grad.abs().max(dim=1).values


RIGHT = {
    "compute_saliency_maps": saliency,
    "normalize_maps": normalize,
    "compute_layer_saliency": layer_saliency,
    "compute_loss_saliency": loss_saliency,
}


@pytest.mark.parametrize("name", CHECKS)
def test_a_right_answer_passes_with_one_line_a_property(name, capsys):
    CHECKS[name](RIGHT[name])
    out, err = capsys.readouterr()
    assert len(out.splitlines()) >= 3
    assert all(line.startswith(("✓ ", "· ")) for line in out.splitlines())
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


def cross_entropy_saliency(X, y, model):
    X = X.detach().requires_grad_()
    torch.nn.functional.cross_entropy(model(X), y, reduction="sum").backward()
    return X.grad.abs().amax(1)


def batch_mean_saliency(X, y, model):
    return saliency(X, y, model) / len(X)


def mixed_maps(X, y, model):
    return saliency(X, y, model).cumsum(dim=0)


WRONG_SALIENCY = {
    "no absolute value": (lambda *a: gradient(*a).amax(1), "never negative"),
    "absolute value last": (lambda *a: gradient(*a).amax(1).abs(), "central differences"),
    "mean over channels": (lambda *a: gradient(*a).abs().mean(1), "central differences"),
    "channels kept": (lambda *a: gradient(*a).abs(), r"shape \(3, 5, 6\)"),
    "squeezed": (lambda *a: saliency(*a).squeeze(), r"shape \(1, 5, 6\)"),
    "transposed": (lambda *a: saliency(*a).transpose(1, 2), r"shape \(3, 5, 6\)"),
    "cross-entropy": (cross_entropy_saliency, "which quantity"),
    "mean over the batch": (batch_mean_saliency, "other images in its batch"),
    "mixed batch": (mixed_maps, "other images in its batch"),
    "list": (lambda *a: saliency(*a).tolist(), "list"),
    "always float32": (lambda *a: saliency(*a).float(), "float64"),
    "always float64": (lambda *a: saliency(*a).double(), "float32"),
    "NaN": (lambda *a: saliency(*a) / 0, "NaN"),
}


@pytest.mark.parametrize("case", WRONG_SALIENCY)
def test_wrong_saliency_maps_are_caught(case):
    wrong, advice = WRONG_SALIENCY[case]
    with pytest.raises(CheckFailed, match=advice):
        check_compute_saliency_maps(wrong)


def over_the_whole_batch(maps):
    return (maps - maps.min()) / (maps.max() - maps.min() + 1e-30)


WRONG_NORMALIZE = {
    "over the whole batch": over_the_whole_batch,
    "divided by the maximum": lambda maps: maps / maps.amax((1, 2), keepdim=True),
    "absolute values": lambda maps: normalize(maps.abs()),
    "NaN for constant maps": lambda maps: (
        (maps - maps.amin((1, 2), True)) / (maps.amax((1, 2), True) - maps.amin((1, 2), True))
    ),
    "constant maps kept": lambda maps: maps if maps.unique().numel() == 1 else normalize(maps),
    "clamped": lambda maps: maps.clamp(0, 1),
}


@pytest.mark.parametrize("case", WRONG_NORMALIZE)
def test_wrong_normalisation_is_caught(case):
    with pytest.raises(CheckFailed, match="normalize_maps"):
        check_normalize_maps(WRONG_NORMALIZE[case])


def retained_after_the_in_place_relu(X, y, model, layer):
    seen = []
    handle = layer.register_forward_hook(lambda module, inputs, output: seen.append(output))
    scores = model(X.requires_grad_())
    handle.remove()
    seen[0].retain_grad()  # by now the ReLU has written over it
    scores.gather(1, y[:, None]).sum().backward()
    return seen[0].grad.abs().amax(1)


def activations_instead(X, y, model, layer):
    seen = []
    handle = layer.register_forward_hook(lambda module, inputs, output: seen.append(output.clone()))
    model(X)
    handle.remove()
    return seen[0].abs().amax(1)


WRONG_LAYERS = {
    "after the ReLU": retained_after_the_in_place_relu,
    "activations": activations_instead,
    "pixels": lambda X, y, model, layer: saliency(X, y, model),
    "squeezed": lambda *a: layer_saliency(*a).squeeze(),
}


@pytest.mark.parametrize("case", WRONG_LAYERS)
def test_wrong_layer_maps_are_caught(case):
    with pytest.raises(CheckFailed, match="compute_layer_saliency"):
        check_compute_layer_saliency(WRONG_LAYERS[case])


def absolute_values_added(X, losses, model):
    return sum(w * loss_saliency(X, [(1.0, loss)], model) for w, loss in losses)


WRONG_LOSSES = {
    "weights ignored": lambda X, losses, m: loss_saliency(X, [(1.0, f) for _, f in losses], m),
    "first loss only": lambda X, losses, m: loss_saliency(X, losses[:1], m),
    "absolute values added": absolute_values_added,
    "absolute weights": lambda X, losses, m: loss_saliency(X, [(abs(w), f) for w, f in losses], m),
}


@pytest.mark.parametrize("case", WRONG_LOSSES)
def test_wrong_loss_maps_are_caught(case):
    with pytest.raises(CheckFailed, match="compute_loss_saliency"):
        check_compute_loss_saliency(WRONG_LOSSES[case])


def test_gradients_that_add_up_in_x_get_a_remark_and_no_failure(capsys):
    def accumulating(X, y, model):
        X.requires_grad_()
        model(X).gather(1, y[:, None]).sum().backward()
        return X.grad.abs().amax(1)

    check_compute_saliency_maps(accumulating)
    assert "· the same call a second time" in capsys.readouterr().out


def test_hooks_left_behind_get_a_remark_and_no_failure(capsys):
    def forgetful(X, y, model, layer):
        layer.register_forward_hook(lambda module, inputs, output: None)
        return layer_saliency(X, y, model, layer)

    check_compute_layer_saliency(forgetful)
    assert "hooks stay" in capsys.readouterr().out


def test_a_notebook_shows_the_sentence_and_not_the_inside_of_the_check():
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    shell = InteractiveShell()
    shell.push({"check": check_normalize_maps})
    with capture_output() as captured:
        shell.run_cell("check(lambda maps: maps)")
    text = captured.stdout + captured.stderr
    assert "✗ normalize_maps (question 2)" in text
    assert "Traceback" not in text and "require" not in text


def test_hooks_that_stay_do_not_spoil_the_check_of_the_next_layer(capsys):
    kept = []

    def keep(module, inputs, output):
        output.register_hook(kept.append)

    def forgetful(X, y, model, layer):
        layer.register_forward_hook(keep)
        model(X.requires_grad_()).gather(1, y[:, None]).sum().backward()
        return kept.pop().abs().amax(1)

    check_compute_layer_saliency(forgetful)
    assert "hooks stay" in capsys.readouterr().out


@pytest.mark.parametrize("name", CHECKS)
def test_a_numpy_array_is_welcome_and_remarked_on_once(name, capsys):
    CHECKS[name](lambda *arguments: RIGHT[name](*arguments).detach().numpy())
    assert capsys.readouterr().out.count("NumPy array") == 1
