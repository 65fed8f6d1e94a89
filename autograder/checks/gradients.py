"""Derivatives by central differences, all of them in one batch."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

FINITE_DIFFERENCES = 1e-4  # relative error of central differences with a step of 1e-6, and room
CHUNK = 256  # points at which a function is evaluated together


def numeric_gradient(f: Callable[[Tensor], Tensor], x: Tensor, eps: float = 1e-6) -> Tensor:
    """The gradient of a scalar function by central differences: float64, the shape of `x`.

    The function is evaluated at two points for each element of `x`, by `torch.vmap`: it must be
    made of torch operations, in float64, and have no kink near `x`.

    Args:
        f: takes a tensor of the shape of `x` and returns one number.
        x: any shape.
        eps: the step.

    Raises:
        ValueError: `f` does not return one float64 number.
    """
    point = x.detach().double()
    steps = eps * torch.eye(point.numel(), dtype=torch.float64, device=point.device)
    steps = steps.view(-1, *point.shape)  # (numel, *shape of x): one element each is moved
    with torch.no_grad():
        values = torch.cat(
            [torch.vmap(f)(point + chunk) for chunk in torch.cat([steps, -steps]).split(CHUNK)]
        )
    if values.dim() != 1 or values.dtype != torch.float64:
        raise ValueError(
            f"f must return one float64 number, but returned {values.dtype} of shape "
            f"{tuple(values.shape[1:])}"
        )
    above, below = values.chunk(2)
    return ((above - below) / (2 * eps)).view(point.shape)
