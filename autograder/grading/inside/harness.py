"""Calls one function of the student's and writes its answer to a file. Runs in the jail.

Nothing here is secret, and nothing that it reports is believed unless the values prove it: the
student's code lives in the same process and could change any of this.
"""

from __future__ import annotations

import contextlib
import os
import traceback
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from . import values, wire

MAX_TEXT = 2_000
MISSING = object()  # takes the place of what no cell defined


def call(function: Any, arguments_file: str, answer_file: str, device: str) -> None:
    """Call `function` on the arguments in one file and write the answer to the other."""
    # A notebook may have moved to a folder and removed it: torch asks where it is, and would fail.
    os.chdir(Path(answer_file).parent)
    result = answer(function, Path(arguments_file).read_bytes(), device)
    unfinished = Path(answer_file + ".unfinished")
    unfinished.write_bytes(wire.dump_answer(result))
    os.replace(unfinished, answer_file)


def answer(function: Any, arguments: bytes, device: str) -> dict[str, Any]:
    """The result of one call: a value with its side effects, an error, or that nothing is there.

    Args:
        function: what the notebook keeps under the name that is asked for; MISSING for nothing.
    """
    if function is MISSING:
        return {"missing": True}
    try:
        args, kwargs, probe = wire.load_arguments(arguments, device)
    except Exception as error:  # whatever the classes' own modules raise when they are imported
        return {"not_loaded": _describe(error)}
    if function is None and probe is not values.kept:
        return {"missing": True}
    before = _observe(args)
    try:
        with open(os.devnull, "w") as null, _quiet(null), _usual_settings():
            value = probe(function, args, kwargs)
    except KeyboardInterrupt:  # the trusted side ran out of patience and must see the call end
        raise
    except BaseException as error:
        return {"error": _describe(error)}
    return {"value": value, "side_effects": _side_effects(args, before)}


@contextlib.contextmanager
def _quiet(null: Any) -> Iterator[None]:
    """Discard what a function prints while it is checked."""
    with contextlib.redirect_stdout(null), contextlib.redirect_stderr(null):
        yield


@contextlib.contextmanager
def _usual_settings() -> Iterator[None]:
    """Gradients on and warnings off, whatever a demonstration has left behind."""
    strict = torch.are_deterministic_algorithms_enabled()
    warns = torch.is_deterministic_algorithms_warn_only_enabled()
    if strict:  # on a GPU it forbids what right answers need; to switch it imports torch._inductor
        torch.use_deterministic_algorithms(False)
    # Ten bits of a number are too few to tell right from wrong.
    torch.backends.cudnn.allow_tf32 = False
    try:
        with torch.inference_mode(False), torch.enable_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        if strict:
            torch.use_deterministic_algorithms(True, warn_only=warns)


def _describe(error: BaseException) -> dict[str, Any]:
    frames = [
        f"line {frame.lineno} in {frame.name}: {frame.line or ''}".strip()
        for frame in traceback.extract_tb(error.__traceback__)
        if "ipykernel" in frame.filename or frame.filename.startswith("<")
    ]
    return {
        "type": type(error).__name__[:MAX_TEXT],
        "message": str(error)[:MAX_TEXT],
        "where": frames[-1][:MAX_TEXT] if frames else "",
    }


def _observe(args: tuple) -> list[Any]:
    """The values of tensors and the state of models, which show side effects."""
    return [
        arg.detach().clone()
        if isinstance(arg, torch.Tensor)
        else _state(arg)
        if isinstance(arg, torch.nn.Module)
        else None
        for arg in args
    ]


def _state(model: torch.nn.Module) -> tuple:
    modules = list(model.modules())
    return (
        [module.training for module in modules],
        [
            len(m._forward_hooks) + len(m._forward_pre_hooks) + len(m._backward_hooks)
            for m in modules
        ],
        [parameter.requires_grad for parameter in model.parameters()],
        [tensor.detach().clone() for tensor in model.state_dict().values()],
    )


def _side_effects(args: tuple, before: list[Any]) -> list[str]:
    found = []
    for arg, old in zip(args, before):
        if isinstance(arg, torch.Tensor):
            if not _same(arg.detach(), old):
                found.append("input_changed")
            if arg.grad is not None:
                found.append("input_keeps_gradient")
        elif isinstance(arg, torch.nn.Module):
            modes, hooks, frozen, values = old
            new_modes, new_hooks, new_frozen, new_values = _state(arg)
            if modes != new_modes:
                found.append("model_mode_changed")
            if hooks != new_hooks:
                found.append("hooks_left")
            if frozen != new_frozen:
                found.append("requires_grad_changed")
            if len(values) != len(new_values) or not all(map(_same, values, new_values)):
                found.append("model_values_changed")
    return found


def _same(one: torch.Tensor, other: torch.Tensor) -> bool:
    return one.dtype == other.dtype and torch.equal(one, other)
