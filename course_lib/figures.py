"""The common style of the course's pictures: sizes, colours, scales, format in notebooks."""

from __future__ import annotations

import base64
import io
import textwrap
from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator
from torch import Tensor

__all__ = [
    "MAP_COLOURS",
    "Batch",
    "Picture",
    "add_colour_bar",
    "as_batch",
    "draw",
    "is_map",
    "new_figure",
    "scale_of",
    "wrap",
]

MAP_COLOURS = "inferno"  # perceptually uniform, also for the colour-blind and in grey
CELL_INCHES = 1.05
DPI = 84

EXPECTED = "show images (N, 3, H, W), maps (N, H, W) or masks (N, H, W)"

Batch = Tensor | np.ndarray


class Picture(Figure):
    """A Figure that notebooks store as JPEG: as PNG, maps take four times the space."""

    def to_jpeg(self) -> bytes:
        """Encode the figure as JPEG."""
        file = io.BytesIO()
        quality = {"quality": 80, "optimize": True}
        self.savefig(file, format="jpeg", bbox_inches="tight", pad_inches=0.05, pil_kwargs=quality)
        return file.getvalue()

    def _ipython_display_(self) -> None:
        from IPython.display import display

        jpeg = base64.b64encode(self.to_jpeg()).decode()
        display({"image/jpeg": jpeg, "text/plain": "a picture"}, raw=True)


def as_batch(batch: Batch, name: str) -> np.ndarray:
    """Convert to NumPy with channels last: (N, H, W, 3), (N, H, W) or (N, H, W) bool.

    Normalised images, which leave [0, 1] by far, are stretched to it, all of a batch alike.

    Args:
        batch: images (N, 3, H, W), maps (N, H, W) or masks (N, H, W).
        name: name of the batch in the error.

    Raises:
        ValueError: it has another shape.
    """
    array = batch.detach().cpu().numpy() if isinstance(batch, Tensor) else np.asarray(batch)
    if array.ndim == 4 and array.shape[1] in (1, 3):
        array = array[:, 0] if array.shape[1] == 1 else np.moveaxis(array, 1, -1)
    elif array.ndim != 3 and not (array.ndim == 4 and array.shape[-1] == 3):
        raise ValueError(f"{name!r} has shape {tuple(array.shape)}; {EXPECTED}")
    if array.dtype == bool:
        return array
    array = array.astype(np.float64)
    return array if is_map(array) else _within_range(array)


def _within_range(images: np.ndarray) -> np.ndarray:
    lowest, highest = images.min(initial=0), images.max(initial=1)
    if lowest > -0.5 and highest < 1.5:  # changed images leave [0, 1] by less
        return images
    return (images - lowest) / (highest - lowest)


def is_map(batch: np.ndarray) -> bool:
    """True for maps (N, H, W), False for images and masks."""
    return batch.ndim == 3 and batch.dtype != bool


def scale_of(batch: np.ndarray) -> tuple[float, float] | None:
    """Range of a colour scale: from 0 or the minimum to the 99.5th percentile; None for images."""
    if not is_map(batch):
        return None
    finite = batch[np.isfinite(batch)]
    lowest = float(finite.min(initial=0))
    highest = float(np.quantile(finite, 0.995)) if finite.size else 0.0
    if highest <= lowest:
        highest = float(finite.max(initial=lowest))
    return lowest, highest if highest > lowest else lowest + 1


def add_colour_bar(fig: Figure, drawn: AxesImage, ax: Axes, batch: np.ndarray) -> None:
    """Draw the colour bar of `drawn` into `ax`, with an arrow if values of the batch exceed it."""
    _, highest = drawn.get_clim()
    exceeded = highest is not None and np.nan_to_num(batch).max() > highest
    extend = "max" if exceeded else "neither"
    bar = fig.colorbar(drawn, cax=ax, ticks=MaxNLocator(3), extend=extend)
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=7)


def draw(ax: Axes, picture: np.ndarray, scale: tuple[float, float] | None) -> AxesImage:
    """Show an image (H, W, 3), a mask (H, W) bool or, on a scale, a map (H, W), without axes."""
    ax.set_xticks([])
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_visible(False)
    # The pixels of small pictures stay visible; large pictures are averaged, not subsampled.
    smooth = "nearest" if max(picture.shape[:2]) <= 96 else "antialiased"
    if picture.ndim == 3:
        return ax.imshow(picture.clip(0, 1), interpolation=smooth)
    if picture.dtype == bool:
        return ax.imshow(picture, cmap="gray", vmin=0, vmax=1, interpolation=smooth)
    lowest, highest = scale or (None, None)
    return ax.imshow(picture, cmap=MAP_COLOURS, vmin=lowest, vmax=highest, interpolation=smooth)


def new_figure(
    lines: int,
    columns: int,
    shape: Sequence[int],
    titles: Iterable[str] | None = None,
    title: str | None = None,
    *,
    names: bool = False,
    bars: bool = False,
    below: float = 0.0,
) -> tuple[Figure, np.ndarray]:
    """Make a figure with axes (lines, columns) for pictures of one shape.

    Args:
        lines: rows of pictures.
        columns: pictures in a row.
        shape: (N, H, W, ...), the shape of a batch of pictures.
        titles: titles of the pictures, for which room is left.
        title: title of the figure.
        names: leave room on the left for the names of rows, and add a narrow column for their
            colour bars.
        bars: add a narrow column for a colour bar after each picture instead.
        below: height of a legend in inches.
    """
    cell = CELL_INCHES * max(1.0, min(1.8, 6 / columns))
    height = cell * shape[1] / shape[2] + 0.06
    title_lines = max((wrap(text).count("\n") + 1 for text in titles or ()), default=0)
    heading = 0.18 * title_lines * (1 if names else lines) + (0.34 if title else 0)
    width = columns * (cell + (0.5 if bars else 0.06)) + (1.7 if names else 0)
    fig = Picture(figsize=(width, lines * height + heading + below + 0.1), dpi=DPI)
    # Titles of several lines need some room below the figure's own title.
    room = 0.06 if title and title_lines > 1 else 0.02
    layout = ConstrainedLayoutEngine(w_pad=0.02, h_pad=room, wspace=0.02, hspace=0.02)
    fig.set_layout_engine(layout)
    narrow = [0.08 * CELL_INCHES / cell]
    widths = ([1] + narrow) * columns if bars else [1] * columns + (narrow if names else [])
    axes = fig.subplots(lines, len(widths), squeeze=False, width_ratios=widths)
    for ax in axes.flat:
        ax.set_xticks([])
        ax.set_yticks([])
        ax.set_frame_on(False)
    if title:
        fig.suptitle(title, fontsize=10)
    return fig, axes


def wrap(text: str) -> str:
    """Break a title into short lines; its own line breaks stay."""
    return "\n".join(textwrap.fill(line, 16) for line in str(text).split("\n"))
