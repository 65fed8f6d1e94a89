"""Compares a student's values with the right ones, and says in words how they differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from autograder.grading.student import StudentFunction

EXACT = 1e-6  # relative error that float64 rounding stays below
SINGLE = 1e-3  # the same for float32, with room for another order of summation


class Mismatch(AssertionError):
    """A student's values are not the right ones.

    Attributes:
        name: the graded function.
        arguments: what it was called with.
        actual: what came back.
    """

    def __init__(self, message: str, name: str, arguments: tuple, actual: Any) -> None:
        super().__init__(message)
        self.name, self.arguments, self.actual = name, arguments, actual


def assert_same(
    function: StudentFunction, reference: Callable, *arguments: Any, rtol: float = EXACT
) -> None:
    """Check that both functions give the same values for the same arguments."""
    actual = function(*arguments)
    assert_values(function, actual, reference(*arguments), *arguments, rtol=rtol)


def assert_values(
    function: StudentFunction,
    actual: Any,
    expected: torch.Tensor,
    *arguments: Any,
    rtol: float = EXACT,
) -> None:
    """Check what `function` returned for `arguments` against `expected`."""
    difference = describe_difference(actual, expected, rtol)
    if difference:
        name = function.__name__
        raise Mismatch(f"{name}: {difference}", name, arguments, actual)


def describe_difference(actual: Any, expected: torch.Tensor, rtol: float) -> str:
    """One sentence on how `actual` differs from `expected`; empty when it does not.

    The error of a value counts relative to itself and to the largest value in its own map,
    so that a dim map beside a bright one is judged as strictly.
    """
    shape = tuple(expected.shape)
    if isinstance(actual, np.ndarray):
        actual = torch.from_numpy(actual)
    if not isinstance(actual, torch.Tensor):
        return f"returned {_kind(actual)}; a tensor of shape {shape} was expected."
    if tuple(actual.shape) != shape:
        return f"returned shape {tuple(actual.shape)}; shape {shape} was expected."
    if actual.is_complex() or not actual.is_floating_point():
        return f"returned {actual.dtype} numbers; floating-point numbers were expected."
    actual, expected = actual.detach().cpu().double(), expected.detach().cpu().double()
    wrong_numbers = int((~actual.isfinite()).sum())
    if wrong_numbers:
        return f"{wrong_numbers} of {actual.numel()} values are NaN or infinite."
    error, scale = (actual - expected).abs(), _scale(expected)
    if bool((error <= rtol * scale).all()):
        return ""
    factor = _common_factor(actual, expected)
    if factor is not None:
        return f"every value is the right one times {factor:.6g}."
    relative = error / scale.clamp_min(torch.finfo(torch.float64).tiny)
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
    if expected.dim() < 2:
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
