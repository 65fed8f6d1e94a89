"""A batch of images with their labels, class names and, where known, true masks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

__all__ = ["Samples"]


@dataclass(frozen=True, eq=False)
class Samples:
    """A batch of N images.

    Attributes:
        images: (N, 3, H, W) float32, pixels in [0, 1].
        labels: (N,) long, indices into `class_names`.
        masks: (N, H, W) bool, True on the object; None where unknown.
        class_names: names of all classes of the data set, not only of those in this batch.
    """

    images: Tensor
    labels: Tensor
    masks: Tensor | None
    class_names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int | slice | Sequence[int] | Tensor) -> Samples:
        """Select images, always as a batch: `samples[3]` is a batch of one."""
        if isinstance(index, int):
            # range() accepts negative indices and raises IndexError at the end of the batch.
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
