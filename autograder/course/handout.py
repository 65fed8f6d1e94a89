"""One zip file with what students need: the notebooks, and the packages that they import.

It holds no solution, no hidden check and nothing of the autograder. The packages lie beside the
notebooks, where Python finds them; one with a `pyproject.toml` of its own can be installed, too.
"""

from __future__ import annotations

import fnmatch
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
from jinja2 import Template

from autograder.course.course import Course
from autograder.errors import CourseError

README = Path(__file__).parent / "handout.md"
# What pip, Python and Jupyter leave in the folder of a package.
LEFT_BEHIND = ("__pycache__", "build", "*.egg-info", ".*")


def write_handout(course: Course, names: list[str], path: Path) -> Path:
    """Write the zip file with the notebooks of some assignments.

    Raises:
        CourseError: there is no such assignment or release, or the file can't be written.
    """
    files = {f"{name}.ipynb": nbformat.writes(course.assignment(name).release) for name in names}
    packages = {package for name in names for package in course.settings(name).packages}
    title = course.directory.course_id or course.root.name
    readme = Template(README.read_text(encoding="utf-8"), keep_trailing_newline=True)
    files["README.md"] = readme.render(
        title=title,
        packages=sorted(path.name for path in packages if (path / "pyproject.toml").is_file()),
    )
    unfinished = path.with_name(f"{path.name}.part")
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in files.items():
                archive.writestr(f"{title}/{name}", text)
            for package in packages:
                for file in _files_of(package):
                    archive.write(file, f"{title}/{file.relative_to(package.parent)}")
        os.replace(unfinished, path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise CourseError(f"{path} can't be written: {error.strerror}.") from error
    return path


def _files_of(package: Path) -> Iterator[Path]:
    """The files of a package's folder, or its only one."""
    if package.is_file():
        yield package
        return
    for path in sorted(package.iterdir()):
        if not any(fnmatch.fnmatch(path.name, pattern) for pattern in LEFT_BEHIND):
            yield from _files_of(path)
