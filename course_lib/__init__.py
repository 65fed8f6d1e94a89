"""Images, classifiers, numeric gradients, losses, plots and checks for the notebooks.

Importing the package costs little more than torch: everything else is imported at its first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_SOURCES = {
    "classifiers": (
        "Classifier",
        "ClassifierNotAvailable",
        "list_classifiers",
        "load_classifier",
        "model_card",
    ),
    "families": ("sample_images",),
    "gradients": ("numeric_gradient",),
    "image_sources": ("dataset_images", "folder_images", "images_at"),
    "localize": ("graph_cut", "iou", "share_inside"),
    "losses": ("ClassScore", "CrossEntropy", "Entropy", "LogProbability", "Margin"),
    "networks": ("Normalize", "ResNet", "ResidualBlock", "SmallCNN", "SmallVGG"),
    "plots": ("show_grid", "show_images", "show_maps", "show_outlines", "show_overlays"),
    "samples": ("Samples",),
    "shapes": ("draw_shapes",),
}
_MODULE_OF = {name: module for module, names in _SOURCES.items() for name in names}

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
