"""What a check can ask of one call. A probe calls the function, in the jail, and returns data.

Checks use them as `answer(...)`, `answer.changes(...)`, `answer.gradient(...)`, and those of their
assignment's `probes.py` as `answer.asked(probe)(...)`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from .spy import Spy


class NotDifferentiable(TypeError):
    """A result that autograd can't follow back to an argument."""


def value(function: Callable, args: tuple, kwargs: dict[str, Any]) -> Any:
    """What the function returns."""
    return function(*args, **kwargs)


def changes(function: Callable, args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
    """What has become of the arguments: {"args": [...], "kwargs": {...}, "value": ...}.

    Tensors as they are after the call, of a spy its record of calls, else None. The returned
    value is there only if it is a tensor or an array: some students return what they changed.
    """
    value = function(*args, **kwargs)
    return {
        "args": [_trace(arg) for arg in args],
        "kwargs": {key: _trace(arg) for key, arg in kwargs.items()},
        "value": value if isinstance(value, (torch.Tensor, np.ndarray)) else None,
    }


def _trace(argument: Any) -> Any:
    if isinstance(argument, torch.Tensor):
        return argument
    return argument.calls if isinstance(argument, Spy) else None


@dataclass(frozen=True)
class Gradient:
    """The derivative of a scalar result with respect to one argument, by backward.

    at: index of the argument: a tensor, or a list of tensors, which gives a list of derivatives,
        with zeros for a tensor that the result does not depend on
    """

    at: int

    def __call__(self, function: Callable, args: tuple, kwargs: dict[str, Any]) -> Any:
        argument = args[self.at]
        tensors = list(argument) if isinstance(argument, (list, tuple)) else [argument]
        leaves = [tensor.detach().clone().requires_grad_() for tensor in tensors]
        given = leaves if isinstance(argument, (list, tuple)) else leaves[0]
        result = function(*args[: self.at], given, *args[self.at + 1 :], **kwargs)
        if not isinstance(result, torch.Tensor) or not result.requires_grad:
            raise NotDifferentiable(
                f"its result, a {type(result).__name__}, has no gradient: compute it with torch "
                "from beginning to end, without item(), detach(), .data, no_grad() or numpy"
            )
        found = torch.autograd.grad(result.sum(), leaves, allow_unused=True)
        gradients = [
            torch.zeros_like(leaf) if gradient is None else gradient
            for leaf, gradient in zip(leaves, found)
        ]
        return gradients if given is leaves else gradients[0]
