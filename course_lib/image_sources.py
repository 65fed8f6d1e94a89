"""Images of your own as `Samples`: from a folder, from paths or URLs, from a data set.

Their labels are classes of the model that will classify them: the class with the name of the
image's folder, file or class in the data set if the model has one (`course_lib.class_names`), else
the model's prediction, which `Samples.guessed` marks.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

import torch
from PIL import Image, UnidentifiedImageError
from torch import Tensor, nn

from course_lib.class_names import class_of, subject_of_file
from course_lib.classifiers import Classifier, channels_of
from course_lib.datasets import ImageDataset, names_of_class, open_dataset
from course_lib.samples import Samples

__all__ = ["dataset_images", "folder_images", "images_at"]

SECONDS = 20  # timeout of a download
ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}
USUAL_SIZE = 224  # pixels a side, for models that don't say what they were trained on

Transform = Callable[[Any], Any]


def folder_images(
    folder: str | Path,
    model: Classifier,
    n: int = 10,
    size: int | None = None,
    seed: int | None = 0,
    transform: Transform | None = None,
) -> Samples:
    """Load `n` images of a folder and its subfolders; the subjects take turns.

    For a model with that class, the files `king_penguin.jpg`, `145_king_penguin.jpg` and
    `king penguin/3.jpg` are king penguins.

    Args:
        folder: the folder.
        model: a classifier with `class_names`.
        n: number of images.
        size: height and width, by default those of the model's training images.
        seed: seed of the choice among the images of a subject; None takes the first ones.
        transform: from a PIL image to the tensor that the model expects, for example a
            composition of `torchvision.transforms`; by default a square of pixels in [0, 1].

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
    subjects = [
        subject_of_file(path.stem) if path.parent == root else path.parent.name for path in files
    ]
    files = [files[i] for i in _varied(subjects, n, seed)]
    prepare = transform or _squares(model, size)
    images = torch.stack([_as_tensor(prepare, Image.open(path)) for path in files])
    labels = [
        class_of(path.stem, model.class_names, is_file=True)
        if path.parent == root
        else class_of(path.parent.name, model.class_names)
        for path in files
    ]
    return _samples(images, labels, model)


def images_at(
    places: str | Path | Sequence[str | Path],
    model: Classifier,
    size: int | None = None,
    transform: Transform | None = None,
) -> Samples:
    """Load the images at paths or URLs (http, https, file).

    `images_at(["cat.jpg", "https://example.org/king_penguin.jpg"], model)`: the names of the files
    are those of their classes, as in `folder_images`.

    Args:
        places: paths and URLs.
        model: a classifier with `class_names`.
        size: as in `folder_images`.
        transform: as in `folder_images`.

    Raises:
        OSError: an image can't be downloaded or read; the message names it.
    """
    places = [places] if isinstance(places, (str, Path)) else list(places)
    prepare = transform or _squares(model, size)
    images = torch.stack([_as_tensor(prepare, _open(str(place))) for place in places])
    stems = [PurePosixPath(unquote(urlsplit(str(place)).path)).stem for place in places]
    return _samples(images, [class_of(s, model.class_names, is_file=True) for s in stems], model)


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
    dataset: ImageDataset | str,
    model: Classifier,
    n: int = 10,
    size: int | None = None,
    seed: int | None = 0,
    transform: Transform | None = None,
) -> Samples:
    """Load `n` images of a data set: `dataset_images("CIFAR10", model)`.

    Args:
        dataset: "digits", a name in torchvision.datasets, which is downloaded into the folder
            `data`, or a data set of PIL images or tensors in [0, 1], in colour or grey.
        model: a classifier with `class_names`.
        n: number of images.
        size: as in `folder_images`.
        seed: seed of the choice; None takes the first ones.
        transform: as in `folder_images`.

    Raises:
        DataNotFound: there is no such data set, or it can't be downloaded.
    """
    if isinstance(dataset, str):
        dataset = open_dataset(dataset, "data")
    order = torch.arange(len(dataset))
    if seed is not None:
        order = torch.randperm(len(dataset), generator=torch.Generator().manual_seed(seed))
    items = [dataset[i] for i in order[:n].tolist()]
    prepare = transform or _squares(model, size)
    images = torch.stack([_as_tensor(prepare, image) for image, _ in items])
    labels = [_first_class(names_of_class(dataset, int(c)), model) for _, c in items]
    return _samples(images, labels, model)


def _first_class(names: Sequence[str], model: Classifier) -> int | None:
    """The first class of the model that one of the names means."""
    meant = (class_of(name, model.class_names) for name in names)
    return next((k for k in meant if k is not None), None)


def _varied(subjects: Sequence[str], n: int, seed: int | None) -> list[int]:
    """Indices of at most `n` images whose subjects take turns, in the order of the files."""
    order = list(range(len(subjects)))
    if seed is not None:
        generator = torch.Generator().manual_seed(seed)
        order = torch.randperm(len(subjects), generator=generator).tolist()
    seen: Counter[str] = Counter()
    turns = []
    for place, i in enumerate(order):
        turns.append((seen[subjects[i]], place, i))
        seen[subjects[i]] += 1
    return sorted(i for _, _, i in sorted(turns)[:n])


def _squares(model: nn.Module, size: int | None) -> Transform:
    """The central square of an image, (C, size, size) in [0, 1], with the model's channels."""
    from torchvision.transforms import functional as transform  # slow to import

    side = size or getattr(model, "size", None) or USUAL_SIZE
    channels = channels_of(model)

    def square(picture: Image.Image | Tensor) -> Tensor:
        image: Tensor
        if isinstance(picture, Image.Image):
            image = transform.to_tensor(picture.convert("RGB"))
        else:
            image = picture
        image = transform.resize(image, [side], antialias=True)
        image = transform.center_crop(image, [side]).clamp(0, 1)  # resizing may overshoot
        if channels == 1:
            return image.mean(dim=0, keepdim=True)
        return image.expand(channels, -1, -1)

    return square


def _as_tensor(prepare: Transform, picture: Any) -> Tensor:
    """What a transform makes of a picture; palettes and transparency become colours first."""
    if isinstance(picture, Image.Image) and picture.mode not in ("L", "RGB"):
        picture = picture.convert("RGB")
    image = prepare(picture)
    if not isinstance(image, Tensor) or image.dim() != 3 or not image.is_floating_point():
        seen = tuple(image.shape) if isinstance(image, Tensor) else type(image).__name__
        raise TypeError(
            f"transform should make a floating-point tensor (C, H, W) of an image, but made {seen}: "
            "torchvision's ToTensor() does"
        )
    return image


def _samples(images: Tensor, labels: Sequence[int | None], model: Classifier) -> Samples:
    device = next((p.device for p in model.parameters()), torch.device("cpu"))
    guessed = torch.tensor([label is None for label in labels])
    with torch.no_grad():
        predicted = model(images.to(device)).argmax(dim=1).cpu()
    known = torch.tensor([0 if label is None else label for label in labels])
    marks = guessed if guessed.any() else None
    return Samples(
        images, torch.where(guessed, predicted, known), None, tuple(model.class_names), marks
    )
