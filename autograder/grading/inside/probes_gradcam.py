"""What the checks of `gradcam` ask of a call besides its value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch


def model_afterwards(function: Callable, args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
    """What has become of the model, args[2], after the call `function(X, y, model, ...)`.

    returned: "something" or "nothing", as a function that does nothing leaves no trace, either
    gradient: the plain gradient of the model's squared scores by X, which shows what stays in its
        backward pass; scores: what it gives for X
    hooks: how many are on it; modules: the type of each; in_place, training: the flags of each
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


def _hooks(module: torch.nn.Module) -> int:
    return (
        len(module._forward_hooks)
        + len(module._forward_pre_hooks)
        + len(module._backward_hooks)
        + len(module._backward_pre_hooks)
    )
