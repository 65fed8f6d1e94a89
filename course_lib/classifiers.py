"""Classifiers: the bundled ones, your own, and torchvision's ImageNet classifiers.

All of them are `Classifier`s: they map pixels in [0, 1] to unnormalised scores.
"""

from __future__ import annotations

import difflib
import importlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save
from torch import Tensor, nn

from course_lib.errors import ClassifierNotAvailable
from course_lib.layers import feature_map_layers, fixed_size, with_token_maps, without_token_maps
from course_lib.networks import NETWORKS, Normalize

__all__ = [
    "Classifier",
    "ClassifierNotAvailable",
    "channels_of",
    "list_classifiers",
    "load_classifier",
    "model_card",
    "save_classifier",
]

WEIGHTS = Path(__file__).parent / "weights"


TRAINED = Path("classifiers")
"""Where `python -m course_lib.train` writes: in the current folder or in one above it."""


class Classifier(nn.Module):
    """A network with its normalisation inside: images (N, 3, H, W) in [0, 1] -> scores (N, C).

    A network for grey images gets the mean of the three channels, and a vision transformer, which
    takes a single size, images of that size.

    Args:
        network: maps normalised images to scores. That of a vision or Swin transformer is copied,
            with the same parameters, so that its tokens can be seen as maps (`layers`).
        class_names: names of the C classes.
        mean: mean of each channel, which the normalisation subtracts; by default 0.5 for each.
        std: standard deviation of each channel, by which it divides; by default 0.25 for each.
        size: height and width of the images that it was trained on; None if unknown.
    """

    def __init__(
        self,
        network: nn.Module,
        class_names: Sequence[str],
        mean: Sequence[float] | None = None,
        std: Sequence[float] | None = None,
        size: int | None = None,
    ) -> None:
        super().__init__()
        channels = channels_of(network)
        self.normalize = Normalize(mean or [0.5] * channels, std or [0.25] * channels)
        self.network = with_token_maps(network)
        self.class_names = tuple(class_names)
        self.size = size or fixed_size(network)

    def forward(self, x: Tensor) -> Tensor:
        """Scores (N, C) of images (N, 3, H, W) in [0, 1]."""
        size = fixed_size(self.network)
        if size is not None and x.shape[-2:] != (size, size):
            x = nn.functional.interpolate(x, (size, size), mode="bilinear", antialias=True)
        return self.network(self.normalize(x))

    def layers(self) -> dict[str, nn.Module]:
        """The modules that put out feature maps (N, K, h, w), first to last, by name.

        Raises:
            NotApplicable: the network has none.
        """
        return feature_map_layers(self.network)


def channels_of(model: nn.Module) -> int:
    """The number of channels of the images that a model takes: 1 or 3."""
    if isinstance(model, Classifier):
        return 3
    first = next((m for m in model.modules() if isinstance(m, nn.Conv2d)), None)
    return 1 if first is not None and first.in_channels == 1 else 3


def list_classifiers() -> tuple[str, ...]:
    """Names of the classifiers that come with the course and need no download."""
    return tuple(sorted(path.stem for path in WEIGHTS.glob("*.safetensors")))


def model_card(name: str) -> dict[str, Any]:
    """Card of a bundled classifier: classes, accuracy, size, training."""
    card: dict[str, Any] = json.loads((WEIGHTS / f"{name}.json").read_text(encoding="utf-8"))
    return card


def load_classifier(name: str = "shapes_cnn", device: str | torch.device = "cpu") -> Classifier:
    """Load a trained classifier, in eval mode and with frozen parameters.

    Args:
        name: one of `list_classifiers()`, a classifier of your own from the folder `classifiers`,
            the path of its `.safetensors` file, or a torchvision ImageNet classifier
            ("squeezenet1_1").
        device: where to put it.

    Raises:
        ClassifierNotAvailable: there is no such classifier, or its weights can't be downloaded.
    """
    if name in list_classifiers():
        classifier = _load_file(WEIGHTS / f"{name}.safetensors")
    elif str(name).endswith(".safetensors"):
        classifier = _load_file(Path(name))
    elif (own := _trained_here(name)) is not None:
        classifier = _load_file(own)
    else:
        classifier = _load_torchvision(name)
    return classifier.eval().requires_grad_(False).to(device)


