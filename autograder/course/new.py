"""Writes a new assignment: small, complete and working, to be changed into one's own."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from autograder.course.course import Course
from autograder.errors import CourseError

TEMPLATE = Path(__file__).parent / "new_assignment"
PLACEHOLDER = "NAME"  # in names and contents of the template's files


def new_assignment(course: Course, name: str) -> Path:
    """Write an assignment into a course.

    Returns:
        Its folder.

    Raises:
        CourseError: the name can't be one of an assignment or is taken, or the folder can't be
            written.
    """
    if not name.isidentifier():
        raise CourseError(
            f"{name!r} can't name an assignment: use letters, digits and underscores, and no digit "
            "first."
        )
    folder = course.root / course.solutions / name
    if folder.exists():
        raise CourseError(f"{folder} exists already: choose another name.")
    try:
        folder.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=folder.parent) as work:
            _write(Path(work) / name, name).rename(folder)
    except OSError as error:
        raise CourseError(f"{folder} can't be written: {error.strerror or error}.") from error
    return folder


def _write(folder: Path, name: str) -> Path:
    shutil.copytree(TEMPLATE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        path.write_text(path.read_text(encoding="utf-8").replace(PLACEHOLDER, name), "utf-8")
        path.rename(path.with_name(path.name.replace(PLACEHOLDER, name)))
    return folder
