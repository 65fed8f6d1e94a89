"""Attribution methods, and helpers, that the checks of `sanity_checks` hand to a student's code.

Re-initialised layers are random, so maps that depend on their values could not be compared with
anything. The maps of `MapsOfWhatChanged` depend on *which* layers of a model have changed.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping

import torch
from torch import Tensor, nn


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


def marked_copy(model: nn.Module, n: int) -> nn.Module:
    """Takes the place of `randomize_layers`: a copy that says how many of its layers are random."""
    marked = copy.deepcopy(model)
    marked.said_to_be_random = max(n, getattr(model, "said_to_be_random", 0))
    return marked


def closeness(a: Tensor, b: Tensor) -> Tensor:
    """Takes the place of `rank_correlation`: 1 for equal maps, else less, (N,)."""
    difference = torch.as_tensor(a) - torch.as_tensor(b)
    return 1 / (1 + difference.abs().flatten(1).mean(dim=1))
