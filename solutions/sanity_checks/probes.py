"""What runs beside a student's code: questions about a call, attribution methods, test doubles.

Re-initialised layers are random, so maps that depend on their values could not be compared with
anything. The maps of `MapsOfWhatChanged` depend on *which* layers of a model have changed.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

# Probes


def randomized(function: Callable, args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Both models after a call of `randomize_layers(model, n)`.

    Returns:
        "copy": the returned model's state_dict, or, of anything else, the name of its type;
        "modes": of all its modules, True where one is in training mode;
        "original", "original_modes": the same of the given model, afterwards;
        "shared": of each tensor of the copy, whether it is the given model's own.
    """
    (model, *_), returned = args, function(*args, **kwargs)
    is_model = isinstance(returned, nn.Module)
    return {
        "copy": _state(returned) if is_model else type(returned).__name__,
        "modes": _modes(returned) if is_model else [],
        "original": _state(model),
        "original_modes": _modes(model),
        "shared": _shared(returned, model) if is_model else {},
    }


def model_afterwards(function: Callable, args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
    """The model in the arguments after the call: its state_dict, and the modes of its modules.

    "returned" is "something" or "nothing": a function that does nothing leaves no trace, either.
    """
    answer = function(*args, **kwargs)
    (model,) = [arg for arg in args if isinstance(arg, nn.Module)]
    return {
        "returned": "nothing" if answer is None else "something",
        "state": _state(model),
        "modes": _modes(model),
    }


def _state(model: nn.Module) -> dict[str, Tensor]:
    return {key: tensor.clone() for key, tensor in nn.Module.state_dict(model).items()}


def _modes(model: nn.Module) -> list[bool]:
    return [module.training for module in model.modules()]


def _shared(copied: nn.Module, model: nn.Module) -> dict[str, bool]:
    own = {tensor.data_ptr() for tensor in nn.Module.state_dict(model).values()}
    tensors = nn.Module.state_dict(copied).items()
    return {name: tensor.data_ptr() in own for name, tensor in tensors}


# Attribution methods for `cascade_similarity`


def brightness_maps(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """Maps of a method that does not look at the model at all."""
    return X.mean(dim=1)


def gradient_maps(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """Maps of a method that needs gradients: mean square over the channels."""
    pixels = X.detach().clone().requires_grad_()
    total = model(pixels)[torch.arange(len(y)), y].sum()
    (gradient,) = torch.autograd.grad(total, pixels)
    return gradient.contiguous().square().mean(dim=1)


class MapsOfWhatChanged:
    """Maps that depend on the images, on the labels, and on which layers of the model are new.

    Args:
        layers: of each layer, first to last, its parameters as they were, by their names.
        seed: of the patterns, one for each set of layers.
    """

    def __init__(self, layers: list[Mapping[str, Tensor]], seed: int) -> None:
        self.layers = [{name: p.detach().clone() for name, p in own.items()} for own in layers]
        self.seed = seed

    def __call__(self, X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
        code = sum(2**k for k, changed in enumerate(self._changed(model)) if changed)
        generator = torch.Generator().manual_seed(self.seed + code)
        pattern = torch.randn(X.shape[-2:], generator=generator).to(X)  # (H, W)
        images = (X.mean(dim=1) - 0.5) * (1 + y).view(-1, 1, 1)  # (N, H, W)
        # Both signs, so that absolute values show, and ties at the lower end.
        return (images + pattern).clamp_min(-0.5)

    def _changed(self, model: nn.Module) -> list[bool]:
        count = getattr(model, "said_to_be_random", None)  # a marked copy, see below
        if count is not None:
            return [k >= len(self.layers) - count for k in range(len(self.layers))]
        now = dict(model.named_parameters())
        return [
            any(name not in now or not torch.equal(now[name], p) for name, p in own.items())
            for own in self.layers
        ]


# Test doubles of the helpers of `cascade_similarity`: they give nothing away.


def marked_copy(model: nn.Module, n: int) -> nn.Module:
    """Double of `randomize_layers`: a copy that says how many of its layers are random.

    For n > 0 all parameters of the copy differ, so that maps of gradients do.
    """
    marked = copy.deepcopy(model)
    marked.said_to_be_random = max(n, getattr(model, "said_to_be_random", 0))
    if n > 0:
        with torch.no_grad():
            for parameter in marked.parameters():
                parameter.sub_(0.5)
    return marked


def closeness(a: Tensor, b: Tensor) -> Tensor:
    """Double of `rank_correlation`: 1 for equal maps, else less, whatever their scale, (N,)."""
    a, b = torch.as_tensor(a).flatten(1), torch.as_tensor(b).flatten(1)
    size = a.abs().sum(dim=1) + b.abs().sum(dim=1)
    return 1 - (a - b).abs().sum(dim=1) / (size + (size == 0))
