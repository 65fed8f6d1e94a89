"""Compares a student's values with the right ones, and describes how they differ."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from autograder.grading.question import Question
from autograder.grading.text import readable

EXACT = 1e-6  # relative error that float64 rounding stays below
SINGLE = 1e-3  # the same for float32, with room for another order of summation
ROOM_FOR_EPSILON = 1e-4  # the same beside a small constant in a denominator, which is good practice


class Mismatch(AssertionError):
    """A student's values are not the right ones.

    Attributes:
        name: the graded function.
        question: what it was asked.
        actual: what came back.
        vague: whether many different mistakes come to the same.
    """

    def __init__(
        self, message: str, name: str, question: Question, actual: Any, vague: bool = False
    ) -> None:
        super().__init__(message)
        self.name, self.question, self.actual, self.vague = name, question, actual, vague


def describe_difference(actual: Any, expected: Any, rtol: float) -> str:
    """One sentence on how `actual` differs from `expected`; empty when it does not."""
    if isinstance(expected, torch.Tensor):
        return _difference_of_tensors(actual, expected, rtol)
    if isinstance(expected, dict):
        if not isinstance(actual, dict):
            return f"returned {_kind(actual)}; a dict was expected."
        missing = [str(key) for key in expected if key not in actual]
        if missing:
            return f"the answer has no {missing[0]!r}."
        parts = [(f"{key!r}: ", actual[key], value) for key, value in expected.items()]
    elif isinstance(expected, (list, tuple)):
        if not isinstance(actual, (list, tuple)) or len(actual) != len(expected):
            return f"returned {_kind(actual)}; {_kind(expected)} was expected."
        parts = [(f"number {i + 1}: ", *pair) for i, pair in enumerate(zip(actual, expected))]
    elif isinstance(expected, float):
        if type(actual) not in (int, float):
            return f"returned {_kind(actual)}; a number was expected."
        return _difference_of_tensors(
            torch.tensor(float(actual)).double(), torch.tensor(expected).double(), rtol
        )
    else:
        same = type(actual) is type(expected) and actual == expected
        return "" if same else f"{readable(repr(actual))} is not right."
    for label, mine, right in parts:
        difference = describe_difference(mine, right, rtol)
        if difference:
            return label + difference
    return ""


def describe_form(actual: Any, expected: Any) -> str:
    """One sentence on how the form of `actual` differs from that of `expected`; empty when it does not.

    Form is what there is before any value counts: the keys, the number of items, the kind of each,
    and the shape of tensors. Where None is expected, there may be anything.
    """
    if expected is None:
        return ""
    if isinstance(expected, torch.Tensor):
        fits = isinstance(actual, torch.Tensor) and actual.shape == expected.shape
        return "" if fits else f"returned {_form(actual)}; {_form(expected)} was expected."
    if isinstance(expected, dict):
        if not isinstance(actual, dict):
            return f"returned {_kind(actual)}; a dict was expected."
        if odd := [str(key) for key in actual.keys() ^ expected.keys()]:
            return f"{min(odd)!r} is in one of the two answers only, the right one and this one."
        parts = [(key, actual[key], value) for key, value in expected.items()]
    elif isinstance(expected, (list, tuple)):
        if not isinstance(actual, (list, tuple)) or len(actual) != len(expected):
            return f"returned {_kind(actual)}; {_kind(expected)} was expected."
        parts = [(f"number {i + 1}", *pair) for i, pair in enumerate(zip(actual, expected))]
    else:
        kinds = (int, float) if type(expected) in (int, float) else (type(expected),)
        fits = type(actual) in kinds
        return "" if fits else f"returned {_kind(actual)}; {_kind(expected)} was expected."
    for label, mine, right in parts:
        if difference := describe_form(mine, right):
            return f"{label}: {difference}"
    return ""


def _form(value: Any) -> str:
    if isinstance(value, torch.Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    return _kind(value)


def _difference_of_tensors(actual: Any, expected: torch.Tensor, rtol: float) -> str:
    """The first difference of two tensors, in a sentence; empty when there is none.

    The error of a value counts relative to itself and to the largest value in its own map, so that
    a dim map beside a bright one is judged as strictly.
    """
    shape = tuple(expected.shape)
    if isinstance(actual, np.ndarray):
        actual = torch.from_numpy(actual)
    if not isinstance(actual, torch.Tensor):
        return f"returned {_kind(actual)}; a tensor of shape {shape} was expected."
    if tuple(actual.shape) != shape:
        return f"returned shape {tuple(actual.shape)}; shape {shape} was expected."
    if actual.is_complex() or (expected.is_floating_point() and not actual.is_floating_point()):
        return f"returned {actual.dtype} numbers; floating-point numbers were expected."
    actual, expected = actual.detach().cpu().double(), expected.detach().cpu().double()
    wrong_numbers = int((~actual.isfinite()).sum())
    if wrong_numbers:
        return f"{wrong_numbers} of {actual.numel()} values are NaN or infinite."
    error, scale = (actual - expected).abs(), _scale(expected)
    if bool((error <= rtol * scale).all()):
        return ""
    factor = _common_factor(actual, expected)
    if factor == 0:
        return "every value is zero." if expected.dim() else "the value is zero."
    if factor is not None:
        what = "every value is the right one" if expected.dim() else "the value is the right one"
        return f"{what} times {factor:.6g}."
    relative = error / scale.clamp_min(torch.finfo(torch.float64).tiny)
    if not expected.dim():
        if not scale:
            return "the value should be zero."
        return f"the value is wrong, by {100 * float(relative):.2g} % of the right one."
    place = tuple(int(i) for i in np.unravel_index(int(relative.argmax()), relative.shape))
    size = f"is {100 * float(relative.max()):.2g} % of the values there"
    if not scale[place]:
        size = "is where all values should be zero"
    return (
        f"{int((relative > rtol).sum())} of {error.numel()} values are wrong; the largest error, at "
        f"index {place}, {size}."
    )


def _scale(expected: torch.Tensor) -> torch.Tensor:
    """What an error counts relative to: the value itself, and the largest one in its map."""
    size = expected.abs()
    if expected.dim() == 0:
        return size
    if expected.dim() == 1:
        return size + size.amax()
    return size + size.flatten(1).amax(dim=1).view(-1, *[1] * (expected.dim() - 1))


def _common_factor(actual: torch.Tensor, expected: torch.Tensor) -> float | None:
    """The number that all expected values were multiplied by, if there is one and it is not 1."""
    power = float((expected * expected).sum())
    if power == 0:
        return None
    factor = float((actual * expected).sum()) / power
    same = bool(((actual - factor * expected).abs() <= 1e-5 * _scale(expected)).all())
    return factor if same and abs(factor - 1) > 1e-3 else None


def _kind(value: Any) -> str:
    if value is None:
        return "None"
    if isinstance(value, (tuple, list, dict)):
        return f"a {type(value).__name__} of {len(value)}"
    return f"a {type(value).__name__}"
