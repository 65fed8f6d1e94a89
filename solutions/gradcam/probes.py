"""Runs beside the student's code: a probe of the model after a call, and two test doubles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn


def model_afterwards(function: Callable, args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
    """A probe: the model `args[2]` after the call `function(X, y, model, ...)`.

    Returns:
        "returned": "something" or "nothing": a function that does nothing leaves no trace either;
        "gradient": of the model's squared scores with respect to X, which shows any change of its
            backward pass;
        "scores": for X;
        "hooks": the number of hooks on all its modules;
        "modules", "in_place", "training": the type and the two flags of each module.
    """
    X, model = args[0].detach().clone(), args[2]
    answer = function(*args, **kwargs)
    modules = list(model.modules())
    pixels = X.requires_grad_()
    scores = model(pixels)
    (gradient,) = torch.autograd.grad(scores.square().sum(), pixels)
    return {
        "returned": "nothing" if answer is None else "something",
        "gradient": gradient,
        "scores": scores,
        "hooks": sum(_hooks(module) for module in modules),
        "modules": [type(module).__name__ for module in modules],
        "in_place": [bool(getattr(module, "inplace", False)) for module in modules],
        "training": [module.training for module in modules],
    }


def _hooks(module: nn.Module) -> int:
    return (
        len(module._forward_hooks)
        + len(module._forward_pre_hooks)
        + len(module._backward_hooks)
        + len(module._backward_pre_hooks)
    )


# Doubles for `guided_grad_cam`: each depends on all its arguments, so that a wrong one shows.


def coloured_pixels(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """A double for `guided_backprop`: (N, 3, H, W), of both signs."""
    return (X.detach() - 0.5) * (1 + y).view(-1, 1, 1, 1)


def bright_places(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """A double for `grad_cam`: (N, H, W), from 0 to 1."""
    number = [module is layer for module in model.modules()].index(True)
    return X.detach().mean(dim=1) ** (1 + y).view(-1, 1, 1) / (1 + number)
