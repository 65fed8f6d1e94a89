"""Losses that are functions of the scores alone: `loss(scores (N, C)) -> (N,)`, one per image.

They are small objects rather than lambdas, so that they can be printed, compared by name and sent
to another process. `y` is one class index for all images or a `(N,)` tensor with one per image.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["ClassScore", "CrossEntropy", "Entropy", "Lead", "LogProbability", "Margin"]


def _pick(scores: Tensor, y: int | Tensor) -> Tensor:
    """The entry of class `y` in each row: (N, C) -> (N,)."""
    y = torch.as_tensor(y, device=scores.device)
    return scores.gather(1, y.expand(len(scores)).unsqueeze(1)).squeeze(1)


@dataclass(frozen=True, eq=False)
class ClassScore:
    """The unnormalised score of class `y`."""

    y: int | Tensor

    def __call__(self, scores: Tensor) -> Tensor:
        """Values (N,) of scores (N, C)."""
        return _pick(scores, self.y)


@dataclass(frozen=True, eq=False)
class LogProbability:
    """The logarithm of the softmax probability of class `y`."""

    y: int | Tensor

    def __call__(self, scores: Tensor) -> Tensor:
        """Values (N,) of scores (N, C)."""
        return _pick(scores.log_softmax(dim=1), self.y)


@dataclass(frozen=True, eq=False)
class CrossEntropy:
    """The training loss of class `y`: minus the logarithm of its probability."""

    y: int | Tensor

    def __call__(self, scores: Tensor) -> Tensor:
        """Values (N,) of scores (N, C)."""
        return -_pick(scores.log_softmax(dim=1), self.y)


@dataclass(frozen=True, eq=False)
class Margin:
    """The score of class `y` minus the score of class `other`."""

    y: int | Tensor
    other: int | Tensor

    def __call__(self, scores: Tensor) -> Tensor:
        """Values (N,) of scores (N, C)."""
        return _pick(scores, self.y) - _pick(scores, self.other)


@dataclass(frozen=True, eq=False)
class Lead:
    """The score of class `y` minus the highest score of the others."""

    y: int | Tensor

    def __call__(self, scores: Tensor) -> Tensor:
        """Values (N,) of scores (N, C)."""
        y = torch.as_tensor(self.y, device=scores.device).expand(len(scores))
        others = scores.scatter(1, y.unsqueeze(1), -torch.inf)
        return _pick(scores, y) - others.amax(dim=1)


@dataclass(frozen=True, eq=False)
class Entropy:
    """The entropy of the softmax probabilities in nats: 0 when certain, log(C) when undecided."""

    def __call__(self, scores: Tensor) -> Tensor:
        """Values (N,) of scores (N, C)."""
        log_p = scores.log_softmax(dim=1)
        return -(log_p.exp() * log_p).sum(dim=1)
