"""What a model card says of a classifier's answers, measured on images that no training used.

What it says of explanations is measured with the reference solutions: `make evaluate`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from torch import Tensor, nn

from course_lib.samples import Samples
from course_lib.shapes import CLASS_NAMES, add_watermark, draw_shapes
from course_lib.train.data import EVALUATION_SEED, TrainingImages, shapes_images
from course_lib.train.engine import accuracy
from course_lib.train.recipes import Recipe

__all__ = ["UnderAttack", "evaluate_on", "evaluate_shapes"]

UnderAttack = Callable[[nn.Module, Tensor, Tensor, float], float]
"""The share of images still classified right when an attack may move each pixel by so much: called
with the classifier, the images, their labels and the largest change."""


def evaluate_shapes(
    classifier: nn.Module,
    recipe: Recipe,
    n: int = 2000,
    robust_n: int = 500,
    under_attack: UnderAttack = accuracy,
) -> dict[str, float]:
    """Shares of right answers, by name; which of them depends on what the recipe is about.

    accuracy: on `n` fresh images
    robust_accuracy: on `robust_n` of them when each pixel may be moved by 8/255, for whatever was
        trained; `under_attack` attacks, by default our own PGD with 20 steps
    accuracy_without_watermark, accuracy_with_watermark: on the fresh images of the classes that
        never had it in training, before and after it was put on them
    training_accuracy: on the training images, for random labels
    """
    fresh = _fresh_images(n)
    images, labels = fresh.images, fresh.labels
    measured = _answers(classifier, images, labels, recipe, robust_n, under_attack)
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


def evaluate_on(
    classifier: nn.Module,
    recipe: Recipe,
    held_out: TrainingImages,
    robust_n: int = 500,
    under_attack: UnderAttack = accuracy,
) -> dict[str, float]:
    """accuracy and robust_accuracy on other data, photographs say: by 4/255."""
    images, labels = held_out.images / 255, held_out.labels
    return _answers(classifier, images, labels, recipe, robust_n, under_attack)


def _answers(
    classifier: nn.Module,
    images: Tensor,
    labels: Tensor,
    recipe: Recipe,
    robust_n: int,
    under_attack: UnderAttack,
) -> dict[str, float]:
    measured = {"accuracy": accuracy(classifier, images, labels)}
    if recipe.schedule.epochs:
        epsilon = (8 if recipe.data == "shapes" else 4) / 255
        attacked, y = images[:robust_n], labels[:robust_n]
        measured["robust_accuracy"] = under_attack(classifier, attacked, y, epsilon)
    return measured


@lru_cache(maxsize=1)
def _fresh_images(n: int) -> Samples:
    """Drawn once for all classifiers; nothing here changes them."""
    return draw_shapes(n, EVALUATION_SEED)
