"""What a student handed in, as one plain copy: all that is read later is read from it.

No link is followed, and only ordinary files within limits are taken, so that nothing that lies in
the folder can hold up the grader or show it somebody else's files.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from autograder.errors import CourseError
from autograder.grading.repair import MAX_BYTES

FILE_BYTES = 100 * 2**20  # of all files beside the notebook
FILES = 2_000
LOOKED_AT = 20_000  # entries of folders
NEVER_TAKEN = {".ipynb", ".py", ".pyc", ".so", ".pth"}


@dataclass(frozen=True)
class HandedIn:
    """A notebook and the data files beside it.

    Attributes:
        notebook: the bytes of its file.
        files: contents by path, relative to the notebook's folder.
    """

    student: str
    notebook: bytes
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """A digest of all of it."""
        total = hashlib.sha256(self.notebook)
        for path, content in sorted(self.files.items()):
            total.update(path.encode(errors="surrogateescape") + b"\0")
            total.update(hashlib.sha256(content).digest())
        return total.hexdigest()

    def unpack(self, folder: Path) -> None:
        """Write the data files into a folder."""
        for path, content in self.files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)


def read_handed_in(folder: Path, name: str, student: str) -> HandedIn:
    """Copy what lies in a student's folder.

    Args:
        name: of the assignment.

    Raises:
        CourseError: the notebook is not there, can't be read, or is not an ordinary file.
    """
    return HandedIn(student, read_notebook(folder / f"{name}.ipynb"), dict(data_files(folder)))


def read_notebook(path: Path) -> bytes:
    """The bytes of a submitted file; of one that is too large, the first MAX_BYTES + 1.

    Raises:
        CourseError: it can't be read, or is not an ordinary file: reading a pipe has no timeout, and
            a link may lead to somebody else's.
    """
    try:
        if path.is_symlink():
            raise OSError("it is a link: hand in the file itself")
        return _content(path, MAX_BYTES + 1)
    except OSError as error:
        raise CourseError(f"{path} can't be read: {error.strerror or error}.") from error


def data_files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The data files in a folder, by name: but no file that Python would import or run."""
    left = FILE_BYTES
    for path in islice(_paths(folder), FILES):
        try:
            content = _content(path, left + 1)
        except OSError:
            continue  # the notebook goes without it
        left -= len(content)
        if left < 0:
            return
        yield str(path.relative_to(folder)), content


def _content(path: Path, at_most: int) -> bytes:
    """The first bytes of an ordinary file; anything else, a link too, is an OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError("it is not an ordinary file")
        return file.read(at_most)


def _paths(folder: Path) -> Iterator[Path]:
    """Files below a folder, by name. Not by Path.rglob, which recurses once for each level."""
    waiting, looked_at = [folder], 0
    while waiting:
        current = waiting.pop()
        try:
            with os.scandir(current) as entries:
                found = sorted(islice(entries, LOOKED_AT - looked_at), key=lambda entry: entry.name)
        except OSError:
            continue
        looked_at += len(found)
        plain = [entry for entry in found if not entry.name.startswith(".")]
        for entry in plain:
            path = Path(entry.path)
            if entry.is_file(follow_symlinks=False) and path.suffix not in NEVER_TAKEN:
                yield path
        folders = [Path(entry.path) for entry in plain if entry.is_dir(follow_symlinks=False)]
        waiting += reversed(folders)
