"""What has become of the layers of a model, without a look at the values of new parameters.

The functions that take `(answer, model, n)` are views of what `probes.randomized` answers about the
call `randomize_layers(model, n)`. What they return is compared with what misconceptions give.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


def layers(model: nn.Module) -> dict[str, dict[str, Tensor]]:
    """By name, each module with parameters of its own, and those parameters by their full names."""
    own = {
        name: {
            key: parameter.detach()
            for key, parameter in module.named_parameters(prefix=name, recurse=False)
        }
        for name, module in model.named_modules()
    }
    return {name: parameters for name, parameters in own.items() if parameters}


def differing(state: dict[str, Any], before: dict[str, Tensor]) -> list[str]:
    """Names of the tensors that are not exactly what they were."""
    return [name for name, old in before.items() if not _equal(state.get(name), old)]


def new_layers(answer: dict[str, Any], model: nn.Module, n: int) -> list[int]:
    """Numbers, counted from the input, of the layers with a new parameter."""
    own = layers(model).values()
    return [k for k, before in enumerate(own, 1) if differing(answer["copy"], before)]


def describe_parameters(answer: dict[str, Any], model: nn.Module, n: int) -> dict[str, str]:
    """Of each parameter of the last n layers: "new", or in a few words why it is not."""
    parameters = {k: p for own in list(layers(model).values())[-n:] for k, p in own.items()}
    return {name: _describe(answer["copy"].get(name), old) for name, old in parameters.items()}


def changes_of_the_original(answer: dict[str, Any], model: nn.Module, n: int) -> list[str]:
    """What differs in the model that was given in evaluation mode."""
    changed = differing(answer["original"], model.state_dict())
    return changed + ["its mode"] * any(answer["original_modes"])


def other_changes_of_the_copy(answer: dict[str, Any], model: nn.Module, n: int) -> list[str]:
    """What differs in the copy besides its last n layers."""
    kept = _kept_state(model, n)
    dtype = next(iter(kept.values())).dtype
    other = [k for k, v in answer["copy"].items() if v.is_floating_point() and v.dtype != dtype]
    return [
        *(f"it is in {_mode(mode)} mode" for mode in answer["modes"] if mode != model.training),
        *(f"{name!r} has another dtype" for name in other),
        *(f"{name!r} has changed" for name in differing(answer["copy"], kept)),
        *(
            f"{name!r} is the model's own tensor, not a copy"
            for name, is_own in answer["shared"].items()
            if is_own
        ),
    ]


def _equal(new: Any, old: Tensor) -> bool:
    return isinstance(new, Tensor) and new.dtype == old.dtype and torch.equal(new.cpu(), old.cpu())


def _kept_state(model: nn.Module, n: int) -> dict[str, Tensor]:
    """What belongs to no layer that may be new: statistics of a new batch norm may be reset."""
    names = list(layers(model))
    new = names[len(names) - n :]
    return {k: v for k, v in model.state_dict().items() if k.rpartition(".")[0] not in new}


def _mode(training: bool) -> str:
    return "training" if training else "evaluation"


def _describe(new: Any, old: Tensor) -> str:
    if not isinstance(new, Tensor) or new.shape != old.shape:
        return "missing, or of another shape"
    new, old = new.cpu().double().flatten(), old.cpu().double().flatten()
    if torch.equal(new, old):
        return "as it was"
    if int((new == old).sum()) > max(1, old.numel() // 100):  # one or the other may be by chance
        return "in part as it was"
    if not new.isfinite().all():
        return "not finite"
    if torch.equal(new.abs().sort().values, old.abs().sort().values):
        return "made of the old numbers, in another order or with other signs"
    if old.numel() < 50:  # biases: zeros will do, and few numbers look like any others
        return "new"
    if new.std() == 0:
        return "the same number everywhere"
    # Chance makes correlations of 1 / sqrt(how many); seven times that it does not.
    like = min(0.7, 7 / old.numel() ** 0.5)
    values, sizes = torch.stack([new, old]), torch.stack([new.abs(), old.abs()])
    if torch.corrcoef(values)[0, 1].abs() > like or torch.corrcoef(sizes)[0, 1].abs() > like:
        return "still like the old numbers"
    if not 1e-4 < new.std() < 100:
        return "far too small or too large"
    return "new"
