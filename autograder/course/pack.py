"""An assignment as it travels to the processes that grade, which need not share a disk."""

from __future__ import annotations

import hashlib
import io
import tempfile
import zipfile
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from autograder.errors import CourseError
from autograder.grading.assignment import Assignment
from autograder.grading.settings import Settings

# What was unpacked in this process, by all that decides: it is used for each submission.
_unpacked: dict[tuple, tuple[tempfile.TemporaryDirectory, Assignment]] = {}


@dataclass(frozen=True)
class Pack:
    """An assignment's folder and its release, and how its submissions are graded.

    Attributes:
        kind: the class of the assignment.
        archive: a zip file of the folder.
    """

    name: str
    kind: type[Assignment]
    archive: bytes
    release: bytes
    settings: Settings
    plugins: tuple[str, ...]

    @classmethod
    def of(cls, assignment: Assignment) -> Pack:
        """Pack an assignment.

        Raises:
            CourseError: it is not released yet.
        """
        assignment.release  # noqa: B018 (raises a sentence where there is none)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(assignment.folder.rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    archive.write(path, path.relative_to(assignment.folder))
        return cls(
            assignment.name,
            type(assignment),
            packed.getvalue(),
            assignment.release_path.read_bytes(),
            assignment.settings,
            assignment.plugins,
        )

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.archive + self.release).hexdigest()

    def open(self) -> Assignment:
        """The assignment, in a temporary folder of this process.

        Raises:
            CourseError: a package of the course is neither where it was nor installed.
        """
        key = self.digest, self.settings, self.plugins
        if key not in _unpacked:
            home = tempfile.TemporaryDirectory(prefix="assignment-")
            folder = Path(home.name) / self.name
            with zipfile.ZipFile(io.BytesIO(self.archive)) as archive:
                archive.extractall(folder)
            release = Path(home.name) / f"{self.name}.ipynb"
            release.write_bytes(self.release)
            settings = replace(
                self.settings,
                packages=tuple(map(_found_here, self.settings.packages)),
                secrets=(*self.settings.secrets, Path(home.name)),
            )
            _unpacked[key] = home, self.kind(folder, release, settings, self.plugins)
        return _unpacked[key][1]


def _found_here(package: Path) -> Path:
    """Where a package of the course lies on this machine."""
    if package.exists():
        return package
    spec = find_spec(package.stem)
    if spec is None or not spec.origin:
        raise CourseError(
            f"{package.stem}, which notebooks import, is not installed where they are graded: "
            "install it there."
        )
    origin = Path(spec.origin)
    return origin.parent if origin.name == "__init__.py" else origin
