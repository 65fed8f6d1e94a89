"""Pictures, tables and models for the notebook on fooling images."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from course_lib.figures import Picture
from course_lib.plots import show_grid, show_images

__all__ = ["Demanding", "difference_picture", "random_signs", "show_fooling", "show_table"]


def difference_picture(X: Tensor, X_fooling: Tensor, magnified: float = 1) -> Tensor:
    """The change as pictures (N, 3, H, W): grey where there is none, clipped to [0, 1]."""
    return (0.5 + magnified * (X_fooling - X).detach()).clamp(0, 1)


def show_fooling(
    X: Tensor,
    X_fooling: Tensor,
    titles: Sequence[str] | None = None,
    *,
    magnified: float = 10,
    title: str | None = None,
) -> Figure:
    """Show images, changed images, their difference, and the difference magnified, in N columns.

    The four pictures of a single image lie side by side.

    Args:
        X: images (N, 3, H, W).
        X_fooling: changed images (N, 3, H, W); whether they fool a model is for the titles to say.
        titles: N titles of the columns.
        magnified: factor of the magnified difference.
        title: title of the figure.
    """
    rows = {
        "image": X,
        "changed image": X_fooling,
        "difference": difference_picture(X, X_fooling),
        f"difference\ntimes {magnified:g}": difference_picture(X, X_fooling, magnified),
    }
    if len(X) == 1:  # side by side, four pictures are easier to compare
        names = list(rows)
        names[0] += f"\n{titles[0]}" if titles else ""
        return show_images(torch.cat(list(rows.values())), names, title=title)
    return show_grid(rows, titles, title=title)


def show_table(
    shares: Tensor,
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    row_label: str = "",
    column_label: str = "",
    title: str | None = None,
) -> Figure:
    """Show a table of fractions in per cent; the larger a fraction, the darker its cell.

    Args:
        shares: fractions from 0 to 1, (rows, columns).
        rows: names of the rows.
        columns: names of the columns.
        row_label: label of all rows.
        column_label: label of all columns.
        title: title of the figure.

    Raises:
        ValueError: the shares are not (rows, columns).
    """
    shares = torch.as_tensor(shares).detach().cpu().double()
    if tuple(shares.shape) != (len(rows), len(columns)):
        raise ValueError(
            f"{len(rows)} rows and {len(columns)} columns need shares of that shape, but the shape "
            f"of these is {tuple(shares.shape)}"
        )
    fig = Picture(
        figsize=(2.2 + 1.3 * len(columns), 1.1 + 0.5 * len(rows)), dpi=84, layout="constrained"
    )
    ax = fig.subplots()
    ax.imshow(shares.numpy(), cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for i, row in enumerate(shares.tolist()):
        for j, share in enumerate(row):
            colour = "white" if share > 0.55 else "black"
            ax.text(j, i, f"{share:.0%}", ha="center", va="center", color=colour, fontsize=10)
    ax.set_xticks(range(len(columns)), columns, fontsize=9)
    ax.set_yticks(range(len(rows)), rows, fontsize=9)
    ax.tick_params(length=0)
    ax.set_xlabel(column_label, fontsize=9)
    ax.set_ylabel(row_label, fontsize=9)
    if title:
        fig.suptitle(title, fontsize=10)
    return fig


def random_signs(X: Tensor, seed: int = 0) -> Tensor:
    """Random signs, +1 or -1 for each pixel of X; the same seed gives the same ones."""
    generator = torch.Generator().manual_seed(seed)
    signs = torch.randint(2, X.shape, generator=generator) * 2 - 1
    return signs.to(X)


class Demanding(nn.Module):
    """A classifier that predicts class `y` only when its score leads by `lead`.

    Its scores are those of `model`, with `lead` subtracted from the score of class `y`.
    """

    def __init__(self, model: nn.Module, y: int, lead: float) -> None:
        super().__init__()
        self.model, self.y, self.lead = model, y, lead

    def forward(self, x: Tensor) -> Tensor:
        """Scores (N, C) of images (N, 3, H, W)."""
        scores = self.model(x)
        handicap = torch.zeros_like(scores)
        handicap[:, self.y] = self.lead
        return scores - handicap
