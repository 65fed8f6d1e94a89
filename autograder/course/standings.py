"""Standings of a class: everyone on the roster and everyone who handed in, with a grade or a reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.course.course import Course
from autograder.course.grades import CellGrade, Grade, Gradebook, Person, read_gradebook
from autograder.course.nbgrader_steps import NbgraderSteps
from autograder.course.verdicts import current_verdict, read_verdicts
from autograder.errors import CourseError
from autograder.grading.assignment import Assignment, grade_id
from autograder.grading.handed_in import read_notebook
from autograder.grading.text import readable
from autograder.grading.verdict import CellVerdict, Verdict

UNFINISHED = ("error", "timeout", "not_run")  # no answer was compared


@dataclass(frozen=True)
class Student:
    """One student and an assignment.

    Attributes:
        verdict: with the checks' reasons; None where nothing was graded.
        grade: from the gradebook, and the only number that counts; None where it has none.
        reasons: why there is no grade, or why it may still change; none for a final one.
        feedback: the page that was written for the student; None if there is none.
    """

    person: Person
    verdict: Verdict | None = None
    grade: Grade | None = None
    reasons: tuple[str, ...] = ()
    feedback: Path | None = None

    @property
    def name(self) -> str:
        return self.person.id

    @property
    def state(self) -> str:
        if self.grade is None:
            return "no grade"
        return "not final" if self.reasons else "final"

    @property
    def share(self) -> float:
        """The part of all points, from 0 to 1 and, with extra credit, above."""
        if self.grade is None or not self.grade.max_score:
            return 0.0
        return self.grade.score / self.grade.max_score

    @property
    def has_full_marks(self) -> bool:
        return self.grade is not None and self.grade.score >= self.grade.max_score

    @property
    def cells(self) -> dict[str, CellGrade]:
        """The points of each question that checks ask."""
        return {cell.question: cell for cell in self.grade.checked} if self.grade else {}

    @property
    def judged(self) -> dict[str, CellVerdict]:
        """The checks of each question."""
        return {cell.function: cell for cell in self.verdict.cells} if self.verdict else {}

    @property
    def misconceptions(self) -> list[str]:
        lost = self.verdict.lost if self.verdict else []
        return list(dict.fromkeys(name for check in lost for name in check.misconceptions))

    @property
    def needs_attention(self) -> bool:
        """No points from any check, or a check that compared no answer."""
        if self.verdict is None:
            return False
        if any(check.status in UNFINISHED for check in self.verdict.lost):
            return True
        return sum(cell.score for cell in self.cells.values()) <= 0 and bool(self.verdict.cells)


def read_standings(course: Course, name: str) -> list[Student]:
    """Everyone on the roster, everyone who handed in and everyone who was graded, by name.

    Args:
        name: of the assignment.

    Raises:
        CourseError: there is no such assignment, nothing of it is graded, or a verdict or the
            gradebook can't be read.
    """
    assignment = course.assignment(name)
    verdicts = read_verdicts(course.root, name)
    gradebook = _gradebook(course, assignment, verdicts)
    handed_in = course.submitted(name)
    everyone = sorted({*gradebook.people, *handed_in, *verdicts, *gradebook.grades})
    students = []
    for student in everyone:
        verdict, grade = verdicts.get(student), gradebook.grades.get(student)
        if grade and not grade.is_begun and verdict is None:
            grade = None  # nbgrader's entry for a submission that it could not grade
        reasons = tuple(_reasons(course, name, student, handed_in.get(student), verdict, grade))
        page = course.folder(course.directory.feedback_directory, student, name) / f"{name}.html"
        students.append(
            Student(
                person=gradebook.people.get(student, Person(student)),
                verdict=verdict,
                grade=grade,
                reasons=reasons,
                feedback=page if page.is_file() else None,
            )
        )
    return students


def _gradebook(course: Course, assignment: Assignment, verdicts: dict[str, Verdict]) -> Gradebook:
    judged = [cell.grade_id for verdict in verdicts.values() for cell in verdict.cells]
    checked = {*judged, *(cell.grade_id for cell in assignment.graded_cells)}
    order = [name for cell in assignment.source.cells if (name := grade_id(cell))]
    return read_gradebook(NbgraderSteps(course), assignment.name, checked, [*order, *judged])


def _reasons(
    course: Course,
    name: str,
    student: str,
    folder: Path | None,
    verdict: Verdict | None,
    grade: Grade | None,
) -> Iterator[str]:
    """The reasons why a student has no grade, or why it may still change.

    Args:
        folder: with what was handed in.
    """
    again = f"`autograder grade {name} --student {student}`"
    if folder and (problem := _problem(folder / f"{name}.ipynb")):
        yield problem
    elif verdict and grade is None:
        yield f"It was graded, but the gradebook has no grade: run {again[:-1]} --force`."
    elif folder and verdict and current_verdict(course, name, student) is None:
        yield f"It was handed in again since it was graded: run {again}."
    elif folder and verdict is None and grade is None:
        yield f"It was handed in, but is not graded yet: run {again}."
    elif grade is None:
        yield "Nothing was handed in."
    if grade and grade.waiting:
        what = "one answer waits" if grade.waiting == 1 else f"{grade.waiting} answers wait"
        yield f"Not final: {what} for a person to grade."


def _problem(notebook: Path) -> str:
    """The reason why a notebook can't be graded; an empty text if it can be."""
    try:
        read_notebook(notebook)
    except CourseError as error:
        others = sorted(path.name for path in notebook.parent.iterdir() if path.is_file())
        if not others:
            return readable(f"{error} The folder is empty.")
        find = f"`autograder collect {notebook.stem} SUBMITTED --from folder`"
        return readable(
            f"{error} The folder has {', '.join(others[:5])}: {find} finds the notebook."
        )
    return ""
