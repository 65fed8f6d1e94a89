"""Losses of scores: values worked out by hand."""

import math
import pickle

import pytest
import torch

from course_lib import ClassScore, CrossEntropy, Entropy, LogProbability, Margin
from course_lib.losses import Lead

# Softmax of the first row: 1/4, 2/4, 1/4; of the second: 1/3 each.
SCORES = torch.tensor([[0.0, math.log(2), 0.0], [5.0, 5.0, 5.0]], dtype=torch.float64)


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (ClassScore(1), [math.log(2), 5.0]),
        (ClassScore(torch.tensor([0, 2])), [0.0, 5.0]),
        (LogProbability(1), [math.log(1 / 2), math.log(1 / 3)]),
        (LogProbability(torch.tensor([0, 1])), [math.log(1 / 4), math.log(1 / 3)]),
        (CrossEntropy(0), [math.log(4), math.log(3)]),
        (Margin(1, 0), [math.log(2), 0.0]),
        (Margin(0, torch.tensor([1, 1])), [-math.log(2), 0.0]),
        (Lead(1), [math.log(2), 0.0]),
        (Lead(torch.tensor([2, 0])), [-math.log(2), 0.0]),
        (Entropy(), [1.5 * math.log(2), math.log(3)]),
    ],
    ids=str,
)
def test_value_of_each_image(loss, expected):
    values = loss(SCORES)
    assert values.shape == (2,)
    assert torch.allclose(values, torch.tensor(expected, dtype=torch.float64))


@pytest.mark.parametrize(
    "loss", [ClassScore(1), LogProbability(torch.tensor([0, 1])), Margin(0, 2), Entropy()], ids=str
)
def test_survives_pickling(loss):
    assert torch.equal(pickle.loads(pickle.dumps(loss))(SCORES), loss(SCORES))


def test_certain_scores_have_no_entropy_and_no_nan():
    certain = torch.tensor([[1000.0, 0.0]], requires_grad=True)
    value = Entropy()(certain)
    value.sum().backward()
    assert value.item() == pytest.approx(0)
    assert torch.isfinite(certain.grad).all()


def test_gradient_flows_to_the_chosen_class_only():
    scores = SCORES.clone().requires_grad_()
    ClassScore(torch.tensor([1, 2]))(scores).sum().backward()
    assert scores.grad.tolist() == [[0, 1, 0], [0, 0, 1]]
