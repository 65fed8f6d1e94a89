"""Colours, textures and noise: the parts of an image that are independent of its class."""

from __future__ import annotations

import colorsys
from collections.abc import Callable
from functools import lru_cache

import numpy as np

__all__ = ["TEXTURES", "far_color", "random_color", "smooth_noise"]

Texture = Callable[[np.random.Generator, np.ndarray, np.ndarray, float], np.ndarray]
"""Function of (generator, x, y, period in pixels): a pattern with values in [0, 1]."""


def plain(rng: np.random.Generator, x: np.ndarray, y: np.ndarray, period: float) -> np.ndarray:
    """No pattern."""
    return np.zeros(x.shape)


def stripes(rng: np.random.Generator, x: np.ndarray, y: np.ndarray, period: float) -> np.ndarray:
    """Parallel stripes."""
    return _soft_step(np.sin(x * (2 * np.pi / period)), 1.6)


def dots(rng: np.random.Generator, x: np.ndarray, y: np.ndarray, period: float) -> np.ndarray:
    """Round dots on a grid."""
    k = 2 * np.pi / (1.2 * period)
    return _soft_step(np.cos(k * x) + np.cos(k * y) - 0.7, 1.4)


def checker(rng: np.random.Generator, x: np.ndarray, y: np.ndarray, period: float) -> np.ndarray:
    """A checkerboard."""
    k = np.pi / (0.9 * period)
    return _soft_step(np.sin(k * x) * np.sin(k * y), 2.5)


def gradient(rng: np.random.Generator, x: np.ndarray, y: np.ndarray, period: float) -> np.ndarray:
    """A slow change in one direction."""
    return 0.5 + 0.5 * np.sin(x * (np.pi / (5 * period)))


def noise(rng: np.random.Generator, x: np.ndarray, y: np.ndarray, period: float) -> np.ndarray:
    """Smooth noise."""
    return smooth_noise(rng, x.shape[0], max(4, int(1.6 * x.shape[0] / period)))


TEXTURES: dict[str, Texture] = {
    f.__name__: f for f in (plain, stripes, dots, checker, gradient, noise)
}


def smooth_noise(rng: np.random.Generator, size: int, cells: int) -> np.ndarray:
    """Interpolate random values on a grid of `cells` x `cells`: (size, size) in [0, 1]."""
    weights = _interpolation(size, cells)
    return weights @ rng.random((cells + 1, cells + 1)) @ weights.T


@lru_cache
def _interpolation(size: int, cells: int) -> np.ndarray:
    position = np.linspace(0, cells, size, endpoint=False)
    left = position.astype(int)
    t = position - left
    t = t * t * (3 - 2 * t)
    weights = np.zeros((size, cells + 1))
    weights[np.arange(size), left] = 1 - t
    weights[np.arange(size), left + 1] = t
    return weights


def random_color(
    rng: np.random.Generator, saturation: tuple[float, float], value: tuple[float, float]
) -> np.ndarray:
    """Draw a colour of any hue: (3,) in [0, 1]."""
    return np.array(
        colorsys.hsv_to_rgb(rng.random(), rng.uniform(*saturation), rng.uniform(*value))
    )


def far_color(rng: np.random.Generator, others: list[np.ndarray], distance: float) -> np.ndarray:
    """Draw a vivid colour at least `distance` from all others in RGB, or the farthest of 20."""
    best, best_distance = np.empty(0), -1.0
    for _ in range(20):
        color = random_color(rng, (0.35, 1.0), (0.3, 1.0))
        nearest = min(float(np.abs(color - other).max()) for other in others)
        if nearest > best_distance:
            best, best_distance = color, nearest
        if nearest >= distance:
            break
    return best


def _soft_step(wave: np.ndarray, sharpness: float) -> np.ndarray:
    return np.clip(0.5 + sharpness * wave, 0, 1)
