"""Style images: four drawn by code, and photographs from scikit-image."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw
from torch import Tensor

__all__ = ["STYLES", "style_images"]

FINER = 2  # supersampling: drawn at this multiple of the size, for smooth edges

Painter = Callable[[int, np.random.Generator], np.ndarray]

NIGHT = ["#0b1d51", "#14347f", "#1f4e9e", "#3f7fc1", "#8db8d6", "#f2e3a0", "#f4c430", "#0a1330"]
GLASS = ["#b3202a", "#e07b1a", "#f3c53d", "#2c7a4b", "#1d4f91", "#5b2a6e", "#d9e4dc", "#7fb7d6"]
WAVES = ["#12356b", "#f5efdf", "#2f6fa7", "#f5efdf", "#0d2347"]


def style_images(names: Sequence[str], size: int = 192, seed: int = 0) -> Tensor:
    """Draw or load style images by name: (N, 3, size, size), pixels in [0, 1].

    Args:
        names: keys of `STYLES`.
        size: height and width.
        seed: seed of the strokes and colours of the drawn ones.

    Raises:
        ValueError: there is no style of that name.
    """
    return torch.cat([_style_image(name, size, seed) for name in names])


def _style_image(name: str, size: int, seed: int) -> Tensor:
    if name not in STYLES:
        raise ValueError(f"there is no style {name!r}; there are: {', '.join(STYLES)}")
    source = STYLES[name]
    if isinstance(source, str):
        return _photograph(source, size)
    return _resized(source(FINER * size, np.random.default_rng(seed)), size)


def _photograph(file: str, size: int) -> Tensor:
    import skimage

    picture = Image.open(Path(skimage.__file__).parent / "data" / file).convert("RGB")
    side = min(picture.size)
    return _resized(np.asarray(picture)[:side, :side], size)


def _resized(pixels: np.ndarray, size: int) -> Tensor:
    image = torch.tensor(pixels).permute(2, 0, 1)[None].float() / 255
    return F.interpolate(image, (size, size), mode="bilinear", antialias=True).clamp(0, 1)


def _smooth_noise(size: int, cells: int, rng: np.random.Generator) -> np.ndarray:
    """Smooth random noise (size, size) of mean 0 and standard deviation 1, `cells` waves wide."""
    coarse = torch.tensor(rng.standard_normal((1, 1, cells + 3, cells + 3)))
    fine = F.interpolate(coarse, (size, size), mode="bicubic")[0, 0].numpy()
    return (fine - fine.mean()) / fine.std()


def _swirls(size: int, rng: np.random.Generator) -> np.ndarray:
    """Short brush strokes along eddies, in the colours of a night sky."""
    hills = _smooth_noise(size, 4, rng)
    down, right = np.gradient(hills)
    colour = _smooth_noise(size, 5, rng)
    picture = Image.new("RGB", (size, size), NIGHT[1])
    draw = ImageDraw.Draw(picture)
    width, length = max(2, size // 52), size // 12
    for x, y in rng.uniform(0, size, (size * size // (3 * width * width), 2)):
        row, column = int(y), int(x)
        shade = 2.2 + 1.6 * colour[row, column] + 0.9 * rng.standard_normal()
        ink = NIGHT[int(np.clip(round(shade), 0, len(NIGHT) - 2))]
        points = [(x, y)]
        for _ in range(8):  # along the contour lines of the hills
            row, column = (int(np.clip(v, 0, size - 1)) for v in (y, x))
            slope = np.hypot(down[row, column], right[row, column]) + 1e-9
            x += length / 8 * down[row, column] / slope
            y -= length / 8 * right[row, column] / slope
            points.append((x, y))
        draw.line(points, fill=ink, width=width, joint="curve")
    return np.asarray(picture)


def _mosaic(size: int, rng: np.random.Generator) -> np.ndarray:
    """Pieces of coloured glass between strips of lead."""
    from scipy.spatial import cKDTree

    cells = 11
    grid = np.stack(np.meshgrid(np.arange(-1, cells + 1), np.arange(-1, cells + 1)), -1)
    seeds = (grid.reshape(-1, 2) + rng.uniform(0.1, 0.9, (grid.size // 2, 2))) * size / cells
    colours = np.array([_rgb(c) for c in GLASS])[rng.integers(0, len(GLASS), len(seeds))]
    pixels = np.stack(np.meshgrid(np.arange(size), np.arange(size)), -1).reshape(-1, 2)
    distance, nearest = cKDTree(seeds).query(pixels, k=2)
    light = 1.15 - 0.5 * distance[:, :1] * cells / size
    lead = distance[:, 1] - distance[:, 0] < size / 90
    glass = np.where(lead[:, None], 25, colours[nearest[:, 0]] * light)
    return glass.clip(0, 255).reshape(size, size, 3)


def _waves(size: int, rng: np.random.Generator) -> np.ndarray:
    """Rows of overlapping rings, a Japanese wave pattern."""
    picture = Image.new("RGB", (size, size), WAVES[1])
    draw = ImageDraw.Draw(picture)
    radius = size / 10
    for row in range(-2, 24):
        y = row * radius / 2
        for column in range(-1, 12):
            x = (2 * column + row % 2) * radius
            for ring in range(5):
                r = radius * (1 - ring / 5)
                draw.ellipse((x - r, y - r, x + r, y + r), fill=WAVES[ring % 2])
    return np.asarray(picture)


def _contours(size: int, rng: np.random.Generator) -> np.ndarray:
    """Contour lines of random noise, black on paper, of varying width."""
    hills, breadth = _smooth_noise(size, 5, rng), _smooth_noise(size, 4, rng)
    ink = np.sin(26 * hills) > 0.35 - 0.35 * breadth
    paper, black = np.array(_rgb("#f3ead6")), np.array(_rgb("#1c1a1a"))
    return np.where(ink[..., None], black, paper)


def _rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


STYLES: dict[str, Painter | str] = {
    "swirls": _swirls,
    "mosaic": _mosaic,
    "waves": _waves,
    "contours": _contours,
    "galaxies": "hubble_deep_field.jpg",
    "tissue": "ihc.png",
    "retina": "retina.jpg",
    "gravel": "gravel.png",
    "brick": "brick.png",
    "grass": "grass.png",
}
