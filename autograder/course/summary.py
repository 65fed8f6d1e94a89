"""The figures of a class, from the verdicts of its submissions."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import dataclass, field

from autograder.course.written import WrittenScore
from autograder.grading.verdict import CellVerdict, Verdict

UNFINISHED = ("error", "timeout", "not_run")  # no answer was compared


@dataclass
class Student:
    """One student's verdict, and the score of the written part.

    Attributes:
        written: None where the gradebook has none.
        feedback: address of the feedback page, relative to the report.
    """

    name: str
    verdict: Verdict
    written: WrittenScore | None = None
    feedback: str | None = None

    @property
    def score(self) -> float:
        return self.verdict.score

    @property
    def max_score(self) -> float:
        return self.verdict.max_score

    @property
    def share(self) -> float:
        return self.score / self.max_score if self.max_score else 0.0

    @property
    def has_full_marks(self) -> bool:
        return self.score >= self.max_score

    @property
    def cells(self) -> dict[str, CellVerdict]:
        """The graded cells by function."""
        return {cell.function: cell for cell in self.verdict.cells}

    @property
    def misconceptions(self) -> list[str]:
        names = (check.misconception for check in self.verdict.lost)
        return list(dict.fromkeys(name for name in names if name))

    @property
    def needs_attention(self) -> bool:
        """No points at all, or a check that compared no answer."""
        return self.score <= 0 or any(check.status in UNFINISHED for check in self.verdict.lost)


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
    """One graded cell over the whole class."""

    name: str
    max_score: float
    scores: list[float] = field(default_factory=list)
    checks: dict[str, Check] = field(default_factory=dict)

    @property
    def mean(self) -> float:
        return statistics.fmean(self.scores)

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
    def max_score(self) -> float:
        return max(student.max_score for student in self.students)

    @property
    def mean(self) -> float:
        return statistics.fmean(student.score for student in self.students)

    @property
    def median(self) -> float:
        return statistics.median(student.score for student in self.students)

    @property
    def full_marks(self) -> int:
        return sum(student.has_full_marks for student in self.students)

    @property
    def attention(self) -> int:
        return sum(student.needs_attention for student in self.students)

    @property
    def has_written_part(self) -> bool:
        return any(student.written for student in self.students)

    def distribution(self, bins: int = 10) -> list[int]:
        """Students in each of `bins` equal parts of the scale, and last those with full marks."""
        counts = [0] * (bins + 1)
        for student in self.students:
            counts[bins if student.has_full_marks else int(max(student.share, 0) * bins)] += 1
        return counts

    def questions(self) -> list[Question]:
        """The graded cells and their checks, in the assignment's order."""
        questions: dict[str, Question] = {}
        for student in self.students:
            for name, cell in student.cells.items():
                question = questions.setdefault(name, Question(name, cell.max_score))
                question.scores.append(cell.score)
                for check in cell.checks:
                    seen = question.checks.setdefault(
                        check.name, Check(check.title, check.max_points)
                    )
                    seen.statuses[check.status] += 1
        return list(questions.values())

    def misconceptions(self) -> list[Misconception]:
        """The known wrong answers that were given, the most common first."""
        found: dict[str, Misconception] = {}
        for student in self.students:
            for question, cell in student.cells.items():
                for check in cell.checks:
                    if name := check.misconception:
                        new = Misconception(name, question, check.message)
                        entry = found.setdefault(name, new)
                        if student not in entry.students:
                            entry.students.append(student)
        return sorted(found.values(), key=lambda entry: (-len(entry.students), entry.name))
