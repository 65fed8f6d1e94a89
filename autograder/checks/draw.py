"""Draws the hidden inputs of a check: numbers, texts, tensors, and tiny random classifiers.

Every run draws anew from its own seed, so a value is right only if it was computed. The seed goes
on record, and the same seed draws the same inputs again.
"""

from __future__ import annotations

import random
import string
import zlib
from collections.abc import Callable
from functools import cached_property
from typing import TypeVar

import torch
from torch import Tensor, nn

from autograder.grading.inside.blocks import Residual, Scaled

CLASSES = 7

Network = TypeVar("Network", bound=nn.Module)


class Draw:
    """The inputs of one check.

    Args:
        seed: of the run.
        check: the name of the check, so that checks draw independently of their order.
        device: where tensors and models are put.
    """

    def __init__(self, seed: int, check: str, device: str = "cpu") -> None:
        self._seed = seed ^ zlib.crc32(check.encode())
        self._generator = torch.Generator().manual_seed(self._seed)
        self.device = device

    @cached_property
    def random(self) -> random.Random:
        """Python's own generator, for everything that this class has no method for."""
        return random.Random(self._seed)

    def numbers(self, n: int) -> list[float]:
        """Random numbers from 0.5 to 2."""
        return (0.5 + 1.5 * torch.rand(n, generator=self._generator)).tolist()

    def integers(self, n: int, low: int = 0, high: int = 100) -> list[int]:
        """Random integers from `low` to `high`, both included."""
        return [self.random.randint(low, high) for _ in range(n)]

    def words(self, n: int, alphabet: str = string.ascii_lowercase) -> list[str]:
        """Random words of 2 to 8 letters."""
        lengths = self.integers(n, 2, 8)
        return ["".join(self.random.choices(alphabet, k=length)) for length in lengths]

    def tensor(self, *shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
        """Random numbers of both signs, normally distributed."""
        drawn = torch.randn(shape, generator=self._generator, dtype=torch.float64)
        return drawn.to(self.device, dtype)

    def images(
        self, n: int, height: int = 9, width: int = 9, dtype: torch.dtype = torch.float64
    ) -> Tensor:
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
        return self.tensor(n, channels, height, width)

    def labels(self, n: int) -> Tensor:
        """Random class indices (n,); a batch of several images has several different ones."""
        order = torch.randperm(CLASSES, generator=self._generator)
        return order.repeat(n // CLASSES + 1)[:n].to(self.device)

    def model(
        self,
        build: Callable[[], Network],
        dtype: torch.dtype = torch.float64,
        frozen: bool = True,
    ) -> Network:
        """What `build` makes, with weights and batch statistics of this run; evaluation mode.

        Args:
            frozen: whether its parameters ask for no gradient.
        """
        with torch.random.fork_rng(devices=[]):
            # Not `torch.manual_seed`: that formats the stack each time, for a GPU not yet in use.
            seed = int(torch.randint(2**31, (), generator=self._generator))
            torch.default_generator.manual_seed(seed)
            model = build()
            for module in model.modules():
                if isinstance(module, nn.BatchNorm2d):
                    assert module.running_mean is not None and module.running_var is not None
                    nn.init.normal_(module.running_mean, std=0.3)
                    nn.init.uniform_(module.running_var, 0.5, 2.0)
                    nn.init.uniform_(module.weight, 0.5, 1.5)
                    nn.init.normal_(module.bias, std=0.3)
        return model.eval().requires_grad_(not frozen).to(self.device, dtype)

    def plain_network(
        self, dtype: torch.dtype = torch.float64, frozen: bool = True
    ) -> nn.Sequential:
        """Two convolutions with ReLUs that are not in place."""
        return self.model(
            lambda: nn.Sequential(
                Scaled(0.5, 0.25),
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
        return self.model(
            lambda: nn.Sequential(
                Scaled(0.5, 0.25),
                nn.Conv2d(3, 8, 3, padding=1),
                nn.SiLU(),
                nn.Conv2d(8, 12, 3, stride=2, padding=1),
                nn.Tanh(),
                *_head(12),
            ),
            torch.float64,
            frozen,
        )

    def batch_norm_network(
        self, dtype: torch.dtype = torch.float64, frozen: bool = True
    ) -> nn.Sequential:
        """Convolution, batch norm and in-place ReLU, twice; the second ReLU follows a convolution."""
        return self.model(
            lambda: nn.Sequential(
                Scaled(0.4, 0.3),
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

    def residual_network(
        self, dtype: torch.dtype = torch.float64, frozen: bool = True
    ) -> nn.Sequential:
        """A residual block between two convolutions."""
        return self.model(
            lambda: nn.Sequential(
                Scaled(0.5, 0.2),
                nn.Conv2d(3, 8, 3, padding=1),
                Residual(8, 12, stride=2),
                nn.Sequential(nn.Conv2d(12, 12, 3, padding=1), nn.ReLU()),
                *_head(12),
            ),
            dtype,
            frozen,
        )

    def shared_relu_network(
        self, dtype: torch.dtype = torch.float64, frozen: bool = True
    ) -> nn.Sequential:
        """One in-place ReLU module that stands in three places."""
        relu = nn.ReLU(inplace=True)
        return self.model(
            lambda: nn.Sequential(
                Scaled(0.5, 0.25),
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

    def dropout_network(
        self, dtype: torch.dtype = torch.float64, frozen: bool = True
    ) -> nn.Sequential:
        """Dropout between two convolutions: it does nothing in evaluation mode, and only there."""
        return self.model(
            lambda: nn.Sequential(
                Scaled(0.5, 0.25),
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


def _head(channels: int) -> list[nn.Module]:
    """From feature maps (N, channels, h, w) to scores (N, CLASSES) that no pixel leaves unmoved."""
    return [nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(4 * channels, CLASSES)]
