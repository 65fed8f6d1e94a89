"""What a model card says of a classifier's answers, measured on images that no training used.

What it says of explanations is measured with the reference solutions: `make evaluate`.
"""

from __future__ import annotations

from functools import lru_cache

from torch import Tensor, nn

from course_lib.samples import Samples
from course_lib.shapes import CLASS_NAMES, add_watermark, draw_shapes
from course_lib.train.data import EVALUATION_SEED, TrainingImages, shapes_images
from course_lib.train.engine import accuracy
from course_lib.train.recipes import Recipe

__all__ = ["ROBUST_N", "attack_size", "evaluate_on", "evaluate_shapes"]

ROBUST_N = 500  # images that are attacked


def attack_size(recipe: Recipe) -> float:
    """The largest change of a pixel in attacks: 8/255 on drawn images, 4/255 on photographs."""
    return (8 if recipe.data == "shapes" else 4) / 255


def evaluate_shapes(
    classifier: nn.Module, recipe: Recipe, n: int = 2000, robust_n: int = ROBUST_N
) -> dict[str, float]:
    """Shares of right answers, by name; which of them depends on what the recipe is about.

    accuracy: on `n` fresh images
    robust_accuracy: on `robust_n` of them after PGD with 20 steps, if it was trained to withstand
    accuracy_without_watermark, accuracy_with_watermark: on the fresh images of the classes that
        never had it in training, before and after it was put on them
    training_accuracy: on the training images, for random labels
    """
    fresh = _fresh_images(n)
    images, labels = fresh.images, fresh.labels
    measured = _answers(classifier, images, labels, recipe, robust_n)
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
    classifier: nn.Module, recipe: Recipe, held_out: TrainingImages, robust_n: int = ROBUST_N
) -> dict[str, float]:
    """The same for other data: accuracy, and robust_accuracy after adversarial training."""
    return _answers(classifier, held_out.images / 255, held_out.labels, recipe, robust_n)


def _answers(
    classifier: nn.Module, images: Tensor, labels: Tensor, recipe: Recipe, robust_n: int
) -> dict[str, float]:
    measured = {"accuracy": accuracy(classifier, images, labels)}
    if recipe.schedule.epsilon:
        attacked, y = images[:robust_n], labels[:robust_n]
        measured["robust_accuracy"] = accuracy(classifier, attacked, y, attack_size(recipe))
    return measured


@lru_cache(maxsize=1)
def _fresh_images(n: int) -> Samples:
    """Drawn once for all classifiers; nothing here changes them."""
    return draw_shapes(n, EVALUATION_SEED)
