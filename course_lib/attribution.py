"""Attribution methods in one form, `method(X, y, model) -> maps (N, H, W)`, and two baselines.

The methods are captum's. A baseline ignores the model, or even the image: a method has to differ
from it.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

import torch
from captum.attr import GuidedBackprop, LayerGradCam, Saliency
from torch import Tensor, nn

from course_lib.classifiers import Classifier
from course_lib.errors import NotApplicable

__all__ = [
    "METHODS",
    "edge_map",
    "grad_cam_map",
    "gradient_map",
    "gradient_times_input_map",
    "guided_backprop_map",
    "methods_for",
    "noise_map",
    "only_relus",
]

_NO_RELUS = (
    nn.ELU,
    nn.GELU,
    nn.Hardswish,
    nn.LeakyReLU,
    nn.Mish,
    nn.ReLU6,
    nn.SiLU,
    nn.Tanh,
)

Method = Callable[[Tensor, Tensor, Any], Tensor]
Model = TypeVar("Model", bound=nn.Module)


def gradient_map(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """Maximum of |d s_y / d X| over the channels (Simonyan et al., "Deep Inside ...", 2013)."""
    return _gradient(X, y, model).abs().amax(dim=1)


def gradient_times_input_map(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """|sum over channels of X times d s_y / d X| (Shrikumar et al., "Not Just a Black Box", 2016).

    Pixels count from medium grey, so that dark ones contribute as well as bright ones.
    """
    return ((X - 0.5) * _gradient(X, y, model)).sum(dim=1).abs()


def guided_backprop_map(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """Sum over channels of |guided gradient| (Springenberg et al., "Striving for ...", 2015).

    Raises:
        NotApplicable: the activations of the model are not ReLUs.
    """
    only_relus(model)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Setting backward hooks")  # at every call
        guided = GuidedBackprop(_without_in_place(model)).attribute(_leaf(X), target=y)
    return guided.detach().contiguous().abs().sum(dim=1)


def grad_cam_map(X: Tensor, y: Tensor, model: Classifier) -> Tensor:
    """Grad-CAM at the model's last layer with feature maps (Selvaraju et al., 2017).

    Args:
        X: images (N, 3, H, W).
        y: class indices (N,).
        model: a `course_lib.Classifier`; its `layers()` names that layer.
    """
    classifier = _without_in_place(model)
    layer = list(classifier.layers().values())[-1]
    coarse = LayerGradCam(classifier, layer).attribute(_leaf(X), target=y, relu_attributions=True)
    maps = nn.functional.interpolate(coarse.detach(), X.shape[-2:], mode="bilinear")
    return maps.squeeze(1).contiguous()


def edge_map(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """Baseline that ignores the model: the gradient of the grey values (Sobel filter)."""
    grey = nn.functional.pad(X.mean(dim=1, keepdim=True), (1, 1, 1, 1), mode="replicate")
    across = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]).to(X)
    kernels = torch.stack([across, across.T]).unsqueeze(1)  # (2, 1, 3, 3)
    return nn.functional.conv2d(grey, kernels).norm(dim=1)


def noise_map(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """Baseline that ignores model and image: new random numbers at each call."""
    return torch.rand_like(X[:, 0])


METHODS: dict[str, Method] = {
    "gradient": gradient_map,
    "gradient x input": gradient_times_input_map,
    "guided backprop": guided_backprop_map,
    "Grad-CAM": grad_cam_map,
    "edge detector": edge_map,
    "noise": noise_map,
}


def only_relus(model: nn.Module) -> None:
    """Require that the activations of a model are ReLUs, as guided backpropagation does.

    Raises:
        NotApplicable: it has others, or no ReLU that is a module.
    """
    others = {type(m).__name__ for m in model.modules() if isinstance(m, _NO_RELUS)}
    if others or not any(isinstance(m, nn.ReLU) for m in model.modules()):
        name = type(getattr(model, "network", model)).__name__
        found = ", ".join(sorted(others)) or "functions"
        raise NotApplicable(
            "guided backpropagation does not apply to this model: it changes what ReLU modules "
            f"pass back, and the activations of {name} are others ({found}); saliency maps and "
            "Grad-CAM apply"
        )


def methods_for(model: nn.Module) -> dict[str, Method]:
    """The `METHODS` that apply to a model; for each that doesn't, a sentence is printed."""
    methods = dict(METHODS)
    requirements: dict[str, Callable[[], object]] = {
        "guided backprop": lambda: only_relus(model),
        "Grad-CAM": getattr(model, "layers", lambda: None),
    }
    for name, required in requirements.items():
        try:
            required()
        except NotApplicable as sentence:
            print(sentence)
            del methods[name]
    return methods


def _leaf(X: Tensor) -> Tensor:
    return X.detach().clone().requires_grad_()


def _gradient(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """The gradient d s_y / d X, (N, 3, H, W)."""
    return Saliency(model).attribute(_leaf(X), target=y, abs=False).detach().contiguous()


def _without_in_place(model: Model) -> Model:
    """Copy of a model without in-place activations, which captum's hooks don't support."""
    model = copy.deepcopy(model)
    for module in model.modules():
        if isinstance(module, (nn.ReLU, nn.ReLU6, nn.SiLU, nn.Hardswish)):
            module.inplace = False
    return model
