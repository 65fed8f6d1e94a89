"""Images from elsewhere as `Samples`: a folder of one's own, or a torchvision data set.

Their labels are classes of the model that is to look at them: where the name of a picture's
folder, file or class is that of one of the model's classes, that class; otherwise what the model
predicts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import Dataset

from course_lib.samples import Samples

__all__ = ["dataset_images", "folder_images"]

ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}


def folder_images(
    folder: str | Path, model: nn.Module, n: int = 10, size: int = 224, seed: int | None = None
) -> Samples:
    """`n` pictures of a folder and its subfolders, cut to squares of `size` pixels.

    A file `king_penguin.jpg`, `145_king_penguin.jpg` or `king penguin/3.jpg` is a king penguin to a
    model that knows the class. With a `seed` the pictures are drawn at random, else the first ones.

    Raises FileNotFoundError when there is no such folder, or no picture in it.
    """
    root = Path(folder)
    files = sorted(path for path in root.rglob("*") if path.suffix.lower() in ENDINGS)
    if not files:
        raise FileNotFoundError(
            f"no pictures ({', '.join(sorted(ENDINGS))}) in the folder {str(folder)!r}; "
            f"it was looked for from {Path.cwd()}"
        )
    files = [files[i] for i in _choose(len(files), n, seed)]
    images = torch.stack([_as_square(Image.open(path), size) for path in files])
    named = [path.stem if path.parent == root else path.parent.name for path in files]
    return _samples(images, named, model)


def dataset_images(
    dataset: Dataset[Any], model: nn.Module, n: int = 10, size: int = 224, seed: int | None = 0
) -> Samples:
    """`n` pictures of a data set of (image, class) pairs, cut to squares of `size` pixels.

    `dataset_images(torchvision.datasets.CIFAR10("data", download=True), model)`: its images are PIL
    pictures or tensors in [0, 1], in colour or grey. `seed` draws them at random; None: the first.
    """
    items = [dataset[i] for i in _choose(len(dataset), n, seed)]
    images = torch.stack([_as_square(image, size) for image, _ in items])
    classes = getattr(dataset, "classes", ())
    named = [str(classes[int(c)]) if int(c) < len(classes) else "" for _, c in items]
    return _samples(images, named, model)


def _choose(available: int, n: int, seed: int | None) -> list[int]:
    order = torch.arange(available)
    if seed is not None:
        order = torch.randperm(available, generator=torch.Generator().manual_seed(seed))
    return order[:n].tolist()


def _as_square(picture: Image.Image | Tensor, size: int) -> Tensor:
    """The middle of the picture, (3, size, size) in [0, 1]."""
    from torchvision.transforms import functional as transform  # slow to import

    if isinstance(picture, Image.Image):
        picture = transform.to_tensor(picture.convert("RGB"))
    if len(picture) == 1:
        picture = picture.repeat(3, 1, 1)
    picture = transform.resize(picture, [size], antialias=True)
    return transform.center_crop(picture, [size]).clamp(0, 1)


def _samples(images: Tensor, named: Sequence[str], model: nn.Module) -> Samples:
    known = {_plain(name): i for i, name in enumerate(model.class_names)}
    device = next((p.device for p in model.parameters()), torch.device("cpu"))
    with torch.no_grad():
        predicted = model(images.to(device)).argmax(dim=1).tolist()
    labels = [known.get(_plain(name), guess) for name, guess in zip(named, predicted, strict=True)]
    return Samples(images, torch.tensor(labels), None, tuple(model.class_names))


def _plain(name: str) -> str:
    """'145_King-Penguin' -> 'king penguin'."""
    return re.sub(r"[\W_\d]+", " ", name.lower()).strip()
