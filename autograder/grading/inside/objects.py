"""Probes of a class: an object is made, brought into a state and asked, all in one call.

Every question gets a fresh object, so no answer depends on the order of the checks. The reference
class is asked in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from .probes import value


@dataclass(frozen=True)
class Instance:
    """A probe of a fresh object of a class, or of whatever else a call makes.

    Attributes:
        args, kwargs: of the constructor.
        weights: a state_dict to load; the object is moved to its dtype and device.
        calls: (name, *arguments) of methods to call before the question, in order.
        method: the method to ask about; the object's own call when None.
        probe: the question about the call.
    """

    args: tuple = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    weights: Mapping[str, torch.Tensor] | None = None
    calls: tuple[tuple, ...] = ()
    method: str | None = None
    probe: Callable = value

    def __call__(self, function: Callable, args: tuple, kwargs: dict[str, Any]) -> Any:
        made = function(*self.args, **self.kwargs)
        if self.weights is not None:
            _load(made, self.weights)
        for name, *arguments in self.calls:
            getattr(made, name)(*arguments)
        asked = made if self.method is None else getattr(made, self.method)
        return self.probe(asked, args, kwargs)


@dataclass(frozen=True)
class Attribute:
    """A probe of one attribute of an object."""

    name: str

    def __call__(self, thing: Any, args: tuple, kwargs: dict[str, Any]) -> Any:
        return getattr(thing, self.name)


def state(thing: Any, args: tuple, kwargs: dict[str, Any]) -> dict[str, torch.Tensor]:
    """The parameters and buffers of a torch module, by name."""
    return dict(_module(thing).state_dict())


def _load(made: Any, weights: Mapping[str, torch.Tensor]) -> None:
    module = _module(made)
    for tensor in weights.values():
        if tensor.is_floating_point():
            module.to(tensor.device, tensor.dtype)
            break
    module.load_state_dict(weights)


def _module(thing: Any) -> torch.nn.Module:
    if not isinstance(thing, torch.nn.Module):
        raise TypeError(f"a {type(thing).__name__} is not a torch.nn.Module: it has no parameters")
    return thing
