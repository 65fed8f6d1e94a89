"""Reads JSON objects of a known form."""

from __future__ import annotations

import math
from typing import Any


class Fields:
    """The fields of a JSON object; each method raises ValueError where a value has another type.

    Args:
        data: the object, as `json.loads` gives it.
        path: the place of the object in the document, for messages.
    """

    def __init__(self, data: Any, path: str = "") -> None:
        if not isinstance(data, dict):
            raise ValueError(f"{path or 'the document'} is not an object")
        self._data, self._path = data, path

    def __contains__(self, name: str) -> bool:
        return name in self._data

    def text(self, name: str) -> str:
        return self._typed(name, str, "a string")

    def text_or_none(self, name: str) -> str | None:
        return self._typed(name, (str, type(None)), "a string or null")

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        value = self.text(name)
        if value not in choices:
            raise ValueError(f"{self._label(name)} is not one of {', '.join(choices)}")
        return value

    def number(self, name: str) -> float:
        value = self._typed(name, (int, float), "a number")
        if isinstance(value, bool) or not math.isfinite(value):
            raise ValueError(f"{self._label(name)} is not a number")
        return float(value)

    def texts(self, name: str) -> list[str]:
        values = self._typed(name, list, "a list of strings")
        if not all(isinstance(value, str) for value in values):
            raise ValueError(f"{self._label(name)} is not a list of strings")
        return values

    def objects(self, name: str) -> list[Fields]:
        values = self._typed(name, list, "a list")
        return [Fields(value, f"{self._label(name)}[{i}]") for i, value in enumerate(values)]

    def _typed(self, name: str, kind: Any, words: str) -> Any:
        if name not in self._data:
            raise ValueError(f"{self._label(name)} is missing")
        if not isinstance(self._data[name], kind):
            raise ValueError(f"{self._label(name)} is not {words}")
        return self._data[name]

    def _label(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name
