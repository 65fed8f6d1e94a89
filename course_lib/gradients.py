"""Derivatives by central differences: slow, but independent of automatic differentiation.

They check a gradient without `backward()`. All of it is computed in float64, because
(f(x + h) - f(x - h)) / 2h loses about as many digits as h has zeros.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

__all__ = ["numeric_gradient"]


def numeric_gradient(f: Callable[[Tensor], Tensor | float], x: Tensor, eps: float = 1e-6) -> Tensor:
    """Gradient of a scalar function by central differences, in float64 and the shape of `x`.

    Args:
        f: takes a float64 copy of `x` and returns one number. It is called twice for each element
            of `x`, so keep `x` small.
        x: the point at which to differentiate; it is not changed.
        eps: the step in either direction.

    Raises:
        TypeError: `f` returns less than float64 (call `.double()` on the model in it).
        ValueError: `f` returns more than one number.
    """
    point = x.detach().double().clone()
    gradient = torch.empty_like(point)
    flat, flat_gradient = point.view(-1), gradient.view(-1)
    with torch.no_grad():
        for i in range(flat.numel()):
            old = flat[i].item()
            flat[i] = old + eps
            above = _scalar(f(point.clone()))
            flat[i] = old - eps
            below = _scalar(f(point.clone()))
            flat[i] = old
            flat_gradient[i] = (above - below) / (2 * eps)
    return gradient


def _scalar(value: Tensor | float) -> float:
    if not isinstance(value, Tensor):
        return float(value)
    if value.numel() != 1:
        raise ValueError(f"f must return one number, but returned shape {tuple(value.shape)}")
    if value.dtype != torch.float64:
        raise TypeError(
            f"f must compute in float64, but returned {value.dtype}: "
            "call .double() on a copy of the model that it uses"
        )
    return float(value)
