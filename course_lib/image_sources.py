"""Images of your own as `Samples`: from a folder, from paths or URLs, from a torchvision data set.

Their labels are classes of the model that will classify them: the class with the name of the
image's folder, file or class in the data set if the model has one, else the model's prediction.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

import torch
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from course_lib.classifiers import Classifier
from course_lib.samples import Samples

__all__ = ["dataset_images", "folder_images", "images_at"]

SECONDS = 20  # timeout of a download
ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}


class ImageDataset(Protocol):
    """A data set of (image, class) pairs, such as those of torchvision."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> tuple[Any, Any]: ...


def folder_images(
    folder: str | Path, model: Classifier, n: int = 10, size: int = 224, seed: int | None = None
) -> Samples:
    """Load `n` images of a folder and its subfolders as squares of `size` pixels.

    For a model with that class, the files `king_penguin.jpg`, `145_king_penguin.jpg` and
    `king penguin/3.jpg` are king penguins.

    Args:
        folder: the folder.
        model: a classifier with `class_names`.
        n: number of images.
        size: height and width.
        seed: choose the images at random; None takes the first ones.

    Raises:
        FileNotFoundError: there is no such folder, or no image in it.
    """
    root = Path(folder)
    files = sorted(path for path in root.rglob("*") if path.suffix.lower() in ENDINGS)
    if not files:
        raise FileNotFoundError(
            f"no images ({', '.join(sorted(ENDINGS))}) in the folder {str(folder)!r}; "
            f"the current folder is {Path.cwd()}"
        )
    files = [files[i] for i in _choose(len(files), n, seed)]
    images = torch.stack([_as_square(Image.open(path), size) for path in files])
    named = [path.stem if path.parent == root else path.parent.name for path in files]
    return _samples(images, named, model)


def images_at(
    places: str | Path | Sequence[str | Path], model: Classifier, size: int = 224
) -> Samples:
    """Load the images at paths or URLs (http, https, file) as squares of `size` pixels.

    `images_at(["cat.jpg", "https://example.org/king_penguin.jpg"], model)`: the names of the files
    are those of their classes, as in `folder_images`.

    Args:
        places: paths and URLs.
        model: a classifier with `class_names`.
        size: height and width.

    Raises:
        OSError: an image can't be downloaded or read; the message names it.
    """
    places = [places] if isinstance(places, (str, Path)) else list(places)
    pictures = [_open(str(place)) for place in places]
    images = torch.stack([_as_square(picture, size) for picture in pictures])
    named = [PurePosixPath(unquote(urlsplit(str(place)).path)).stem for place in places]
    return _samples(images, named, model)


def _open(place: str) -> Image.Image:
    try:
        if not place.startswith(("http://", "https://", "file://")):
            return Image.open(place)
        # Some servers refuse clients without a name.
        request = Request(place, headers={"User-Agent": "course_lib"})
        with urlopen(request, timeout=SECONDS) as answer:
            return Image.open(io.BytesIO(answer.read()))
    except UnidentifiedImageError:
        raise OSError(f"{place} is not an image that can be read") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        raise OSError(
            f"{place} can't be opened ({reason}); the current folder is {Path.cwd()}"
        ) from None


def dataset_images(
    dataset: ImageDataset, model: Classifier, n: int = 10, size: int = 224, seed: int | None = 0
) -> Samples:
    """Load `n` images of a data set as squares of `size` pixels.

    For example `dataset_images(torchvision.datasets.CIFAR10("data", download=True), model)`.

    Args:
        dataset: its images are PIL images or tensors in [0, 1], in colour or grey.
        model: a classifier with `class_names`.
        n: number of images.
        size: height and width.
        seed: choose the images at random; None takes the first ones.
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
    """The central square of an image, (3, size, size) in [0, 1]."""
    from torchvision.transforms import functional as transform  # slow to import

    image: Tensor
    if isinstance(picture, Image.Image):
        image = transform.to_tensor(picture.convert("RGB"))
    else:
        image = picture
    if len(image) == 1:
        image = image.repeat(3, 1, 1)
    image = transform.resize(image, [size], antialias=True)
    image = transform.center_crop(image, [size])
    return image.clamp(0, 1)


def _samples(images: Tensor, named: Sequence[str], model: Classifier) -> Samples:
    known = {_plain(name): i for i, name in enumerate(model.class_names)}
    device = next((p.device for p in model.parameters()), torch.device("cpu"))
    with torch.no_grad():
        predicted = model(images.to(device)).argmax(dim=1).tolist()
    labels = [known.get(_plain(name), guess) for name, guess in zip(named, predicted, strict=True)]
    return Samples(images, torch.tensor(labels), None, tuple(model.class_names))


def _plain(name: str) -> str:
    """'145_King-Penguin' -> 'king penguin'."""
    return re.sub(r"[\W_\d]+", " ", name.lower()).strip()
