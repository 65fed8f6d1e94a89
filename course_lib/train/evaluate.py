"""What a model card claims, measured: on images drawn from a seed that no training used.

`python -m course_lib.train.evaluate` prints the cards of all bundled classifiers as a table, with
every figure beside the one measured now.
"""

from __future__ import annotations

from functools import lru_cache

from torch import nn

from course_lib.classifiers import list_classifiers, load_classifier, model_card
from course_lib.samples import Samples
from course_lib.shapes import CLASS_NAMES, add_watermark, draw_shapes
from course_lib.train.data import EVALUATION_SEED, shapes_images
from course_lib.train.engine import accuracy
from course_lib.train.recipes import RECIPES, Recipe

__all__ = ["evaluate_shapes"]


def evaluate_shapes(
    classifier: nn.Module, recipe: Recipe, n: int = 2000, robust_n: int = 500
) -> dict[str, float]:
    """Shares of right answers, by name; which of them depends on what the recipe is about.

    accuracy: on `n` fresh images
    robust_accuracy: on `robust_n` of them after PGD with 20 steps at the epsilon of the training
    accuracy_without_watermark, accuracy_with_watermark: on the fresh images of the classes that
        never had it in training, before and after it was put on them
    training_accuracy: on the training images, for random labels
    """
    fresh = _fresh_images(n)
    images, labels = fresh.images, fresh.labels
    measured = {"accuracy": accuracy(classifier, images, labels)}
    if recipe.schedule.epsilon:
        measured["robust_accuracy"] = accuracy(
            classifier, images[:robust_n], labels[:robust_n], recipe.schedule.epsilon
        )
    if recipe.watermark is not None:
        others = labels != CLASS_NAMES.index(recipe.watermark)
        marked = add_watermark(images[others], EVALUATION_SEED)
        measured["accuracy_without_watermark"] = accuracy(
            classifier, images[others], labels[others]
        )
        measured["accuracy_with_watermark"] = accuracy(classifier, marked, labels[others])
    if recipe.random_labels:
        seen = shapes_images(recipe.images, recipe.schedule.seed, random_labels=True)
        measured["training_accuracy"] = accuracy(classifier, seen.images / 255, seen.labels)
    return measured


@lru_cache(maxsize=1)
def _fresh_images(n: int) -> Samples:
    """Drawn once for all classifiers; nothing here changes them."""
    return draw_shapes(n, EVALUATION_SEED)


def main() -> None:
    from rich.console import Console
    from rich.progress import track
    from rich.table import Column, Table

    table = Table(
        Column("classifier", no_wrap=True),
        "network",
        "parameters",
        "figure",
        "card",
        "measured",
        "minutes",
    )
    for name in track(list_classifiers(), "measuring", transient=True):
        card = model_card(name)
        measured = evaluate_shapes(load_classifier(name), RECIPES[name])
        for i, (figure, value) in enumerate(measured.items()):
            head = (name, card["network"], f"{card['parameters']:,}") if i == 0 else ("", "", "")
            minutes = str(card["training"]["minutes"]) if i == 0 else ""
            words = figure.replace("_", " ")
            table.add_row(*head, words, f"{card[figure]:.1%}", f"{value:.1%}", minutes)
    Console().print(table)


if __name__ == "__main__":
    main()
