"""What the tests of the reference solutions share: a tiny network, images for it, and an eye on both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
import torch
from torch import Tensor, nn


@pytest.fixture
def model() -> nn.Module:
    """A classifier of four classes in float64, with batch norm and in-place ReLUs."""
    torch.manual_seed(0)
    layers = [
        nn.Conv2d(3, 6, 3, padding=1),
        nn.BatchNorm2d(6),
        nn.ReLU(inplace=True),
        nn.Conv2d(6, 5, 3, stride=2),
        nn.ReLU(inplace=True),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(20, 4),
    ]
    return nn.Sequential(*layers).double().eval()


@pytest.fixture
def images() -> Tensor:
    """Three images (3, 3, 9, 11) in float64."""
    return torch.rand(3, 3, 9, 11, generator=torch.Generator().manual_seed(1)).double()


@pytest.fixture
def left_as_it_was() -> Callable[..., AbstractContextManager[None]]:
    """`with left_as_it_was(model, images):` fails if what happens in it leaves a trace."""

    @contextmanager
    def watched(model: nn.Module, images: Tensor) -> Iterator[None]:
        state = {name: value.clone() for name, value in model.state_dict().items()}
        modules, before = list(model.modules()), images.clone()
        flags = [getattr(module, "inplace", None) for module in modules]
        yield
        assert torch.equal(images, before) and not images.requires_grad and images.grad is None
        assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
        assert all(p.grad is None and p.requires_grad for p in model.parameters())
        assert all(a is b for a, b in zip(model.modules(), modules, strict=True))
        assert [getattr(module, "inplace", None) for module in modules] == flags
        assert not any(module._forward_hooks or module._backward_hooks for module in modules)

    return watched
