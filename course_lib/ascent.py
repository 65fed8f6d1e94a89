"""Gradient ascent on pixels, apart from the gradient: blur, momentum, and images of some steps.

Used by the notebook on class visualisation. The steps themselves are the exercise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Frames", "WithMomentum", "gaussian_blur"]


def gaussian_blur(images: Tensor, sigma: float = 0.5) -> Tensor:
    """Blur images (N, C, H, W) with a Gaussian, into a new batch; the range of the pixels stays.

    Args:
        sigma: standard deviation of the Gaussian in pixels; border pixels are repeated outwards.
    """
    radius = math.ceil(3 * sigma)
    offsets = torch.arange(-radius, radius + 1, dtype=images.dtype, device=images.device)
    weights = torch.softmax(-offsets.square() / (2 * sigma**2), dim=0)  # positive, of sum 1
    channels = images.shape[1]
    across = weights.view(1, 1, 1, -1).expand(channels, 1, 1, -1)
    padded = F.pad(images, (radius,) * 4, mode="replicate")
    return F.conv2d(
        F.conv2d(padded, across, groups=channels), across.transpose(2, 3), groups=channels
    )


class WithMomentum:
    """Adapter: a step with momentum, called like a step without; it keeps the velocity.

    The velocity starts at zero, so every picture needs an adapter of its own.

    Args:
        update: `(img, velocity, model, target_y, l2_reg, learning_rate, momentum)`, in place on
            the first two.
        momentum: fraction of the velocity that is kept in each step.
    """

    def __init__(self, update: Callable[..., object], momentum: float) -> None:
        self.update, self.momentum = update, momentum
        self.velocity: Tensor | None = None

    def __call__(
        self, img: Tensor, model: nn.Module, target_y: int, l2_reg: float, learning_rate: float
    ) -> None:
        """Take one step, in place on `img` (1, 3, H, W)."""
        if self.velocity is None:
            self.velocity = torch.zeros_like(img)
        self.update(img, self.velocity, model, target_y, l2_reg, learning_rate, self.momentum)


class Frames:
    """Callback `(step, image)` that keeps the images of some steps.

    Args:
        at: the steps to keep.
    """

    def __init__(self, at: Iterable[int]) -> None:
        self._at = frozenset(at)
        self.steps: list[int] = []
        self._images: list[Tensor] = []

    def __call__(self, step: int, image: Tensor) -> None:
        """Keep the image (1, 3, H, W) if the step is one of those."""
        if step in self._at:
            self.steps.append(step)
            self._images.append(image.detach().clone())  # the next step may work in place

    @property
    def images(self) -> Tensor:
        """The kept images (N, 3, H, W), in the order of their steps."""
        return torch.cat(self._images)
