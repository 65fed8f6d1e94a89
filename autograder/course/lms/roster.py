"""Rosters: the people on the lists that an LMS exports, found by the names that its downloads use.

A list is any CSV file that an LMS exports: Canvas's gradebook, Moodle's grading worksheet, Gradescope's
roster or grades, the answers of a form. Its columns are known by their names.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path

from dateutil import parser as dates

from autograder.course.grades import Person
from autograder.errors import CourseError
from autograder.grading.text import readable

# The columns for each of a person's fields, the best first; in small letters.
COLUMNS = {
    "id": ("student_id", "student id", "sis login id", "sid", "id number", "username", "student"),
    "last_name": ("last_name", "last name", "surname", "lastname"),
    "first_name": ("first_name", "first name", "firstname"),
    "name": ("full name", "name", "student name", "your name"),
    "email": ("email", "email address", "e-mail", "sis login id"),
    "lms_user_id": ("lms_user_id", "identifier", "id", "canvas id"),
    "time": ("last modified (submission)", "timestamp", "submission time", "completion time"),
}
NO_PERSON = ("points possible", "student, test", "test student")  # rows of Canvas's gradebook
UNFIT = re.compile(
    r"[/\\*?\[\]\x00-\x1f]|^\.|^\s|\s$"
)  # for a folder's name, or nbgrader's patterns


@dataclass(frozen=True)
class Enrolled:
    """A person on a list, and when the list says that they handed in."""

    person: Person
    time: datetime | None = None


@dataclass
class Roster:
    """People, found by whatever an LMS calls them.

    Attributes:
        is_complete: whether it names everybody, so that a stranger is a mistake.
    """

    people: dict[str, Enrolled] = field(default_factory=dict)
    is_complete: bool = False

    def add(self, enrolled: Enrolled) -> None:
        """Add a person, or what a list says about one who is known; its words win over earlier ones."""
        person = enrolled.person
        if UNFIT.search(person.id):
            raise CourseError(
                f"The roster has a student {person.id!r}, which can't be the name of a folder: leave out "
                "/ \\ * ? [ ] and spaces at its ends."
            )
        known = self.people.get(person.id)
        if known:
            said = {name: value for name, value in vars(person).items() if value}
            enrolled = Enrolled(replace(known.person, **said), enrolled.time or known.time)
        self.people[person.id] = enrolled

    def find(self, *words: str) -> list[Enrolled]:
        """Those whom one of some words names: an id, a number, an address or a name, in that order."""
        for word in words:
            for names in (_codes, _names):
                found = [one for one in self.people.values() if _key(word) in names(one.person)]
                if word and found:
                    return found
        return []


def read_roster(path: Path) -> list[Enrolled]:
    """The people on a list that an LMS exported.

    Raises:
        CourseError: it can't be read, or no column says who somebody is.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise CourseError(f"{path} can't be read as a roster: {error}.") from error
    first = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=separator_of(first))
    people = [found for row in rows if (found := enrolled(row))]
    if not people:
        raise CourseError(
            f"{path} names nobody: its first line has to name columns, such as student_id, name and "
            f"email. It is: {readable(first, 200)}"
        )
    return people


def separator_of(line: str) -> str:
    """The separator of a CSV file, guessed from its first line."""
    return max(",;\t", key=line.count)


def slug(name: str) -> str:
    """A name as the name of a folder: small letters, digits and underscores, in any alphabet."""
    return re.sub(r"\W+", "_", unicodedata.normalize("NFC", name).lower()).strip("_")


def enrolled(row: Mapping[str, str | None]) -> Enrolled | None:
    """The person in a row of a list, by the names of its columns; None where there is none."""
    cells = {(name or "").strip().lower(): str(value or "").strip() for name, value in row.items()}
    said = {
        name: next((cells[column] for column in columns if cells.get(column)), "")
        for name, columns in COLUMNS.items()
    }
    if "sis login id" in cells:  # Canvas: its Student is a name, and its ID a number
        said["name"] = cells.get("student", "")
        said["id"] = cells["sis login id"] or cells.get("sis user id", "") or said["lms_user_id"]
    elif "student" in cells and "id" in cells:
        said["name"], said["id"] = cells["student"], f"{slug(cells['student'])}_{cells['id']}"
    elif "id" in cells and not said["id"]:  # the list that nbgrader imports
        said["id"], said["lms_user_id"] = cells["id"], cells.get("lms_user_id", "")
    if said["name"].strip().lower() in NO_PERSON:
        return None
    last, first = _split(said["name"])
    email = said["email"] if "@" in said["email"] else ""
    key = said["id"] or email.partition("@")[0] or slug(said["name"])
    if not key:
        return None
    number = re.sub(r"^\D*(?=\d+$)", "", said["lms_user_id"])  # Moodle: Participant 1234
    person = Person(key, said["last_name"] or last, said["first_name"] or first, email, number)
    return Enrolled(person, _time(said["time"]))


def _split(name: str) -> tuple[str, str]:
    """Last and first names of `Last, First` or of `First Last`."""
    if "," in name:
        last, _, first = name.partition(",")
        return last.strip(), first.strip()
    first, _, last = name.strip().rpartition(" ")
    return last, first


def _time(text: str) -> datetime | None:
    """A time as a list writes it; one without a zone is a local one."""
    if not text or text == "-":
        return None
    try:
        return dates.parse(text).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def _codes(person: Person) -> set[str]:
    local = person.email.partition("@")[0]
    return _keys((person.id, person.lms_user_id, person.email, local))


def _names(person: Person) -> set[str]:
    first, last = person.first_name, person.last_name
    return _keys((f"{last} {first}", f"{first} {last}", slug(f"{last}_{first}")))


def _keys(words: Iterable[str]) -> set[str]:
    return {key for word in words if (key := _key(word))}


def _key(word: str) -> str:
    """The letters and digits of a name, without case and accents, for comparisons."""
    plain = unicodedata.normalize("NFKD", word).casefold()
    return "".join(letter for letter in plain if letter.isalnum())
