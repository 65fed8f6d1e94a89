"""What the checks of `sanity_checks` ask of a call, beside what it returns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn


def randomized(function: Callable, args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
    """What came of `randomize_layers(model, n)`.

    Returns:
        "copy": the returned model's state_dict, or the name of the type of what is no model;
        "modes": of all its modules, True where one is in training mode;
        "original", "original_modes": the same of the given model, afterwards;
        "shared": the names of the tensors that both models hold.
    """
    copy = function(*args, **kwargs)
    is_model = isinstance(copy, nn.Module)
    return {
        "copy": _state(copy) if is_model else type(copy).__name__,
        "modes": [module.training for module in copy.modules()] if is_model else [],
        "original": _state(args[0]),
        "original_modes": [module.training for module in args[0].modules()],
        "shared": _shared(copy, args[0]) if is_model else [],
    }


def model_afterwards(function: Callable, args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Of the model in the arguments: its state_dict after the call, and the modes of its modules.

    "returned" is "something" or "nothing": a function that does nothing leaves no trace, either.
    """
    answer = function(*args, **kwargs)
    (model,) = [arg for arg in args if isinstance(arg, nn.Module)]
    return {
        "returned": "nothing" if answer is None else "something",
        "state": _state(model),
        "modes": [module.training for module in model.modules()],
    }


def _state(model: nn.Module) -> dict[str, Any]:
    return {key: tensor.clone() for key, tensor in nn.Module.state_dict(model).items()}


def _shared(copy: nn.Module, model: nn.Module) -> list[str]:
    own = {tensor.data_ptr() for tensor in nn.Module.state_dict(model).values()}
    return [k for k, tensor in nn.Module.state_dict(copy).items() if tensor.data_ptr() in own]
