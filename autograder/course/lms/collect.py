"""Takes a download of submissions apart and puts each notebook where it is graded.

    autograder collect norms download.zip --from canvas --roster gradebook.csv

Everybody in the download gets a row: whose file, what was taken of it, or why nothing was.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path, PurePosixPath

import nbgrader.api as nb
from sqlalchemy import select

from autograder.course.course import Course
from autograder.course.grades import Person, due_dates
from autograder.course.lms.archives import File, Refused, files_in, is_zip, unpacked
from autograder.course.lms.layouts import LAYOUTS, Owner, Sent
from autograder.course.lms.notebooks import Candidate, Releases, choose
from autograder.course.lms.placing import is_fit, put, why_not
from autograder.course.lms.record import keep_record
from autograder.course.lms.roster import UNFIT, Enrolled, Roster, read_roster
from autograder.course.nbgrader_steps import NbgraderSteps
from autograder.errors import CourseError
from autograder.grading.handed_in import FILE_BYTES, FILES

NOTEBOOKS = (".ipynb", ".py")
A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Row:
    """The outcome for one student's files.

    Attributes:
        student: as the course calls them, or as the LMS does where nobody is found.
        file: the one that is graded; empty if there is none.
        notes: what an instructor should know, or why nothing was collected.
        prefix: what the LMS expects before the name of a file that is given back.
    """

    student: str
    file: str = ""
    time: datetime | None = None
    is_late: bool = False
    notes: tuple[str, ...] = ()
    prefix: str = ""


@dataclass
class Collected:
    """All rows, the refused files, and the students on the roster without a submission."""

    rows: list[Row] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


@dataclass
class _Student:
    """One student's files, by what they were called; of each the newest version."""

    person: Person
    owner: Owner
    time: datetime | None = None
    is_late: bool = False
    files: dict[PurePosixPath, Sent] = field(default_factory=dict)

    def add(self, sent: Sent) -> None:
        def age(one: Sent) -> tuple:
            return one.version, one.file.time or datetime.min.replace(tzinfo=timezone.utc)

        known = self.files.get(sent.path)
        if known is None or age(sent) >= age(known):
            self.files[sent.path] = sent
            self.owner = sent.owner
        self.is_late = self.is_late or sent.is_late
        self.time = max(filter(None, (self.time, sent.time)), default=None)


def collect(
    course: Course,
    name: str,
    places: Sequence[Path],
    source: str,
    rosters: Sequence[Path] = (),
    use: dict[str, str] | None = None,
    dry_run: bool = False,
) -> Collected:
    """Put the notebooks of a download into the course's folder of submissions.

    Args:
        name: of the assignment.
        places: zip files, folders or single files.
        source: one of `LAYOUTS`.
        rosters: lists of the class. Where there is one, a stranger is not collected.
        use: the file to take of a student who sent several with answers.
        dry_run: only say what would come of it.

    Raises:
        CourseError: there is no such assignment or release, or something can't be read or written.
    """
    releases = Releases(name, _releases(course, name))
    roster = _roster(course, rosters)
    found = Collected()
    students = _students(_files(places, found), name, source, roster, found)
    due = due_dates(NbgraderSteps(course), name)
    for student in students:
        row = _row(
            course, name, student, releases, due, (use or {}).get(student.person.id, ""), dry_run
        )
        found.rows.append(row)
    found.rows.sort(key=lambda row: (bool(row.file), row.student))
    collected = {row.student for row in found.rows if row.file}
    there = collected | set(course.submitted(name))
    found.missing = sorted(roster.people.keys() - there)
    if not dry_run:
        _enrol(course, source, roster, [one for one in students if one.person.id in collected])
        sent = {row.student: (row.prefix, row.file, row.time) for row in found.rows if row.file}
        keep_record(course, name, sent)
    return found


def _releases(course: Course, name: str) -> dict:
    found = {}
    for assignment in {name, *course.names}:
        one = course.assignment(assignment)
        if assignment == name or one.release_path.is_file():
            found[assignment] = one.release
    return found


def _roster(course: Course, rosters: Sequence[Path]) -> Roster:
    roster = Roster(is_complete=bool(rosters))
    with NbgraderSteps(course).reading() as session:
        for one in session.scalars(select(nb.Student)) if session else ():
            said = (one.last_name, one.first_name, one.email, one.lms_user_id)
            roster.people[one.id] = Enrolled(Person(one.id, *(value or "" for value in said)))
    for path in rosters:
        for enrolled in read_roster(path):
            known = roster.find(enrolled.person.id, enrolled.person.email)
            if len(known) == 1:  # under the id that the course has for them
                person = replace(enrolled.person, id=known[0].person.id)
                enrolled = replace(enrolled, person=person)
            roster.add(enrolled)
    return roster


