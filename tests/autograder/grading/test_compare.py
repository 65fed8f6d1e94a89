"""Differences are found where they are, and said in words."""

import re

import numpy as np
import pytest
import torch

from autograder.grading.compare import EXACT, describe_difference, describe_form

RIGHT = torch.tensor([[[1.0, 2.0], [3.0, 4.0]]], dtype=torch.float64)


def difference(actual, expected=RIGHT):
    return describe_difference(actual, expected, EXACT)


def test_right_values_have_no_difference():
    assert difference(RIGHT) == ""
    assert difference(RIGHT.numpy()) == ""
    assert difference(RIGHT * (1 + 1e-8)) == ""
    assert difference(torch.zeros(2), torch.zeros(2)) == ""


@pytest.mark.parametrize(
    ("actual", "words"),
    [
        (None, "returned None"),
        ((RIGHT, RIGHT), "a tuple of 2"),
        (3.5, "a float"),
        (RIGHT[0], "shape (2, 2); shape (1, 2, 2)"),
        (RIGHT.long(), "torch.int64"),
        (RIGHT.to(torch.complex64), "torch.complex64"),
        (RIGHT.where(RIGHT < 3, torch.nan), "2 of 4 values are NaN"),
        (RIGHT * 5, "times 5"),
        (-RIGHT, "times -1"),
        (RIGHT + torch.tensor([0, 0.5]), "2 of 4 values are wrong"),
        (np.zeros((1, 2, 2)), "every value is zero"),
    ],
)
def test_a_difference_is_said_in_words(actual, words):
    assert words in difference(actual)


def test_a_wrong_dim_map_does_not_hide_beside_a_bright_one():
    expected = torch.stack([RIGHT[0] * 1e6, RIGHT[0]])
    actual = expected.clone()
    actual[1, 0, 0] += 0.1
    assert "1 of 8 values are wrong" in difference(actual, expected)


def test_a_value_where_zeros_were_expected_is_said_so():
    expected = torch.stack([RIGHT[0], torch.zeros(2, 2)])
    actual = expected.clone()
    actual[1] = torch.tensor([[0.1, 0.2], [0.3, 0.4]])
    assert "where all values should be zero" in difference(actual, expected)


def test_a_small_error_is_found():
    actual = RIGHT.clone()
    actual[0, 1, 1] *= 1 + 1e-5
    assert "(0, 1, 1)" in difference(actual)


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        ([{"a": torch.ones(2)}], [{"a": torch.zeros(2)}]),
        ([3, "x", 1], (2.0, "", 7)),
        ([torch.ones(1), "anything"], [None, None]),
    ],
)
def test_the_same_form_with_other_values_is_the_same_form(actual, expected):
    assert describe_form(actual, expected) == ""


@pytest.mark.parametrize(
    ("actual", "expected", "words"),
    [
        ([], [1, 2], "a list of 0; a list of 2 was expected"),
        ({"b": 1}, {"a": 1, "b": 1}, "'a' is in one of the two"),
        ([torch.ones(2, 3)], [torch.ones(3, 3)], r"number 1: returned a tensor of shape \(2, 3\)"),
        ({"a": None}, {"a": "text"}, "a: returned None; a str"),
        (torch.ones(0), torch.ones(()), "shape"),
    ],
)
def test_another_form_is_said_with_its_place(actual, expected, words):
    assert re.search(words, describe_form(actual, expected))
