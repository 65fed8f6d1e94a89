"""Style transfer, apart from its losses: features, an image optimiser, and the loop.

Gatys, Ecker, Bethge: "Image Style Transfer Using Convolutional Neural Networks", CVPR 2016
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import torch
import torch.nn.functional as F
from matplotlib.figure import Figure
from torch import Tensor, nn
from tqdm.auto import tqdm

from course_lib.classifiers import Classifier
from course_lib.figures import DPI, Picture

__all__ = [
    "Losses",
    "Painting",
    "Recipe",
    "extract_features",
    "feature_layers",
    "paint",
    "show_losses",
    "suggest_recipe",
    "transfer_style",
]

PIXELS = "pixels"  # the normalised image, the input of the first layer


@dataclass(frozen=True)
class Losses:
    """The four functions of the exercise."""

    content_loss: Callable[..., Tensor]
    gram_matrix: Callable[..., Tensor]
    style_loss: Callable[..., Tensor]
    tv_loss: Callable[..., Tensor]


@dataclass(frozen=True)
class Recipe:
    """The layers of a style transfer, and the weights of its terms.

    Weights have units that depend neither on the model nor on the sizes.

    Attributes:
        content_layer: the layer of the content loss, a name in `feature_layers(model)`.
        style_layers: the layers of the style loss.
        content: weight of the content loss; its unit is the loss of the style image.
        style: weight of the style loss, shared by its layers; its unit is the loss of the content
            image.
        smooth: weight of the total variation; its unit is that of the content image.
    """

    content_layer: str
    style_layers: Sequence[str]
    content: float = 0.1
    style: float = 1.0
    smooth: float = 0.05

    def but(self, **changed: Any) -> Recipe:
        """The recipe with other values: `recipe.but(style=3)`."""
        return replace(self, **changed)


@dataclass(frozen=True)
class Painting:
    """A painted image.

    Attributes:
        image: (1, 3, H, W).
        history: term of the objective -> its value before each step.
    """

    image: Tensor
    history: dict[str, list[float]]


class _LastLayerReached(Exception):
    """Ends a forward pass after the last layer that is needed."""


def feature_layers(model: Classifier) -> dict[str, nn.Module]:
    """The layers with features for style transfer, first to last, by name.

    These are the normalised pixels and the layers of `model.layers()`, with the blocks of a
    sequential stage one by one.
    """
    found: dict[str, nn.Module] = {PIXELS: model.normalize}
    for name, layer in model.layers().items():
        blocks = list(layer.named_children()) if isinstance(layer, nn.Sequential) else []
        found.update({f"{name}.{number}": block for number, block in blocks} or {name: layer})
    return found


def extract_features(images: Tensor, model: Classifier, last: str | None = None) -> list[Tensor]:
    """Outputs of the `feature_layers` of a model, in their order.

    Args:
        images: (N, 3, H, W).
        model: the classifier.
        last: name of the last layer; the forward pass ends there.

    Raises:
        ValueError: there is no such layer.
    """
    layers = feature_layers(model)
    names = list(layers)
    if last is not None:
        names = names[: _index(names, last) + 1]
    features: dict[str, Tensor] = {}

    def keep(name: str) -> Callable[[nn.Module, tuple, Tensor], Tensor]:
        def hook(module: nn.Module, inputs: tuple, output: Tensor) -> Tensor:
            features[name] = output
            if output.requires_grad:
                # On the CPU, batch norm's backward gives wrong results for one image when the
                # incoming gradient is not contiguous, such as einsum's (torch 2.15).
                output.register_hook(Tensor.contiguous)
            if name == names[-1]:
                raise _LastLayerReached
            return output.clone()  # a following in-place ReLU writes into the copy

        return hook

    handles = [layers[name].register_forward_hook(keep(name)) for name in names]
    try:
        with suppress(_LastLayerReached):
            model(images)
    finally:
        for handle in handles:
            handle.remove()
    return [features[name] for name in names]


def suggest_recipe(model: Classifier) -> Recipe:
    """A recipe that gives good pictures with this architecture; a guess for unknown ones."""
    names = list(feature_layers(model))
    tried = TRIED.get(type(getattr(model, "network", None)).__name__)
    if tried is not None and {tried.content_layer, *tried.style_layers} <= set(names):
        return tried
    early = names[: 1 + 2 * len(names) // 3]  # the last third encodes classes rather than strokes
    style_layers = [early[round(i * (len(early) - 1) / 4)] for i in range(5)]
    return Recipe(early[len(early) // 2], tuple(dict.fromkeys(style_layers)))


TRIED: dict[str, Recipe] = {
    "ResNet": Recipe("stage2.1", (PIXELS, "stem.2", "stage1.0", "stage2.1")),
    "SmallCNN": Recipe("stage2.1", (PIXELS, "stem.2", "stage1.2", "stage2.0", "stage2.1")),
    "SmallVGG": Recipe("stage2.1", (PIXELS, "stem.0", "stage1.0", "stage1.1", "stage2.1")),
    "SqueezeNet": Recipe(
        "features.3",
        (PIXELS, "features.1", "features.4", "features.6", "features.7"),
        content=0.08,
        smooth=0.08,
    ),
}


def paint(
    start: Tensor,
    objective: Callable[[Tensor], dict[str, Tensor]],
    *,
    steps: int = 100,
    learning_rate: float = 0.05,
    callback: Callable[[int, Tensor], None] | None = None,
) -> Painting:
    """Minimise the sum of the terms of an objective over the pixels of an image.

    Args:
        start: initial image (1, 3, H, W); it is not changed.
        objective: image -> {name of a term: its weighted value}.
        steps: number of steps.
        learning_rate: of Adam, in units of brightness; it falls to a tenth towards the end.
        callback: called after each step with its number and the image.
    """
    image = start.detach().clone().requires_grad_()
    optimiser = torch.optim.Adam([image], lr=learning_rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps, learning_rate / 10)
    history: dict[str, list[float]] = {}
    for step in tqdm(range(steps), desc="painting", leave=False):
        terms = {name: term.sum() for name, term in objective(image).items()}  # () or (1,)
        for name, term in terms.items():
            history.setdefault(name, []).append(term.item())
        total = sum(terms.values(), torch.zeros(()))
        (image.grad,) = torch.autograd.grad(total, image)
        optimiser.step()
        schedule.step()
        with torch.no_grad():
            image.clamp_(0, 1)
        if callback is not None:
            callback(step, image.detach())
    return Painting(image.detach(), history)


def transfer_style(
    content_image: Tensor,
    style_image: Tensor,
    model: Classifier,
    losses: Losses,
    recipe: Recipe,
    *,
    start: Tensor | None = None,
    steps: int = 100,
    learning_rate: float = 0.05,
    callback: Callable[[int, Tensor], None] | None = None,
) -> Painting:
    """Paint one image in the style of another (Gatys et al., 2016).

    Args:
        content_image: (1, 3, H, W).
        style_image: (1, 3, h, w), of any size.
        model: the classifier whose features are compared.
        losses: the functions of the exercise.
        recipe: layers and weights.
        start: initial image; the content image when None.
        steps: see `paint`.
        learning_rate: see `paint`.
        callback: see `paint`.

    Raises:
        ValueError: the recipe names a layer that the model doesn't have.
    """
    names = list(feature_layers(model))
    content_index = _index(names, recipe.content_layer)
    style_indices = [_index(names, name) for name in recipe.style_layers]
    last = names[max(content_index, *style_indices)]

    def features(image: Tensor) -> list[Tensor]:
        return extract_features(image, model, last)

    with torch.no_grad():
        photograph = features(content_image)
        original = photograph[content_index]
        style_features = features(style_image)
        targets = [losses.gram_matrix(style_features[i]) for i in style_indices]
        other = F.interpolate(style_image, content_image.shape[-2:], mode="bilinear")
        content_unit = losses.content_loss(1.0, features(other)[content_index], original)
        style_units = [
            losses.style_loss(photograph, [i], [target], [1.0])
            for i, target in zip(style_indices, targets, strict=True)
        ]
        smooth_unit = losses.tv_loss(content_image, 1.0)
    content_weight = recipe.content / _positive(content_unit)
    style_weights = [recipe.style / len(style_units) / _positive(unit) for unit in style_units]
    smooth_weight = recipe.smooth / _positive(smooth_unit)

    def objective(image: Tensor) -> dict[str, Tensor]:
        now = features(image)
        return {
            "content": losses.content_loss(content_weight, now[content_index], original),
            "style": losses.style_loss(now, style_indices, targets, style_weights),
            "smoothness": losses.tv_loss(image, smooth_weight),
        }

    start = content_image if start is None else start
    return paint(start, objective, steps=steps, learning_rate=learning_rate, callback=callback)


def show_losses(histories: Mapping[str, Mapping[str, Sequence[float]]]) -> Figure:
    """Plot the terms of several paintings over the steps: title -> history."""
    fig = Picture(figsize=(3 * len(histories) + 1, 2.6), dpi=DPI, layout="constrained")
    axes = fig.subplots(1, len(histories), sharey=True, squeeze=False)[0]
    for (title, history), ax in zip(histories.items(), axes, strict=True):
        for name, values in history.items():
            # The content loss starts at exactly 0, which a logarithmic axis can't show.
            ax.semilogy([value if value > 0 else float("nan") for value in values], label=name)
        ax.set_title(title, fontsize=9)
        ax.set_xlabel("step", fontsize=8)
        ax.tick_params(labelsize=7)
        ax.grid(alpha=0.3)
    axes[0].set_ylabel("weighted loss", fontsize=8)
    handles, labels = axes[0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside right center", fontsize=8, frameon=False)
    return fig


def _index(names: Sequence[str], name: str) -> int:
    if name not in names:
        raise ValueError(f"there is no layer {name!r}; there are: {', '.join(names)}")
    return list(names).index(name)


def _positive(unit: Tensor | float) -> float:
    """A unit to divide by; for two equal pictures, or a flat one, it would be 0."""
    return max(float(unit), 1e-12)
