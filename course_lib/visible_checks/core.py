"""What the visible checks of all assignments share."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

__all__ = ["CheckFailed", "NotAnswered", "Question", "visible_check"]


class CheckFailed(AssertionError):
    """A property that does not hold: names the question, what was seen, and what to try."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows: the sentence, not the inside of the check."""
        return [f"✗ {self}"]


class NotAnswered(NotImplementedError):
    """A stub was called: its own sentence, without the way there."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows."""
        return [f"NotImplementedError: {self}"]


def visible_check(check: Callable[[Callable], None]) -> Callable[[Callable], None]:
    """Mark a check of a student's function, so that a stub gets one line and no traceback."""

    @functools.wraps(check)
    def checked(function: Callable) -> None:
        try:
            check(function)
        except NotImplementedError as stub:
            raise NotAnswered(*stub.args) from None

    return checked


class Question:
    """Collects what is said about one question.

    name: the function's name; number: where it stands in the notebook
    """

    def __init__(self, name: str, number: int):
        self.label = f"{name} (question {number})"
        self._remarks: set[str] = set()

    def passed(self, sentence: str) -> None:
        print(f"✓ {sentence}")

    def remark(self, sentence: str) -> None:
        """Something that costs no points, but could surprise later; said once."""
        if sentence not in self._remarks:
            self._remarks.add(sentence)
            print(f"· {sentence}")

    def require(self, condition: bool, sentence: str) -> None:
        if not condition:
            raise CheckFailed(f"{self.label}: {sentence}")

    def require_tensor(
        self,
        value: object,
        shape: Sequence[int],
        dtype: torch.dtype,
        *,
        any_precision: bool = False,
    ) -> Tensor:
        """`value`, detached, if it is a finite tensor of that shape and dtype on the CPU.

        any_precision: another floating-point dtype is only remarked on.
        """
        if value is None:
            raise CheckFailed(f"{self.label}: it returns None; is a `return` missing?")
        if isinstance(value, np.ndarray):
            self.remark("the result is a NumPy array; the cells below get further with a tensor")
            value = torch.from_numpy(value)
        self.require(
            isinstance(value, Tensor),
            f"it should return a torch.Tensor, but returns {type(value).__name__}; "
            "stay with torch from the input to the result",
        )
        self.require(
            tuple(value.shape) == tuple(shape),
            f"the result should have the shape {tuple(shape)} here, but has {tuple(value.shape)}; "
            "look at which dimensions are reduced, and whether N = 1 is a special case for you",
        )
        if any_precision and value.is_floating_point() and value.dtype != dtype:
            self.remark(f"the result is {value.dtype}, the input was {dtype}")
            value = value.to(dtype)
        self.require(
            value.dtype == dtype and value.device.type == "cpu",
            f"the result should be {dtype} on cpu, as the input is, but is {value.dtype} on "
            f"{value.device}; keep the input's dtype and device",
        )
        self.require(
            bool(value.detach().isfinite().all()),
            "there are NaN or infinite values in the result; look for a division by zero",
        )
        return value.detach()

    def require_close(self, seen: Tensor, expected: Tensor, what: str, advice: str) -> None:
        """Equal up to what central differences can tell apart in float64."""
        error = (seen - expected).abs().max().item()
        size = expected.abs().max().item()
        self.require(
            error <= 1e-5 * size + 1e-9,
            f"{what}: the largest difference is {error:.2g}, where the values reach {size:.2g}; "
            f"{advice}",
        )
