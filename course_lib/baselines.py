"""Maps that know nothing about a model's classes, and still find objects.

A figure about how well maps find objects means little without them: objects lie near the centre
of most images, and edges lie on objects. "Sanity Checks for Saliency Maps" (Adebayo et al., 2018)
compares with an edge detector and with untrained networks.
"""

from __future__ import annotations

import copy
from typing import TypeVar

import torch
from torch import Tensor, nn

from course_lib.attribution import Method, edge_map, gradient_map
from course_lib.networks import reset_parameters

__all__ = ["BASELINES", "centre_blob_map", "centre_pixel_map", "untrained_copy", "untrained_map"]

BLOB = 0.2  # standard deviation of the blob in image heights and widths

Model = TypeVar("Model", bound=nn.Module)


def centre_pixel_map(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """A single pixel, the one in the middle (for even sizes, the one below and right of it)."""
    maps = torch.zeros_like(X[:, 0])
    maps[:, maps.shape[1] // 2, maps.shape[2] // 2] = 1
    return maps


def centre_blob_map(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """A Gaussian in the middle of the image."""
    across, down = (
        torch.exp(
            -(((torch.arange(side, device=X.device) + 0.5) / side - 0.5) ** 2) / (2 * BLOB**2)
        )
        for side in (X.shape[3], X.shape[2])
    )
    return torch.outer(down, across).to(X.dtype).expand(len(X), -1, -1).contiguous()


def untrained_map(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """The saliency map of the same architecture before any training."""
    return gradient_map(X, y, untrained_copy(model))


def untrained_copy(model: Model, seed: int = 0) -> Model:
    """A copy of a model in which every layer has new initial parameters."""
    model = copy.deepcopy(model)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for module in model.modules():
            if any(True for _ in module.parameters(recurse=False)):
                reset_parameters(module)
    return model.requires_grad_(False)


BASELINES: dict[str, Method] = {
    "centre pixel": centre_pixel_map,
    "centre blob": centre_blob_map,
    "edge detector": edge_map,
    "untrained network": untrained_map,
}
