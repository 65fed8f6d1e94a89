"""Packs feedback pages into one zip file, under the names by which an LMS gives them back.

canvas      doejane_1234_5678_norms_feedback.html: uploaded where the submissions were downloaded
moodle      Jane Doe_1234_assignsubmission_file_/norms_feedback.html: as feedback files in a zip
others      jane/norms.html, to be sent by mail or laid in a shared folder
"""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

from autograder.course.course import Course
from autograder.course.lms.record import record_of
from autograder.course.standings import Student, read_standings
from autograder.errors import CourseError

BY_PREFIX = {"canvas": "{prefix}_{name}_feedback.html", "moodle": "{prefix}_/{name}_feedback.html"}


def pack_feedback(course: Course, name: str, target: str, path: Path) -> list[str]:
    """Write the zip file with everybody's page.

    Returns:
        Notes on those whose page is not in it.

    Raises:
        CourseError: there is no page at all, or the file can't be written.
    """
    students = read_standings(course, name)
    pages = [one for one in students if one.feedback]
    if not pages:
        raise CourseError(f"There is no feedback on {name}: run `autograder grade {name}` first.")
    names, unnamed = _names(course, name, target, pages)
    unfinished = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
            for one in pages:
                if one.feedback and one.name in names:
                    archive.write(one.feedback, names[one.name])
        os.replace(unfinished, path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise CourseError(f"{path} can't be written: {error.strerror}.") from error
    if not unnamed:
        return []
    return [
        f"{len(unnamed)} were not collected from {target}, which needs its own names for their "
        f"pages: {', '.join(unnamed)}"
    ]


def _names(
    course: Course, name: str, target: str, pages: list[Student]
) -> tuple[dict[str, str], list[str]]:
    """The path of each student's page in the zip file; and those for whom there is none."""
    if target not in BY_PREFIX:
        return {one.name: f"{one.name}/{name}.html" for one in pages}, []
    record = record_of(course, name)
    prefixes = {one.name: record.get(one.name, {}).get("prefix", "") for one in pages}
    names = {
        student: BY_PREFIX[target].format(prefix=prefix, name=name)
        for student, prefix in prefixes.items()
        if prefix
    }
    return names, [student for student, prefix in prefixes.items() if not prefix]
