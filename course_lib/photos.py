"""Seven photographs that scikit-image and scikit-learn contain: nothing to download."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from course_lib.samples import Samples

__all__ = ["PHOTOS", "photo_samples"]


@dataclass(frozen=True)
class Photo:
    """A photograph in a package.

    Attributes:
        package: "skimage" or "sklearn".
        file: its name in the package.
        crop: top, left and side of a square around the subject.
        imagenet_class: its class index.
    """

    package: str
    file: str
    crop: tuple[int, int, int]
    imagenet_class: int


PHOTOS: dict[str, Photo] = {
    # ImageNet has several names for a striped cat: tabby 281, tiger cat 282, Egyptian cat 285.
    "cat": Photo("skimage", "chelsea.png", (0, 80, 300), 285),
    "coffee": Photo("skimage", "coffee.png", (0, 75, 400), 967),  # espresso
    "motorcycle": Photo("skimage", "motorcycle_left.png", (0, 200, 500), 665),  # moped
    "temple": Photo("sklearn", "china.jpg", (0, 0, 427), 698),  # palace
    "cameraman": Photo("skimage", "camera.png", (0, 0, 512), 872),  # tripod
    "rocket": Photo("skimage", "rocket.jpg", (107, 160, 320), 657),  # missile
    # ImageNet has no dahlia; the daisy is closest.
    "flower": Photo("sklearn", "flower.jpg", (45, 140, 340), 985),
}


def photo_samples(names: list[str], size: int = 224) -> Samples:
    """The named photographs as squares of `size` pixels, labelled with their ImageNet classes."""
    images = torch.stack([_read(PHOTOS[name], size) for name in names])
    labels = torch.tensor([PHOTOS[name].imagenet_class for name in names])
    return Samples(images, labels, None, imagenet_class_names())


def imagenet_class_names() -> tuple[str, ...]:
    """The 1,000 names in torchvision's spelling."""
    from torchvision.models import SqueezeNet1_1_Weights  # as all its ImageNet weights

    return tuple(SqueezeNet1_1_Weights.IMAGENET1K_V1.meta["categories"])


def _read(photo: Photo, size: int) -> Tensor:
    import skimage.io
    import sklearn.datasets

    if photo.package == "skimage":
        pixels = skimage.io.imread(Path(skimage.__file__).parent / "data" / photo.file)
    else:
        pixels = sklearn.datasets.load_sample_image(photo.file)
    pixels = np.atleast_3d(pixels)
    top, left, side = photo.crop
    image = torch.tensor(pixels[top : top + side, left : left + side]).permute(2, 0, 1)
    image = image.expand(3, -1, -1)[None].float() / 255
    image = F.interpolate(image, (size, size), mode="bilinear", antialias=True)
    return image[0].clamp(0, 1)
