"""The outcome of grading one submission: a score, its checks, and the reasons in words."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from autograder.errors import CourseError
from autograder.grading.assignment import TEST
from autograder.grading.fields import Fields

Status = Literal["passed", "failed", "error", "timeout", "not_run"]
Cells = Literal["all", "defining"]


@dataclass
class CheckResult:
    """One check: full points when it passed, none otherwise.

    Attributes:
        misconception: the name of the known mistake that explains the answer, if there is one.
        further: the names of other known mistakes in the same answer.
    """

    name: str
    max_points: float
    status: Status = "not_run"
    message: str = "This check did not run."
    misconception: str | None = None
    further: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return self.status == "passed"

    @property
    def points(self) -> float:
        return self.max_points if self.passed else 0.0

    @property
    def misconceptions(self) -> list[str]:
        """The names of all known mistakes in the answer."""
        return [self.misconception, *self.further] if self.misconception else []

    @property
    def title(self) -> str:
        """The name in words: "maps of one image" for "test_maps_of_one_image"."""
        return self.name.removeprefix(TEST).replace("_", " ")

    def as_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "status": self.status,
            "points": self.points,
            "max_points": self.max_points,
            "message": self.message,
            "misconception": self.misconception,
            **({"further": self.further} if self.further else {}),
        }


@dataclass
class CellVerdict:
    """One graded cell with its checks."""

    grade_id: str
    max_score: float
    checks: list[CheckResult]

    @property
    def function(self) -> str:
        """The function, class or value that is graded."""
        return self.grade_id.removeprefix(TEST)

    @property
    def score(self) -> float:
        return min(sum(check.points for check in self.checks), self.max_score)

    @property
    def lost(self) -> list[CheckResult]:
        """The checks that earned nothing."""
        return [check for check in self.checks if not check.passed]

    def as_dict(self) -> dict[str, Any]:
        return {
            "grade_id": self.grade_id,
            "score": self.score,
            "max_score": self.max_score,
            "checks": [check.as_dict() for check in self.checks],
        }


@dataclass
class Verdict:
    """The automatic grade of one submission.

    Attributes:
        jail: where the student's code ran: "bubblewrap" or "none".
        device: "cpu" or "cuda".
        notes: repairs, events of the run, and remarks that cost no points.
        ran: which of its cells ran: all, or those that graded answers depend on.
        digest: of what was handed in; empty when nobody asked.
    """

    assignment: str
    submission: str
    jail: str
    device: str
    seconds: float
    cells: list[CellVerdict]
    notes: list[str] = field(default_factory=list)
    ran: Cells = "all"
    digest: str = ""

    @property
    def score(self) -> float:
        return sum(cell.score for cell in self.cells)

    @property
    def max_score(self) -> float:
        return sum(cell.max_score for cell in self.cells)

    @property
    def lost(self) -> list[CheckResult]:
        """The checks that earned nothing, of all cells."""
        return [check for cell in self.cells for check in cell.lost]

    def cell(self, function: str) -> CellVerdict:
        """The graded cell of a function.

        Raises:
            KeyError: there is none.
        """
        return {cell.function: cell for cell in self.cells}[function]

    def as_dict(self) -> dict[str, Any]:
        return {
            "assignment": self.assignment,
            "submission": self.submission,
            "score": self.score,
            "max_score": self.max_score,
            "jail": self.jail,
            "device": self.device,
            "seconds": round(self.seconds, 2),
            "cells": [cell.as_dict() for cell in self.cells],
            "notes": self.notes,
            "ran": self.ran,
            "digest": self.digest,
        }

    def to_json(self) -> str:
        """The verdict as text that `from_json` reads."""
        return json.dumps(self.as_dict(), indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Verdict:
        """The verdict that `to_json` wrote. Scores are computed from the checks again.

        Raises:
            ValueError: the text is not a verdict; the message names the field.
        """
        fields = Fields(json.loads(text))
        return cls(
            assignment=fields.text("assignment"),
            submission=fields.text("submission"),
            jail=fields.text("jail"),
            device=fields.text("device"),
            seconds=fields.number("seconds"),
            cells=[
                CellVerdict(
                    grade_id=cell.text("grade_id"),
                    max_score=cell.number("max_score"),
                    checks=[_check(check) for check in cell.objects("checks")],
                )
                for cell in fields.objects("cells")
            ],
            notes=fields.texts("notes"),
            ran=fields.choice("ran", get_args(Cells)),  # type: ignore[arg-type]
            digest=fields.text("digest"),
        )

    @classmethod
    def read(cls, path: Path) -> Verdict:
        """The verdict in a file.

        Raises:
            CourseError: the file can't be read, or is not a verdict.
        """
        try:
            return cls.from_json(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise CourseError(f"{path} can't be read: {error.strerror}.") from error
        except ValueError as error:  # also of text that is not UTF-8, and not JSON
            raise CourseError(f"{path} is not a verdict: {error}.") from error


def _check(fields: Fields) -> CheckResult:
    return CheckResult(
        name=fields.text("name"),
        max_points=fields.number("max_points"),
        status=fields.choice("status", get_args(Status)),  # type: ignore[arg-type]
        message=fields.text("message"),
        misconception=fields.text_or_none("misconception"),
        further=fields.texts("further") if "further" in fields else [],
    )
