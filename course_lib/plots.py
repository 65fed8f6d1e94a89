"""Pictures of images and maps, all in one style: titles, class names, one colour map, one scale a row.

Each function returns a matplotlib Figure that pyplot knows nothing of. A notebook shows it as the
result of its cell; inside a loop, or above the last line, `display(figure)` shows it.
"""

from __future__ import annotations

import base64
import io
import textwrap
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from PIL import Image
from torch import Tensor

__all__ = ["show_grid", "show_images", "show_maps", "show_outlines", "show_overlays"]

MAP_COLOURS = "inferno"  # dark to bright evenly, also for the colour-blind and in black and white
OUTLINE_COLOURS = ("#00e5ff", "#ffea00", "#ff4081", "#76ff03")
CELL_INCHES = 1.05
DPI = 84
BATCH = "(N, 3, H, W) for images, (N, H, W) for maps and masks"

Batch = Tensor | np.ndarray


class Picture(Figure):
    """A Figure that notebooks store as a small PNG of 256 colours.

    Maps look like noise to a compressor, and a notebook with twenty of them would weigh 5 MB.
    """

    def to_png(self) -> bytes:
        full, small = io.BytesIO(), io.BytesIO()
        self.savefig(full, format="png", bbox_inches="tight", pad_inches=0.05)
        picture = Image.open(full).convert("RGB")
        picture.quantize(256, dither=Image.Dither.NONE).save(small, "png", optimize=True)
        return small.getvalue()

    def _ipython_display_(self) -> None:
        from IPython.display import display

        png = base64.b64encode(self.to_png()).decode()
        display({"image/png": png, "text/plain": "a picture"}, raw=True)


def show_images(
    images: Batch,
    titles: Sequence[str] | None = None,
    *,
    title: str | None = None,
    columns: int = 10,
) -> Figure:
    """Images (N, 3, H, W) in [0, 1], or maps (N, H, W), side by side, `columns` in a line."""
    batch = _as_batch(images, "images")
    lines = [batch[i : i + columns] for i in range(0, len(batch), columns)]
    fig, axes = _figure(len(lines), min(len(batch), columns), batch.shape, titles, title)
    scale = _scale(batch)
    for line, row in zip(lines, axes, strict=True):
        for picture, ax in zip(line, row):
            _draw(ax, picture, scale)
    for ax, text in zip(axes.flat, titles or ()):
        ax.set_title(_wrap(text), fontsize=8)
    return fig


def show_grid(
    rows: Mapping[str, Batch], titles: Sequence[str] | None = None, *, title: str | None = None
) -> Figure:
    """One row a batch, with its name on the left: `show_grid({"image": X, "saliency": maps}, names)`.

    rows: name -> images (N, 3, H, W), maps (N, H, W) or masks (N, H, W) bool, the same N in all
    titles: N texts above the columns, class names for example

    The maps of a row share one scale, which its colour bar shows.

    Raises ValueError when a batch has another shape, or not the N of the others.
    """
    batches = {name: _as_batch(batch, name) for name, batch in rows.items()}
    counts = {name: len(batch) for name, batch in batches.items()}
    if len(set(counts.values())) != 1:
        raise ValueError(f"every row needs the same number of pictures, but there are {counts}")
    count = next(iter(counts.values()))
    shape = next(iter(batches.values())).shape
    fig, axes = _figure(len(batches), count, shape, titles, title, names=True)
    for (name, batch), row in zip(batches.items(), axes, strict=True):
        scale = _scale(batch)
        for picture, ax in zip(batch, row[:-1], strict=True):
            drawn = _draw(ax, picture, scale)
        row[0].set_ylabel(_wrap(name), rotation=0, ha="right", va="center", fontsize=9)
        if _is_map(batch):
            bar = fig.colorbar(drawn, cax=row[-1], ticks=MaxNLocator(3))
            bar.outline.set_visible(False)
            bar.ax.tick_params(labelsize=7)
    for ax, text in zip(axes[0, :-1], titles or ()):
        ax.set_title(_wrap(text), fontsize=8)
    return fig


def show_maps(
    images: Batch,
    maps: Batch,
    titles: Sequence[str] | None = None,
    *,
    label: str = "saliency",
    title: str | None = None,
) -> Figure:
    """Images (N, 3, H, W) above their maps (N, H, W)."""
    return show_grid({"image": images, label: maps}, titles, title=title)


def show_overlays(
    images: Batch,
    maps: Batch,
    titles: Sequence[str] | None = None,
    *,
    label: str = "saliency over the image",
    title: str | None = None,
) -> Figure:
    """Images above the same images in grey, with the non-negative maps (N, H, W) laid over them.

    A map's colours reach full strength at the 99th percentile of its values, so that a few extreme
    pixels don't hide all the others.
    """
    images, maps = _as_batch(images, "images"), _as_batch(maps, "maps")
    blends = np.stack([_blend(image, map_) for image, map_ in zip(images, maps, strict=True)])
    return show_grid({"image": images, label: blends}, titles, title=title)


