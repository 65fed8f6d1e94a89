"""What the checks of `sanity_checks` ask of a call, beside what it returns."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import nn

from .probes import value


def randomized(function: Callable, args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
    """What came of `randomize_layers(model, n)`.

    Returns:
        "copy": the returned model's state_dict, or the name of the type of what is no model;
        "modes": of all its modules, True where one is in training mode;
        "original": the state_dict that the given model has afterwards.
    """
    copy = function(*args, **kwargs)
    is_model = isinstance(copy, nn.Module)
    return {
        "copy": _state(copy) if is_model else type(copy).__name__,
        "modes": [module.training for module in copy.modules()] if is_model else [],
        "original": _state(args[0]),
    }


def model_afterwards(function: Callable, args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
    """The state_dict that the model in the arguments has after the call."""
    function(*args, **kwargs)
    (model,) = [arg for arg in args if isinstance(arg, nn.Module)]
    return _state(model)


@dataclass(frozen=True)
class WithHelpers:
    """Asks a function while other functions stand in the place of some that it calls by name.

    helpers: (name, function) pairs
    probe: what is asked of the call
    """

    helpers: tuple[tuple[str, Callable], ...]
    probe: Callable = value

    def __call__(self, function: Callable, args: tuple, kwargs: dict[str, Any]) -> Any:
        names = _globals_of(function)
        before = {name: names[name] for name, _ in self.helpers if name in names}
        names.update(self.helpers)
        try:
            return self.probe(function, args, kwargs)
        finally:
            for name, _ in self.helpers:
                del names[name]
            names.update(before)


def _globals_of(function: Callable) -> dict[str, Any]:
    """The names that a function of the student's looks up, also of a decorated or callable one."""
    while isinstance(function, functools.partial):
        function = function.func
    function = inspect.unwrap(function)
    if not hasattr(function, "__globals__"):
        function = type(function).__call__
    return getattr(function, "__globals__", {})


def _state(model: nn.Module) -> dict[str, Any]:
    return {key: tensor.clone() for key, tensor in nn.Module.state_dict(model).items()}
