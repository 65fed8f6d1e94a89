"""The test doubles of a wrong `gram_matrix` and `content_loss`, for another call of `style_loss`."""

from __future__ import annotations

from torch import Tensor


def sums_of_means(features: Tensor, normalize: bool = True) -> Tensor:
    """(N, C, C), symmetric, with its gradient, and another one where it is not normalised."""
    means = features.flatten(2).mean(dim=2)  # (N, C)
    sums = means[:, :, None] + means[:, None, :]
    return sums if normalize else 7 * sums


def fourth_powers(weight: float, current: Tensor, original: Tensor) -> Tensor:
    """A distance that is another one than that of `content_loss`, whatever the argument's order."""
    return weight * (current - original).pow(4).sum()
