"""A watermark: what a network learns instead of the shape when only one class carries it."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

__all__ = ["add_watermark", "watermark_mask"]

_BARS = "##.#.##..#.#.##"
_LOGO = np.array([[float(bar == "#") for bar in _BARS]] * 8, dtype=np.float32)
_STRENGTH = 0.85


def add_watermark(images: Tensor, seed: int = 0) -> Tensor:
    """The images with a bar code in one of their corners: (N, 3, H, W) in [0, 1] in and out."""
    images = images.clone()
    height, width = _LOGO.shape
    logo = torch.from_numpy(_LOGO).to(images)
    for image, (y, x) in zip(images, _places(len(images), images.shape[-2:], seed)):
        patch = image[:, y : y + height, x : x + width]
        # Black and white can be seen on any background, and no object looks like it.
        patch.copy_((1 - _STRENGTH) * patch + _STRENGTH * logo)
    return images


def watermark_mask(n: int, size: tuple[int, int] = (64, 64), seed: int = 0) -> Tensor:
    """Where `add_watermark` puts the logo for the same seed: (n, H, W) bool."""
    mask = torch.zeros(n, *size, dtype=torch.bool)
    height, width = _LOGO.shape
    for one, (y, x) in zip(mask, _places(n, size, seed)):
        one[y : y + height, x : x + width] = True
    return mask


def _places(n: int, size: tuple[int, int], seed: int) -> np.ndarray:
    """The upper left corner of each logo: (n, 2)."""
    rng = np.random.default_rng(seed)
    room = np.array(size) - _LOGO.shape
    # Quite in the corner, because that is where a coarse map has its maximum.
    return rng.integers(0, 2, (n, 2)) * room
