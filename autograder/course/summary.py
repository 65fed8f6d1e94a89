"""The figures of a class, from the gradebook and from the verdicts of its submissions."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from autograder.course.grades import CellGrade, Grade
from autograder.course.standings import UNFINISHED, Student


@dataclass
class Check:
    """One check over the whole class."""

    title: str
    max_points: float
    statuses: Counter[str] = field(default_factory=Counter)

    @property
    def wrong(self) -> int:
        return self.statuses["failed"]

    @property
    def unfinished(self) -> int:
        return sum(self.statuses[status] for status in UNFINISHED)

    @property
    def lost(self) -> int:
        return self.wrong + self.unfinished


@dataclass
class Question:
    """One graded cell over the whole class.

    Attributes:
        scores: those that no person has to settle any more.
        waiting: how many answers wait for a person.
    """

    name: str
    max_score: float
    scores: list[float] = field(default_factory=list)
    checks: dict[str, Check] = field(default_factory=dict)
    waiting: int = 0

    @property
    def mean(self) -> float | None:
        return statistics.fmean(self.scores) if self.scores else None

    @property
    def full_marks(self) -> int:
        return sum(score >= self.max_score for score in self.scores)


@dataclass
class Misconception:
    """A known wrong answer, and the students who gave it."""

    name: str
    question: str
    message: str
    students: list[Student] = field(default_factory=list)


@dataclass
class ClassSummary:
    """A class's results on one assignment. Students are in the order of their names."""

    assignment: str
    students: list[Student]

    @property
    def grades(self) -> list[Grade]:
        return [student.grade for student in self.students if student.grade]

    @property
    def without_grade(self) -> list[Student]:
        return [student for student in self.students if student.grade is None]

    @property
    def not_final(self) -> int:
        """The number of grades that may still change."""
        return sum(student.state == "not final" for student in self.students)

    @property
    def late(self) -> int:
        return sum(grade.seconds_late > 0 for grade in self.grades)

    @property
    def judged(self) -> int:
        """The number of submissions that the checks judged."""
        return sum(student.verdict is not None for student in self.students)

    @property
    def max_score(self) -> float:
        return max((grade.max_score for grade in self.grades), default=0.0)

    @property
    def mean(self) -> float | None:
        scores = [grade.score for grade in self.grades]
        return statistics.fmean(scores) if scores else None

    @property
    def median(self) -> float | None:
        scores = [grade.score for grade in self.grades]
        return statistics.median(scores) if scores else None

    @property
    def full_marks(self) -> int:
        return sum(student.has_full_marks for student in self.students)

    @property
    def attention(self) -> int:
        return sum(student.needs_attention for student in self.students)

    def distribution(self, bins: int = 10) -> list[int]:
        """Graded students in each of `bins` equal parts of the scale, and last those with full marks."""
        counts = [0] * (bins + 1)
        for student in self.students:
            if student.grade:
                counts[bins if student.has_full_marks else int(student.share * bins)] += 1
        return counts

    def questions(self) -> list[Question]:
        """The questions that checks ask, in the assignment's order."""
        questions = self._asked(lambda grade: grade.checked)
        for student in self.students:
            for name, judged in student.judged.items():
                question = questions.setdefault(name, Question(name, judged.max_score))
                for check in judged.checks:
                    seen = question.checks.setdefault(
                        check.name, Check(check.title, check.max_points)
                    )
                    seen.statuses[check.status] += 1
        return list(questions.values())

    def written(self) -> list[Question]:
        """The questions that a person grades."""
        return list(self._asked(lambda grade: grade.written).values())

    def _asked(self, cells_of: Callable[[Grade], list[CellGrade]]) -> dict[str, Question]:
        questions: dict[str, Question] = {}
        for grade in self.grades:
            for cell in cells_of(grade):
                question = questions.setdefault(
                    cell.question, Question(cell.question, cell.max_score)
                )
                if cell.waits:
                    question.waiting += 1
                else:
                    question.scores.append(cell.score)
        return questions

    def misconceptions(self) -> list[Misconception]:
        """The known wrong answers that were given, the most common first."""
        found: dict[str, Misconception] = {}
        for student in self.students:
            for question, cell in student.judged.items():
                for check in cell.checks:
                    for name in check.misconceptions:
                        new = Misconception(name, question, check.message)
                        entry = found.setdefault(name, new)
                        if student not in entry.students:
                            entry.students.append(student)
        return sorted(found.values(), key=lambda entry: (-len(entry.students), entry.name))
