"""Quantities that are differentiated by mistake, for the messages of visible checks."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

__all__ = ["wrong_quantities"]

Quantity = Callable[[Tensor], Tensor]  # a function of the scores (1, C) of one image

ALL_CLASSES = (
    "this comes from the cross-entropy or the probability, which depend on the scores of all "
    "classes; differentiate the unnormalised score of the class"
)


def wrong_quantities(scores: Tensor, y: int) -> list[tuple[str, Quantity]]:
    """Sentences about quantities that are not the score of the class `y`, and the quantities.

    Args:
        scores: the scores (1, C) of an image.
        y: the class that is asked for.
    """
    predicted, classes = int(scores.argmax()), scores.shape[1]

    def score_of(k: int) -> tuple[str, Quantity]:
        named = ", which the model predicts" if k == predicted else ""
        sentence = f"this comes from the score of class {k}{named}; take that of class {y}"
        return sentence, lambda scores: scores[0, k]

    return [
        (ALL_CLASSES, lambda scores: -scores.log_softmax(dim=1)[0, y]),
        # Divided by its norm, the gradient of the probability is that of its logarithm.
        (ALL_CLASSES, lambda scores: scores.log_softmax(dim=1)[0, y]),
        (ALL_CLASSES, lambda scores: scores.softmax(dim=1)[0, y]),
        (
            f"this comes from the sum of all scores; take the score of class {y}",
            lambda scores: scores.sum(),
        ),
        *(score_of(k) for k in range(classes) if k != y),
    ]
