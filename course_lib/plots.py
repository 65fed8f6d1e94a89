"""Rows of images and maps in one style: titles, class names, one colour map, one scale per row.

Each function returns a matplotlib Figure that is not registered with pyplot. A notebook shows it as
the result of its cell; `display(figure)` shows it inside a loop or before the last line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from course_lib.figures import (
    MAP_COLOURS,
    Batch,
    add_colour_bar,
    as_batch,
    draw,
    is_map,
    new_figure,
    scale_of,
    wrap,
)

__all__ = [
    "show_grid",
    "show_images",
    "show_maps",
    "show_outlines",
    "show_overlays",
    "show_panels",
]

OUTLINE_COLOURS = ("#00e5ff", "#ffea00", "#ff4081", "#76ff03")


def show_images(
    images: Batch,
    titles: Sequence[str] | None = None,
    *,
    title: str | None = None,
    columns: int = 10,
) -> Figure:
    """Show images (N, 3, H, W) in [0, 1], or maps (N, H, W), side by side, `columns` in a row."""
    batch = as_batch(images, "images")
    lines = [batch[i : i + columns] for i in range(0, len(batch), columns)]
    fig, axes = new_figure(len(lines), min(len(batch), columns), batch.shape, titles, title)
    scale = scale_of(batch)
    for line, row in zip(lines, axes, strict=True):
        for picture, ax in zip(line, row, strict=False):  # the last line may be short
            draw(ax, picture, scale)
    for ax, text in zip(axes.flat, titles or (), strict=False):
        ax.set_title(wrap(text), fontsize=8)
    return fig


def show_grid(
    rows: Mapping[str, Batch], titles: Sequence[str] | None = None, *, title: str | None = None
) -> Figure:
    """Show one batch per row, with its name: `show_grid({"image": X, "saliency": maps}, names)`.

    The maps of a row share one scale, shown by its colour bar. It ends at the 99.5th percentile of
    the row's pixels (the arrow on the bar), so that a few extreme pixels don't darken all others.

    Args:
        rows: name -> images (N, 3, H, W), maps (N, H, W) or masks (N, H, W) bool; N is the same
            for all.
        titles: N titles of the columns, for example class names.
        title: title of the figure.

    Raises:
        ValueError: a batch has another shape, or another N.
    """
    batches = {name: as_batch(batch, name) for name, batch in rows.items()}
    counts = {name: len(batch) for name, batch in batches.items()}
    if len(set(counts.values())) != 1:
        raise ValueError(f"every row needs the same number of pictures, but there are {counts}")
    count = next(iter(counts.values()))
    shape = next(iter(batches.values())).shape
    fig, axes = new_figure(len(batches), count, shape, titles, title, names=True)
    for (name, batch), row in zip(batches.items(), axes, strict=True):
        scale = scale_of(batch)
        for picture, ax in zip(batch, row[:-1], strict=True):
            drawn = draw(ax, picture, scale)
        row[0].set_ylabel(wrap(name), rotation=0, ha="right", va="center", fontsize=9)
        if is_map(batch):
            add_colour_bar(fig, drawn, row[-1], batch)
    for ax, text in zip(axes[0, :-1], titles or (), strict=False):
        ax.set_title(wrap(text), fontsize=8)
    return fig


def show_panels(panels: Mapping[str, Batch], *, title: str | None = None) -> Figure:
    """Show single pictures, each on its own scale: name -> image (3, H, W) or map (h, w)."""
    batches = {name: as_batch(panel[None], name) for name, panel in panels.items()}
    shape = next(iter(batches.values())).shape
    fig, axes = new_figure(1, len(batches), shape, batches, title, bars=True)
    for (name, batch), ax, bar_ax in zip(batches.items(), axes[0, ::2], axes[0, 1::2], strict=True):
        drawn = draw(ax, batch[0], scale_of(batch))
        ax.set_title(wrap(name), fontsize=8)
        if is_map(batch):
            add_colour_bar(fig, drawn, bar_ax, batch)
    return fig


def show_maps(
    images: Batch,
    maps: Batch,
    titles: Sequence[str] | None = None,
    *,
    label: str = "saliency",
    title: str | None = None,
) -> Figure:
    """Show images (N, 3, H, W) above their maps (N, H, W)."""
    return show_grid({"image": images, label: maps}, titles, title=title)


def show_overlays(
    images: Batch,
    maps: Batch,
    titles: Sequence[str] | None = None,
    *,
    label: str = "saliency over the image",
    title: str | None = None,
) -> Figure:
    """Show images above the same images in grey with the non-negative maps (N, H, W) over them.

    The colours of a map reach full strength at its 99th percentile, so that a few extreme pixels
    don't hide all others.
    """
    images, maps = as_batch(images, "images"), as_batch(maps, "maps")
    blends = np.stack([_blend(image, map_) for image, map_ in zip(images, maps, strict=True)])
    return show_grid({"image": images, label: blends}, titles, title=title)


def show_outlines(
    images: Batch,
    masks: Mapping[str, Batch],
    titles: Sequence[str] | None = None,
    *,
    title: str | None = None,
) -> Figure:
    """Show images with outlines of masks (N, H, W), a colour per name: {"found": masks, ...}."""
    images = as_batch(images, "images")
    fig, axes = new_figure(1, len(images), images.shape, titles, title, below=0.25)
    for image, ax in zip(images, axes[0], strict=True):
        draw(ax, image, None)
    handles = {}
    # The first outline is wide, so that it stays visible below the others.
    widths = (3.0, 1.2, 1.2, 1.2) if len(masks) > 1 else (1.5,)
    for (name, batch), colour, width in zip(masks.items(), OUTLINE_COLOURS, widths, strict=False):
        handles[name] = Line2D([], [], color=colour, linewidth=width)
        for mask, ax in zip(as_batch(batch, name), axes[0], strict=True):
            if mask.any() and not mask.all():
                ax.contour(mask.astype(float), levels=[0.5], colors=[colour], linewidths=width)
    for ax, text in zip(axes[0], titles or (), strict=False):
        ax.set_title(wrap(text), fontsize=8)
    fig.legend(
        list(handles.values()),
        list(handles),
        loc="outside lower center",
        ncols=len(handles),
        fontsize=8,
        frameon=False,
    )
    return fig


def _blend(image: np.ndarray, map_: np.ndarray) -> np.ndarray:
    """Lay a coloured map over a grey image of the same size."""
    if image.shape[:2] != map_.shape:
        raise ValueError(
            f"an image of {image.shape[0]} x {image.shape[1]} pixels needs a map of the same size, "
            f"but the map has {map_.shape[0]} x {map_.shape[1]}"
        )
    full = np.quantile(map_, 0.99)
    strength = (map_ / full if full > 0 else np.zeros_like(map_)).clip(0, 1)
    grey = image.clip(0, 1).mean(axis=-1, keepdims=True).repeat(3, axis=-1)
    colour = colormaps[MAP_COLOURS](0.25 + 0.75 * strength)[..., :3]
    opacity = 0.85 * strength[..., None] ** 0.7
    return (1 - opacity) * (0.25 + 0.6 * grey) + opacity * colour
