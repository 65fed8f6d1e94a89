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
    then: schedules with which training goes on, each from a high learning rate again (Loshchilov and
        Hutter, "SGDR", 2017)
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
    then: tuple[Schedule, ...] = ()

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        return (self.schedule, *self.then)


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
_ON_PHOTOS = Schedule(
    epochs=28,
    learning_rate=0.006,
    weight_decay=0.05,
    augmentation="photo",
    label_smoothing=0.1,
    mixing=True,
)
# In cropped images objects are larger than in those to be recognised: the last epochs see them as
# they are (Touvron et al., "Fixing the train-test resolution discrepancy", 2019).
_AS_THEY_ARE = replace(_ON_PHOTOS, epochs=3, learning_rate=0.001, augmentation="flip")
_PHOTOS = Recipe(
    "resnet", "A residual network.", {"width": 40, "stages": 4}, data="petit20", images=10_000
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
    "petit_resnet": replace(
        _PHOTOS,
        schedule=replace(_ON_PHOTOS, epochs=30, mixing=False, seed=11),
        then=(
            replace(_ON_PHOTOS, epochs=16, learning_rate=0.004, seed=14),
            replace(_ON_PHOTOS, epochs=14, learning_rate=0.004, seed=15),
            replace(_AS_THEY_ARE, seed=16),
        ),
    ),
    "petit_vgg": replace(
        _PHOTOS,
        network="vgg",
        about="A VGG-like network: max pooling, no skips.",
        options={"width": 24, "stages": 4},
        schedule=replace(_ON_PHOTOS, seed=12),
        then=(replace(_AS_THEY_ARE, seed=17),),
    ),
    "petit_robust": replace(
        _PHOTOS,
        about="The residual network, trained on with adversarial images only.",
        start="petit_resnet",
        schedule=replace(
            _ON_PHOTOS,
            epochs=10,
            learning_rate=0.004,
            label_smoothing=0.0,
            mixing=False,
            epsilon=4 / 255,
            seed=13,
        ),
    ),
    "shapes_untrained": replace(
        _RESNET,
        about="The residual network before training.",
        images=0,
        schedule=Schedule(seed=7, epochs=0),
    ),
}
