"""The known wrong answers to the style transfer assignment: each wrong in a way of its own."""

from __future__ import annotations

import itertools

import pytest
import torch

from autograder.grading.misconception import hint
from tests.corpus import assignment

KNOWN = assignment("style_transfer").misconceptions
ALL = [pytest.param(name, wrong, id=wrong.__name__) for name in KNOWN for wrong in KNOWN[name]]


def arguments(name):
    """What each function is called with; nothing about it is special."""
    generator = torch.Generator().manual_seed(0)

    def random(*shape):
        return torch.randn(shape, generator=generator, dtype=torch.float64)

    return {
        "content_loss": (0.7, random(1, 4, 3, 5), random(1, 4, 3, 5)),
        "gram_matrix": (random(2, 4, 3, 5),),
        "style_loss": (
            [random(1, 4, 3, 5) for _ in range(4)],
            [3, 0, 2],
            [random(1, 4, 4) for _ in range(3)],
            [0.7, 1.3, 0.4],
        ),
        "tv_loss": (random(1, 3, 4, 6), 0.7),
    }[name]


def answer(name, wrong):
    """Value and derivative; the derivative is None where there is none."""
    args = list(arguments(name))
    at = 1 if name == "content_loss" else 0
    many = isinstance(args[at], list)
    leaves = [t.requires_grad_() for t in (args[at] if many else [args[at]])]
    result = torch.as_tensor(wrong(*args))
    gradient = None
    if result.requires_grad:
        found = torch.autograd.grad(result.sum(), leaves, allow_unused=True)
        gradient = torch.cat([torch.zeros(1) if g is None else g.flatten() for g in found])
    return result.detach(), gradient


def alike(one, other):
    if one is None or other is None:
        return one is other
    return one.shape == other.shape and torch.allclose(one, other.to(one.dtype), rtol=1e-6)


@pytest.mark.parametrize("name", KNOWN)
def test_no_two_are_the_same_mistake(name):
    pairs = itertools.combinations(KNOWN[name], 2)
    answers = {wrong: (*answer(name, wrong), wrong.caught_by) for wrong in KNOWN[name]}
    for one, other in pairs:
        (value, gradient, caught), (value2, gradient2, caught2) = answers[one], answers[other]
        same = alike(value, value2) and alike(gradient, gradient2) and caught == caught2
        # A detached tensor and a plain number differ only in their type.
        assert not same or "plain_number" in other.__name__, (one.__name__, other.__name__)


@pytest.mark.parametrize(("name", "wrong"), ALL)
def test_hint_says_what_it_is_in_a_sentence_or_two(name, wrong):
    text = hint(wrong)
    assert 40 < len(text) < 260
    assert text.endswith((".", "?"))
    for code in ("(1)", "dim=", "torch.", "requires_grad", "abs()", "[:", "@", "view("):
        assert code not in text, f"{code} hands over code"


@pytest.mark.parametrize(("name", "wrong"), ALL)
def test_arguments_stay_as_they_are(name, wrong):
    args = arguments(name)
    before = repr(args)
    wrong(*args)
    assert repr(args) == before


def test_values_by_hand():
    """Features 1, 2 and 0, -1 of two channels; a Gram matrix of 5, -2 and -2, 1."""
    features = torch.tensor([[[[1.0, 2.0]], [[0.0, -1.0]]]], dtype=torch.float64)
    zeros = torch.zeros_like(features)
    wrong = {w.__name__: w for all_of_it in KNOWN.values() for w in all_of_it}
    assert wrong["content_mean_instead_of_sum"](2.0, features, zeros) == 2 * 6 / 4
    assert wrong["content_absolute_differences"](2.0, features, zeros) == 8
    assert wrong["gram_never_normalized"](features).tolist() == [[[5, -2], [-2, 1]]]
    assert wrong["gram_divided_by_places_only"](features).tolist() == [[[2.5, -1], [-1, 0.5]]]
    assert wrong["gram_of_places"](features, False).tolist() == [[[1, 2], [2, 5]]]
    assert wrong["style_gram_not_normalized"]([features], [0], [0.0], [1.0]) == 25 + 4 + 4 + 1
    assert wrong["style_upper_triangle_only"]([4 * features], [0], [0.0], [1.0]) == 480
    img = torch.tensor([[[[0.0, 1.0], [3.0, 3.0]]]]).expand(1, 3, 2, 2)
    assert wrong["tv_vertical_only"](img, 1.0) == 3 * (9 + 4)
    assert wrong["tv_horizontal_only"](img, 1.0) == 3 * 1
    assert wrong["tv_last_row_and_column_cut_off"](img, 1.0) == 3 * (9 + 1)
