"""What a model card claims, measured: on images drawn from a seed that no training used."""

from __future__ import annotations

import torch
from torch import nn

from course_lib.shapes import CLASS_NAMES, add_watermark, draw_shapes
from course_lib.train.data import EVALUATION_SEED, shapes_images
from course_lib.train.engine import accuracy
from course_lib.train.recipes import Recipe

__all__ = ["evaluate_shapes"]


def evaluate_shapes(
    classifier: nn.Module, recipe: Recipe, n: int = 2000, robust_n: int = 500
) -> dict[str, float]:
    """Shares of right answers, by name; which of them depends on what the recipe is about.

    accuracy: on `n` fresh images
    robust_accuracy: on `robust_n` of them after PGD with 20 steps at the epsilon of the training
    accuracy_with_watermark: on those of other classes, after the watermark was put on them
    training_accuracy: on the training images, for random labels
    """
    fresh = draw_shapes(n, EVALUATION_SEED)
    images, labels = fresh.images, fresh.labels
    measured = {"accuracy": accuracy(classifier, images, labels)}
    if recipe.schedule.epsilon:
        measured["robust_accuracy"] = accuracy(
            classifier, images[:robust_n], labels[:robust_n], recipe.schedule.epsilon
        )
    if recipe.watermark is not None:
        others = labels != CLASS_NAMES.index(recipe.watermark)
        marked = add_watermark(images[others], EVALUATION_SEED)
        measured["accuracy_with_watermark"] = accuracy(classifier, marked, labels[others])
    if recipe.random_labels:
        seen = shapes_images(recipe.images, recipe.schedule.seed, random_labels=True)
        measured["training_accuracy"] = accuracy(classifier, seen.images / 255, seen.labels)
    return measured
