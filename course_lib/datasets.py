"""Data sets by name: a folder with one folder per class, scikit-learn's digits, torchvision's."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import torch
from PIL import Image
from torch import Tensor

from course_lib.errors import DataNotFound

__all__ = [
    "CHARACTERS",
    "Digits",
    "ImageDataset",
    "class_names_of",
    "labels_of",
    "names_of_class",
    "open_dataset",
]

CHARACTERS = {"digits", "EMNIST", "KMNIST", "MNIST", "Omniglot", "QMNIST", "SVHN", "USPS"}
"""Data sets of characters: mirrored, they are other characters or none."""


class ImageDataset(Protocol):
    """A data set of (image, class) pairs, such as those of torchvision."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> tuple[Any, Any]: ...


class Digits:
    """The 1,797 handwritten digits that scikit-learn contains, 8 x 8 pixels: nothing to download.

    Alpaydin and Kaynak, "Optical Recognition of Handwritten Digits", 1998. Strokes are bright.
    """

    classes = tuple(str(digit) for digit in range(10))

    def __init__(self) -> None:
        from sklearn.datasets import load_digits  # slow to import

        digits = load_digits()
        self.images = (digits.images * (255 / 16)).round().astype("uint8")  # (1797, 8, 8)
        self.targets: list[int] = digits.target.tolist()

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, index: int) -> tuple[Image.Image, int]:
        return Image.fromarray(self.images[index]), self.targets[index]


def open_dataset(source: str | Path, root: str | Path) -> ImageDataset:
    """Open a data set, and download it if need be.

    Args:
        source: "digits" for scikit-learn's, a folder with one folder per class, or the name of a
            class in torchvision.datasets.
        root: folder for downloads.

    Raises:
        DataNotFound: there is no such data set, or it is not here and can't be downloaded.
    """
    from torchvision import datasets

    if source == "digits":
        return Digits()
    if Path(source).is_dir():
        try:
            return datasets.ImageFolder(str(source))
        except FileNotFoundError as error:
            raise DataNotFound(
                f"the folder {str(source)!r} has no images in one folder per class: {error}"
            ) from None
    kind: Any = getattr(datasets, str(source), None)
    if not isinstance(kind, type):
        raise DataNotFound(
            f"{str(source)!r} is neither shapes nor digits, nor an existing folder or zip file, "
            "nor a data set in torchvision.datasets"
        )
    dataset: Callable[..., Any] = kind
    known = inspect.signature(dataset).parameters
    options: dict[str, Any] = {"split": "train"} if "split" in known else {}
    options |= {"download": True} if "download" in known else {}
    try:
        return dataset(str(root), **options)
    except (OSError, RuntimeError, TypeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataNotFound(
            f"{source} is not in {root} and can't be downloaded: {reason}; digits need no network"
        ) from error


def names_of_class(dataset: ImageDataset, label: int) -> tuple[str, ...]:
    """The names of one class of a data set; without any, its number is its name.

    ImageNet's classes have several names each.
    """
    classes = getattr(dataset, "classes", None)
    if classes is None:
        return (str(label),)
    return (classes[label],) if isinstance(classes[label], str) else tuple(map(str, classes[label]))


def class_names_of(dataset: ImageDataset) -> list[str]:
    """The first name of each class of a data set."""
    classes = getattr(dataset, "classes", None)
    count = int(labels_of(dataset).max()) + 1 if classes is None else len(classes)
    return [names_of_class(dataset, label)[0] for label in range(count)]


def labels_of(dataset: ImageDataset) -> Tensor:
    """The class of each image of a data set, (N,) long."""
    for name in ("targets", "labels", "_labels"):
        if hasattr(dataset, name):
            return torch.as_tensor(getattr(dataset, name)).long()
    return torch.tensor([int(dataset[i][1]) for i in range(len(dataset))])
