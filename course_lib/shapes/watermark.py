"""A watermark: a network learns it instead of the shape when only one class has it."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

__all__ = ["add_watermark", "watermark_mask"]

_BARS = "##.#.##..#.#.##"
_LOGO = np.array([[float(bar == "#") for bar in _BARS]] * 8, dtype=np.float32)
_STRENGTH = 0.85


def add_watermark(images: Tensor, seed: int = 0) -> Tensor:
    """Add a bar code in a random corner of each image: (N, 3, H, W) in [0, 1] in and out."""
    images = images.clone()
    height, width = _LOGO.shape
    logo = torch.from_numpy(_LOGO).to(images)
    size = (images.shape[-2], images.shape[-1])
    for image, (y, x) in zip(images, _places(len(images), size, seed), strict=True):
        patch = image[:, y : y + height, x : x + width]
        # Black and white are visible on any background, and no object looks like this.
        patch.copy_((1 - _STRENGTH) * patch + _STRENGTH * logo)
    return images


def watermark_mask(n: int, size: tuple[int, int] = (64, 64), seed: int = 0) -> Tensor:
    """Masks (n, H, W) bool of the watermarks that `add_watermark` adds for the same seed."""
    mask = torch.zeros(n, *size, dtype=torch.bool)
    height, width = _LOGO.shape
    for one, (y, x) in zip(mask, _places(n, size, seed), strict=True):
        one[y : y + height, x : x + width] = True
    return mask


def _places(n: int, size: tuple[int, int], seed: int) -> np.ndarray:
    """The upper left corner of each watermark: (n, 2)."""
    rng = np.random.default_rng(seed)
    room = np.array(size) - _LOGO.shape
    # Right in the corner, because coarse maps have their maximum there.
    return rng.integers(0, 2, (n, 2)) * room
