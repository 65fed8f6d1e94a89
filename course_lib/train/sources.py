"""Images that somebody else made: folders with one folder a class, and torchvision's data sets.

A folder, or a zip file of it, may have `train` and `val` in it: then `val` is what is held out.
"""

from __future__ import annotations

import inspect
import shutil
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch

from course_lib.train.data import DataNotFound, TrainingImages

__all__ = ["images_from"]


def images_from(
    source: str, classes: Sequence[str] | None, size: int, at_most: int, root: Path, seed: int
) -> tuple[TrainingImages, TrainingImages]:
    """A random choice of the images of a data set, as squares of `size` pixels, and others held out.

    source: a folder with one folder a class, or a zip file of it, or the name of a class in
        torchvision.datasets, which is fetched into `root` when it is not there
    classes: only these, renumbered in this order; "king_penguin" and "king penguin" are the same
    at_most: images in all; of a folder with `train` and `val`, in `train`

    Raises DataNotFound in one sentence.
    """
    folder = _unpacked(Path(source), root)
    if folder is not None and all((folder / part).is_dir() for part in ("train", "val")):
        train, held_out = (
            _choice(_open(str(folder / part), root), str(folder), classes, size, limit, seed)
            for part, limit in (("train", at_most), ("val", None))
        )
        return train, held_out
    chosen = _choice(_open(str(folder or source), root), source, classes, size, at_most, seed)
    n = len(chosen) // 10
    return chosen[n:], chosen[:n]


def _unpacked(source: Path, root: Path) -> Path | None:
    """The folder of images that `source` is or holds; None when it is neither folder nor zip file."""
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
        part.rename(folder)  # never half of the images, whenever it is interrupted
    inner = [path for path in folder.iterdir() if path.is_dir()]
    return inner[0] if len(inner) == 1 else folder


def _choice(
    dataset: Any,
    source: str,
    classes: Sequence[str] | None,
    size: int,
    at_most: int | None,
    seed: int,
) -> TrainingImages:
    names = [_plain(c) for c in getattr(dataset, "classes", ())]
    labels = _labels(dataset)
    names = names or [str(c) for c in range(int(labels.max()) + 1)]
    wanted = [_plain(c) for c in classes or names]
    unknown = [c for c in wanted if c not in names]
    if unknown:
        raise DataNotFound(f"{source} has no class {unknown[0]!r}; it has: {', '.join(names)}")
    new_label = torch.full((len(names),), -1)
    new_label[[names.index(c) for c in wanted]] = torch.arange(len(wanted))
    labels = new_label[labels]
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    chosen = order[labels[order] >= 0][:at_most]
    as_bytes = _square(size)
    images = torch.stack([as_bytes(dataset[i][0]) for i in chosen.tolist()])
    return TrainingImages(images, labels[chosen], tuple(wanted))


def _open(source: str, root: Path) -> Any:
    from torchvision import datasets

    if Path(source).is_dir():
        return datasets.ImageFolder(source)
    kind = getattr(datasets, source, None)
    if not inspect.isclass(kind):
        raise DataNotFound(
            f"{source!r} is neither shapes, nor a folder or zip file that is here, nor in torchvision.datasets"
        )
    known = inspect.signature(kind).parameters
    options = {"split": "train"} if "split" in known else {}
    options |= {"download": True} if "download" in known else {}
    try:
        return kind(str(root), **options)
    except (OSError, RuntimeError, TypeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataNotFound(f"{source} is not in {root} and can't be fetched: {reason}") from error


def _plain(name: object) -> str:
    return str(name).replace("_", " ")


def _labels(dataset: Any) -> torch.Tensor:
    for name in ("targets", "labels", "_labels"):
        if hasattr(dataset, name):
            return torch.as_tensor(getattr(dataset, name)).long()
    return torch.tensor([int(dataset[i][1]) for i in range(len(dataset))])


def _square(size: int) -> Callable[[Any], torch.Tensor]:
    from torchvision.transforms import v2

    return v2.Compose(
        [
            v2.PILToTensor(),
            v2.Resize(size, antialias=True),
            v2.CenterCrop(size),
            v2.RGB(),
        ]
    )
