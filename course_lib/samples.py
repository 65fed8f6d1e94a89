"""A batch of images with their labels, class names and, where known, true masks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from course_lib.errors import NotApplicable

__all__ = ["Samples"]


@dataclass(frozen=True, eq=False)
class Samples:
    """A batch of N images.

    Attributes:
        images: (N, 3, H, W) float32, pixels in [0, 1], unless a transform made others.
        labels: (N,) long, indices into `class_names`.
        masks: (N, H, W) bool, True on the object; None where unknown.
        class_names: names of all classes of the data set, not only of those in this batch.
        guessed: (N,) bool, True where the label is only a model's guess; None if no label is.
    """

    images: Tensor
    labels: Tensor
    masks: Tensor | None
    class_names: tuple[str, ...]
    guessed: Tensor | None = None

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
        guessed = None if self.guessed is None else self.guessed[index]
        images, labels = self.images[index], self.labels[index]
        return replace(self, images=images, labels=labels, masks=masks, guessed=guessed)

    def __iter__(self) -> Iterator[Samples]:
        return (self[i] for i in range(len(self)))

    @property
    def names(self) -> list[str]:
        """The class name of each image, for titles of pictures; guesses are marked as such."""
        guessed = [False] * len(self) if self.guessed is None else self.guessed.tolist()
        return [
            f"{self.class_names[label]} (guess)" if guess else self.class_names[label]
            for label, guess in zip(self.labels.tolist(), guessed, strict=True)
        ]

    def with_true_labels(self) -> Samples:
        """Only the samples whose label is more than a model's guess, for studies of right and wrong.

        Raises:
            NotApplicable: all labels are guesses.
        """
        if self.guessed is None:
            return self
        if self.guessed.all():
            raise NotApplicable(
                f"the right class of none of these {len(self)} images is known: their labels are "
                "the model's own guesses, which are never wrong. Name the files or folders like "
                f"classes of the model, such as {self.class_names[0]!r}"
            )
        return self[~self.guessed]

    def to(self, device: str | torch.device) -> Samples:
        """The same samples on another device."""

        def moved(tensor: Tensor | None) -> Tensor | None:
            return None if tensor is None else tensor.to(device)

        images, labels = self.images.to(device), self.labels.to(device)
        masks, guessed = moved(self.masks), moved(self.guessed)
        return replace(self, images=images, labels=labels, masks=masks, guessed=guessed)
