"""Quantities that are differentiated by mistake, for the messages of visible checks."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

__all__ = ["WRONG_QUANTITIES"]

Quantity = Callable[[Tensor, int], Tensor]

ALL_CLASSES = (
    "this comes from the cross-entropy or the probability, which depend on the scores of all "
    "classes; differentiate the unnormalised score of the class"
)
# Sentences, and functions of the scores (1, C) of one image and of the class that is asked for.
# Divided by its norm, the gradient of the probability is that of its logarithm: one sentence.
WRONG_QUANTITIES: tuple[tuple[str, Quantity], ...] = (
    (ALL_CLASSES, lambda scores, y: -scores.log_softmax(dim=1)[0, y]),
    (ALL_CLASSES, lambda scores, y: scores.log_softmax(dim=1)[0, y]),
    (ALL_CLASSES, lambda scores, y: scores.softmax(dim=1)[0, y]),
    (
        "this comes from the score of the class that the model predicts; take the score of the "
        "class that is asked for",
        lambda scores, y: scores.max(),
    ),
    (
        "this comes from the sum of all scores; take the score of the class that is asked for",
        lambda scores, y: scores.sum(),
    ),
)
