"""Signed attributions as pictures: zero is grey, positive is bright, negative is dark."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["attribution_pictures"]


def attribution_pictures(attributions: Tensor, *, full_at: float = 0.995) -> Tensor:
    """Scale signed attributions to images (N, 3, H, W) in [0, 1], with zero at medium grey.

    Each image is scaled on its own: black or white begins at the `full_at` quantile of its absolute
    values, so that a few extreme pixels don't grey out all others. An image of zeros is grey.

    Args:
        attributions: (N, 3, H, W), of any magnitude.
        full_at: the quantile.

    Raises:
        ValueError: the attributions are not a batch of images.
    """
    if attributions.dim() != 4 or attributions.shape[1] != 3:
        raise ValueError(
            f"attributions should be (N, 3, H, W), but their shape is {tuple(attributions.shape)}"
        )
    attributions = attributions.detach().float()
    sizes = attributions.abs().flatten(1)
    full = torch.quantile(sizes, full_at, dim=1)
    # The quantile of an image with very few non-zero pixels is zero.
    full = torch.where(full > 0, full, sizes.amax(dim=1)).view(-1, 1, 1, 1)
    scaled = attributions / torch.where(full > 0, full, 1.0)
    return (0.5 + 0.5 * scaled).clamp(0, 1)
