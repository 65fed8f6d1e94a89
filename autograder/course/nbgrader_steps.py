"""nbgrader's own steps in a course: assignment, grades and feedback go through its converters."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nbformat.v4 import new_notebook
from nbgrader.api import Gradebook, InvalidEntry, MissingEntry, SubmittedAssignment
from nbgrader.apps.api import NbGraderAPI
from nbgrader.preprocessors import AssignLatePenalties
from sqlalchemy import create_engine, inspect, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from autograder.course.course import Course
from autograder.course.nbgrader_reasons import reason, reason_in
from autograder.errors import CourseError
from autograder.grading.verdict import Verdict


class NbgraderSteps:
    """The steps of nbgrader that a course goes through."""

    def __init__(self, course: Course) -> None:
        self._root, self._directory = course.root, course.directory
        self._api = NbGraderAPI(course.directory, config=course.config)

    @property
    def address(self) -> str:
        """The gradebook's `db_url`, without its password."""
        return make_url(self._directory.db_url).render_as_string()

    def knows(self, assignment: str) -> bool:
        """Whether the gradebook has the assignment."""
        with self.gradebook() as gradebook:
            return any(found.name == assignment for found in gradebook.assignments)

    @contextmanager
    def gradebook(self) -> Iterator[Gradebook]:
        """The course's gradebook, by its `db_url`; made if there is none.

        Raises:
            CourseError: the database can't be used.
        """
        url, course = self._directory.db_url, self._directory.course_id
        with self._step(), self._database(), Gradebook(url, course) as gradebook:
            yield gradebook

    @contextmanager
    def reading(self) -> Iterator[Session | None]:
        """A session that reads the gradebook; None where there is none yet.

        A session of our own, because nbgrader adds missing tables and courses to a gradebook when it
        opens it.

        Raises:
            CourseError: the database can't be used.
        """
        with self._step(), self._database():
            url = make_url(self._directory.db_url)
            if url.get_backend_name() == "sqlite" and not _is_there(url.database or ""):
                yield None  # to connect would make the file
                return
            engine = create_engine(url, poolclass=NullPool)
            with Session(engine) as session:
                known = inspect(engine).has_table(SubmittedAssignment.__tablename__)
                yield session if known else None

    def generate_assignment(self, assignment: str) -> None:
        """Make the release from `source/`."""
        with self._step(), self._database():
            self._insist(self._api.generate_assignment(assignment), f"release {assignment}")

    def autograde(self, assignment: str, student: str) -> None:
        """Grade a submission, or record what was graded beforehand."""
        with self._step():
            result = self._api.autograde(assignment, student, force=True)
            self._insist(result, f"grade {student}'s {assignment}")

    def record_points(self, gradebook: Gradebook, verdict: Verdict) -> None:
        """Enter the points of a verdict, as nbgrader's step for whole notebooks does later.

        Raises:
            CourseError: the database can't be written to.
        """
        name, student = verdict.assignment, verdict.submission
        scores = {cell.grade_id: cell.score for cell in verdict.cells}
        with self._database():
            gradebook.update_or_create_student(student)
            submission = gradebook.update_or_create_submission(name, student)
            for notebook in submission.notebooks:
                for grade in notebook.grades:
                    grade.auto_score = scores.get(grade.cell.name)
                    by_hand = grade.manual_score is not None or grade.auto_score is None
                    grade.needs_manual_grade = by_hand
            gradebook.db.commit()

    def renew_penalty(self, assignment: str, student: str) -> None:
        """Set the penalty for a late submission by the points that it has now.

        nbgrader sets it when the checks have graded, before a person gives more points.

        Raises:
            CourseError: the database can't be written to.
        """
        names = {"notebook": assignment, "assignment": assignment, "student": student}
        resources = {"nbgrader": {**names, "db_url": self._directory.db_url}}
        # A student without a submission has no penalty.
        with self._step(), self._database(), suppress(MissingEntry):
            AssignLatePenalties(parent=self._api).preprocess(new_notebook(), resources)

    def generate_feedback(self, assignment: str, student: str) -> None:
        """Write a student's feedback page, with the penalty that is due by now."""
        self.renew_penalty(assignment, student)
        with self._step():
            result = self._api.generate_feedback(assignment, student, force=True)
            self._insist(result, f"write the feedback on {student}'s {assignment}")

    def _insist(self, result: dict, what: str) -> None:
        if not result["success"]:
            log = result.get("log") or result.get("error") or ""
            raise CourseError(f"nbgrader could not {what}: {reason_in(log)}.")

    @contextmanager
    def _step(self) -> Iterator[None]:
        """The surroundings of a step, as of `nbgrader` itself in an active virtual environment.

        The working folder is the course's, where a relative `db_url` begins; the program alembic is
        on the PATH; warnings about nbgrader's own code are ignored.
        """
        folder, programs = Path.cwd(), os.environ.get("PATH", os.defpath)
        os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), programs])
        os.chdir(self._root)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield
        finally:
            os.chdir(folder)
            os.environ["PATH"] = programs

    @contextmanager
    def _database(self) -> Iterator[None]:
        """Turn an error of the database into a sentence."""
        try:
            self._insist_on_course_id()
            yield
        except (SQLAlchemyError, ImportError, InvalidEntry) as error:  # ImportError: of the driver
            lines = str(error).splitlines() or [type(error).__name__]
            raise CourseError(
                f"The gradebook (c.CourseDirectory.db_url) can't be used: {reason(lines[0])}."
            ) from error

    def _insist_on_course_id(self) -> None:
        """Other databases than SQLite accept no assignment of a course without a name."""
        kind = make_url(self._directory.db_url).get_backend_name()
        if kind != "sqlite" and not self._directory.course_id:
            raise CourseError(
                f"The gradebook (c.CourseDirectory.db_url) can't be used: {kind} needs a name for the "
                'course. Write c.CourseDirectory.course_id = "default_course" into the configuration.'
            )


def _is_there(database: str) -> bool:
    """Whether SQLite's file exists. In the form of a URI, SQLite says so itself."""
    return database.startswith("file:") or Path(database).is_file()
