"""The layers of a network whose outputs are feature maps (N, K, h, w), in any architecture.

Vision and Swin transformers compute with tokens (Dosovitskiy et al., "An Image is Worth 16x16
Words", 2021; Liu et al., "Swin Transformer", 2021). In their networks `with_token_maps` adds places
where the tokens pass as maps, so that hooks, Grad-CAM and style losses see maps as anywhere else.
"""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn

from course_lib.errors import NotApplicable

__all__ = ["feature_map_layers", "fixed_size", "with_token_maps", "without_token_maps"]

_AFTER = (nn.Linear, nn.Flatten, nn.AdaptiveAvgPool2d, nn.Dropout)
"""Modules that follow the feature maps. Pooling deeper inside a stage belongs to its blocks."""

_BODIES = {"features", "layers", "trunk_output"}
"""Names of sequential modules that hold all stages; any `nn.ModuleList` holds stages, too."""


class GridTokens(nn.Module):
    """A block of a Swin transformer, whose tokens (N, h, w, K) pass `maps` as (N, K, h, w)."""

    def __init__(self, block: nn.Module) -> None:
        super().__init__()
        self.block = block
        self.maps = nn.Identity()

    def forward(self, tokens: Tensor) -> Tensor:
        """What the block puts out."""
        return self.maps(self.block(tokens).permute(0, 3, 1, 2)).permute(0, 2, 3, 1)


class RowOfTokens(nn.Module):
    """A block of a vision transformer, with 1 class token and h * w tokens of patches.

    Those of the patches (N, h * w, K) pass `maps` as (N, K, h, w), a square.
    """

    def __init__(self, block: nn.Module) -> None:
        super().__init__()
        self.block = block
        self.maps = nn.Identity()

    def forward(self, tokens: Tensor) -> Tensor:
        """What the block puts out."""
        tokens = self.block(tokens)
        patches = tokens[:, 1:].transpose(1, 2)  # (N, K, h * w)
        side = round(patches.shape[-1] ** 0.5)
        patches = self.maps(patches.unflatten(2, (side, side))).flatten(2)
        first = tokens[:, :1].expand(len(patches), -1, -1)  # a hook may make a batch of one image
        return torch.cat([first, patches.transpose(1, 2)], dim=1)


def with_token_maps(network: nn.Module) -> nn.Module:
    """A transformer of torchvision with maps in it, on the same parameters; any other as it is."""
    swin, vision = (_is(network, kind) for kind in ("SwinTransformer", "VisionTransformer"))
    if not (swin or vision):
        return network
    network = _on_the_same_tensors(network)
    if swin:
        _wrap(network.get_submodule("features"), GridTokens)
    else:
        _wrap(network.get_submodule("encoder.layers"), RowOfTokens)
    return network


def without_token_maps(network: nn.Module) -> nn.Module:
    """The network that `with_token_maps` was given, whose state has torchvision's own names."""
    network = _on_the_same_tensors(network)
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, (GridTokens, RowOfTokens)):
                setattr(module, name, child.block)
    return network


def feature_map_layers(network: nn.Module) -> dict[str, nn.Module]:
    """The modules that put out feature maps (N, K, h, w) for the scores, first to last, by name.

    Raises:
        NotApplicable: there are none.
    """
    found = _visit(network, "")
    if _is(network, "VisionTransformer"):
        # The scores read the class token only: after the last block, no patch counts.
        found.popitem()
    if not found:
        raise NotApplicable(
            f"{type(network).__name__} has no layer that puts out feature maps (N, K, h, w): "
            "Grad-CAM and maps of layers do not apply to it, saliency maps do"
        )
    return found


def fixed_size(network: nn.Module) -> int | None:
    """Height and width of the only images that a transformer of torchvision takes, else None."""
    if _is(network, "VisionTransformer"):
        size: Any = network.image_size
        return int(size)
    if _is(network, "MaxVit"):
        first: Any = network.get_submodule("blocks.0")
        return 4 * int(first.grid_size[0])  # the stem and the block halve the resolution
    return None


def _is(network: nn.Module, kind: str) -> bool:
    """Whether a network is of a class of torchvision, which would be slow to import."""
    return kind in (base.__name__ for base in type(network).__mro__)


def _on_the_same_tensors(network: nn.Module) -> nn.Module:
    """A copy with modules of its own and the parameters and buffers of the original."""
    shared = {id(t): t for t in (*network.parameters(), *network.buffers())}
    return copy.deepcopy(network, memo=shared)


def _wrap(blocks: nn.Module, wrapper: type[GridTokens | RowOfTokens]) -> None:
    for name, block in list(blocks.named_children()):
        setattr(blocks, name, wrapper(block))


def _visit(parent: nn.Module, prefix: str) -> dict[str, nn.Module]:
    found: dict[str, nn.Module] = {}
    for name, module in parent.named_children():
        if isinstance(module, (GridTokens, RowOfTokens)):
            found[prefix + name] = module.maps
        elif _holds_stages(name, module):
            found |= _visit(module, f"{prefix}{name}.")
        elif type(module) is nn.LayerNorm:  # of tokens; its subclass LayerNorm2d is one of maps
            continue
        elif not any(isinstance(m, _AFTER) for m in (module, *module.children())):
            found[prefix + name] = module
    return found


def _holds_stages(name: str, module: nn.Module) -> bool:
    if isinstance(module, nn.Sequential):
        return name in _BODIES
    return isinstance(module, nn.ModuleList) or type(module).__name__ == "Encoder"
