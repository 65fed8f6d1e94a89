"""Classifiers: the bundled ones, your own, and torchvision's ImageNet classifiers.

All of them are `Classifier`s: they map pixels in [0, 1] to unnormalised scores.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save
from torch import Tensor, nn

from course_lib.networks import NETWORKS, Normalize

__all__ = [
    "Classifier",
    "ClassifierNotAvailable",
    "list_classifiers",
    "load_classifier",
    "model_card",
    "save_classifier",
]

WEIGHTS = Path(__file__).parent / "weights"


class ClassifierNotAvailable(RuntimeError):
    """The name is unknown, or the weights are not here and can't be downloaded."""


class Classifier(nn.Module):
    """A network with its normalisation inside: images (N, 3, H, W) in [0, 1] -> scores (N, C).

    Args:
        network: maps normalised images to scores.
        class_names: names of the C classes.
        mean: mean of each channel, which the normalisation subtracts.
        std: standard deviation of each channel, by which it divides.
    """

    def __init__(
        self,
        network: nn.Module,
        class_names: Sequence[str],
        mean: Sequence[float] = (0.5, 0.5, 0.5),
        std: Sequence[float] = (0.25, 0.25, 0.25),
    ) -> None:
        super().__init__()
        self.normalize = Normalize(mean, std)
        self.network = network
        self.class_names = tuple(class_names)

    def forward(self, x: Tensor) -> Tensor:
        """Scores (N, C) of images (N, 3, H, W) in [0, 1]."""
        return self.network(self.normalize(x))

    def layers(self) -> dict[str, nn.Module]:
        """The modules with feature maps, first to last, by name: the layers for Grad-CAM."""
        found: dict[str, nn.Module] = {}
        for name, module in self.network.named_children():
            if name == "features" and isinstance(module, nn.Sequential):
                found.update({f"features.{i}": child for i, child in module.named_children()})
            elif not any(isinstance(m, _HEAD) for m in (module, *module.children())):
                found[name] = module
        return found


_HEAD = (nn.Linear, nn.Flatten, nn.AdaptiveAvgPool2d, nn.Dropout)
"""Modules after the feature maps. Pooling deeper inside a stage belongs to its blocks."""


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
        name: one of `list_classifiers()`, a torchvision ImageNet classifier ("squeezenet1_1"), or
            the path of a `.safetensors` file written by `python -m course_lib.train`.
        device: where to put it.

    Raises:
        ClassifierNotAvailable: there is no such classifier, or its weights can't be downloaded.
    """
    if name in list_classifiers():
        classifier = _load_file(WEIGHTS / f"{name}.safetensors")
    elif str(name).endswith(".safetensors"):
        classifier = _load_file(Path(name))
    else:
        classifier = _load_torchvision(name)
    return classifier.eval().requires_grad_(False).to(device)


def save_classifier(classifier: Classifier, path: Path, card: dict[str, Any]) -> None:
    """Write weights in half precision to `path`, and the card beside it as JSON.

    Args:
        classifier: the classifier to save.
        path: the `.safetensors` file.
        card: at least "network" and "options", from which `load_classifier` builds the network.
    """
    state = {
        key: value.half().contiguous()
        for key, value in classifier.network.state_dict().items()
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
    network = NETWORKS[card["network"]](len(card["class_names"]), **card["options"])
    # Batch norm's counters of batches are not saved.
    fresh = {k: v for k, v in network.state_dict().items() if k.endswith("num_batches_tracked")}
    try:
        network.load_state_dict({**fresh, **{key: value.float() for key, value in state.items()}})
    except RuntimeError as error:
        raise ClassifierNotAvailable(f"{path} does not fit the card beside it: {error}") from None
    return Classifier(network, card["class_names"], card["mean"], card["std"])


def _load_torchvision(name: str) -> Classifier:
    from torchvision import models  # slower to import than torch

    known = models.list_models(module=models)
    if name not in known:
        near = difflib.get_close_matches(name, [*list_classifiers(), *known], n=3)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        raise ClassifierNotAvailable(
            f"there is no classifier {name!r}: {hint}Bundled: {', '.join(list_classifiers())}; "
            "any classifier of torchvision.models.list_models() works too"
        )
    network, weights = _cached_or_downloaded(name)
    transform = weights.transforms()
    return Classifier(network, weights.meta["categories"], transform.mean, transform.std)


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
