"""How well maps find objects, as means with 95 % confidence intervals, beside their baselines."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import NamedTuple

import torch.nn.functional as F
from matplotlib.figure import Figure
from torch import Tensor

from course_lib.figures import DPI, Picture

__all__ = ["Estimate", "estimate", "hits", "lead", "print_scores", "show_scores"]

Z = 1.96  # of a normal distribution, 95 % lie within so many standard deviations


class Estimate(NamedTuple):
    """A mean over images and the ends of its 95 % confidence interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.0%} ({self.low:.0%} to {self.high:.0%})"


def hits(maps: Tensor, masks: Tensor, within: int = 0) -> Tensor:
    """Whether the maximum of each map lies on its object, (N,) bool: the pointing game.

    Zhang et al., "Top-down Neural Attention by Excitation Backprop", 2016.

    Args:
        maps: (N, H, W).
        masks: (N, H, W) bool.
        within: tolerance in pixels.
    """
    near = F.max_pool2d(masks.float().unsqueeze(1), 2 * within + 1, 1, within).flatten(1)
    return near.gather(1, maps.flatten(1).argmax(dim=1, keepdim=True)).squeeze(1).bool()


def estimate(values: Tensor) -> Estimate:
    """Mean of N values with its confidence interval.

    Wilson's interval for hits and misses (bool), which is right for few and for all hits; for
    numbers the normal approximation.
    """
    n, mean = len(values), values.double().mean().item()
    if not values.is_floating_point():
        middle = (mean + Z**2 / (2 * n)) / (1 + Z**2 / n)
        half = Z * math.sqrt(mean * (1 - mean) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
        return Estimate(mean, middle - half, middle + half)
    half = Z * values.double().std().item() / math.sqrt(n)
    return Estimate(mean, mean - half, mean + half)


def lead(values: Tensor, others: Tensor) -> Estimate:
    """Mean difference of two methods on the same images; one is clearly ahead if 0 is outside."""
    return estimate(values.double() - others.double())


def print_scores(scores: Mapping[str, Tensor], baselines: Collection[str]) -> None:
    """Print all estimates, and by how much the best method leads the best baseline.

    Args:
        scores: name of a method -> one number, or hit or miss, for each image.
        baselines: the names of those that know nothing.
    """
    for name, values in scores.items():
        print(f"{name:22}{estimate(values)!s:>20}{'  (knows nothing)' * (name in baselines)}")
    print(verdict(scores, baselines))


def verdict(scores: Mapping[str, Tensor], baselines: Collection[str]) -> str:
    """One sentence: is the best method clearly ahead of the best baseline?"""

    def mean(name: str) -> float:
        return scores[name].double().mean().item()

    method = max((name for name in scores if name not in baselines), key=mean)
    baseline = max(baselines, key=mean)
    ahead = lead(scores[method], scores[baseline])
    if ahead.low > 0:
        words = "is clearly ahead of"
    elif ahead.high < 0:
        words = "is clearly behind"
    else:
        words = "can't be told from"
    return f"{method} {words} the best baseline, {baseline}: difference {ahead}"


def show_scores(
    scores: Mapping[str, Tensor], baselines: Collection[str], *, label: str, title: str
) -> Figure:
    """Bars with confidence intervals: methods in blue, baselines in grey.

    Args:
        scores: name of a method -> one number, or hit or miss, for each image.
        baselines: the names of those that know nothing.
        label: what the scores are, for the axis.
        title: title of the figure.
    """
    fig = Picture(figsize=(1.2 + 1.15 * len(scores), 2.8), dpi=DPI, layout="constrained")
    ax = fig.subplots()
    for place, (name, values) in enumerate(scores.items()):
        mean, low, high = estimate(values)
        colour = "#9a9a9a" if name in baselines else "#33658a"
        ax.bar(place, mean, 0.7, color=colour, yerr=[[mean - low], [high - mean]], capsize=4)
        ax.text(place, high, f"{mean:.0%}", ha="center", va="bottom", fontsize=9)
    names = [name.replace(" ", "\n", 1) for name in scores]
    ax.set_xticks(range(len(scores)), names, fontsize=8)
    ax.set(ylim=(0, 1.12), ylabel=label)
    ax.set_title(f"{title} (grey: knows nothing; lines: 95 % intervals)", fontsize=9)
    return fig
