"""What takes the place of wrong helpers when `guided_grad_cam` is asked again.

Both depend on all that they are given, so that a wrong argument shows.
"""

from __future__ import annotations

from torch import Tensor, nn


def coloured_pixels(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """Takes the place of `guided_backprop`: (N, 3, H, W), of both signs."""
    return (X.detach() - 0.5) * (1 + y).view(-1, 1, 1, 1)


def bright_places(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """Takes the place of `grad_cam`: (N, H, W), from 0 to 1."""
    number = [module is layer for module in model.modules()].index(True)
    return X.detach().mean(dim=1) ** (1 + y).view(-1, 1, 1) / (1 + number)
