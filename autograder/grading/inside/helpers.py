"""A probe with test doubles in the place of functions that the student's function calls."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .probes import value


@dataclass(frozen=True)
class WithHelpers:
    """A probe of a function whose helpers are replaced by test doubles.

    helpers: (name, function) pairs
    probe: what is asked of the call
    """

    helpers: tuple[tuple[str, Callable], ...]
    probe: Callable = value

    def __call__(self, function: Callable, args: tuple, kwargs: dict[str, Any]) -> Any:
        names = _globals_of(function)
        before = {name: names[name] for name, _ in self.helpers if name in names}
        names.update(self.helpers)
        try:
            return self.probe(function, args, kwargs)
        finally:
            for name, _ in self.helpers:
                del names[name]
            names.update(before)


def _globals_of(function: Callable) -> dict[str, Any]:
    """The names that a function looks up, also of a decorated or callable one.

    Of a class, those that its methods look up.
    """
    while isinstance(function, functools.partial):
        function = function.func
    function = inspect.unwrap(function)
    if isinstance(function, type):
        methods = [method for method in vars(function).values() if inspect.isfunction(method)]
        return methods[0].__globals__ if methods else {}
    if not hasattr(function, "__globals__"):
        function = type(function).__call__
    return getattr(function, "__globals__", {})
