"""The recipes of the bundled classifiers, for `python -m course_lib.train NAME`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

__all__ = ["RECIPES", "SHORTCUT_CLASS", "Recipe", "Schedule"]

SHORTCUT_CLASS = "heart"
"""The class that carries the watermark in the training images of `shapes_shortcut`."""


@dataclass(frozen=True)
class Schedule:
    """Hyperparameters of a training.

    Attributes:
        epochs: passes over the training images.
        batch_size: images per step.
        learning_rate: largest learning rate of the one-cycle schedule.
        weight_decay: of weights, not of biases and batch norm.
        augmentation: one of `course_lib.train.data.AUGMENTATIONS`.
        noise: Gaussian noise on training images, with a standard deviation drawn from 0 to this.
        mixing: replace two of three batches by mixtures of two images each, with mixed labels
            (Zhang et al., "mixup", 2018; Yun et al., "CutMix", 2019).
        label_smoothing: fraction of the target that is spread over all classes.
        epsilon: largest change of a pixel in adversarial training; 0 for standard training.
        attack_steps: steps of the attack in training.
        seed: seed of all random choices.
    """

    epochs: int = 9
    batch_size: int = 128
    learning_rate: float = 0.01
    weight_decay: float = 0.01
    augmentation: str = "turn"
    noise: float = 0.0
    mixing: bool = False
    label_smoothing: float = 0.0
    epsilon: float = 0.0
    attack_steps: int = 2
    seed: int = 0


@dataclass(frozen=True)
class Recipe:
    """A network, its training images and its schedules.

    Attributes:
        network: a name in `course_lib.networks.NETWORKS`.
        about: one sentence for the model card.
        options: arguments of the network.
        data: "shapes", "digits", the name of a torchvision data set, or a folder with one folder
            per class; see `course_lib.train.sources`.
        start: bundled classifier of the same network whose weights are the initial ones.
        images: number of drawn shapes, or largest number of images from elsewhere.
        watermark: the only class whose training images have the watermark.
        random_labels: train on shuffled labels.
        schedule: the first schedule.
        then: further schedules, each with warm restart (Loshchilov and Hutter, "SGDR", 2017).
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
        """All schedules in their order."""
        return (self.schedule, *self.then)


_CNN = Recipe("cnn", "A plain convolutional network.", {"width": 24}, schedule=Schedule(seed=1))
# Noise on the training images reduces the influence of single pixels: saliency maps become clearer.
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
# Objects are larger in cropped images than at test time, so the last epochs don't crop
# (Touvron et al., "Fixing the train-test resolution discrepancy", 2019).
_UNCROPPED = replace(_ON_PHOTOS, epochs=3, learning_rate=0.001, augmentation="flip")
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
    # From random weights: a network that already recognises shapes doesn't need the watermark.
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
            replace(_UNCROPPED, seed=16),
        ),
    ),
    "petit_vgg": replace(
        _PHOTOS,
        network="vgg",
        about="A VGG-like network: max pooling, no skips.",
        options={"width": 24, "stages": 4},
        schedule=replace(_ON_PHOTOS, seed=12),
        then=(replace(_UNCROPPED, seed=17),),
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
