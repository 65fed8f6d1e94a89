"""The verdicts of a course: `verdicts/ASSIGNMENT/STUDENT.json` in its folder."""

from __future__ import annotations

import os
from pathlib import Path

from autograder.course.course import Course
from autograder.errors import CourseError
from autograder.grading.handed_in import read_handed_in
from autograder.grading.verdict import Verdict


def write_verdict(root: Path, verdict: Verdict) -> None:
    """Keep a student's verdict in the course's folder."""
    path = path_of(root, verdict.assignment, verdict.submission)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_text(verdict.to_json(), encoding="utf-8")
    os.replace(unfinished, path)  # whole or not at all, whenever this process ends


def path_of(root: Path, assignment: str, student: str) -> Path:
    """Where a student's verdict lies."""
    return _folder(root, assignment) / f"{student}.json"


def current_verdict(
    course: Course, assignment: str, student: str, digest: str | None = None
) -> Verdict | None:
    """The verdict on what a student has handed in now; None where there is none, or an older one.

    Args:
        digest: of what is handed in; read when it is None.
    """
    path = path_of(course.root, assignment, student)
    folder = course.folder(course.directory.submitted_directory, student, assignment)
    if not path.is_file():
        return None
    try:
        verdict = Verdict.read(path)
        digest = digest or read_handed_in(folder, assignment, student).digest
    except CourseError:
        return None
    return verdict if verdict.digest == digest else None


def is_recorded(course: Course, assignment: str, student: str, digest: str | None = None) -> bool:
    """Whether nbgrader has the notebook that a student has handed in now, with its verdict."""
    graded = course.graded_path(assignment, student)
    if not graded.is_file() or current_verdict(course, assignment, student, digest) is None:
        return False
    verdict = path_of(course.root, assignment, student)
    return graded.stat().st_mtime >= verdict.stat().st_mtime


def read_verdicts(root: Path, assignment: str) -> dict[str, Verdict]:
    """The verdicts on an assignment by student, in the order of their names.

    Raises:
        CourseError: there is none, or a file is not a verdict.
    """
    folder = _folder(root, assignment)
    paths = sorted(folder.glob("*.json"))
    if not paths:
        raise CourseError(
            f"There are no verdicts in {folder}: grade first, with `autograder grade {assignment}`."
        )
    return {path.stem: _read(path, assignment) for path in paths}


def _folder(root: Path, assignment: str) -> Path:
    return root / "verdicts" / assignment


def _read(path: Path, assignment: str) -> Verdict:
    try:
        return Verdict.read(path)
    except CourseError as error:
        again = f"autograder grade {assignment} --student {path.stem} --force"
        raise CourseError(f"{error} Grade this student again, with `{again}`.") from error
