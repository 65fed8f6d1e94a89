"""Reads and changes the text of the answer cell: the one place where answers count.

    def quiz_answers():
        answers = {
            "start_image": "ka",
        }
        ...

Only the dictionary is touched: whatever else a student wrote into the cell stays.
"""

from __future__ import annotations

import ast
import json

__all__ = ["FUNCTION", "answers_in", "definition_in", "with_answers"]

FUNCTION = "quiz_answers"


def answers_in(source: str) -> dict[str, str] | None:
    """The answers that stand in a cell's text; None when it is not the answer cell, or unreadable."""
    found = _dictionary(definition_in(source))
    if found is None:
        return None
    try:
        answers = ast.literal_eval(found)
    except ValueError:  # it is computed: that is fine, but can't be changed from here
        return None
    return {str(key): label for key, label in answers.items()}


def with_answers(source: str, answers: dict[str, str]) -> str:
    """The cell's text with these answers in its dictionary.

    Raises:
        ValueError: it has none.
    """
    found = _dictionary(definition_in(source))
    if found is None or found.end_lineno is None:
        raise ValueError("there is no answer cell with a dictionary in it")
    lines = source.splitlines(keepends=True)
    indent = " " * (len(lines[found.lineno - 1]) - len(lines[found.lineno - 1].lstrip()))
    entries = "".join(
        f"{indent}    {_quoted(key)}: {_quoted(label)},\n" for key, label in answers.items()
    )
    # The columns of a syntax tree count bytes.
    before = lines[found.lineno - 1].encode()[: found.col_offset].decode()
    after = lines[found.end_lineno - 1].encode()[found.end_col_offset :].decode()
    head, tail = "".join(lines[: found.lineno - 1]), "".join(lines[found.end_lineno :])
    return f"{head}{before}{{\n{entries}{indent}}}{after}{tail}"


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def definition_in(source: str) -> ast.FunctionDef | None:
    """The last definition of `quiz_answers` in a cell's text."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return None
    found = [
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == FUNCTION
    ]
    return found[-1] if found else None


def _dictionary(definition: ast.FunctionDef | None) -> ast.Dict | None:
    nodes = ast.walk(definition) if definition else ()
    return next((node for node in nodes if isinstance(node, ast.Dict)), None)
