"""The example images of the course by family: drawn shapes, and photographs."""

from __future__ import annotations

from collections.abc import Sequence

from course_lib.photos import PHOTOS, photo_samples
from course_lib.samples import Samples
from course_lib.shapes import CLASS_NAMES, draw_scattered, draw_shapes

__all__ = ["sample_images"]


def sample_images(
    family: str = "shapes", n: int = 10, seed: int = 0, classes: Sequence[int | str] | None = None
) -> Samples:
    """`n` example images, the same for the same arguments; the classes take turns.

    Args:
        family: "shapes", drawn by `course_lib.shapes`, 64 x 64 pixels, with masks; "scattered", the
            same classes, but smaller and anywhere in 96 x 96 pixels; or "photos", up to seven
            photographs of 224 x 224 pixels with ImageNet labels, for torchvision's classifiers.
        n: number of images.
        seed: seed of the drawn shapes.
        classes: only these, by name or index, in this order; photographs have short names of their
            own (`cat`).

    Raises:
        ValueError: there is no such family or class.
    """
    if family in ("shapes", "scattered"):
        labels = _class_indices(classes, CLASS_NAMES)
        draw = draw_shapes if family == "shapes" else draw_scattered
        return draw(n, seed=seed, labels=[labels[i % len(labels)] for i in range(n)])
    if family == "photos":
        names = tuple(PHOTOS)
        return photo_samples([names[i] for i in _class_indices(classes, names)][:n])
    raise ValueError(
        f"there is no family of images called {family!r}; there are: shapes, scattered, photos"
    )


def _class_indices(
    classes: Sequence[int | str] | None, class_names: tuple[str, ...]
) -> Sequence[int]:
    """Class names or indices as indices, all of them when None."""
    if classes is None:
        return range(len(class_names))
    if not classes:
        raise ValueError("classes is empty: name at least one class, or leave it out for all")
    indices = []
    for item in classes:
        if isinstance(item, str) and item in class_names:
            indices.append(class_names.index(item))
        elif isinstance(item, int) and 0 <= item < len(class_names):
            indices.append(item)
        else:
            raise ValueError(f"there is no class {item!r}; there are: {', '.join(class_names)}")
    return indices
