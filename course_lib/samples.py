"""Images with what is known about them: labels, class names and, perhaps, the true masks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

__all__ = ["Samples", "sample_images"]


@dataclass(frozen=True, eq=False)
class Samples:
    """A batch of N images.

    images: (N, 3, H, W) float32, pixels in [0, 1]
    labels: (N,) long, indices into `class_names`
    masks: (N, H, W) bool, True on the object; None where it is not known
    class_names: the name of every class of the data set, not only of those in this batch
    """

    images: Tensor
    labels: Tensor
    masks: Tensor | None
    class_names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int | slice | Sequence[int] | Tensor) -> Samples:
        """The chosen images as `Samples`, still a batch: `samples[3]` is a batch of one."""
        if isinstance(index, int):
            # range() understands negative indices and raises IndexError at the end of the batch,
            # which is also what ends a for loop.
            index = [range(len(self))[index]]
        elif not isinstance(index, slice):
            index = torch.as_tensor(index, device=self.labels.device).reshape(-1)
            index = index if index.dtype == torch.bool else index.long()
        masks = None if self.masks is None else self.masks[index]
        return replace(self, images=self.images[index], labels=self.labels[index], masks=masks)

    def __iter__(self) -> Iterator[Samples]:
        return (self[i] for i in range(len(self)))

    @property
    def names(self) -> list[str]:
        """The class name of each image, for titles of pictures."""
        return [self.class_names[label] for label in self.labels.tolist()]

    def to(self, device: str | torch.device) -> Samples:
        """The same samples on another device."""
        masks = None if self.masks is None else self.masks.to(device)
        images, labels = self.images.to(device), self.labels.to(device)
        return replace(self, images=images, labels=labels, masks=masks)


def sample_images(
    family: str = "shapes", n: int = 10, seed: int = 0, classes: Sequence[int | str] | None = None
) -> Samples:
    """`n` example images, the same ones for the same arguments; the classes take turns.

    family: "shapes", drawn by `course_lib.shapes`, 64 x 64, with masks; or "photos", at most seven
        photographs of 224 x 224 with ImageNet labels, for torchvision's classifiers
    classes: only these, by name or index, in this order; photos go by their own short names (`cat`)

    Raises ValueError for an unknown family or class.
    """
    if family == "shapes":
        from course_lib.shapes import CLASS_NAMES, draw_shapes

        chosen = range(len(CLASS_NAMES)) if classes is None else class_indices(classes, CLASS_NAMES)
        return draw_shapes(n, seed=seed, labels=[chosen[i % len(chosen)] for i in range(n)])
    if family == "photos":
        from course_lib.photos import PHOTOS, photo_samples

        names = tuple(PHOTOS)
        chosen = range(len(names)) if classes is None else class_indices(classes, names)
        return photo_samples([names[i] for i in chosen][:n])
    raise ValueError(f"there is no family of images called {family!r}; there are: shapes, photos")


def class_indices(classes: Sequence[int | str], class_names: Sequence[str]) -> list[int]:
    """Class names or indices as indices; ValueError names what is unknown."""
    names = list(class_names)
    indices = []
    for item in classes:
        if isinstance(item, str) and item in names:
            indices.append(names.index(item))
        elif isinstance(item, int) and 0 <= item < len(names):
            indices.append(item)
        else:
            raise ValueError(f"there is no class {item!r}; there are: {', '.join(names)}")
    if not indices:
        raise ValueError("classes is empty: name at least one class, or leave it out for all")
    return indices
