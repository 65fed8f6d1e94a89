"""The outlines of the classes as signed distances: negative inside, positive outside.

Each function takes a random generator and returns an outline: a function of two coordinate arrays.
All outlines lie in the unit circle; the generator varies details such as the thickness of a ring or
the number of petals. The distance is exact, or close to it near the edge, so that edges are smooth
at any size.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = ["OUTLINES", "Outline"]

Outline = Callable[[np.ndarray, np.ndarray], np.ndarray]

_ROUND = 0.03
"""Radius by which thin tips are rounded, or they would break up into single pixels."""


def disc(rng: np.random.Generator) -> Outline:
    """The unit disc."""
    return _circle(0, 0, 1)


def ring(rng: np.random.Generator) -> Outline:
    """A ring of random thickness."""
    inner = rng.uniform(0.5, 0.66)
    middle, half = (1 + inner) / 2, (1 - inner) / 2
    return lambda u, v: np.abs(np.hypot(u, v) - middle) - half


def square(rng: np.random.Generator) -> Outline:
    """A square."""
    return _polygon([(0.707, 0.707), (-0.707, 0.707), (-0.707, -0.707), (0.707, -0.707)])


def triangle(rng: np.random.Generator) -> Outline:
    """An equilateral triangle."""
    return _polygon([_polar(1, angle) for angle in (90, 210, 330)])


def star(rng: np.random.Generator) -> Outline:
    """A star with five points."""
    inner = rng.uniform(0.38, 0.5)
    return _polygon([_polar(1 if k % 2 == 0 else inner, 90 + 36 * k) for k in range(10)])


def cross(rng: np.random.Generator) -> Outline:
    """A cross of random thickness."""
    a = rng.uniform(0.26, 0.36)
    b = np.sqrt(1 - a * a)
    quarter = [(a, b), (a, a), (b, a)]
    corners = [*quarter]
    for _ in range(3):
        quarter = [(y, -x) for x, y in quarter]
        corners += quarter
    return _polygon(corners)


def crescent(rng: np.random.Generator) -> Outline:
    """A crescent of random thickness."""
    # A disc minus a second one; the second's centre determines the thickness.
    outer, bite = _circle(0, 0, 1 - _ROUND), _circle(rng.uniform(0.42, 0.58), 0, 0.84)
    return lambda u, v: np.maximum(outer(u, v), -bite(u, v)) - _ROUND


def heart(rng: np.random.Generator) -> Outline:
    """A heart."""
    # A square on its corner with a half disc on each of its upper sides.
    s = 0.62
    low = -0.92
    square_ = _polygon([(0, low), (s, low + s), (0, low + 2 * s), (-s, low + s)])
    right = _circle(s / 2, low + 1.5 * s, s / np.sqrt(2))
    left = _circle(-s / 2, low + 1.5 * s, s / np.sqrt(2))
    return lambda u, v: np.minimum(square_(u, v), np.minimum(left(u, v), right(u, v)))


def arrow(rng: np.random.Generator) -> Outline:
    """An arrow with a random head."""
    shaft, head = rng.uniform(0.17, 0.24), rng.uniform(0.6, 0.72)
    neck = rng.uniform(0.0, 0.15)
    half = [(shaft, -0.97), (shaft, neck), (head, neck)]
    return _polygon([*half, (0, 1), *((-x, y) for x, y in reversed(half))])


def drop(rng: np.random.Generator) -> Outline:
    """A drop: a disc with a tip."""
    radius, tip = rng.uniform(0.52, 0.6), 1.0
    centre = radius - 1
    # The straight sides touch the disc at (x, y).
    sine = radius / (tip - centre)
    x, y = radius * np.sqrt(1 - sine**2), centre + radius * sine
    body, cone = _circle(0, centre, radius), _polygon([(0, tip), (-x, y), (0, centre), (x, y)])
    return lambda u, v: np.minimum(body(u, v), cone(u, v))


def flower(rng: np.random.Generator) -> Outline:
    """A flower with five to seven petals."""
    petals, depth = rng.integers(5, 8), rng.uniform(0.2, 0.27)

    def distance(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        r, angle = np.hypot(u, v) + 1e-9, np.arctan2(v, u)
        edge = 1 - depth + depth * np.cos(petals * angle)
        slope = -depth * petals * np.sin(petals * angle) / np.maximum(r, 0.3)
        return (r - edge) / np.hypot(1, slope)

    return distance


def bolt(rng: np.random.Generator) -> Outline:
    """A flash of lightning."""
    flash = _polygon(
        [
            (0.42, 0.86),
            (-0.14, 0.9),
            (-0.52, -0.14),
            (-0.08, -0.14),
            (-0.3, -0.92),
            (0.54, 0.26),
            (0.12, 0.26),
        ]
    )
    return lambda u, v: flash(u, v) - _ROUND


OUTLINES: dict[str, Callable[[np.random.Generator], Outline]] = {
    f.__name__: f
    for f in (
        disc,
        ring,
        square,
        triangle,
        star,
        cross,
        crescent,
        heart,
        arrow,
        drop,
        flower,
        bolt,
    )
}


def _polar(radius: float, degrees: float) -> tuple[float, float]:
    return radius * np.cos(np.radians(degrees)), radius * np.sin(np.radians(degrees))


def _circle(x: float, y: float, radius: float) -> Outline:
    return lambda u, v: np.hypot(u - x, v - y) - radius


def _polygon(corners: list[tuple[float, float]]) -> Outline:
    """Distance to the nearest edge; a point is inside if a ray from it crosses an odd number."""
    edges = list(zip(corners, corners[1:] + corners[:1], strict=True))

    def distance(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        nearest = np.full(u.shape, np.inf)
        inside = np.zeros(u.shape, dtype=bool)
        for (x, y), (next_x, next_y) in edges:
            a, b, dx, dy = u - x, v - y, next_x - x, next_y - y
            along = np.clip((a * dx + b * dy) / (dx * dx + dy * dy), 0, 1)
            nearest = np.minimum(nearest, (a - along * dx) ** 2 + (b - along * dy) ** 2)
            if dy:
                inside ^= ((v >= y) != (v >= next_y)) & (a < b * (dx / dy))
        return np.sqrt(nearest) * np.where(inside, -1.0, 1.0)

    return distance
