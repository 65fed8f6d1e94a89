"""What to do about exceptions that many students meet and few can read."""

from __future__ import annotations

import re

NO_GPU = re.compile(r"NVIDIA driver|not compiled with CUDA|CUDA (driver|error|device|GPU)", re.I)
TO_THE_GPU = (
    "It names CUDA, and there need not be a GPU: write device=X.device, or .to(X.device), with the "
    "tensor that the function is given in the place of X."
)
NOT_PARSED = re.compile(
    r"Its cell ended with (\w*(?:Syntax|Indentation|Tab)Error): (.*?) \([^()]*, line (\d+)\)"
)


def advice_on(text: str) -> str:
    """A sentence about an exception's message; empty where there is none."""
    return TO_THE_GPU if NO_GPU.search(text) else ""


def place_in_cell(why: str, name: str) -> str:
    """The error of a cell that can't be parsed, with its line, not with an internal file's name.

    Args:
        why: the sentence of `Student.why_missing`.
        name: of the question.
    """
    return NOT_PARSED.sub(rf"Line \3 of the cell with {name} is no Python: \2 (\1).", why)
