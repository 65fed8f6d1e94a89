"""Which class of a model the name of a file, a folder or a data set's class means."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["class_of", "subject_of_file"]


def class_of(name: str, class_names: Sequence[str], *, is_file: bool = False) -> int | None:
    """Index of the class that a name means; None if there is no such class, or more than one.

    Case and punctuation don't count, digits do: `class_3` is not `class_4`. Only if no class has
    the whole name, a number before or after it is left out: `145_king_penguin` and
    `king_penguin_2` are king penguins. Names in two parts, such as MNIST's "7 - seven", are also
    found by either part.

    Args:
        name: the name.
        class_names: names of the model's classes.
        is_file: the name is that of a file. A mere number then counts the files, as in `7.png`,
            and names no class.
    """
    for reading in _readings(name):
        if not reading or (is_file and reading.replace(" ", "").isdigit()):
            continue
        for parts in (False, True):
            meant = [
                i
                for i, known in enumerate(class_names)
                if reading in (_parts(known) if parts else [_plain(known)])
            ]
            if len(meant) > 1:  # ImageNet has two classes called "crane": 134 and 517
                meant = [i for i in meant if name.startswith(f"{i:03}_")]
            if len(meant) == 1:
                return meant[0]
    return None


def subject_of_file(stem: str) -> str:
    """A file's name without numbers before and after it: `12_cat_3` shows the same as `cat`."""
    *_, shortest = _readings(stem)
    return shortest


def _readings(name: str) -> list[str]:
    """The name, its parts, and the name without a number before it, after it, and both."""
    plain = _plain(name)
    without_first = re.sub(r"^\d+ ", "", plain)
    without_last = re.sub(r"(?: \d+|(?<=[^\d ])\d+)$", "", plain)
    without_both = re.sub(r"(?: \d+|(?<=[^\d ])\d+)$", "", without_first)
    return [plain, *_parts(name), without_first, without_last, without_both]


def _parts(name: str) -> list[str]:
    """'7 - seven' -> ['7', 'seven']; a name without ' - ' has no parts."""
    parts = [_plain(part) for part in str(name).split(" - ")]
    return parts if len(parts) > 1 else []


def _plain(name: str) -> str:
    """'King-Penguin_2' -> 'king penguin 2'."""
    return re.sub(r"[\W_]+", " ", str(name).lower()).strip()