def show_outlines(
    images: Batch,
    masks: Mapping[str, Batch],
    titles: Sequence[str] | None = None,
    *,
    title: str | None = None,
) -> Figure:
    """Images in a row with the outlines of masks (N, H, W), one colour a name: {"found": masks, ...}."""
    images = _as_batch(images, "images")
    fig, axes = _figure(1, len(images), images.shape, titles, title, below=0.3)
    for image, ax in zip(images, axes[0], strict=True):
        _draw(ax, image, None)
    handles = {}
    for (name, batch), colour in zip(masks.items(), OUTLINE_COLOURS):
        handles[name] = Line2D([], [], color=colour, linewidth=2)
        for mask, ax in zip(_as_batch(batch, name), axes[0], strict=True):
            if mask.any() and not mask.all():
                ax.contour(mask.astype(float), levels=[0.5], colors=[colour], linewidths=1.4)
    for ax, text in zip(axes[0], titles or ()):
        ax.set_title(_wrap(text), fontsize=8)
    fig.legend(
        list(handles.values()), list(handles), loc="outside lower center", ncols=4, fontsize=8
    )
    return fig


def _as_batch(batch: Batch, name: str) -> np.ndarray:
    """As numpy, channels last: (N, H, W, 3), (N, H, W) or (N, H, W) bool."""
    array = batch.detach().cpu().numpy() if isinstance(batch, Tensor) else np.asarray(batch)
    if array.ndim == 4 and array.shape[1] in (1, 3):
        array = array[:, 0] if array.shape[1] == 1 else np.moveaxis(array, 1, -1)
    elif array.ndim != 3 and not (array.ndim == 4 and array.shape[-1] == 3):
        raise ValueError(f"{name!r} has shape {tuple(array.shape)}; a batch to show is {BATCH}")
    return array if array.dtype == bool else array.astype(np.float64)


def _is_map(batch: np.ndarray) -> bool:
    return batch.ndim == 3 and batch.dtype != bool


def _scale(batch: np.ndarray) -> tuple[float, float] | None:
    """From 0 (or the smallest value, where that is negative) to the largest one of the batch."""
    if not _is_map(batch):
        return None
    finite = batch[np.isfinite(batch)]
    highest = float(finite.max(initial=0))
    lowest = float(finite.min(initial=0))
    return lowest, highest if highest > lowest else lowest + 1


def _draw(ax: Axes, picture: np.ndarray, scale: tuple[float, float] | None) -> AxesImage:
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_visible(False)
    if picture.ndim == 3:
        return ax.imshow(picture.clip(0, 1), interpolation="nearest")
    if picture.dtype == bool:
        return ax.imshow(picture, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    lowest, highest = scale
    return ax.imshow(
        picture, cmap=MAP_COLOURS, vmin=lowest, vmax=highest, interpolation="nearest"
    )


def _blend(image: np.ndarray, map_: np.ndarray) -> np.ndarray:
    """A grey image under a coloured map; both (h, w) of the map and (H, W) of the image must agree."""
    if image.shape[:2] != map_.shape:
        raise ValueError(
            f"an image of {image.shape[0]} x {image.shape[1]} pixels needs a map of the same size, "
            f"but this one has {map_.shape[0]} x {map_.shape[1]}"
        )
    full = np.quantile(map_, 0.99)
    strength = (map_ / full if full > 0 else np.zeros_like(map_)).clip(0, 1)
    grey = image.clip(0, 1).mean(axis=-1, keepdims=True).repeat(3, axis=-1)
    colour = colormaps[MAP_COLOURS](0.25 + 0.75 * strength)[..., :3]
    opacity = 0.85 * strength[..., None] ** 0.7
    return (1 - opacity) * (0.25 + 0.6 * grey) + opacity * colour


def _figure(
    lines: int,
    columns: int,
    shape: Sequence[int],
    titles: Iterable[str] | None = None,
    title: str | None = None,
    *,
    names: bool = False,
    below: float = 0.0,
) -> tuple[Figure, np.ndarray]:
    """Axes (lines, columns) with room for pictures (N, H, W, ...) of the given shape.

    names: leave room on the left for the rows' names, and add a narrow column for their colour bars
    below: inches for a legend
    """
    cell = CELL_INCHES * max(1.0, min(1.8, 6 / columns))
    height = cell * shape[1] / shape[2] + 0.06
    title_lines = max((_wrap(text).count("\n") + 1 for text in titles or ()), default=0)
    heading = 0.16 * title_lines * (1 if names else lines) + (0.3 if title else 0)
    width = columns * (cell + 0.06) + (1.7 if names else 0)
    fig = Picture(
        figsize=(width, lines * height + heading + below + 0.1), dpi=DPI, layout="constrained"
    )
    fig.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0.02, hspace=0.02)
    widths = [1] * columns + ([0.08 * CELL_INCHES / cell] if names else [])
    axes = fig.subplots(lines, len(widths), squeeze=False, width_ratios=widths)
    for ax in axes.flat:
        ax.set_xticks([])
        ax.set_yticks([])
        ax.set_frame_on(False)
    if title:
        fig.suptitle(title, fontsize=10)
    return fig, axes


def _wrap(text: str) -> str:
    """Short lines; line breaks of the caller stay."""
    return "\n".join(textwrap.fill(line, 16) for line in str(text).split("\n"))
