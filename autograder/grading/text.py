"""Makes untrusted text safe to write, print and read."""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

MAX_TEXT = 600


def readable(text: Any, limit: int = MAX_TEXT) -> str:
    """Text that any file and terminal accepts: valid Unicode, printable, of limited length."""
    words = str(text)[: limit + 1].encode("utf-8", "replace").decode("utf-8")
    words = "".join(letter if letter.isprintable() else " " for letter in words)
    return words if len(words) <= limit else words[:limit] + " ..."


def writable(value: Any) -> Any:
    """The same data with valid Unicode only, so that its notebook can be saved."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [writable(item) for item in value]
    if isinstance(value, dict):
        return {writable(key): writable(item) for key, item in value.items()}
    return value


def parsed(source: str) -> ast.Module | None:
    """The syntax tree of a cell; None when it is not plain Python, or can't be parsed."""
    try:
        with _no_collection():
            return ast.parse(source)
    except (
        SyntaxError,
        ValueError,
        RecursionError,
        MemoryError,
    ):  # the last two: nested too deeply
        return None


@contextmanager
def _no_collection() -> Iterator[None]:
    """Suspend garbage collection.

    Up to Python 3.11.7 and 3.12.1 ast.parse raises SystemError when a collection in the middle of
    it parses as well, as the log of a failed task does for its traceback (https://github.com/python/cpython/issues/106905).
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
