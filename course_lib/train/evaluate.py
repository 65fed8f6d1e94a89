"""The accuracies on a model card, measured on images that no training used.

Its figures on attributions are measured with the reference solutions: `make evaluate`.
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
"""Function of (classifier, images, labels, largest change of a pixel): accuracy under attack."""


def evaluate_shapes(
    classifier: nn.Module,
    recipe: Recipe,
    n: int = 2000,
    robust_n: int = 500,
    under_attack: UnderAttack = accuracy,
) -> dict[str, float]:
    """Measure the accuracies of a classifier for shapes, depending on its recipe.

    Args:
        classifier: the classifier.
        recipe: how it was trained.
        n: number of fresh images.
        robust_n: number of fresh images to attack.
        under_attack: accuracy under attack; by default with our own PGD in 20 steps.

    Returns:
        By name: "accuracy" on fresh images; "robust_accuracy" when each pixel may change by 8/255,
        of trained classifiers; "accuracy_without_watermark" and "accuracy_with_watermark" on fresh
        images of the classes that had no watermark in training; "training_accuracy" for random
        labels.
    """
    fresh = _fresh_images(n)
    images, labels = fresh.images, fresh.labels
    measured = _accuracies(classifier, images, labels, recipe, robust_n, under_attack)
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
    """Measure "accuracy" and "robust_accuracy", by 4/255, on held-out images."""
    images, labels = held_out.images / 255, held_out.labels
    return _accuracies(classifier, images, labels, recipe, robust_n, under_attack)


def _accuracies(
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
    """Draw images once for all classifiers; they are never changed."""
    return draw_shapes(n, EVALUATION_SEED)
