"""Reads what was downloaded: zip files and folders, as a flat list of files.

Archives hold what students chose. Nothing is unpacked by its own path, links are not followed, and
a file counts by the bytes that come out of it, whatever the archive says about its size.
"""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from io import BytesIO
from pathlib import Path, PurePosixPath

from autograder.errors import CourseError
from autograder.grading.text import readable

FILE_BYTES = 256 * 2**20
ENTRIES = 100_000
LEFT_BEHIND = {"__MACOSX", ".ipynb_checkpoints", "__pycache__", ".git"}
DRIVE = 0  # MS-DOS; other systems keep the file's mode in a zip
READERS_ERRORS = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)


@dataclass(frozen=True)
class File:
    """One file of a download.

    Attributes:
        path: relative, without `..`.
        time: when it was last changed, in UTC; None where that is not known.
        read: its content. It raises CourseError where there is none, or too much.
    """

    path: PurePosixPath
    time: datetime | None
    read: Callable[[], bytes]

    @property
    def name(self) -> str:
        return self.path.name


@dataclass(frozen=True)
class Refused:
    """A file that is not taken, and why."""

    path: str
    reason: str


def files_in(place: Path) -> Iterator[File | Refused]:
    """The files of a zip file or folder, or the file itself; hidden ones are left out.

    Raises:
        CourseError: there is no such place, or it can't be read.
    """
    if place.is_dir():
        yield from _in_folder(place)
    elif zipfile.is_zipfile(place):
        try:
            yield from _in_zip(zipfile.ZipFile(place))
        except READERS_ERRORS as error:
            raise CourseError(f"{place} can't be read: {readable(error)}.") from error
    elif place.is_file():
        yield File(PurePosixPath(place.name), _time_of(place), lambda: _read(place))
    else:
        raise CourseError(f"{place} can't be read: there is no such file or folder.")


def unpacked(file: File) -> Iterator[File | Refused]:
    """The files of a zip file that a student handed in."""
    try:
        archive = zipfile.ZipFile(BytesIO(file.read()))
    except (*READERS_ERRORS, CourseError) as error:
        yield Refused(str(file.path), f"it can't be opened: {readable(error)}")
        return
    for found in _in_zip(archive):
        if isinstance(found, File):
            yield File(file.path.parent / found.path, found.time or file.time, found.read)
        else:
            yield Refused(f"{file.path}/{found.path}", found.reason)


def is_zip(file: File) -> bool:
    """Whether a file is called a zip file."""
    return file.path.suffix.lower() == ".zip"


def _in_folder(folder: Path) -> Iterator[File | Refused]:
    for current, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _is_left_out(name))
        for name in sorted(names):
            path = Path(current, name)
            if _is_left_out(name):
                continue
            relative = PurePosixPath(path.relative_to(folder).as_posix())
            if path.is_symlink() or not path.is_file():
                yield Refused(str(relative), "it is a link, or not an ordinary file")
            else:
                yield File(relative, _time_of(path), lambda path=path: _read(path))  # type: ignore[misc]


def _in_zip(archive: zipfile.ZipFile) -> Iterator[File | Refused]:
    entries = archive.infolist()
    if len(entries) > ENTRIES:
        raise ValueError(f"it has more than {ENTRIES} entries")
    for entry in entries:
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if entry.is_dir() or any(_is_left_out(part) for part in path.parts if part != ".."):
            continue
        if reason := _reason_to_refuse(entry, path):
            yield Refused(readable(entry.filename, 200), reason)
        else:
            yield File(path, _time_in(entry), lambda entry=entry: _unzip(archive, entry))  # type: ignore[misc]


def _reason_to_refuse(entry: zipfile.ZipInfo, path: PurePosixPath) -> str:
    mode = entry.external_attr >> 16
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        return "its path leads out of the archive"
    if entry.create_system != DRIVE and stat.S_ISLNK(mode):
        return "it is a link"
    if entry.flag_bits & 1:
        return "it is encrypted"
    return ""


def _unzip(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(entry) as file:
            return _limited(file.read(FILE_BYTES + 1), entry.filename)
    except READERS_ERRORS as error:
        raise CourseError(
            f"{readable(entry.filename)} can't be read: {readable(error)}."
        ) from error


def _read(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with open(descriptor, "rb") as file:
            return _limited(file.read(FILE_BYTES + 1), path.name)
    except OSError as error:
        raise CourseError(f"{path} can't be read: {error.strerror}.") from error


def _limited(content: bytes, name: str) -> bytes:
    if len(content) > FILE_BYTES:
        raise CourseError(f"{readable(name, 200)} is larger than {FILE_BYTES // 2**20} MB.")
    return content


def _time_of(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(path.lstat().st_mtime, timezone.utc)
    except OSError:
        return None


def _time_in(entry: zipfile.ZipInfo) -> datetime | None:
    """The time of an entry. Zip files keep it in local time; 1980 stands for none."""
    try:
        return (
            datetime(*entry.date_time).astimezone(timezone.utc)
            if entry.date_time[0] > 1980
            else None
        )
    except (ValueError, OverflowError, OSError):
        return None


def _is_left_out(name: str) -> bool:
    return name in LEFT_BEHIND or name.startswith(".")
