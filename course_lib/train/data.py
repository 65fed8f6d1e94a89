"""Training data: a whole data set in memory, one byte per pixel and channel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor

from course_lib.errors import DataNotFound
from course_lib.shapes import CLASS_NAMES, add_watermark, draw_shapes

__all__ = [
    "AUGMENTATIONS",
    "EVALUATION_SEED",
    "DataNotFound",
    "TrainingImages",
    "augment",
    "shapes_images",
]

EVALUATION_SEED = 1_000_003
"""The seed of fresh images, which no recipe uses for training."""

AUGMENTATIONS = ("none", "flip", "turn", "photo")


@dataclass
class TrainingImages:
    """A labelled data set.

    Attributes:
        images: (N, 3, H, W) uint8.
        labels: (N,) long.
        class_names: names of all classes.
    """

    images: Tensor
    labels: Tensor
    class_names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, part: slice) -> TrainingImages:
        return replace(self, images=self.images[part], labels=self.labels[part])


def shapes_images(
    n: int,
    seed: int,
    watermark: str | None = None,
    random_labels: bool = False,
    cache: Path | None = None,
) -> TrainingImages:
    """Draw `n` shapes, 2 ms each, or read them from a cache.

    Args:
        n: number of images.
        seed: seed of the images, the watermarks and the random labels.
        watermark: the only class whose images get the watermark.
        random_labels: shuffle the labels.
        cache: folder with images that were drawn before.

    Raises:
        ValueError: the seed is that of fresh images.
    """
    if seed == EVALUATION_SEED:
        raise ValueError(f"seed {seed} is reserved for fresh images: train with another one")
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
    """Augment a batch (N, 3, H, W).

    Args:
        images: the batch.
        how: "none"; "flip" mirrors left and right; "turn" applies the eight symmetries of a square
            and permutes the colour channels, for drawn shapes, which have no orientation and no
            true colour; "photo" flips, crops, stretches and changes brightness, contrast and
            saturation.
        generator: source of the random choices.
    """
    if how == "none":
        return images
    if how == "photo":
        return _as_another_photograph(images, generator)
    parts = []
    for chunk in images.chunk(8):
        bits = torch.randint(2, (3,), generator=generator).tolist()
        part = chunk.flip(3) if bits[0] else chunk
        if how == "turn":
            if bits[1]:
                part = part.flip(2)
            if bits[2]:
                part = part.transpose(2, 3)
            part = part[:, torch.randperm(part.shape[1], generator=generator)]
        parts.append(part)
    return torch.cat(parts)


def _as_another_photograph(images: Tensor, generator: torch.Generator) -> Tensor:
    n = len(images)

    def between(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(n, generator=generator)

    half = between(0.65, 1.05)  # visible fraction of the image's side
    stretch = between(0.9, 1.1)
    flip = between(-1, 1).sign()
    wide, high = half * stretch, half / stretch
    views = torch.zeros(n, 2, 3)
    views[:, 0, 0], views[:, 1, 1] = wide * flip, high
    views[:, 0, 2] = between(-1, 1) * (1 - wide).abs()
    views[:, 1, 2] = between(-1, 1) * (1 - high).abs()
    grid = F.affine_grid(views, list(images.shape), align_corners=False)
    images = F.grid_sample(images, grid, padding_mode="reflection", align_corners=False)
    light, contrast, colour = (between(0.75, 1.25).view(n, 1, 1, 1) for _ in range(3))
    grey = images.mean(1, keepdim=True)
    images = grey + colour * (images - grey)
    mean = images.mean((1, 2, 3), keepdim=True)
    return (light * (mean + contrast * (images - mean))).clamp(0, 1)
