"""A record of what was collected: how the LMS calls each student's files, for what is given back."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

from autograder.course.course import Course

COLUMNS = ("student", "prefix", "file", "handed_in")


def record_of(course: Course, name: str) -> dict[str, dict[str, str]]:
    """The record of an assignment by student; empty where `collect` was never run."""
    path = _path(course, name)
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def keep_record(
    course: Course, name: str, sent: dict[str, tuple[str, str, datetime | None]]
) -> None:
    """Add to the record of an assignment.

    Args:
        sent: by student, what the LMS expects before the name of a file that is given back, the file
            that was collected, and when it was handed in.
    """
    path = _path(course, name)
    path.parent.mkdir(exist_ok=True)
    known = record_of(course, name)
    for student, (prefix, collected, time) in sent.items():
        said = (student, prefix, collected, time.isoformat() if time else "")
        known[student] = dict(zip(COLUMNS, said, strict=True))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(known.values())


def _path(course: Course, name: str) -> Path:
    return course.root / "collected" / f"{name}.csv"
