"""Writes the gradebook's grades in the columns that an LMS imports.

    autograder export norms --for canvas --into gradebook.csv

Best is to fill in the LMS's own list, which knows everybody by its own numbers; without one, the
columns are made from the gradebook.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course.course import Course
from autograder.course.grades import Person
from autograder.course.lms.roster import Enrolled, Roster, enrolled, separator_of, slug
from autograder.course.scores import inert, write_csv, write_scores
from autograder.course.standings import Student, read_standings
from autograder.errors import CourseError

Rows = list[list[object]]
INFORMATION = (
    "student",
    "id",
    "sis user id",
    "sis login id",
    "integration id",
    "root account",
    "section",
)
ITS_NUMBER = re.compile(r" \(\d+\)$")  # Canvas puts it behind the title of an assignment


@dataclass
class Exported:
    """The file with the grades, their number, and notes for the instructor."""

    path: Path
    count: int = 0
    notes: list[str] = field(default_factory=list)


def export(
    course: Course,
    name: str,
    target: str,
    to: Path | None = None,
    into: Path | None = None,
    column: str | None = None,
    unfinished: bool = False,
) -> Exported:
    """Write the grades for an assignment.

    Args:
        target: one of `TARGETS`.
        to: the file to write; `exports/NAME-TARGET.csv` if it is None.
        into: a list that the LMS exported, to fill in.
        column: the one to fill in; found by the assignment's name if it is None.
        unfinished: also grades that are not final.

    Raises:
        CourseError: nothing is graded, or a file can't be read or written.
    """
    students = read_standings(course, name)
    done = Exported(to or course.root / "exports" / f"{name}-{target}.csv")
    done.path.parent.mkdir(parents=True, exist_ok=True)
    given = [student for student in students if _is_given(student, unfinished)]
    done.count = len(given)
    done.notes += _left_out(students, unfinished)
    if target == "csv":
        write_scores(done.path, students)
    elif into:
        write_csv(done.path, _filled(into, target, name, column, given, done))
    else:
        write_csv(done.path, TARGETS[target](name, students, unfinished))
    return done


def _is_given(student: Student, unfinished: bool) -> bool:
    return student.state == "final" or (unfinished and student.grade is not None)


def _left_out(students: Sequence[Student], unfinished: bool) -> list[str]:
    without = [one.name for one in students if one.grade is None]
    waiting = [one.name for one in students if one.state == "not final"]
    notes = []
    if waiting and not unfinished:
        notes.append(
            f"{len(waiting)} grades are not final and left out (--unfinished takes them): "
            + ", ".join(waiting)
        )
    elif waiting:
        notes.append(f"{len(waiting)} grades are not final: {', '.join(waiting)}")
    if without:
        notes.append(f"{len(without)} have no grade: {', '.join(without)}")
    return notes


def _points(student: Student, unfinished: bool = True) -> str:
    """The score as an LMS reads it; an empty one changes nothing there."""
    if student.grade is None or not _is_given(student, unfinished):
        return ""
    return f"{round(student.grade.score, 2):g}"


def _most(students: Sequence[Student]) -> str:
    return f"{max((one.grade.max_score for one in students if one.grade), default=0):g}"


def _canvas(name: str, students: Sequence[Student], unfinished: bool) -> Rows:
    rows: Rows = [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", name],
        ["    Points Possible", "", "", "", "", _most(students)],
    ]
    for one in students:
        who = one.person
        called = f"{who.last_name}, {who.first_name}" if who.last_name else who.id
        rows.append(
            [inert(called), who.lms_user_id, "", inert(who.id), "", _points(one, unfinished)]
        )
    return rows


def _moodle(name: str, students: Sequence[Student], unfinished: bool) -> Rows:
    rows: Rows = [["ID number", "Email address", "First name", "Last name", name]]
    for one in students:
        who = one.person
        said = [inert(word) for word in (who.id, who.email, who.first_name, who.last_name)]
        rows.append([*said, _points(one, unfinished)])
    return rows


def _gradescope(name: str, students: Sequence[Student], unfinished: bool) -> Rows:
    header = ["First Name", "Last Name", "SID", "Email", "Total Score", "Max Points", "Status"]
    rows: Rows = [[*header, "Submission Time", "Lateness (H:M:S)"]]
    for one in students:
        who, grade = one.person, one.grade
        said = [inert(word) for word in (who.first_name, who.last_name, who.id, who.email)]
        points = _points(one, unfinished)
        status = "Graded" if points else "Ungraded" if grade or one.verdict else "Missing"
        late = int(grade.seconds_late) if grade else 0
        time = grade.handed_in.isoformat(" ") if grade and grade.handed_in else ""
        lateness = f"{late // 3600:02d}:{late // 60 % 60:02d}:{late % 60:02d}"
        rows.append([*said, points, _most(students), status, time, lateness])
    return rows


TARGETS: dict[str, Callable[[str, Sequence[Student], bool], Rows]] = {
    "canvas": _canvas,
    "moodle": _moodle,
    "gradescope": _gradescope,
}
COLUMN = {"moodle": "Grade", "gradescope": "Total Score"}  # of Canvas: the assignment's title


def _filled(
    into: Path, target: str, name: str, column: str | None, given: list[Student], done: Exported
) -> Rows:
    """The LMS's own list with the grades in it."""
    header, rows = _list(into)
    place = _place(header, column or COLUMN.get(target, name), into)
    roster = Roster({one.name: Enrolled(one.person) for one in given})
    scores = {one.name: one for one in given}
    for row in rows:
        said = enrolled(dict(zip(header, row, strict=False)))
        known = said.person if said else None
        found = roster.find(*_words(known, target)) if known else []
        if len(found) == 1:
            student = scores.pop(found[0].person.id, None)
            if student:
                row[place] = _points(student)
                _insist_on_maximum(dict(zip(header, row, strict=False)), student, done)
        elif found:
            done.notes.append(f"several students fit {' '.join(row[:3])}: fill in that row by hand")
    if scores:
        done.notes.append(f"{len(scores)} are not in {into.name}: {', '.join(scores)}")
    done.count -= len(scores)
    if target == "canvas":  # older points of other assignments would replace newer ones
        kept = [i for i, title in enumerate(header) if title.strip().lower() in INFORMATION]
        return [[row[i] for i in (*kept, place)] for row in (header, *rows)]
    return [list(row) for row in (header, *rows)]


