"""Draws the hidden inputs of a check: images, labels and tiny random classifiers.

Every run draws anew from its own seed, so a value is right only if it was computed. The seed goes
on record, and the same seed draws the same inputs again.
"""

from __future__ import annotations

import zlib

import torch
from torch import Tensor, nn

from course_lib.networks import Normalize, ResidualBlock

CLASSES = 7


class Draw:
    """The inputs of one check.

    Args:
        seed: of the run.
        check: the name of the check, so that checks draw independently of their order.
        device: where tensors and models are put.
    """

    def __init__(self, seed: int, check: str, device: str = "cpu") -> None:
        self._generator = torch.Generator().manual_seed(seed ^ zlib.crc32(check.encode()))
        self.device = device

    def images(self, n: int, height: int = 9, width: int = 9, dtype=torch.float64) -> Tensor:
        """Random images (n, 3, height, width) with pixels in [0, 1]."""
        images = torch.rand(n, 3, height, width, generator=self._generator, dtype=torch.float64)
        return images.to(self.device, dtype)

    def maps(self, n: int, height: int = 6, width: int = 7) -> Tensor:
        """Random maps (n, height, width), each with a scale and an offset of its own."""
        maps = torch.randn(n, height, width, generator=self._generator, dtype=torch.float64)
        scale = 10 ** torch.linspace(-1, 1, n, dtype=torch.float64) if n > 1 else torch.ones(1)
        return (maps * scale.view(-1, 1, 1) + torch.arange(n).view(-1, 1, 1)).to(self.device)

    def features(self, n: int, channels: int, height: int = 5, width: int = 6) -> Tensor:
        """Random feature maps (n, channels, height, width) of both signs, in float64."""
        shape = (n, channels, height, width)
        features = torch.randn(shape, generator=self._generator, dtype=torch.float64)
        return features.to(self.device)

    def labels(self, n: int) -> Tensor:
        """Random class indices (n,); a batch of several images has several different ones."""
        order = torch.randperm(CLASSES, generator=self._generator)
        return order.repeat(n // CLASSES + 1)[:n].to(self.device)

    def numbers(self, n: int) -> list[float]:
        """Random numbers from 0.5 to 2."""
        return (0.5 + 1.5 * torch.rand(n, generator=self._generator)).tolist()

    def plain_network(self, dtype=torch.float64, frozen: bool = True) -> nn.Sequential:
        """Two convolutions with ReLUs that are not in place."""
        return self._finish(
            lambda: nn.Sequential(
                Normalize([0.5] * 3, [0.25] * 3),
                nn.Conv2d(3, 8, 3, padding=1),
                nn.ReLU(),
                nn.Conv2d(8, 12, 3, stride=2, padding=1),
                nn.ReLU(),
                *_head(12),
            ),
            dtype,
            frozen,
        )

    def smooth_network(self, frozen: bool = True) -> nn.Sequential:
        """Two convolutions and an activation without a kink, for finite differences.

        A step across a ReLU's kink gives a wrong slope: rare, but a right answer must never fail.
        """
        return self._finish(
            lambda: nn.Sequential(
                Normalize([0.5] * 3, [0.25] * 3),
                nn.Conv2d(3, 8, 3, padding=1),
                nn.SiLU(),
                nn.Conv2d(8, 12, 3, stride=2, padding=1),
                nn.Tanh(),
                *_head(12),
            ),
            torch.float64,
            frozen,
        )

    def batch_norm_network(self, dtype=torch.float64, frozen: bool = True) -> nn.Sequential:
        """Convolution, batch norm and in-place ReLU, twice; the second ReLU follows a convolution."""
        return self._finish(
            lambda: nn.Sequential(
                Normalize([0.4] * 3, [0.3] * 3),
                nn.Conv2d(3, 8, 3, padding=1),
                nn.BatchNorm2d(8),
                nn.ReLU(inplace=True),
                nn.Conv2d(8, 12, 3, stride=2, padding=1),
                nn.ReLU(inplace=True),
                *_head(12),
            ),
            dtype,
            frozen,
        )

    def residual_network(self, dtype=torch.float64, frozen: bool = True) -> nn.Sequential:
        """A residual block between two convolutions."""
        return self._finish(
            lambda: nn.Sequential(
                Normalize([0.5] * 3, [0.2] * 3),
                nn.Conv2d(3, 8, 3, padding=1),
                ResidualBlock(8, 12, stride=2),
                nn.Sequential(nn.Conv2d(12, 12, 3, padding=1), nn.ReLU()),
                *_head(12),
            ),
            dtype,
            frozen,
        )

    def shared_relu_network(self, dtype=torch.float64, frozen: bool = True) -> nn.Sequential:
        """One in-place ReLU module that stands in three places."""
        relu = nn.ReLU(inplace=True)
        return self._finish(
            lambda: nn.Sequential(
                Normalize([0.5] * 3, [0.25] * 3),
                nn.Conv2d(3, 8, 3, padding=1),
                relu,
                nn.Conv2d(8, 10, 3, padding=1),
                relu,
                nn.Conv2d(10, 12, 3, stride=2, padding=1),
                relu,
                *_head(12),
            ),
            dtype,
            frozen,
        )

    def dropout_network(self, dtype=torch.float64, frozen: bool = True) -> nn.Sequential:
        """Dropout between two convolutions: it does nothing in evaluation mode, and only there."""
        return self._finish(
            lambda: nn.Sequential(
                Normalize([0.5] * 3, [0.25] * 3),
                nn.Conv2d(3, 8, 3, padding=1),
                nn.ReLU(),
                nn.Dropout(0.4),
                nn.Conv2d(8, 12, 3, stride=2, padding=1),
                nn.ReLU(),
                *_head(12),
            ),
            dtype,
            frozen,
        )

    def _finish(self, build, dtype: torch.dtype, frozen: bool) -> nn.Sequential:
        """Build with weights and batch statistics of this run's own; evaluation mode."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(torch.randint(2**31, (), generator=self._generator)))
            model = build()
            for module in model.modules():
                if isinstance(module, nn.BatchNorm2d):
                    nn.init.normal_(module.running_mean, std=0.3)
                    nn.init.uniform_(module.running_var, 0.5, 2.0)
                    nn.init.uniform_(module.weight, 0.5, 1.5)
                    nn.init.normal_(module.bias, std=0.3)
        return model.eval().requires_grad_(not frozen).to(self.device, dtype)


def _head(channels: int) -> list[nn.Module]:
    """From feature maps (N, channels, h, w) to scores (N, CLASSES) that no pixel leaves unmoved."""
    return [nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(4 * channels, CLASSES)]
