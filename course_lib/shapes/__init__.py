"""Drawn images of textured objects on cluttered backgrounds, with their true masks.

Only the outline determines the class: colour, texture, size, rotation and position are independent
of it, and backgrounds contain the same textures and pieces of other outlines.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from course_lib.samples import Samples
from course_lib.shapes.outlines import OUTLINES
from course_lib.shapes.scene import USUAL, draw_scene
from course_lib.shapes.watermark import add_watermark, watermark_mask

__all__ = ["CLASS_NAMES", "add_watermark", "draw_scattered", "draw_shapes", "watermark_mask"]

CLASS_NAMES: tuple[str, ...] = tuple(OUTLINES)


def draw_shapes(
    n: int,
    seed: int = 0,
    size: int = 64,
    labels: Sequence[int] | None = None,
    shares: tuple[float, float] = USUAL,
) -> Samples:
    """Draw `n` images of `size` x `size` pixels, with masks; the classes take turns.

    Image i depends on `seed`, i, its label, `size` and `shares` only: a larger `n` gives the same
    first images.

    Args:
        n: number of images.
        seed: seed of all random choices.
        size: height and width.
        labels: the class of each image, instead of turns.
        shares: the smallest and the largest fraction of its image that an object covers, about.

    Raises:
        ValueError: there are not `n` labels.
    """
    labels = [i % len(CLASS_NAMES) for i in range(n)] if labels is None else [*map(int, labels)]
    if len(labels) != n:
        raise ValueError(f"labels has {len(labels)} entries for {n} images")
    images = np.empty((n, 3, size, size), dtype=np.float32)
    masks = np.empty((n, size, size), dtype=bool)
    for i, label in enumerate(labels):
        rng = np.random.default_rng((seed, i))
        images[i], masks[i] = draw_scene(rng, OUTLINES[CLASS_NAMES[label]], size, shares)
    return Samples(
        torch.from_numpy(images),
        torch.tensor(labels, dtype=torch.long),
        torch.from_numpy(masks),
        CLASS_NAMES,
    )


def draw_scattered(n: int, seed: int = 0, labels: Sequence[int] | None = None) -> Samples:
    """Draw `n` images of 96 x 96 pixels whose objects lie anywhere, to ask whether maps find them.

    The objects are as many pixels large as the smaller ones of `draw_shapes`, but cover 4 to 8 % of
    the image only. A larger object can't avoid the centre, so pointing there finds most of them.
    """
    return draw_shapes(n, seed, size=96, labels=labels, shares=(0.04, 0.08))
