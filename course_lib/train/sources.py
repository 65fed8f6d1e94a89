"""The images of a recipe: drawn shapes, folders with one folder per class, data sets by name.

If a folder, or a zip file of it, contains `train` and `val`, then `val` is held out.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from course_lib.class_names import class_of
from course_lib.datasets import ImageDataset, class_names_of, labels_of, open_dataset
from course_lib.train.data import DataNotFound, TrainingImages, shapes_images
from course_lib.train.recipes import Recipe

__all__ = ["images_from", "training_images"]


def training_images(
    recipe: Recipe, classes: Sequence[str] | None, size: int, work: Path
) -> tuple[TrainingImages, TrainingImages | None]:
    """Collect the training images of a recipe, and the held-out ones.

    A tenth of the images is held out, or the folder `val` where there is one; None for shapes,
    because fresh ones can be drawn.

    Args:
        recipe: the recipe.
        classes: only these classes (not for shapes).
        size: height and width (not for shapes).
        work: folder for drawn images and downloads.

    Raises:
        DataNotFound: the images are not here and can't be downloaded.
    """
    seed = recipe.schedule.seed
    if recipe.data == "shapes":
        if classes is not None:
            raise DataNotFound("shapes are always drawn of all classes: leave --classes out")
        drawn = shapes_images(
            recipe.images, seed, recipe.watermark, recipe.random_labels, cache=work
        )
        return drawn, None
    return images_from(recipe.data, classes, size, recipe.images, work, seed)


def images_from(
    source: str, classes: Sequence[str] | None, size: int, at_most: int, root: Path, seed: int
) -> tuple[TrainingImages, TrainingImages]:
    """Choose random images of a data set, as squares of `size` pixels, and hold others out.

    Args:
        source: a folder with one folder per class, a zip file of it, or a data set by name, see
            `course_lib.datasets.open_dataset`.
        classes: only these, renumbered in this order, named as in `course_lib.class_names`.
        size: height and width.
        at_most: number of images, in `train` if the folder contains `train` and `val`.
        root: folder for downloads and unpacked images.
        seed: seed of the choice.

    Raises:
        DataNotFound: the images are not here and can't be downloaded.
    """
    folder = _unpacked(Path(source), root)
    if folder is not None and all((folder / part).is_dir() for part in ("train", "val")):
        train, held_out = (
            _choice(open_dataset(folder / part, root), str(folder), classes, size, limit, seed)
            for part, limit in (("train", at_most), ("val", None))
        )
        return train, held_out
    chosen = _choice(open_dataset(folder or source, root), source, classes, size, at_most, seed)
    n = len(chosen) // 10
    return chosen[n:], chosen[:n]


def _unpacked(source: Path, root: Path) -> Path | None:
    """The folder of images, unpacked if need be; None if the source is no folder or zip file."""
    if source.is_dir():
        return source
    if not zipfile.is_zipfile(source):
        return None
    folder = root / source.stem
    if not folder.is_dir():
        part = root / f"{source.stem}.part"
        shutil.rmtree(part, ignore_errors=True)
        with zipfile.ZipFile(source) as archive:
            archive.extractall(part)
        part.rename(folder)  # an interruption leaves no incomplete folder
    inner = [path for path in folder.iterdir() if path.is_dir()]
    return inner[0] if len(inner) == 1 else folder


def _choice(
    dataset: ImageDataset,
    source: str,
    classes: Sequence[str] | None,
    size: int,
    at_most: int | None,
    seed: int,
) -> TrainingImages:
    names = [_plain(c) for c in class_names_of(dataset)]
    labels = labels_of(dataset)
    wanted = [_index(c, names, source) for c in classes] if classes else [*range(len(names))]
    new_label = torch.full((len(names),), -1)
    new_label[wanted] = torch.arange(len(wanted))
    labels = new_label[labels]
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    chosen = order[labels[order] >= 0][:at_most]
    as_bytes = _square(size)
    images = torch.stack([as_bytes(dataset[i][0]) for i in chosen.tolist()])
    return TrainingImages(images, labels[chosen], tuple(names[k] for k in wanted))


def _index(name: str, names: Sequence[str], source: str) -> int:
    found = class_of(name, names)
    if found is None:
        raise DataNotFound(f"{source} has no class {name!r}; it has: {', '.join(names)}")
    return found


def _plain(name: object) -> str:
    return str(name).replace("_", " ")


def _square(size: int) -> Callable[[Any], torch.Tensor]:
    from torchvision.transforms import v2

    square: Callable[[Any], torch.Tensor] = v2.Compose(
        [v2.PILToTensor(), v2.Resize(size, antialias=True), v2.CenterCrop(size), v2.RGB()]
    )
    return square
