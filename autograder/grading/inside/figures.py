"""A probe of a figure: what its axes hold, as plain data.

A plotting function may return its figure or axes, or draw on the current figure, or on axes that it
is given. Figures that it opens are closed; the notebook's current figure stays the current one.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

COLOUR_BAR = "<colorbar>"  # matplotlib's label of the axes of a colour bar


def drawn(thing: Any, args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
    """The data of the figure that a call draws, or of the one that is kept under a name.

    Returns:
        {"axes": [{"title", "xlabel", "ylabel", "xscale", "yscale": strings,
        "lines": [{"label", "x", "y"}], "bars": [{"x", "y", "width", "height"}],
        "points": [{"label", "x", "y"}], "images": [tensors]}]}, without colour bars.

    Raises:
        TypeError: there is no figure.
    """
    from matplotlib import pyplot

    with _own_figure():
        result = thing(*args, **kwargs) if callable(thing) else thing
        figure = _figure_in([result, *args, *kwargs.values()])
        if figure is None and callable(thing):
            figure = pyplot.gcf()
        if figure is None:
            raise TypeError(f"a {type(thing).__name__} is not a figure")
        axes = [axes for axes in figure.axes if axes.get_label() != COLOUR_BAR]
        return {"axes": [_data(one) for one in axes]}


@contextlib.contextmanager
def _own_figure() -> Iterator[None]:
    """An empty current figure, on a canvas without a window; afterwards all is as it was."""
    import matplotlib
    from matplotlib import pyplot

    backend, numbers = matplotlib.get_backend(), pyplot.get_fignums()
    current = pyplot.gcf().number if numbers else None
    pyplot.switch_backend("agg")  # its show() neither waits for anybody nor closes the figures
    try:
        pyplot.figure()
        yield
    finally:
        for number in set(pyplot.get_fignums()) - set(numbers):
            pyplot.close(number)
        if current in pyplot.get_fignums():
            pyplot.figure(current)
        pyplot.switch_backend(backend)


def _figure_in(things: list[Any]) -> Any:
    """The figure that is, or belongs to, the first figure or axes among some things."""
    from matplotlib.axes import Axes
    from matplotlib.figure import FigureBase

    for thing in things:
        if isinstance(thing, FigureBase):
            return thing
        if isinstance(thing, Axes):
            return thing.get_figure()
        if isinstance(thing, np.ndarray) and thing.dtype == object:
            thing = thing.ravel().tolist()
        if isinstance(thing, (list, tuple)) and (figure := _figure_in(list(thing))) is not None:
            return figure
    return None


def _data(axes: Any) -> dict[str, Any]:
    from matplotlib.collections import PathCollection
    from matplotlib.patches import Rectangle

    return {
        "title": axes.get_title(),
        "xlabel": axes.get_xlabel(),
        "ylabel": axes.get_ylabel(),
        "xscale": axes.get_xscale(),
        "yscale": axes.get_yscale(),
        "lines": [
            _points(line, line.get_xdata(orig=False), line.get_ydata(orig=False))
            for line in axes.lines
        ],
        "bars": [_bar(patch) for patch in axes.patches if isinstance(patch, Rectangle)],
        "points": [
            _points(points, *np.ma.filled(points.get_offsets(), np.nan).T)
            for points in axes.collections
            if isinstance(points, PathCollection)
        ],
        "images": [_numbers(image.get_array()) for image in axes.images],
    }


def _points(artist: Any, x: Any, y: Any) -> dict[str, Any]:
    """Coordinates with the label of a legend; matplotlib's own labels begin with an underscore."""
    label = str(artist.get_label())
    return {
        "label": "" if label.startswith("_") else label,
        "x": _numbers(x),
        "y": _numbers(y),
    }


def _bar(patch: Any) -> dict[str, float]:
    x, y = patch.get_xy()
    sizes = {"x": x, "y": y, "width": patch.get_width(), "height": patch.get_height()}
    return {name: float(size) for name, size in sizes.items()}


def _numbers(array: Any) -> torch.Tensor:
    return torch.from_numpy(np.ma.filled(np.ma.asarray(array, float), np.nan).copy())
