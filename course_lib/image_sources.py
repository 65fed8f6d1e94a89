"""Images from elsewhere as `Samples`: a folder, paths or addresses, or a torchvision data set.

Their labels are classes of the model that is to look at them: where the name of a picture's
folder, file or class is that of one of the model's classes, that class; otherwise what the model
predicts.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

import torch
from PIL import Image, UnidentifiedImageError
from torch import Tensor, nn
from torch.utils.data import Dataset

from course_lib.samples import Samples

__all__ = ["dataset_images", "folder_images", "images_at"]

SECONDS = 20  # to wait for an address that does not answer
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


def images_at(
    places: str | Path | Sequence[str | Path], model: nn.Module, size: int = 224
) -> Samples:
    """The pictures at paths or addresses (http, https, file), cut to squares of `size` pixels.

    `images_at(["cat.jpg", "https://example.org/king_penguin.jpg"], model)`: the names of the files
    tell their classes, as in `folder_images`.

    Raises OSError when a picture can't be fetched or read, and says which.
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
        # Some servers refuse a client that does not say what it is.
        request = Request(place, headers={"User-Agent": "course_lib"})
        with urlopen(request, timeout=SECONDS) as answer:
            return Image.open(io.BytesIO(answer.read()))
    except UnidentifiedImageError:
        raise OSError(f"{place} is not a picture that can be read") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        raise OSError(f"{place} can't be opened ({reason}); looked from {Path.cwd()}") from None


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
