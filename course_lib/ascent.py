"""What climbing a score by changing pixels needs besides the gradient: blur, momentum, a film of it.

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
    """A new batch of images (N, C, H, W), each blurred a little; the pixels' range is kept.

    sigma: standard deviation of the Gaussian in pixels; the border is repeated outwards
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
    """Lets a step with momentum stand where a step without is asked for: it keeps the velocity.

    update: (img, velocity, model, target_y, l2_reg, learning_rate, momentum), in place on the
        first two
    momentum: the share of the velocity that is left after each step

    The velocity starts at zero: take a new one for each picture.
    """

    def __init__(self, update: Callable[..., object], momentum: float) -> None:
        self.update, self.momentum = update, momentum
        self.velocity: Tensor | None = None

    def __call__(
        self, img: Tensor, model: nn.Module, target_y: int, l2_reg: float, learning_rate: float
    ) -> None:
        """One step, in place on `img` (1, 3, H, W)."""
        if self.velocity is None:
            self.velocity = torch.zeros_like(img)
        self.update(img, self.velocity, model, target_y, l2_reg, learning_rate, self.momentum)


class Frames:
    """A callback `(step, image)` that keeps the images of some steps.

    at: the steps to keep
    """

    def __init__(self, at: Iterable[int]) -> None:
        self._at = frozenset(at)
        self.steps: list[int] = []
        self._images: list[Tensor] = []

    def __call__(self, step: int, image: Tensor) -> None:
        if step in self._at:
            self.steps.append(step)
            self._images.append(image.detach().clone())  # the next step may work in place

    @property
    def images(self) -> Tensor:
        """The kept images (N, 3, H, W), in the order in which they came."""
        return torch.cat(self._images)
