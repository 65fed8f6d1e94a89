"""One nbgrader course folder: its configuration, its paths, and nbgrader's own steps in it."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config, PyFileConfigLoader

from autograder.errors import CourseError

CONFIG = "nbgrader_config.py"


class Course:
    """The course in a folder.

    Raises:
        CourseError: the folder is not a course.
    """

    def __init__(self, root: Path, changes: Config | None = None) -> None:
        self.root = root.resolve()
        if not (self.root / CONFIG).is_file():
            raise CourseError(
                f"{self.root} is not a course folder: there is no {CONFIG} in it. Go to the folder "
                "that has one, name it with --course, or write one as the kit's README shows."
            )
        config = PyFileConfigLoader(CONFIG, path=str(self.root)).load_config()
        config.CourseDirectory.root = str(self.root)
        config.merge(changes or Config())
        self.directory = CourseDirectory(config=config)
        self._api = NbGraderAPI(self.directory, config=config)
        self.readable = tuple(config.RunAndCheck.get("readable", ()))  # in the jail, by notebooks

    def folder(self, kind: str, student: str, assignment: str) -> Path:
        """A folder of nbgrader's, for example of `self.directory.submitted_directory`."""
        return Path(self.directory.format_path(kind, student, assignment))

    def submitted(self, assignment: str) -> dict[str, Path]:
        """The folder of each student who handed something in, by student."""
        pattern = self.folder(self.directory.submitted_directory, "*", assignment)
        found = Path("/").glob(str(pattern.relative_to("/")))
        depth = pattern.parts.index("*")
        return {path.parts[depth]: path for path in sorted(found) if path.is_dir()}

    def is_graded(self, assignment: str, student: str) -> bool:
        """Whether there is a grade for what is handed in now, not only for an earlier notebook."""
        folders = (self.directory.autograded_directory, self.directory.submitted_directory)
        graded, handed_in = (
            self.folder(kind, student, assignment) / f"{assignment}.ipynb" for kind in folders
        )
        if not (graded.is_file() and handed_in.is_file()):
            return graded.is_file()
        # When it came here: what its author's clock said, and a copy may have kept, is older.
        return graded.stat().st_mtime >= handed_in.stat().st_ctime

    def has_feedback(self, assignment: str, student: str) -> bool:
        return self.folder(self.directory.feedback_directory, student, assignment).is_dir()

    def knows(self, assignment: str) -> bool:
        """Whether the gradebook has the assignment."""
        with self.gradebook() as gradebook:
            return any(found.name == assignment for found in gradebook.assignments)

    @contextmanager
    def gradebook(self):
        with _step(), Gradebook(self.directory.db_url, self.directory.course_id) as gradebook:
            yield gradebook

    def generate_assignment(self, assignment: str) -> None:
        with _step():
            self._insist(self._api.generate_assignment(assignment), f"release {assignment}")

    def autograde(self, assignment: str, student: str) -> None:
        with _step():
            result = self._api.autograde(assignment, student, force=True)
            self._insist(result, f"grade {student}'s {assignment}")

    def generate_feedback(self, assignment: str, student: str) -> None:
        with _step():
            result = self._api.generate_feedback(assignment, student, force=True)
            self._insist(result, f"write the feedback on {student}'s {assignment}")

    def _insist(self, result: dict, what: str) -> None:
        if not result["success"]:
            log = (result.get("log") or result.get("error") or "it did not say why").strip()
            raise CourseError(f"nbgrader could not {what}. Its log ends:\n{log[-2000:]}")


@contextmanager
def _step():
    """Around a step of nbgrader's: no log and no warnings about its own code, as what matters comes
    back as its result; and its helper program alembic is found also where the virtual environment
    was not activated."""
    logging.disable(logging.CRITICAL)
    programs = str(Path(sys.executable).parent)
    path = os.pathsep.join([programs, os.environ.get("PATH", "")])
    try:
        with patch.dict(os.environ, PATH=path), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(logging.NOTSET)
