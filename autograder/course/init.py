"""Starts a course: a folder with a configuration and assignments, or with room for them.

An installed package offers its assignments by an entry point in the group `autograder.courses`: it
holds an `nbgrader_config.py` and one folder for each assignment.
"""

from __future__ import annotations

import shutil
import tempfile
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from autograder.course.course import CONFIG
from autograder.errors import CourseError
from autograder.grading.jail import TEMPLATES

EMPTY = Path(__file__).parent / "empty_course"
SOLUTIONS = "solutions"
NOT_COPIED = shutil.ignore_patterns("__pycache__", ".*")


def init_course(folder: Path, template: str | None = None, empty: bool = False) -> list[str]:
    """Write a new course.

    Args:
        folder: of the course; new, or empty.
        template: the entry point of the package with its assignments; the only one when None.
        empty: without assignments.

    Returns:
        The names of its assignments.

    Raises:
        CourseError: the folder is in use or can't be written, or there is no such template.
    """
    source = EMPTY if empty else _template(template)
    try:
        _insist_on_empty(folder)
        folder.mkdir(parents=True, exist_ok=True)
        # Made whole beside its place, so that what fails leaves no half of a course.
        with tempfile.TemporaryDirectory(prefix=".init-", dir=folder) as work:
            made = Path(work)
            _write(source, made)
            for path in (made / SOLUTIONS, made / CONFIG):
                path.rename(folder / path.name)
    except OSError as error:
        raise CourseError(f"{folder} can't be written: {error.strerror or error}.") from error
    return sorted(path.name for path in (folder / SOLUTIONS).iterdir())


def templates() -> dict[str, Path]:
    """The folders of the installed packages with assignments, by entry point."""
    specs = {point.name: find_spec(point.value) for point in entry_points(group=TEMPLATES)}
    return {name: Path(spec.origin).parent for name, spec in specs.items() if spec and spec.origin}


def _template(name: str | None) -> Path:
    found = templates()
    known = ", ".join(sorted(found)) or "none"
    if name is None:
        if len(found) != 1:
            raise CourseError(
                f"Installed packages with assignments: {known}. Say --from NAME, or --empty."
            )
        return next(iter(found.values()))
    if name not in found:
        raise CourseError(f"--from {name}: the installed packages with assignments are: {known}.")
    return found[name]


def _insist_on_empty(folder: Path) -> None:
    if (folder / CONFIG).exists():
        raise CourseError(f"{folder} is a course already: it has an {CONFIG}. Name a new folder.")
    # Hidden files, such as those of version control, are in nobody's way.
    if folder.exists() and any(path.name[0] != "." for path in folder.iterdir()):
        raise CourseError(f"{folder} is not empty: name a new folder.")


def _write(source: Path, course: Path) -> None:
    """Write the configuration and the assignments of `source`, but none of its other files."""
    shutil.copyfile(source / CONFIG, course / CONFIG)
    (course / SOLUTIONS).mkdir()
    for folder in source.iterdir():
        if folder.is_dir() and folder.name[0] not in "._":
            shutil.copytree(folder, course / SOLUTIONS / folder.name, ignore=NOT_COPIED)
