"""Signed attributions as pictures: zero is grey, positive is bright, negative is dark."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["attribution_pictures"]


def attribution_pictures(attributions: Tensor, *, full_at: float = 0.995) -> Tensor:
    """Signed attributions (N, 3, H, W), of any size, as images (N, 3, H, W) in [0, 1].

    Zero becomes medium grey. Each image is scaled on its own: a channel value reaches black or
    white where only 1 - `full_at` of the image's values are larger, so that a few extreme pixels
    don't grey out all others. An image of zeros is grey all over.

    Raises ValueError when the attributions are no batch of images.
    """
    if attributions.dim() != 4 or attributions.shape[1] != 3:
        raise ValueError(
            f"attributions should be (N, 3, H, W), but their shape is {tuple(attributions.shape)}"
        )
    attributions = attributions.detach().float()
    sizes = attributions.abs().flatten(1)
    full = torch.quantile(sizes, full_at, dim=1)
    # A picture with hardly any pixels that are not zero would have a quantile of zero.
    full = torch.where(full > 0, full, sizes.amax(dim=1)).view(-1, 1, 1, 1)
    scaled = attributions / torch.where(full > 0, full, 1.0)
    return (0.5 + 0.5 * scaled).clamp(0, 1)
