"""What grading one submission comes to: checks, cells, a score, and the reasons in words."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["passed", "failed", "error", "timeout", "not_run"]


@dataclass
class CheckResult:
    """One check: full points when it passed, none otherwise."""

    name: str
    max_points: float
    status: Status = "not_run"
    message: str = "This check did not run."
    misconception: str | None = None

    @property
    def points(self) -> float:
        return self.max_points if self.status == "passed" else 0.0

    def as_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "status": self.status,
            "points": self.points,
            "max_points": self.max_points,
            "message": self.message,
            "misconception": self.misconception,
        }


_STORED = ("name", "max_points", "status", "message", "misconception")


@dataclass
class CellVerdict:
    """One graded cell with its checks."""

    grade_id: str
    max_score: float
    checks: list[CheckResult]

    @property
    def score(self) -> float:
        return min(sum(check.points for check in self.checks), self.max_score)

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
        jail: what the student's code ran in: "bubblewrap" or "none".
        device: "cpu" or "cuda".
        notes: what was repaired, what the run met with, and remarks that cost no points.
    """

    assignment: str
    submission: str
    jail: str
    device: str
    seconds: float
    cells: list[CellVerdict]
    notes: list[str] = field(default_factory=list)

    @property
    def score(self) -> float:
        return sum(cell.score for cell in self.cells)

    @property
    def max_score(self) -> float:
        return sum(cell.max_score for cell in self.cells)

    def cell(self, grade_id: str) -> CellVerdict:
        return next(cell for cell in self.cells if cell.grade_id == grade_id)

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
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Verdict:
        """The inverse of `as_dict`."""
        cells = [
            CellVerdict(
                cell["grade_id"],
                cell["max_score"],
                [
                    CheckResult(**{name: check[name] for name in _STORED})
                    for check in cell["checks"]
                ],
            )
            for cell in data["cells"]
        ]
        kept = ("assignment", "submission", "jail", "device", "seconds", "notes")
        return cls(cells=cells, **{name: data[name] for name in kept})

    def to_json(self) -> str:
        return json.dumps(self.as_dict(), indent=2, ensure_ascii=False) + "\n"
