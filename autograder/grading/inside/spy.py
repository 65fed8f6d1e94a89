"""Callables that a check hands to a student's function, and that keep a record of their calls.

What they record comes back through `probes.changes`. It is no secret and no proof: the student's
code lives in the same process. A check compares it with what the reference makes of the same call.
"""

from __future__ import annotations

from typing import Any


class Spy:
    """A callable test double with a record.

    Attributes:
        calls: one entry of data for each call.
    """

    def __init__(self) -> None:
        self.calls: list[Any] = []
