"""Runs beside the student's code: known steps, a callback, and probes that make several calls."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from autograder.grading.inside import probes
from autograder.grading.inside.spy import Spy


class KnownStep(Spy):
    """A step that changes the image in a known way, different at each call and each pixel.

    Args:
        returns: what a call returns: "img", the image it changed; "nothing"; "another" image.

    Attributes:
        calls: {"img", "score", "target_y", "l2_reg", "learning_rate"}; the image before the step.
    """

    def __init__(self, returns: str = "img") -> None:
        super().__init__()
        self.returns = returns

    def __call__(
        self, img: Tensor, model: nn.Module, target_y: int, l2_reg: float, learning_rate: float
    ) -> Tensor | None:
        changed = self.result(img.detach(), len(self.calls), l2_reg, learning_rate)
        self.calls.append(
            {
                "img": img.detach().clone(),
                "score": model(img.detach())[0, target_y].detach(),
                "target_y": int(target_y),
                "l2_reg": float(l2_reg),
                "learning_rate": float(learning_rate),
            }
        )
        img.detach().copy_(changed)
        return {"img": img, "nothing": None, "another": torch.zeros_like(img)}[self.returns]

    @staticmethod
    def result(img: Tensor, call: int, l2_reg: float, learning_rate: float) -> Tensor:
        """The image (1, 3, H, W) after call 0, 1, ...; it may leave [0, 1]."""
        place = torch.arange(1, img.numel() + 1, dtype=img.dtype, device=img.device)
        pattern = torch.sin(place * (1.7 + 0.31 * call)).view_as(img)
        return (1 - 2 * l2_reg) * img + learning_rate * pattern


class ClimbingStep(Spy):
    """A step along the score's gradient: it needs autograd to be on, and returns nothing."""

    def __call__(
        self, img: Tensor, model: nn.Module, target_y: int, l2_reg: float, learning_rate: float
    ) -> None:
        pixels = img.detach().clone().requires_grad_()
        (gradient,) = torch.autograd.grad(model(pixels)[0, target_y], pixels)
        img.detach().add_(learning_rate * gradient / gradient.norm() - 2 * l2_reg * pixels.detach())


class Film(Spy):
    """A callback that records {"step", "image"} of each call."""

    def __call__(self, step: int, image: Tensor) -> None:
        self.calls.append({"step": int(step), "image": image.detach().clone()})


@dataclass(frozen=True)
class Repeated:
    """A probe: the arguments after several calls with the same ones, as `probes.changes` has them.

    Attributes:
        times: number of calls.
    """

    times: int

    def __call__(self, function: Callable, args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
        for _ in range(self.times - 1):
            function(*args, **kwargs)
        return probes.changes(function, args, kwargs)


@dataclass(frozen=True)
class WithSeeds:
    """A probe: one call for each seed, with arguments that are alike otherwise.

    Returns [{"value": the returned value, "steps": the calls of its step_fn}, ...].

    Attributes:
        seeds: one for each call.
    """

    seeds: tuple[int, ...]

    def __call__(
        self, function: Callable, args: tuple, kwargs: dict[str, Any]
    ) -> list[dict[str, Any]]:
        runs = []
        for seed in self.seeds:
            own_args, own_kwargs = copy.deepcopy((args, kwargs))
            value = function(*own_args, **{**own_kwargs, "seed": seed})
            runs.append({"value": value, "steps": own_kwargs["step_fn"].calls})
        return runs
