"""Limits a kernel's messages to the right form and to an amount that a notebook can hold.

Student code can send any message in its kernel's name. What arrives is kept in memory, copied,
checked against the notebook format and made into HTML by programs that expect no malice: one odd
value among the outputs, and nbgrader drops the submission without a grade.
https://jupyter-client.readthedocs.io/en/stable/messaging.html
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from autograder.grading.text import writable

MAX_CELL = 4 * 2**20  # characters of output that one cell may leave; a picture takes a million
MAX_NOTEBOOK = 32 * 2**20  # the same for all cells
MAX_MARKUP = 50_000  # characters of HTML or Markdown: cleaning takes time with the square
MAX_DEPTH = 30  # of JSON: what copies notebooks calls itself some times for each level
JSON = re.compile(r"application/([\w.-]+\+)?json", re.ASCII)
MARKUP = ("text/html", "text/markdown")
WIDGET = "application/vnd.jupyter.widget-view+json"


Message = tuple[str, dict[str, Any]]  # kind and content


class Outputs:
    """The filter for the outputs of one notebook's cells."""

    def __init__(self) -> None:
        self._left = MAX_NOTEBOOK
        self._spent: Counter[tuple[int, bool]] = Counter()  # by cell, and whether on updates
        self._shown: Counter[str] = Counter()  # how often a display is in the notebook, by its id

    def let_through(self, kind: str, content: Any, cell: int) -> Message | None:
        """The kind and content of a message, truncated to the limits; None when nothing is left."""
        form = FORMS.get(kind) if isinstance(kind, str) else None
        content = form(content) if form and isinstance(content, dict) else None
        if content is None:
            return None
        if kind == "clear_output":
            self._left += self._spent.pop((cell, False), 0)
        return self._cut(kind, content, cell) if kind in OUTPUTS else (kind, content)

    def _cut(self, kind: str, content: dict[str, Any], cell: int) -> Message | None:
        """Truncate, with one notice."""
        spent_on = cell, kind == "update_display_data"
        size = len(str(content)) * self._copies(kind, content)
        room = min(self._left, MAX_CELL - self._spent[spent_on])
        if size <= room:
            self._left -= size
            self._spent[spent_on] += size
            return kind, writable(content)
        if room <= 0 or kind == "update_display_data":
            return None
        self._left -= room
        self._spent[spent_on] = MAX_CELL
        kept = content["text"][:room] if kind == "stream" else ""
        text = writable(f"{kept}\n... the rest of the output was cut off")
        return "stream", {"name": "stdout", "text": text}

    def _copies(self, kind: str, content: dict[str, Any]) -> int:
        """The number of outputs that hold the content: a display is updated wherever its id is."""
        display_id = content.get("transient", {}).get("display_id")
        if display_id is None:
            return 1
        self._shown[display_id] += kind != "update_display_data"
        return self._shown[display_id]


def _status(content: dict) -> dict | None:
    state = content.get("execution_state")
    return {"execution_state": state} if state in ("busy", "idle", "starting") else None


def _stream(content: dict) -> dict | None:
    name, text = content.get("name"), content.get("text")
    if name not in ("stdout", "stderr") or not isinstance(text, str):
        return None
    return {"name": name, "text": text}


def _display(content: dict) -> dict | None:
    data, transient = content.get("data"), content.get("transient")
    # The state of widgets is not kept, and without it a page shows a progress bar that never moves.
    if not isinstance(data, dict) or WIDGET in data:
        return None
    kept = {kind: value for kind, value in data.items() if _is_showable(kind, value)}
    display_id = transient.get("display_id") if isinstance(transient, dict) else None
    return {
        "data": kept,
        "metadata": _sizes(content.get("metadata")),
        "transient": {"display_id": display_id} if isinstance(display_id, str) else {},
    }


def _result(content: dict) -> dict | None:
    display = _display(content)
    return display and {"execution_count": None, **display, **_count(content)}


def _is_showable(kind: str, value: Any) -> bool:
    if JSON.fullmatch(kind):
        return _is_flat(value)
    return isinstance(value, str) and not (kind in MARKUP and len(value) > MAX_MARKUP)


def _is_flat(value: Any, depth: int = 0) -> bool:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return depth < MAX_DEPTH and all(_is_flat(item, depth + 1) for item in items)


def _sizes(metadata: Any) -> dict[str, dict]:
    """The width and height of a picture, if they are numbers."""
    kinds = metadata.items() if isinstance(metadata, dict) else ()
    return {
        kind: {name: value for name, value in said.items() if isinstance(value, (int, float))}
        for kind, said in kinds
        if isinstance(said, dict)
    }


def _error(content: dict) -> dict | None:
    name, text, lines = (content.get(key) for key in ("ename", "evalue", "traceback"))
    strings = [name, text, *lines] if isinstance(lines, list) else [None]
    if not all(isinstance(string, str) for string in strings):
        return None
    return {"ename": name, "evalue": text, "traceback": lines}


def _count(content: dict) -> dict:
    count = content.get("execution_count")
    return {"execution_count": count} if type(count) is int and 0 <= count < 2**31 else {}


def _clear(content: dict) -> dict:
    return {"wait": content.get("wait") is True}


FORMS: dict[str, Callable[[dict], dict | None]] = {
    "status": _status,
    "execute_input": _count,
    "clear_output": _clear,
    "stream": _stream,
    "error": _error,
    "display_data": _display,
    "update_display_data": _display,
    "execute_result": _result,
}
OUTPUTS = {"stream", "error", "display_data", "update_display_data", "execute_result"}