def save_classifier(classifier: Classifier, path: Path, card: dict[str, Any]) -> None:
    """Write weights in half precision to `path`, and the card beside it as JSON.

    Args:
        classifier: the classifier to save.
        path: the `.safetensors` file.
        card: at least "network" and "options", from which `load_classifier` builds the network.
            A network of your own is named "MODULE:CLASS", for example "pets:PetNet" for the class
            `PetNet` in `pets.py`; it is called with the number of classes and the options.
    """
    state = {
        key: value.half().contiguous()
        for key, value in without_token_maps(classifier.network).state_dict().items()
        if value.is_floating_point()  # not batch norm's counters of batches
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(save(state))  # save_file would make it readable to its owner only
    norm = classifier.normalize
    card = {
        **card,
        "class_names": list(classifier.class_names),
        "mean": [round(v, 6) for v in norm.mean.flatten().tolist()],
        "std": [round(v, 6) for v in norm.std.flatten().tolist()],
        "size": classifier.size,
        "parameters": sum(p.numel() for p in classifier.parameters()),
    }
    path.with_suffix(".json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


def _load_file(path: Path) -> Classifier:
    try:
        card = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        state = load_file(path)
    except FileNotFoundError as error:
        raise ClassifierNotAvailable(
            f"there is no file {error.filename or path}: `python -m course_lib.train` writes the "
            "weights and a .json of the same name beside them"
        ) from None
    kind = _network_class(card["network"], path)
    network = kind(len(card["class_names"]), **card["options"])
    # Batch norm's counters of batches are not saved.
    fresh = {k: v for k, v in network.state_dict().items() if k.endswith("num_batches_tracked")}
    try:
        network.load_state_dict({**fresh, **{key: value.float() for key, value in state.items()}})
    except RuntimeError as error:
        raise ClassifierNotAvailable(f"{path} does not fit the card beside it: {error}") from None
    return Classifier(network, card["class_names"], card["mean"], card["std"], card.get("size"))


def _trained_here(name: str) -> Path | None:
    """The file of a classifier of your own; None if there is none of that name."""
    here = Path.cwd()
    files = (folder / TRAINED / f"{name}.safetensors" for folder in (here, *here.parents))
    return next((file for file in files if file.exists()), None)


def _network_class(name: str, path: Path) -> type[nn.Module]:
    """A network's class by the name on its card: one of the course's, or MODULE:CLASS."""
    if name in NETWORKS:
        return NETWORKS[name]
    module, _, class_name = name.partition(":")
    beside = [str(Path.cwd()), str(path.parent.resolve())]
    before = list(sys.path)
    sys.path[:0] = beside
    try:
        found = getattr(importlib.import_module(module), class_name, None)
    except ImportError as error:
        raise ClassifierNotAvailable(
            f"the card beside {path} names the network {name!r}, but {error}: put {module}.py "
            "beside your notebook"
        ) from None
    finally:
        sys.path[:] = before
    if not (isinstance(found, type) and issubclass(found, nn.Module)):  # the card may be anybody's
        raise ClassifierNotAvailable(
            f"the card beside {path} names the network {name!r}, which is neither one of "
            f"{', '.join(NETWORKS)} nor MODULE:CLASS with a torch module"
        )
    return found


def _load_torchvision(name: str) -> Classifier:
    from torchvision import models  # slower to import than torch

    known = models.list_models(module=models)
    if name not in known:
        near = difflib.get_close_matches(name, [*list_classifiers(), *known], n=3)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        raise ClassifierNotAvailable(
            f"there is no classifier {name!r}: {hint}Bundled: {', '.join(list_classifiers())}; "
            "any classifier of torchvision.models.list_models() works too, and your own ones in "
            f"the folder {str(TRAINED)!r}"
        )
    network, weights = _cached_or_downloaded(name)
    transform = weights.transforms()
    (size,) = transform.crop_size
    return Classifier(network, weights.meta["categories"], transform.mean, transform.std, size)


def _cached_or_downloaded(name: str) -> tuple[nn.Module, Any]:
    """The newest weights in the cache, else download the default ones."""
    from torchvision import models

    choices = models.get_model_weights(name)
    cache = Path(torch.hub.get_dir()) / "checkpoints"
    cached = [w for w in choices if (cache / Path(w.url).name).exists()]
    weights = choices.DEFAULT if choices.DEFAULT in cached or not cached else cached[-1]
    try:
        return models.get_model(name, weights=weights), weights
    except (OSError, RuntimeError) as error:
        raise ClassifierNotAvailable(
            f"the weights of {name} are not in {cache} ({Path(weights.url).name}), and fetching "
            f"them failed ({type(error).__name__}); without a network use a bundled classifier, "
            f"for example load_classifier('shapes_resnet')"
        ) from None
