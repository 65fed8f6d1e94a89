"""A course: a folder with an `nbgrader_config.py`, its assignments, and how they are graded.

    c = get_config()
    configure(c)                                   # see nbgrader_plugin.py
    c.Course.packages = ["my_package"]             # what notebooks may import
    c.Course.seconds_per_call = 30
    c.Course.overrides = {"long_assignment": {"memory": 8 * 2**30}}

`autograder check`, `autograder grade`, `nbgrader autograde` and formgrader's button all read these.
"""

from __future__ import annotations

import copy
import difflib
import sys
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from nbgrader.coursedir import CourseDirectory
from traitlets import Dict, Float, Integer, List, TraitError, Unicode
from traitlets.config import Config, Configurable, PyFileConfigLoader

from autograder.errors import CourseError
from autograder.grading.assignment import Assignment
from autograder.grading.settings import Limits, Settings, Timeouts
from autograder.quiz.assignment import QuizAssignment

CONFIG = "nbgrader_config.py"
DEVICES = ("cpu", "cuda", "auto")
JAILS = ("bubblewrap", "none")


class Course(Configurable):
    """The course in a folder.

    Args:
        root: the course's folder.
        config: nbgrader's configuration; read from `nbgrader_config.py` when None.
        changes: what is said on the command line, on top of the configuration.

    Raises:
        CourseError: the folder is not a course, or its configuration says something impossible.
    """

    solutions = Unicode("solutions", help="The folder with the assignments.").tag(config=True)
    packages = List(
        Unicode(), help="What notebooks may import: names, or paths in the course's folder."
    ).tag(config=True)
    readable = List(Unicode(), help="Folders that notebooks may read, such as data sets.").tag(
        config=True
    )
    plugins = List(
        Unicode(), ["autograder.checks.fixtures"], help="pytest plugins with fixtures for checks."
    ).tag(config=True)
    jail = Unicode("bubblewrap", help='"bubblewrap", or "none" for code that you trust.').tag(
        config=True
    )
    device = Unicode("auto", help='"cpu", "cuda", or "auto": the GPU where there is one.').tag(
        config=True
    )
    memory = Integer(Limits.memory, help="Bytes of memory of one submission.").tag(config=True)
    processes = Integer(Limits.processes, help="Its processes at one time.").tag(config=True)
    threads = Integer(Limits.threads, help="Threads of all its processes.").tag(config=True)
    disk = Integer(Limits.disk, help="Bytes that it may write.").tag(config=True)
    seconds = Float(Limits.seconds, help="Life of its kernel.").tag(config=True)
    seconds_per_cell = Float(Timeouts.cell, help="Timeout of a cell.").tag(config=True)
    seconds_per_call = Float(Timeouts.call, help="Timeout of one call of a check.").tag(config=True)
    seconds_per_notebook = Float(Timeouts.notebook, help="Timeout of all cells.").tag(config=True)
    overrides = Dict(help="Other values for some assignments: {assignment: {trait: value}}.").tag(
        config=True
    )

    def __init__(
        self, root: Path, config: Config | None = None, changes: Config | None = None
    ) -> None:
        self.root = root.resolve()
        if config is None:
            config = self._read_config()
        config = copy.deepcopy(config)
        config.CourseDirectory.root = str(self.root)
        config.merge(changes or Config())
        self._said = dict((changes or Config()).get("Course", {}))
        self._insist_on_known(config.get("Course", {}), f"{self.root / CONFIG}: c.Course")
        try:
            super().__init__(config=config)
        except TraitError as error:
            raise CourseError(f"{self.root / CONFIG}: {error}") from error
        for assignment, values in self.overrides.items():
            place = f"{self.root / CONFIG}: c.Course.overrides[{assignment!r}]"
            self._insist_on_known(values, place)

    @cached_property
    def directory(self) -> CourseDirectory:
        """nbgrader's paths and names."""
        return CourseDirectory(config=self.config)

    @property
    def names(self) -> list[str]:
        """The names of the assignments."""
        return sorted(found.name for found in self._solutions.glob("*") if _kind(found))

    def assignment(self, name: str) -> Assignment:
        """One assignment, with the settings that its submissions are graded by.

        Raises:
            CourseError: there is none of that name, or its settings are impossible.
        """
        kind = _kind(self._solutions / name) if name.isidentifier() else None
        if not kind:
            close = difflib.get_close_matches(name, self.names, 1)
            meant = f" Did you mean {close[0]!r}?" if close else ""
            raise CourseError(
                f"There is no assignment {name!r} in {self._solutions}.{meant} "
                f"The assignments are: {', '.join(self.names) or 'none'}."
            )
        for other in self.overrides:
            if other not in self.names:
                raise CourseError(
                    f"{self.root / CONFIG}: c.Course.overrides[{other!r}]: there is no such "
                    f"assignment in {self._solutions}."
                )
        release = self.folder(self.directory.release_directory, ".", name) / f"{name}.ipynb"
        return kind(self._solutions / name, release, self.settings(name), tuple(self.plugins))

    def settings(self, name: str) -> Settings:
        """How submissions to an assignment are graded.

        Raises:
            CourseError: a package can't be found, or there is no such jail or device.
        """
        chosen = self
        if name in self.overrides:  # the command line has the last word
            values = {**self.overrides[name], **self._said}
            chosen = Course(self.root, self.config, Config({"Course": values}))
        for what, value, known in (
            ("jail", chosen.jail, JAILS),
            ("device", chosen.device, DEVICES),
        ):
            if value not in known:
                raise CourseError(f"{what} {value!r}: it can be {', '.join(known)}.")
        return Settings(
            jail=chosen.jail,
            device=chosen.device,
            limits=Limits(
                chosen.memory, chosen.processes, chosen.threads, chosen.disk, chosen.seconds
            ),
            timeouts=Timeouts(
                cell=chosen.seconds_per_cell,
                call=chosen.seconds_per_call,
                notebook=chosen.seconds_per_notebook,
            ),
            readable=tuple(self.root / path for path in chosen.readable),
            packages=tuple(self._package(package) for package in chosen.packages),
            secrets=self._secrets,
        )

    def folder(self, kind: str, student: str, assignment: str) -> Path:
        """A folder of nbgrader's, for example of `self.directory.submitted_directory`."""
        return Path(self.directory.format_path(kind, student, assignment))

    def submitted(self, assignment: str) -> dict[str, Path]:
        """The folder of each student who handed something in, by student."""
        pattern = self.folder(self.directory.submitted_directory, "*", assignment)
        found = Path("/").glob(str(pattern.relative_to("/")))
        depth = pattern.parts.index("*")
        return {path.parts[depth]: path for path in sorted(found) if path.is_dir()}

    def graded_path(self, assignment: str, student: str) -> Path:
        """The notebook that nbgrader recorded, whether it is there or not."""
        folder = self.folder(self.directory.autograded_directory, student, assignment)
        return folder / f"{assignment}.ipynb"

    def has_feedback(self, assignment: str, student: str) -> bool:
        """Whether feedback was written for a student."""
        return self.folder(self.directory.feedback_directory, student, assignment).is_dir()

    @property
    def _solutions(self) -> Path:
        return self.root / self.solutions

    @property
    def _secrets(self) -> tuple[Path, ...]:
        outside = not self._solutions.is_relative_to(self.root)
        return (self.root, self._solutions) if outside else (self.root,)

    def _read_config(self) -> Config:
        if not (self.root / CONFIG).is_file():
            raise CourseError(
                f"{self.root} is not a course folder: there is no {CONFIG} in it. Go to the folder "
                "that has one, name it with --course, or make one with `autograder init FOLDER`."
            )
        try:
            return PyFileConfigLoader(CONFIG, path=str(self.root)).load_config()
        except Exception as error:  # whatever the file raises
            raise CourseError(
                f"{self.root / CONFIG} can't be read: {type(error).__name__}: {error}."
            ) from error

    def _insist_on_known(self, values: dict[str, Any], place: str) -> None:
        known = self.trait_names(config=True)
        for name in values:
            if name not in known:
                raise CourseError(f"{place}: there is no {name!r}; there are {', '.join(known)}.")

    def _package(self, name: str) -> Path:
        """The path of a package.

        One of the course's own folder becomes importable in this process, too: the reference
        solutions import it.
        """
        own = self.root / name
        if own.exists():
            if find_spec(own.stem) is None:
                sys.path.append(str(own.parent))
            return own
        spec = find_spec(name)
        if spec is None or not spec.origin:
            raise CourseError(
                f"c.Course.packages: {name!r} is neither installed nor a folder in {self.root}."
            )
        origin = Path(spec.origin)
        return origin.parent if origin.name == "__init__.py" else origin


def _kind(folder: Path) -> type[Assignment] | None:
    """The class of the assignment in a folder; None where there is none."""
    if (folder / QuizAssignment.FILE).is_file():
        return QuizAssignment
    return Assignment if (folder / f"{folder.name}.py").is_file() else None
