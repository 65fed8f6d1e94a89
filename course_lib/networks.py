"""Small networks for small images, written to be read.

All of them take normalised images of any height and width from 16 pixels up and return
unnormalised scores (N, num_classes); their `channels` are 3 for colour and 1 for grey. Their parts
are called `stem`, `stage1`, `stage2`, ..., `pool` and `head`; `stage1` works at half the resolution,
and each further stage at half of that.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

__all__ = [
    "NETWORKS",
    "Normalize",
    "ResNet",
    "ResidualBlock",
    "SmallCNN",
    "SmallVGG",
    "reset_parameters",
]


class Normalize(nn.Module):
    """Subtract a mean and divide by a standard deviation per channel.

    A single mean is that of grey images: those in colour are averaged over their channels first.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(1, -1, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Normalised images (N, C, H, W), with as many channels as there are means."""
        if self.mean.numel() == 1:
            x = x.mean(dim=1, keepdim=True)
        return (x - self.mean) / self.std


def _conv_bn_relu(
    in_channels: int, out_channels: int, stride: int = 1, kernel: int = 3
) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(inplace=True),
    )


class ResidualBlock(nn.Module):
    """Two convolutions and a skip connection (He et al., "Deep Residual Learning", 2016).

    The skip is a strided 1 x 1 convolution where resolution or width change, else the identity.
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU(inplace=True)
        self.skip: nn.Module = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            self.skip = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride, bias=False),
                nn.BatchNorm2d(out_channels),
            )

    def forward(self, x: Tensor) -> Tensor:
        """Features (N, out_channels, H / stride, W / stride)."""
        out = self.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        return self.relu(out + self.skip(x))


class _StagedNetwork(nn.Module):
    """Base of networks that run their children one after the other."""

    def forward(self, x: Tensor) -> Tensor:
        """Scores (N, num_classes) of normalised images (N, channels, H, W)."""
        for stage in self.children():
            x = stage(x)
        return x

    def _add_classifier(self, channels: int, num_classes: int) -> None:
        self.pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.head = nn.Linear(channels, num_classes)


class SmallCNN(_StagedNetwork):
    """A plain convolutional network: one strided convolution and one more at each resolution."""

    def __init__(self, num_classes: int, width: int = 24, channels: int = 3) -> None:
        super().__init__()
        w = width
        self.stem = _conv_bn_relu(channels, w, stride=2, kernel=5)
        self.stage1 = _conv_bn_relu(w, w)
        self.stage2 = nn.Sequential(_conv_bn_relu(w, 2 * w, stride=2), _conv_bn_relu(2 * w, 2 * w))
        self.stage3 = nn.Sequential(
            _conv_bn_relu(2 * w, 4 * w, stride=2), _conv_bn_relu(4 * w, 4 * w)
        )
        self._add_classifier(4 * w, num_classes)


class ResNet(_StagedNetwork):
    """A residual network with `blocks` residual blocks in each of its `stages`.

    Average pooling halves the resolution, and the stem's kernel is even, so that the gradient
    reaches all pixels alike. Strided 3 x 3 convolutions give every second pixel more of it, and a
    saliency map shows the grid (Odena et al., "Deconvolution and Checkerboard Artifacts", 2016).
    """

    def __init__(
        self,
        num_classes: int,
        width: int = 24,
        blocks: int = 1,
        stages: int = 3,
        channels: int = 3,
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(channels, width, 6, 2, 2, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
        )
        before = width
        for i in range(stages):
            first = ResidualBlock(before, width * 2**i)
            before = width * 2**i
            rest = [ResidualBlock(before, before) for _ in range(blocks - 1)]
            pool = [nn.AvgPool2d(2)] if i else []
            self.add_module(f"stage{i + 1}", nn.Sequential(*pool, first, *rest))
        self._add_classifier(before, num_classes)


class SmallVGG(_StagedNetwork):
    """Pairs of 3 x 3 convolutions, and max pooling (Simonyan and Zisserman, 2015); batch norm."""

    def __init__(
        self, num_classes: int, width: int = 16, stages: int = 3, channels: int = 3
    ) -> None:
        super().__init__()
        self.stem = nn.Sequential(_conv_bn_relu(channels, width), nn.MaxPool2d(2))
        before = width
        for i, wider in enumerate((2, 4, 6, 8)[:stages]):
            pool = [nn.MaxPool2d(2)] if i else []
            pair = (
                _conv_bn_relu(before, wider * width),
                _conv_bn_relu(wider * width, wider * width),
            )
            before = wider * width
            self.add_module(f"stage{i + 1}", nn.Sequential(*pool, *pair))
        self._add_classifier(before, num_classes)


NETWORKS: dict[str, type[nn.Module]] = {"cnn": SmallCNN, "resnet": ResNet, "vgg": SmallVGG}


def reset_parameters(layer: nn.Module) -> None:
    """Give a layer's own parameters new initial values, as before any training.

    Layers of torch have a method for it. Position embeddings, class tokens and scales of
    transformers have none: they get small random numbers, as in torchvision.
    """
    own = getattr(layer, "reset_parameters", None) or getattr(layer, "_reset_parameters", None)
    if own is not None:
        own()
        return
    for parameter in layer.parameters(recurse=False):
        nn.init.trunc_normal_(parameter, std=0.02)
