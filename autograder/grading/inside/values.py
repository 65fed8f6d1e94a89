"""Probes of what a notebook keeps under a name: values that an experiment computed, and texts."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import torch


def kept(thing: Any, args: tuple, kwargs: dict[str, Any]) -> Any:
    """The value under a name, in one form; of a function without arguments, what it returns."""
    return in_one_form(_of(thing))


def text(thing: Any, args: tuple, kwargs: dict[str, Any]) -> Any:
    """The text under a name; of a function without arguments, what it returns.

    A notebook's text is in a Markdown cell, which no kernel knows: `KernelStudent` reads it there.
    """
    return _of(thing)


def in_one_form(value: Any) -> Any:
    """The same data, whichever library holds it.

    Arrays, tensors, and lists or tuples of numbers become float64 tensors, single numbers become
    Python's, other sequences lists, and pandas' tables dicts of columns.
    """
    if isinstance(value, (torch.Tensor, np.ndarray, np.generic)):
        return _array(value)
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        value = value.to_dict("list")
    if isinstance(value, dict):
        return {key: in_one_form(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return _sequence([in_one_form(item) for item in value])
    return value


def _of(thing: Any) -> Any:
    return thing() if inspect.isfunction(thing) else thing


def _array(value: torch.Tensor | np.ndarray | np.generic) -> Any:
    if value.ndim == 0:
        return value.item()
    if isinstance(value, torch.Tensor):
        return value.detach() if value.is_complex() else value.detach().double()
    return torch.from_numpy(value.astype(float)) if value.dtype.kind in "biuf" else value.tolist()


def _sequence(items: list[Any]) -> Any:
    if items and all(isinstance(item, (int, float)) for item in items):
        return torch.tensor(items, dtype=torch.float64)
    shapes = {item.shape if isinstance(item, torch.Tensor) else None for item in items}
    return torch.stack(items) if len(shapes) == 1 and None not in shapes else items
