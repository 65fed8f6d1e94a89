"""Brings arguments into the jail and answers out of it.

Arguments may be any object, because the process that writes them is trusted: one pickle, so that
a layer stays a part of its model. Answers are data only: tensors as safetensors, the tree that
holds them as JSON; of a model, its state_dict. Nothing that leaves the jail is ever unpickled.
"""

from __future__ import annotations

import io
import json
import pickletools
import zipfile
from functools import lru_cache
from typing import Any

import numpy as np
import safetensors.torch
import torch

MAX_DEPTH = 16
MAX_NODES = 10_000
MAX_STRUCTURE = 4 * 2**20  # bytes of header, and of JSON: they take many times as much when read
PROTOCOL = (
    3  # the last one whose every name stands in a GLOBAL, and the first with Python 3's names
)
_TREE = "tree"  # name of the byte tensor that holds the JSON


class NotData(Exception):
    """An answer holds something that is not data, or could not be read as data."""


def dump_arguments(arguments: Any) -> bytes:
    """Arguments as bytes: one pickle, and the tensors' numbers beside it."""
    buffer = io.BytesIO()
    torch.save(arguments, buffer, pickle_protocol=PROTOCOL)
    return buffer.getvalue()


def names_in(data: bytes) -> frozenset[tuple[str, str]]:
    """(module, name) of the classes and functions that arguments are made of. Loads nothing."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        (pickle,) = [name for name in archive.namelist() if name.endswith("/data.pkl")]
        return _names_in_pickle(archive.read(pickle))


@lru_cache  # calls of one check differ in the tensors' numbers only, which are not in the pickle
def _names_in_pickle(pickle: bytes) -> frozenset[tuple[str, str]]:
    found = [word for code, word, _ in pickletools.genops(pickle) if code.name == "GLOBAL"]
    return frozenset((module, name) for module, _, name in (str(w).partition(" ") for w in found))


def load_arguments(data: bytes, device: str = "cpu") -> Any:
    """The arguments in bytes that the trusted process wrote; never for any others."""
    return torch.load(io.BytesIO(data), weights_only=False, map_location=device)


def dump_answer(answer: Any) -> bytes:
    """An answer as bytes. What is not data travels as the name of its type."""
    tensors: dict[str, torch.Tensor] = {}
    tree = json.dumps(_flatten(answer, tensors, depth=0)).encode()
    tensors[_TREE] = torch.frombuffer(bytearray(tree), dtype=torch.uint8)
    return safetensors.torch.save(tensors)


def load_answer(data: bytes) -> Any:
    """The answer in bytes that came out of the jail.

    Raises:
        NotData: the bytes are not an answer, or hold an object that is not data.
    """
    try:
        if int.from_bytes(data[:8], "little") > MAX_STRUCTURE:
            raise NotData("the answer holds too many parts")
        tensors = safetensors.torch.load(data)
        tree = tensors.pop(_TREE)
        if tree.numel() > MAX_STRUCTURE:
            raise NotData("the answer holds too many parts")
        tree = json.loads(tree.numpy().tobytes())
        return _unflatten(tree, tensors, depth=0)
    except NotData:
        raise
    except Exception as error:  # whatever a forged file makes the readers raise
        raise NotData(f"the answer could not be read ({type(error).__name__})") from error


def _flatten(value: Any, tensors: dict[str, torch.Tensor], depth: int) -> Any:
    if depth > MAX_DEPTH or len(tensors) > MAX_NODES:
        return {"opaque": "a structure that is too large"}
    # Exact types: a subclass may answer every question about itself as it likes.
    if value is None or type(value) in (bool, int, float, str):
        return {"value": value}
    if isinstance(value, torch.Tensor):
        return _flatten_tensor("tensor", value, tensors)
    if isinstance(value, (np.ndarray, np.generic)):
        try:
            return _flatten_tensor("array", torch.from_numpy(np.array(value)), tensors)
        except TypeError:
            return {"opaque": f"numpy array of {value.dtype}"}
    if isinstance(value, (tuple, list)):
        kind = "tuple" if isinstance(value, tuple) else "list"
        return {kind: [_flatten(item, tensors, depth + 1) for item in value]}
    if isinstance(value, torch.nn.Module):
        value = dict(torch.nn.Module.state_dict(value))
    if isinstance(value, dict):
        items = [
            [_flatten(k, tensors, depth + 1), _flatten(v, tensors, depth + 1)]
            for k, v in value.items()
        ]
        return {"dict": items}
    return {"opaque": type(value).__name__}


def _flatten_tensor(kind: str, tensor: torch.Tensor, tensors: dict[str, torch.Tensor]) -> dict:
    name = str(len(tensors))
    plain = tensor.detach()
    if plain.layout != torch.strided or plain.is_quantized:
        plain = plain.to_dense()
    tensors[name] = plain.cpu().contiguous().clone()
    return {kind: name}


def _unflatten(node: Any, tensors: dict[str, torch.Tensor], depth: int) -> Any:
    if depth > MAX_DEPTH or not isinstance(node, dict) or len(node) != 1:
        raise NotData("the answer could not be read (its structure is broken)")
    ((kind, content),) = node.items()
    if kind == "value" and (content is None or type(content) in (bool, int, float, str)):
        return content
    if kind == "tensor":
        return tensors[content]
    if kind == "array":
        return tensors[content].numpy()
    if kind in ("tuple", "list") and len(content) <= MAX_NODES:
        items = [_unflatten(item, tensors, depth + 1) for item in content]
        return tuple(items) if kind == "tuple" else items
    if kind == "dict" and len(content) <= MAX_NODES:
        return {
            _unflatten(key, tensors, depth + 1): _unflatten(item, tensors, depth + 1)
            for key, item in content
        }
    if kind == "opaque":
        raise NotData(f"an object of type {ascii(content)[:80]} came back, which is not data")
    raise NotData("the answer could not be read (its structure is broken)")
