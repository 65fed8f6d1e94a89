"""Hidden inputs on which rounding can't make a right answer wrong.

A sign is clear only where the slope is not tiny, and a number of steps only where the model gives
in well before the last one ends: inputs are drawn again until they are clear.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from autograder.checks import CLASSES, Draw
from course_lib.losses import Lead
from course_lib.networks import Normalize

ATTEMPTS = 500  # each succeeds more often than not
SIZE = (9, 9)

Network = Callable[[], nn.Sequential]


def _until_clear(attempt: Callable) -> Callable:
    """Repeat a draw until it returns something else than None."""

    @functools.wraps(attempt)
    def repeated(*arguments, **keywords):
        for _ in range(ATTEMPTS):
            drawn = attempt(*arguments, **keywords)
            if drawn is not None:
                return drawn
        raise RuntimeError(f"{attempt.__name__}: no clear input in {ATTEMPTS} attempts")

    return repeated


def networks_of_all_kinds(draw: Draw) -> list[Network]:
    """Batch norm, a residual block, one ReLU in three places, dropout."""
    return [
        draw.batch_norm_network,
        lambda: draw.residual_network(frozen=False),
        draw.shared_relu_network,
        draw.dropout_network,
    ]


def linear_network(draw: Draw, size: tuple[int, int] = SIZE) -> nn.Sequential:
    """A network whose scores are linear in the pixels: its gradient is the same everywhere."""
    pixels = 3 * size[0] * size[1]
    layer = nn.Linear(pixels, CLASSES, dtype=torch.float64, device=draw.device)
    layer.weight.data = 0.005 * draw.tensor(CLASSES, pixels)
    layer.bias.data = draw.tensor(CLASSES)
    model = nn.Sequential(Normalize([0.5] * 3, [0.25] * 3), nn.Flatten(), layer)
    return model.to(draw.device, torch.float64).eval().requires_grad_(False)


def pale(X: Tensor) -> Tensor:
    """Pixels so far from 0 and 1 that a small step needs no clamping."""
    return 0.4 + 0.2 * X


def grey(X: Tensor) -> Tensor:
    """Pixels in the middle: clamping, which is a mistake of its own, shows after long ways only."""
    return 0.48 + 0.04 * X


def partly_black_and_white(X: Tensor) -> Tensor:
    """Pixels from 0 to 1; some are exactly that."""
    return X.round(decimals=1)


@_until_clear
def clear_slopes(
    draw: Draw,
    network: Network,
    n: int,
    size: tuple[int, int] = SIZE,
    *,
    labels: Callable[[Tensor, nn.Module], Tensor] | None = None,
    prepare: Callable[[Tensor], Tensor] = pale,
    clear: float = 1e-6,
    dtype: torch.dtype = torch.float64,
) -> tuple[Tensor, Tensor, nn.Module] | None:
    """Images, labels and a network whose loss has no slope so small that rounding gives its sign.

    Args:
        labels: of (X, model); random ones when None.
        prepare: changes the random images.
        clear: the smallest slope, relative to the largest of the image. Exact zeros are clear.
    """
    X, model = prepare(draw.images(n, *size, dtype=dtype)), network()
    model[-1].weight.data *= 5  # probabilities that are far from alike
    y = labels(X, model) if labels else draw.labels(n)
    pixels = X.clone().requires_grad_()
    loss = F.cross_entropy(model(pixels), y, reduction="sum")
    slopes = torch.autograd.grad(loss, pixels)[0].abs().flatten(1)
    largest = slopes.amax(dim=1, keepdim=True)
    is_clear = ((slopes == 0) | (slopes > clear * largest)).all() and (largest > 0).all()
    return (X, y, model) if is_clear else None


@_until_clear
def gives_in_after(
    steps: int,
    draw: Draw,
    network: Network,
    size: tuple[int, int] = SIZE,
    *,
    prepare: Callable[[Tensor], Tensor] = grey,
    dtype: torch.dtype = torch.float64,
) -> tuple[Tensor, int, nn.Sequential] | None:
    """An image, a target, and a network that predicts the target after exactly that many steps.

    Args:
        prepare: changes the random image.
    """
    X, target, model = draw.images(1, *size, dtype=dtype), int(draw.labels(1)), network()
    X = prepare(X)
    way = _climb(X, model, target, steps + 1)  # also for those who take a step too many
    is_clear = _give_in_at_the_end(_scores(model, way[:-1]), model, target)
    return (X, target, model) if is_clear and _is_steady(way, model, target) else None


@_until_clear
def passes_another_class(steps: int, draw: Draw) -> tuple[Tensor, int, nn.Sequential] | None:
    """As `gives_in_after`, but on the way the network predicts a third class instead of the first.

    The target passes the first class before it passes the third.
    """
    X, target, model = draw.images(1), int(draw.labels(1)), draw.plain_network()
    way = _climb(X, model, target, steps)
    scores = _scores(model, way)
    gain = scores[1] - scores[0]
    gain[target] = -torch.inf
    third = int(gain.argmax())
    gain[target] = torch.inf
    first = int(gain.argmin())
    shift = torch.full_like(scores[0], -100.0)  # the other classes are out of it
    shift[[first, third, target]] = 0
    middle = (scores[0] + scores[1]) / 2
    shift[third] += middle[first] - middle[third]
    model[-1].bias.data += shift
    is_clear = _give_in_at_the_end(scores + shift, model, target)
    is_clear &= bool(gain[third] - gain[first] > 0.004)
    before_last = _scores(model, way[-2:-1])[0]
    is_clear &= bool(before_last[target] - before_last[first] > 0.002)
    return (X, target, model) if is_clear and _is_steady(way, model, target) else None


@_until_clear
def two_classes(
    draw: Draw,
    network: Network,
    size: tuple[int, int] = SIZE,
    dtype: torch.dtype = torch.float64,
) -> tuple[Tensor, Tensor, nn.Module] | None:
    """Two images that a network takes, clearly, for two classes."""
    X, model = draw.images(1, *size, dtype=dtype), network()
    X_fooling = X + (draw.images(1, *size, dtype=dtype) - 0.5)
    best, classes = _scores(model, [X, X_fooling]).topk(2, dim=1)
    is_clear = classes[0, 0] != classes[1, 0] and (best[:, 0] - best[:, 1] > 0.002).all()
    return (X, X_fooling, model) if is_clear else None


def _scores(model: nn.Module, images: list[Tensor]) -> Tensor:
    """Scores (N, C) of N single images."""
    with torch.no_grad():
        return model(torch.cat(images))


def slope_of_score(X: Tensor, target: int, model: nn.Module) -> Tensor:
    """d (score of the target) / d X, (1, 3, H, W)."""
    pixels = X.clone().requires_grad_()
    return torch.autograd.grad(model(pixels)[0, target], pixels)[0]


def way_up(
    X: Tensor,
    target: int,
    model: nn.Module,
    length: float = 1.0,
    slope_of: Callable[[Tensor, int, nn.Module], Tensor] = slope_of_score,
) -> Iterator[Tensor]:
    """The images on the way up the score of the target, from X on, without an end."""
    while True:
        yield X
        slope = slope_of(X, target, model)
        X = X + length * (slope / slope.norm())


def _climb(
    X: Tensor, model: nn.Module, target: int, steps: int, length: float = 1.0
) -> list[Tensor]:
    """The first images on the way: steps + 1 of them."""
    return list(itertools.islice(way_up(X, target, model, length), steps + 1))


def _give_in_at_the_end(scores: Tensor, model: nn.Sequential, target: int) -> bool:
    """Shift the target's score so that it becomes the best one at the end of the way.

    The way itself does not depend on the biases of the last layer.

    Args:
        scores: (steps + 1, C) on the way.

    Returns:
        Whether rounding can't change the number of steps.
    """
    leads = Lead(target)(scores)
    before, after = leads[:-1].max(), leads[-1]
    model[-1].bias.data[target] -= (before + after) / 2
    return bool(after - before > 0.004)


def _is_steady(way: list[Tensor], model: nn.Module, target: int) -> bool:
    """Whether steps that are a little shorter lead the same way.

    Then no kink is so near that a small constant beside the norm would matter.
    """
    if way[0].dtype != torch.float64:
        return True
    shorter = _climb(way[0], model, target, len(way) - 1, length=1 - 1e-6)
    return bool((shorter[-1] - way[-1]).abs().max() < 1e-5)
