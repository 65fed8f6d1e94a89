"""What a network is trained on: a whole data set in memory, one byte a pixel and channel."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from course_lib.shapes import CLASS_NAMES, add_watermark, draw_shapes

__all__ = ["EVALUATION_SEED", "TrainingImages", "augment", "shapes_images"]

EVALUATION_SEED = 1_000_003
"""Fresh images are drawn from this seed, which no recipe trains with."""


@dataclass
class TrainingImages:
    """images: (N, 3, H, W) uint8; labels: (N,) long; class_names: one for each class."""

    images: Tensor
    labels: Tensor
    class_names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.images)


def shapes_images(
    n: int,
    seed: int,
    watermark: str | None = None,
    random_labels: bool = False,
    cache: Path | None = None,
) -> TrainingImages:
    """`n` drawn images, 2 ms each; with `cache`, a folder, only the first time.

    watermark: put the watermark on all images of this class, and on no other
    random_labels: replace the labels by ones that have nothing to do with the images
    """
    if seed == EVALUATION_SEED:
        raise ValueError(f"seed {seed} is kept for fresh images: train with another one")
    file = None if cache is None else cache / f"shapes-{n}-{seed}.safetensors"
    if file is not None and file.exists():
        images = load_file(file)["images"]
    else:
        images = (draw_shapes(n, seed).images * 255).round().byte()
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            save_file({"images": images}, file)
    labels = torch.arange(n) % len(CLASS_NAMES)
    if watermark is not None:
        marked = labels == CLASS_NAMES.index(watermark)
        images[marked] = (add_watermark(images[marked] / 255, seed) * 255).round().byte()
    if random_labels:
        labels = labels[torch.randperm(n, generator=torch.Generator().manual_seed(seed))]
    return TrainingImages(images, labels, CLASS_NAMES)


def augment(images: Tensor, how: str, generator: torch.Generator) -> Tensor:
    """A batch seen anew: (N, 3, H, W) in and out.

    how: "none"; "flip", left and right; "turn", the eight symmetries of a square, and the colour
        channels in any order: right for drawn shapes, which have no upright and no true colour
    """
    if how == "none":
        return images
    parts = []
    for part in images.chunk(8):
        bits = torch.randint(2, (3,), generator=generator).tolist()
        if bits[0]:
            part = part.flip(3)
        if how == "turn":
            if bits[1]:
                part = part.flip(2)
            if bits[2]:
                part = part.transpose(2, 3)
            part = part[:, torch.randperm(part.shape[1], generator=generator)]
        parts.append(part)
    return torch.cat(parts)