def _words(person: Person, target: str) -> list[str]:
    """The words that may identify a person in the gradebook, the most reliable first."""
    number = person.lms_user_id if target != "moodle" else ""  # Moodle's is one of this list only
    return [person.id, person.email, number, f"{person.last_name} {person.first_name}"]


def _list(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise CourseError(f"{path} can't be read: {error}.") from error
    separator = separator_of(text.partition("\n")[0])
    header, *rows = list(csv.reader(io.StringIO(text), delimiter=separator)) or [[]]
    return header, [row + [""] * (len(header) - len(row)) for row in rows if row]


def _place(header: list[str], title: str, path: Path) -> int:
    """The index of a column, by its title."""
    found = [i for i, one in enumerate(header) if one == title]
    found = found or [
        i for i, one in enumerate(header) if slug(ITS_NUMBER.sub("", one)) == slug(title)
    ]
    if len(found) != 1:
        how_many = "several columns are" if found else "no column is"
        raise CourseError(
            f"{path}: {how_many} called {title!r}: say --column with one of {', '.join(header)}."
        )
    return found[0]


def _insist_on_maximum(row: dict[str, str], student: Student, done: Exported) -> None:
    """Note a score that Moodle would pass over."""
    try:
        most = float(row.get("Maximum grade", "").replace(",", "."))
    except ValueError:
        return
    if student.grade and student.grade.score > most:
        done.notes.append(
            f"{student.name} has {_points(student)} of {most:g}: Moodle leaves out what is more than "
            "its maximum, so enter it by hand"
        )
