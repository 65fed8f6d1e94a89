"""A quiz as an assignment: `NAME/quiz.yaml` takes the place of checks and misconceptions.

It makes the notebook, too, unless there is a `NAME.py` beside it for it to be filled into.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from nbformat import NotebookNode

from autograder.errors import CourseError
from autograder.grading.assignment import Assignment
from autograder.quiz import checks, misconceptions
from autograder.quiz.notebook import notebook_of
from autograder.quiz.questions import Quiz, for_students
from autograder.quiz.reading import load_quiz


class QuizAssignment(Assignment):
    """The quiz in a folder."""

    FILE = "quiz.yaml"

    @property
    def source_path(self) -> Path:
        """The frame of the notebook; of a quiz without one, the YAML file."""
        frame = super().source_path
        return frame if frame.is_file() else self.folder / self.FILE

    @cached_property
    def quiz(self) -> Quiz:
        """The questions.

        Raises:
            CourseError: there are mistakes in the YAML file, with one line for each.
        """
        return load_quiz(self.folder / self.FILE)

    @cached_property
    def source(self) -> NotebookNode:
        """The instructor's notebook, with the questions and their right answers.

        Raises:
            CourseError: there are mistakes in the YAML file, or in its frame.
        """
        quiz, path = self.quiz, self.source_path
        if path.name == self.FILE:
            return notebook_of(quiz, self.name)
        try:
            return notebook_of(quiz, self.name, path.read_text(encoding="utf-8"))
        except (OSError, UnicodeError, CourseError) as error:
            raise CourseError(f"{path} can't be read as a quiz's notebook: {error}") from error

    @cached_property
    def checks(self) -> types.ModuleType:
        """One check for each question."""
        return checks.checks_of(self.quiz.questions)

    @cached_property
    def misconceptions(self) -> dict[str, list[Callable]]:
        """One misconception for each wrong option."""
        return misconceptions.misconceptions_of(self.quiz.questions)

    @property
    def probes(self) -> Path | None:
        """None: a quiz asks for values only."""
        return None

    @property
    def options_path(self) -> Path | None:
        """The file that the form reads the options from; None where they are in the notebook.

        Raises:
            CourseError: it is in no package of the course.
        """
        if not self.quiz.handed_out:
            return None
        name, _, path = self.quiz.handed_out.partition("/")
        for package in self.settings.packages:
            if package.name == name:
                return package / path
        raise CourseError(
            f"{self.folder / self.FILE}: handed_out is in {name!r}, which is no package of the course: "
            f"add it to c.Course.packages."
        )

    def before_release(self) -> None:
        """Write the options for the form, if they have changed."""
        if (path := self.options_path) is None:
            return
        text = options_text(self.quiz)
        try:
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CourseError(f"{path} can't be written: {error.strerror}.") from error


def options_text(quiz: Quiz) -> str:
    """What a file with the options holds."""
    return json.dumps(for_students(quiz), indent=1, ensure_ascii=False) + "\n"
