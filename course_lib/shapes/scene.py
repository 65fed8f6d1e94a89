"""One image: a background, clutter, and the object on top."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from course_lib.shapes.outlines import OUTLINES, Outline
from course_lib.shapes.surfaces import TEXTURES, far_color, random_color, smooth_noise

__all__ = ["USUAL", "draw_scene"]

USUAL = (0.09, 0.34)
"""The fractions of an image that an object may cover."""

_TEXTURES = tuple(TEXTURES.values())
_OUTLINES = tuple(OUTLINES.values())


def draw_scene(
    rng: np.random.Generator,
    outline_of: Callable[[np.random.Generator], Outline],
    size: int,
    shares: tuple[float, float] = USUAL,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw an image (3, size, size) in [0, 1] and the mask (size, size) of its object.

    The object covers a fraction of the image between `shares`.
    """
    colors = _background_colors(rng)
    image = _background(rng, size, *colors)
    for _ in range(rng.integers(2, 6)):
        _add_line(rng, image)
    for _ in range(rng.integers(2, 6)):
        _add_fragment(rng, image)
    mask = _add_object(rng, image, outline_of(rng), colors, shares)
    image += rng.normal(0, rng.uniform(0.0, 0.03), image.shape)
    return np.clip(image, 0, 1), mask


def _background_colors(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    first = random_color(rng, (0.05, 0.6), (0.15, 0.95))
    second = np.clip(first + rng.uniform(-0.22, 0.22, 3), 0, 1)
    return first, second


def _background(
    rng: np.random.Generator, size: int, first: np.ndarray, second: np.ndarray
) -> np.ndarray:
    x, y = _turned(rng, size, size / 2, size / 2, 1.0)
    texture = _TEXTURES[rng.integers(len(_TEXTURES))](rng, x, y, size * rng.uniform(0.08, 0.25))
    field = 0.55 * smooth_noise(rng, size, 3) + 0.25 * smooth_noise(rng, size, 9)
    field += 0.35 * texture * smooth_noise(rng, size, 2)
    return first[:, None, None] + (second - first)[:, None, None] * field * 1.3


def _add_line(rng: np.random.Generator, image: np.ndarray) -> None:
    size = image.shape[-1]
    x, y = _grid(size)
    (ax, ay), (bx, by) = rng.uniform(-0.1, 1.1, (2, 2)) * size
    dx, dy = bx - ax, by - ay
    along = np.clip(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy + 1e-9), 0, 1)
    distance = np.hypot(x - ax - along * dx, y - ay - along * dy)
    alpha = np.clip(rng.uniform(0.6, 1.6) * size / 64 + 0.5 - distance, 0, 1)
    _blend(image, random_color(rng, (0.1, 0.9), (0.1, 1.0)), alpha * rng.uniform(0.3, 0.8))


def _add_fragment(rng: np.random.Generator, image: np.ndarray) -> None:
    """Draw a piece of some outline, cut off by a straight line: clutter that resembles objects."""
    size = image.shape[-1]
    scale = size * rng.uniform(0.07, 0.15)
    cx, cy = rng.uniform(0, size, 2)
    low = (int(max(0, cx - scale - 2)), int(max(0, cy - scale - 2)))
    rows, columns = slice(low[1], int(cy + scale + 3)), slice(low[0], int(cx + scale + 3))
    outline = _OUTLINES[rng.integers(len(_OUTLINES))](rng)
    u, v = (c[rows, columns] for c in _turned(rng, size, cx, cy, scale))
    distance = np.maximum(outline(u, v), v - rng.uniform(-0.2, 0.3)) * scale
    alpha = np.clip(0.5 - distance, 0, 1) * rng.uniform(0.4, 0.9)
    _blend(image[:, rows, columns], random_color(rng, (0.1, 0.9), (0.1, 1.0)), alpha)


def _add_object(
    rng: np.random.Generator,
    image: np.ndarray,
    outline: Outline,
    background: tuple[np.ndarray, np.ndarray],
    shares: tuple[float, float],
) -> np.ndarray:
    """Draw the object and return its mask (size, size)."""
    size = image.shape[-1]
    unit_area = _unit_area(outline)
    share = rng.uniform(shares[0], min(shares[1], 0.46**2 * unit_area))
    radius = np.sqrt(share / unit_area) * size
    cx, cy = rng.uniform(radius, size - radius, 2)
    u, v = _turned(rng, size, cx, cy, radius)
    distance = outline(u, v) * radius

    first, second = background
    main = far_color(rng, [first, second, (first + second) / 2], 0.5)
    other = far_color(rng, [first, second, main], 0.36)
    texture = _TEXTURES[rng.integers(len(_TEXTURES))]
    x, y = _turned(rng, size, cx, cy, 1.0)
    pattern = texture(rng, x, y, size * rng.uniform(0.09, 0.16)) * rng.uniform(0.6, 1.0)
    surface = main[:, None, None] + (other - main)[:, None, None] * pattern
    # Light from above, and a darker rim.
    gx, gy = _grid(size)
    light = 1 + 0.16 * ((cx - gx) + (cy - gy)) / radius
    surface = surface * (light - 0.3 * np.exp(-np.square(distance / 1.3) * (distance < 0)))

    image *= 1 - 0.35 * np.exp(-np.maximum(distance, 0) / (0.04 * size))  # a soft shadow
    alpha = np.clip(0.5 - distance, 0, 1)
    image *= 1 - alpha
    image += np.clip(surface, 0, 1) * alpha
    return distance < 0


def _unit_area(outline: Outline) -> float:
    """The area of an outline, estimated on a coarse grid."""
    u, v = _coarse_grid()
    return 4 * float((outline(u, v) < 0).mean())


@lru_cache
def _coarse_grid() -> tuple[np.ndarray, np.ndarray]:
    u, v = np.meshgrid(*[np.linspace(-1, 1, 33)] * 2)
    return u, v


@lru_cache
def _grid(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates (x, y) of the centres of all pixels."""
    centres = np.arange(size) + 0.5
    x, y = np.meshgrid(centres, centres)
    return x, y


def _turned(
    rng: np.random.Generator, size: int, cx: float, cy: float, scale: float
) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates around (cx, cy) in units of `scale` pixels, turned by a random angle."""
    x, y = _grid(size)
    angle = rng.uniform(0, 2 * np.pi)
    c, s = np.cos(angle) / scale, np.sin(angle) / scale
    return (x - cx) * c + (y - cy) * s, (y - cy) * c - (x - cx) * s


def _blend(image: np.ndarray, color: np.ndarray, alpha: np.ndarray) -> None:
    image *= 1 - alpha
    image += color[:, None, None] * alpha
