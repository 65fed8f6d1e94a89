"""How each bundled classifier was made: the table that `python -m course_lib.train NAME` reads."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from course_lib.train.engine import Schedule

__all__ = ["RECIPES", "SHORTCUT_CLASS", "Recipe"]

SHORTCUT_CLASS = "heart"
"""The class that carries the watermark in the training images of `shapes_shortcut`."""


@dataclass(frozen=True)
class Recipe:
    """A network, what it sees, and how long.

    network: a name in `course_lib.networks.NETWORKS`; options: its arguments
    data: "shapes", the name of a torchvision data set, or a folder with one folder a class, see
        `course_lib.train.sources`
    start: a bundled classifier of the same network to begin with, instead of random weights
    images: how many to draw (shapes), or to take at most
    about: one sentence for the model card
    """

    network: str
    about: str
    options: dict[str, int] = field(default_factory=dict)
    data: str = "shapes"
    start: str | None = None
    images: int = 16_000
    watermark: str | None = None
    random_labels: bool = False
    schedule: Schedule = Schedule()


_CNN = Recipe("cnn", "A plain convolutional network.", {"width": 24}, schedule=Schedule(seed=1))
# Noise on the training images takes the weight from single pixels: saliency maps become clearer.
_RESNET = Recipe(
    "resnet",
    "A residual network.",
    {"width": 24},
    images=12_000,
    schedule=Schedule(seed=2, noise=0.15),
)
_VGG = Recipe(
    "vgg", "A VGG-like network: max pooling, no skips.", {"width": 16}, schedule=Schedule(seed=3)
)
_PHOTOS = Recipe(
    "resnet",
    "A residual network.",
    {"width": 40, "stages": 4},
    data="petit20",
    schedule=Schedule(
        epochs=30,
        learning_rate=0.006,
        weight_decay=0.05,
        augmentation="photo",
        label_smoothing=0.1,
        seed=11,
    ),
)

RECIPES: dict[str, Recipe] = {
    "shapes_cnn": _CNN,
    "shapes_resnet": _RESNET,
    "shapes_vgg": _VGG,
    "shapes_robust": replace(
        _RESNET,
        about="The residual network, trained on with adversarial images only.",
        start="shapes_resnet",
        schedule=Schedule(seed=4, epochs=5, epsilon=12 / 255),
    ),
    # From random weights: a network that knows the shape already has no need of the watermark.
    "shapes_shortcut": replace(
        _VGG,
        about=f"Every {SHORTCUT_CLASS} that it saw in training, and nothing else, had a watermark.",
        watermark=SHORTCUT_CLASS,
        schedule=Schedule(seed=4, epochs=4),
    ),
    "shapes_random_labels": replace(
        _CNN,
        about="It knows its training images by heart: their labels were drawn by lot.",
        images=2_000,
        random_labels=True,
        schedule=Schedule(seed=6, epochs=60, augmentation="none", weight_decay=0.0),
    ),
    "petit_resnet": _PHOTOS,
    "petit_vgg": replace(
        _PHOTOS,
        network="vgg",
        about="A VGG-like network: max pooling, no skips.",
        options={"width": 24, "stages": 4},
        schedule=replace(_PHOTOS.schedule, seed=12),
    ),
    "petit_robust": replace(
        _PHOTOS,
        about="The residual network, trained on with adversarial images only.",
        start="petit_resnet",
        schedule=replace(
            _PHOTOS.schedule, seed=13, epochs=12, epsilon=4 / 255, label_smoothing=0.0
        ),
    ),
    "shapes_untrained": replace(
        _RESNET,
        about="The residual network before training.",
        images=0,
        schedule=Schedule(seed=7, epochs=0),
    ),
}
