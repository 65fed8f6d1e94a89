"""What a network is trained on: a whole data set in memory, one byte a pixel and channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor

from course_lib.shapes import CLASS_NAMES, add_watermark, draw_shapes

if TYPE_CHECKING:
    from course_lib.train.recipes import Recipe

__all__ = [
    "AUGMENTATIONS",
    "EVALUATION_SEED",
    "DataNotFound",
    "TrainingImages",
    "augment",
    "shapes_images",
    "training_images",
]

EVALUATION_SEED = 1_000_003
"""Fresh images are drawn from this seed, which no recipe trains with."""

AUGMENTATIONS = ("none", "flip", "turn", "photo")


@dataclass
class TrainingImages:
    """images: (N, 3, H, W) uint8; labels: (N,) long; class_names: one for each class."""

    images: Tensor
    labels: Tensor
    class_names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, part: slice) -> TrainingImages:
        return replace(self, images=self.images[part], labels=self.labels[part])


class DataNotFound(RuntimeError):
    """There are no such images here, and no way to get them."""


def training_images(
    recipe: Recipe, classes: Sequence[str] | None, size: int, work: Path
) -> tuple[TrainingImages, TrainingImages | None]:
    """What a recipe trains on, and what is held out; None where fresh images can be drawn instead.

    A tenth is held out, or the folder `val` where the data have one.

    classes: only these; size: pixels a side; both for all data but "shapes"

    Raises DataNotFound in one sentence.
    """
    seed = recipe.schedule.seed
    if recipe.data == "shapes":
        if classes is not None:
            raise DataNotFound("shapes are always drawn of all classes: leave --classes out")
        drawn = shapes_images(
            recipe.images, seed, recipe.watermark, recipe.random_labels, cache=work
        )
        return drawn, None
    from course_lib.train.sources import images_from

    return images_from(recipe.data, classes, size, recipe.images, work, seed)


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
        channels in any order: right for drawn shapes, which have no upright and no true colour;
        "photo", flipped, cropped and stretched a little, in another light
    """
    if how == "none":
        return images
    if how == "photo":
        return _as_another_photograph(images, generator)
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


def _as_another_photograph(images: Tensor, generator: torch.Generator) -> Tensor:
    n = len(images)

    def between(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(n, generator=generator)

    half = between(0.65, 1.05)  # of the image's side, what is seen of it
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
