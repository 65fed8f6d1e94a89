"""The common parts of all visible checks."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import torch
from torch import Tensor

__all__ = ["CheckFailed", "Mistake", "NotAnswered", "Question", "as_number", "visible_check"]

Mistake = tuple[str, Callable[[], Tensor]]  # a sentence about it, and the tensor that it gives


class CheckFailed(AssertionError):
    """A property doesn't hold: the question, what was seen, and what to try."""

    def _render_traceback_(self) -> list[str]:
        """Lines for IPython: the message without the traceback through the check."""
        return [f"✗ {self}"]


class NotAnswered(NotImplementedError):
    """A stub was called: its own message, without the traceback."""

    def _render_traceback_(self) -> list[str]:
        """Lines for IPython: the message without the traceback."""
        return [f"NotImplementedError: {self}"]


def visible_check(check: Callable[[Callable], None]) -> Callable[[Callable], None]:
    """Wrap a check so that a stub gives one line and no traceback."""

    @functools.wraps(check)
    def checked(function: Callable) -> None:
        try:
            check(function)
        except NotImplementedError as stub:
            raise NotAnswered(*stub.args) from None

    return checked


class Question:
    """Requirements on the answer to one question, and the lines printed about it.

    Args:
        name: name of the function.
        number: number of the question in the notebook.
    """

    def __init__(self, name: str, number: int) -> None:
        self.label = f"{name} (question {number})"
        self._remarks: set[str] = set()

    def passed(self, sentence: str) -> None:
        """Print a property that holds."""
        print(f"✓ {sentence}")

    def remark(self, sentence: str) -> None:
        """Print, once, something that costs no points but may surprise later."""
        if sentence not in self._remarks:
            self._remarks.add(sentence)
            print(f"· {sentence}")

    def require(self, condition: bool, sentence: str) -> None:
        """Stop the check with a message unless a condition holds.

        Raises:
            CheckFailed: it doesn't hold.
        """
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
        """Require a finite tensor of a shape and dtype on the CPU, and return it detached.

        Args:
            value: the result of the student's function.
            shape: its shape.
            dtype: its dtype.
            any_precision: another floating-point dtype gives a remark only.

        Raises:
            CheckFailed: it is something else.
        """
        if value is None:
            raise CheckFailed(f"{self.label}: it returns None; is a `return` missing?")
        if isinstance(value, np.ndarray):
            self.remark("the result is a NumPy array; return a tensor, which the cells below need")
            value = torch.from_numpy(value)
        if not isinstance(value, Tensor):
            raise CheckFailed(
                f"{self.label}: it should return a torch.Tensor, but returns "
                f"{type(value).__name__}; stay with torch from the input to the result"
            )
        single = (
            ", and whether N = 1 is a special case in your code" if tuple(shape[:1]) == (1,) else ""
        )
        self.require(
            tuple(value.shape) == tuple(shape),
            f"the result should have the shape {tuple(shape)} here, but has {tuple(value.shape)}; "
            f"look at which dimensions are reduced{single}",
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

    def require_none_of(self, mistakes: Iterable[Mistake], seen: Tensor, what: str) -> None:
        """Require that none of some mistakes gives the tensor that is seen.

        Raises:
            CheckFailed: one does, and is named.
        """
        for sentence, wrong in mistakes:
            if _is_close(seen, wrong()):
                raise CheckFailed(f"{self.label}: {what}: {sentence}")

    def require_close(
        self,
        seen: Tensor,
        expected: Tensor,
        what: str,
        advice: str,
        mistakes: Iterable[Mistake] = (),
    ) -> None:
        """Require equality up to the accuracy of central differences in float64.

        Args:
            seen: the student's tensor.
            expected: the right one.
            what: what differs.
            advice: what to look at.
            mistakes: the first one that gives what is seen is named, instead of the difference and
                the advice.

        Raises:
            CheckFailed: the tensors differ.
        """
        if _is_close(seen, expected):
            return
        self.require_none_of(mistakes, seen, what)
        error, size = (seen - expected).abs().max().item(), expected.abs().max().item()
        raise CheckFailed(
            f"{self.label}: {what}: the largest difference is {error:.2g}, where the values reach "
            f"{size:.2g}; {advice}"
        )


def _is_close(seen: Tensor, expected: Tensor) -> bool:
    error, size = (seen - expected).abs().max().item(), expected.abs().max().item()
    return error <= 1e-5 * size + 1e-9


def as_number(value: object) -> float | None:
    """Convert a number of any kind to a float: Python's, NumPy's, or a tensor of one element.

    Returns:
        The number; None for anything else.
    """
    if isinstance(value, (Tensor, np.ndarray, np.generic)):
        value = value.reshape(-1)
        return float(value[0]) if len(value) == 1 else None
    return float(value) if isinstance(value, (int, float)) else None