def _files(places: Sequence[Path], found: Collected) -> Iterator[File]:
    for place in places:
        for one in files_in(place):
            if isinstance(one, Refused):
                found.refused.append(one)
            else:
                yield one


def _students(
    files: Iterable[File], name: str, source: str, roster: Roster, found: Collected
) -> list[_Student]:
    students: dict[str, _Student] = {}
    strangers: dict[str, Row] = {}
    for sent in LAYOUTS[source](files, name):
        if isinstance(sent, Refused):
            found.refused.append(sent)
            continue
        person = _person(sent.owner, roster)
        if isinstance(person, str):
            strangers[sent.owner.id] = Row(sent.owner.name, notes=(person,))
            continue
        known = roster.people.get(person.id)
        student = students.setdefault(person.id, _Student(person, sent.owner))
        student.add(replace(sent, time=sent.time or (known.time if known else None)))
    found.rows += strangers.values()
    return list(students.values())


def _person(owner: Owner, roster: Roster) -> Person | str:
    """The student that an LMS speaks of; or why there is none."""
    found = roster.find(*owner.codes, owner.email, owner.name)
    if len(found) == 1:
        return found[0].person
    if found:
        ids = ", ".join(one.person.id for one in found)
        return f"several students are called so ({ids}): give their emails or numbers in the roster"
    if roster.is_complete:
        close = difflib.get_close_matches(owner.id, list(roster.people), 1)
        return "not on the roster" + (f"; is it {close[0]}?" if close else "")
    if UNFIT.search(owner.id) or not owner.id:
        return "the name can't be that of a folder: give a roster"
    return Person(owner.id, email=owner.email, lms_user_id=owner.lms_user_id)


def _row(
    course: Course,
    name: str,
    student: _Student,
    releases: Releases,
    due: dict[str | None, datetime],
    said: str,
    dry_run: bool,
) -> Row:
    row = Row(student.person.id, prefix=student.owner.prefix, time=student.time)
    files, problems = _unpacked(student)
    candidates, data, unread = _read(files, releases)
    problems += unread
    chosen = choose(name, candidates, said)
    notes = (*chosen.notes, *problems)
    if chosen.candidate is None:
        return replace(row, notes=notes)
    end = due.get(row.student, due.get(None))
    if row.time is None and student.is_late and end:
        row = replace(row, time=end + A_MINUTE)
        notes = (*notes, "late; Canvas does not say by how much: one minute is on record")
    elif student.is_late and not end:
        notes = (*notes, "late, says the LMS; the gradebook has no due date to count from")
    late = bool(student.is_late or (row.time and end and row.time > end))
    folder = course.folder(course.directory.submitted_directory, row.student, name)
    reason = why_not(folder / f"{name}.ipynb", chosen.candidate.content, row.time)
    if reason:
        notes = (*notes, reason)
    elif not dry_run:
        try:
            put(folder, name, chosen.candidate.content, data, row.time)
        except CourseError as error:  # the others' are written
            return replace(row, notes=(*notes, str(error).rstrip(".")))
    return replace(row, file=str(chosen.candidate.path), is_late=late, notes=notes)


def _unpacked(student: _Student) -> tuple[list[File], list[str]]:
    """The files, those of a zip file instead of it; and what could not be taken out of one."""
    files, problems = [], []
    for path, sent in student.files.items():
        file = replace(sent.file, path=path)
        if not is_zip(file):
            files.append(file)
            continue
        for one in unpacked(file):
            if isinstance(one, File):
                files.append(one)
            else:
                problems.append(f"{one.path}: {one.reason}")
    return files, problems


def _read(
    files: list[File], releases: Releases
) -> tuple[list[Candidate], dict[PurePosixPath, bytes], list[str]]:
    """Notebooks, data files beside them within limits, and what could not be read."""
    candidates, problems = [], []
    data: dict[PurePosixPath, bytes] = {}
    left = FILE_BYTES
    for file in files:
        try:
            if file.path.suffix.lower() in NOTEBOOKS:
                candidates.append(releases.candidate(file.path, file.read()))
            elif len(data) < FILES and is_fit(file.path):
                content = file.read()
                left -= len(content)
                if left < 0:
                    raise CourseError(f"{file.path} is left out: there are too many data files.")
                data[file.path] = content
        except CourseError as error:
            problems.append(str(error).rstrip("."))
    return candidates, data, problems


def _enrol(course: Course, source: str, roster: Roster, students: list[_Student]) -> None:
    """Enter everybody on the roster, and everybody who was collected, into the gradebook."""
    people = {one.person.id: one.person for one in students}
    people |= {name: enrolled.person for name, enrolled in roster.people.items()}
    with NbgraderSteps(course).gradebook() as gradebook:
        for person in people.values():
            said = {key: value for key, value in vars(person).items() if value and key != "id"}
            if source == "moodle":
                said.pop("lms_user_id", None)  # a number of this assignment only
            gradebook.update_or_create_student(person.id, **said)
