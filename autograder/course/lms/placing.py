"""Writes collected files into a student's folder, unless it already holds a newer version."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath

from nbgrader.utils import parse_utc

from autograder.course.lms.layouts import TIMESTAMP
from autograder.errors import CourseError
from autograder.grading.text import readable

NAME_BYTES = 240  # file systems take 255, and names get endings


def is_fit(path: PurePosixPath) -> bool:
    """Whether a path can be one below a student's folder, and is none of nbgrader's own files."""

    def is_plain(part: str) -> bool:
        return part.isprintable() and part[0] != "." and len(part.encode()) <= NAME_BYTES

    return path.name != TIMESTAMP and all(map(is_plain, path.parts))


def why_not(path: Path, content: bytes, time: datetime | None) -> str:
    """The reason to keep the notebook that is already there; an empty text if there is none."""
    if not path.is_file():
        return ""
    known = _known_time(path.with_name(TIMESTAMP))
    if time and known and time < known:
        return "an older version than the one that is there: that one stays"
    return "the same as before" if path.read_bytes() == content and time in (None, known) else ""


def _known_time(path: Path) -> datetime | None:
    try:
        return parse_utc(path.read_text(encoding="utf-8").strip()).replace(tzinfo=timezone.utc)
    except (OSError, ValueError, OverflowError):
        return None


def put(
    folder: Path,
    name: str,
    notebook: bytes,
    data: Mapping[PurePosixPath, bytes],
    time: datetime | None,
) -> None:
    """Write a notebook, the data files beside it, and when they were handed in.

    Raises:
        CourseError: the folder can't be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in data.items():
            with contextlib.suppress(FileExistsError, NotADirectoryError, IsADirectoryError):
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                _replace(folder / path, content)  # not of a file that has the name of a folder
        _replace(folder / f"{name}.ipynb", notebook)
        if time:
            stamp = time.astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
            _replace(folder / TIMESTAMP, stamp.encode())
        else:
            (folder / TIMESTAMP).unlink(missing_ok=True)
    except OSError as error:
        raise CourseError(
            f"{folder} can't be written to: {readable(error.strerror or error)}."
        ) from error


def _replace(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; not into one that a link leads to."""
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.write_bytes(content)
    os.replace(unfinished, path)
