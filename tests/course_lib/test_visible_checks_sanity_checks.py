"""Do the visible checks accept right answers, stop at wrong ones, and say what to do?"""

import copy

import pytest
import torch
from scipy.stats import spearmanr
from torch import nn

from autograder.misconceptions import known_misconceptions
from course_lib.visible_checks import CheckFailed
from course_lib.visible_checks.sanity_checks import (
    check_cascade_similarity,
    check_randomize_layers,
    check_rank_correlation,
)

CHECKS = {
    "randomize_layers": check_randomize_layers,
    "rank_correlation": check_rank_correlation,
    "cascade_similarity": check_cascade_similarity,
}


def layers_of(model):
    return [m for m in model.modules() if isinstance(m, (nn.Conv2d, nn.BatchNorm2d, nn.Linear))]


def randomize(model, n):
    model = copy.deepcopy(model)
    for layer in layers_of(model)[::-1][:n]:
        layer.reset_parameters()
    return model


def correlate(a, b):
    pairs = [(x.flatten(), y.flatten()) for x, y in zip(a, b)]
    flat = [x.unique().numel() == 1 or y.unique().numel() == 1 for x, y in pairs]
    rho = [0.0 if f else spearmanr(*pair).statistic for f, pair in zip(flat, pairs)]
    return torch.tensor(rho, dtype=a.dtype)


def cascade(method, X, y, model):
    maps = [method(X, y, randomize(model, k)) for k in range(len(layers_of(model)) + 1)]
    return torch.stack([correlate(m, maps[0]) for m in maps])


RIGHT = {
    "randomize_layers": randomize,
    "rank_correlation": correlate,
    "cascade_similarity": cascade,
}
# What the visible checks leave to the hidden ones.
NOT_SEEN = {
    "noise_added",
    "weights_shuffled",
    "small_values_rounded",
    "one_for_two_constant_maps",
    "cascade_over_blocks",
    "values_correlated",
    "predicted_class_asked",
}
WRONG = [
    pytest.param(of, wrong, id=wrong.__name__)
    for of, all_wrong in known_misconceptions("sanity_checks").items()
    for wrong in all_wrong
    if wrong.__name__ not in NOT_SEEN
]


@pytest.mark.parametrize("name", CHECKS)
def test_a_right_answer_passes_with_one_line_a_property(name, capsys):
    CHECKS[name](RIGHT[name])
    out, err = capsys.readouterr()
    assert len(out.splitlines()) >= 4
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


@pytest.mark.parametrize(("of", "wrong"), WRONG)
def test_a_known_mistake_is_caught(of, wrong):
    with pytest.raises((CheckFailed, IndexError, RuntimeError)) as caught:
        CHECKS[of](wrong)
    if caught.type is CheckFailed:
        assert of in str(caught.value)


def test_the_advice_says_which_layers_are_new():
    def first_layers(model, n):
        model = copy.deepcopy(model)
        for layer in layers_of(model)[:n]:
            layer.reset_parameters()
        return model

    with pytest.raises(CheckFailed, match="n = 1 the layers 6 should .* but they are 0"):
        check_randomize_layers(first_layers)


def test_a_copy_is_asked_for_also_where_nothing_is_randomised():
    with pytest.raises(CheckFailed, match="n = 0 the model itself"):
        check_randomize_layers(lambda model, n: randomize(model, n) if n else model)


def test_a_copy_that_leaves_training_mode_is_caught():
    with pytest.raises(CheckFailed, match="training mode"):
        check_randomize_layers(lambda model, n: randomize(model, n).eval())


def test_a_second_map_that_is_constant_is_looked_at_as_well():
    def first_only(a, b):
        constant = b.flatten(1).unique(dim=1).shape[1] == 1
        return torch.full((len(b),), torch.nan, dtype=a.dtype) if constant else correlate(a, b)

    with pytest.raises(CheckFailed, match="NaN"):
        check_rank_correlation(first_only)
