"""Layouts of the downloads that each LMS makes: the owner of a file, and its original name.

canvas      doejane_LATE_1234_5678_norms.ipynb: name, user, attachment; `anon_` where it is anonymous
moodle      Jane Doe_1234_assignsubmission_file_/norms.ipynb, or all of it in the file's name
gradescope  assignment_1_export/submission_2/norms.ipynb, and whose 2 is in submission_metadata.yml
forms       norms - Jane Doe.ipynb, of Google Forms; norms_Jane Doe.ipynb, of Microsoft Forms
folder      jane/norms.ipynb, or jane/norms/norms.ipynb as nbgrader lays it out
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import PurePosixPath
from typing import Any

import yaml
from nbgrader.utils import parse_utc

from autograder.course.lms.archives import File, Refused
from autograder.course.lms.roster import slug
from autograder.errors import CourseError

METADATA = "submission_metadata.yml"
TIMESTAMP = "timestamp.txt"  # of nbgrader: when a submission came
CANVAS = re.compile(
    r"(?P<name>.*?)(?:_(?P<late>LATE))?_(?P<user>\d+)_(?P<attachment>\d+)_(?P<file>.+)", re.DOTALL
)
ANONYMOUS = re.compile(
    r"(?:(?P<late>LATE)_)?(?P<name>anon_[^_]+)_(?P<attachment>\d+)_(?P<file>.+)", re.DOTALL
)
AGAIN = re.compile(r"-\d+(?=\.\w+$)")  # Canvas numbers files that are handed in again
MOODLE = re.compile(
    r"(?P<name>[^/]*)_(?P<user>\d+)_(?P<plugin>assignsubmission_[a-z]+)(?P<rest>(?:_|/).*|)",
    re.DOTALL,
)
FORMS = tuple(
    re.compile(rf"(?P<file>.+){between}(?P<name>.+?)(?: ?\((?P<copy>\d+)\))?(?P<ending>\.\w+)")
    for between in (" - ", "_")
)


@dataclass(frozen=True)
class Owner:
    """Somebody as an LMS names them.

    Attributes:
        name: in whatever order and spelling.
        id: what to call somebody whom no roster knows.
        codes: numbers and addresses by which a roster may know them.
        prefix: what an LMS expects before the name of a file that is given back.
    """

    name: str
    id: str
    codes: tuple[str, ...] = ()
    email: str = ""
    lms_user_id: str = ""
    prefix: str = ""


@dataclass(frozen=True)
class Sent:
    """A file that somebody sent.

    Attributes:
        path: what the file was called, and in which folder it was.
        version: later ones replace earlier ones of the same path.
        is_late: because the LMS says so, for it may not say when the file came.
    """

    owner: Owner
    path: PurePosixPath
    file: File
    time: datetime | None = None
    version: int = 0
    is_late: bool = False


Found = Sent | Refused
Layout = Callable[[Iterable[File], str], Iterator[Found]]


def canvas(files: Iterable[File], assignment: str) -> Iterator[Found]:
    """Canvas says who was late, but not when a file came."""
    for file in files:
        match = ANONYMOUS.fullmatch(file.name) or CANVAS.fullmatch(file.name)
        if not match:
            yield _stranger(file, "NAME_1234_5678_FILE")
            continue
        said = match.groupdict()
        user = said.get("user") or ""
        key = "_".join(part for part in (said["name"], user, said["attachment"]) if part)
        known_as = f"{said['name']}_{user}" if user else said["name"]
        owner = Owner(said["name"], known_as, (user,), lms_user_id=user, prefix=key)
        path = PurePosixPath(AGAIN.sub("", said["file"]))
        yield Sent(owner, path, file, None, int(said["attachment"]), bool(said["late"]))


def moodle(files: Iterable[File], assignment: str) -> Iterator[Found]:
    """The number in a name is of one assignment only; the grading worksheet knows it."""
    for file in files:
        match = MOODLE.search(str(file.path))
        if not match:
            yield _stranger(file, "NAME_1234_assignsubmission_file_")
        elif match["plugin"] == "assignsubmission_file":
            prefix = f"{match['name']}_{match['user']}_{match['plugin']}"
            owner = Owner(match["name"], slug(match["name"]), (match["user"],), prefix=prefix)
            yield Sent(owner, PurePosixPath(match["rest"].lstrip("_/")), file)


def gradescope(files: Iterable[File], assignment: str) -> Iterator[Found]:
    """A group's submission belongs to each of its members."""
    found = list(files)
    lists = [file for file in found if file.name == METADATA]
    if not lists:
        raise CourseError(
            f"There is no {METADATA} in it: Gradescope's export of submissions has one."
        )
    submissions: dict[str, Any] = {}
    for file in lists:
        submissions |= _metadata(file)
    for file in found:
        folder = next((part for part in file.path.parts[:-1] if part in submissions), None)
        if file.name == METADATA:
            continue
        if folder is None:
            yield _stranger(file, f"submission_1234/FILE, with submission_1234 in {METADATA}")
            continue
        said = submissions[folder]
        path = PurePosixPath(*file.path.parts[file.path.parts.index(folder) + 1 :])
        for one in said.get(":submitters") or [{}]:
            email, sid = str(one.get(":email") or ""), str(one.get(":sid") or "")
            name = str(one.get(":name") or folder)
            known_as = sid or email.partition("@")[0] or slug(name)
            owner = Owner(name, known_as, (sid, email), email, sid)
            yield Sent(owner, path, file, _utc(said.get(":created_at")))


def forms(files: Iterable[File], assignment: str) -> Iterator[Found]:
    """A form puts the name of whoever answered it behind the name of the file."""
    for file in files:
        match = next((found for form in FORMS if (found := form.fullmatch(file.name))), None)
        if match:
            path = PurePosixPath(match["file"] + match["ending"])
            owner = Owner(match["name"], slug(match["name"]))
            yield Sent(owner, path, file, version=int(match["copy"] or 0))
        else:
            yield _stranger(file, "FILE - NAME.ipynb")


def folder(files: Iterable[File], assignment: str) -> Iterator[Found]:
    """A folder for each student, or a file that is called as the student.

    Nothing but nbgrader's timestamp.txt says when a file came: a copy of it has the time of copying.
    """
    found = _inside(list(files), assignment)
    nested = {file.path.parts[0] for file in found if file.path.parts[1:-1][:1] == (assignment,)}
    stamps = {}
    for file in found:
        if file.name == TIMESTAMP and file.path.parts[1:-1] in ((), (assignment,)):
            stamps[file.path.parts[0]] = _stamp(file)
    for file in found:
        top, *rest = file.path.parts
        name = top.removeprefix(f"{assignment}-")  # as GitHub Classroom calls its clones
        if not rest:
            name = re.sub(rf"[-_ ]?{re.escape(assignment)}$", "", file.path.stem)
            if not name:
                yield _stranger(file, "STUDENT.ipynb, or STUDENT/FILE")
                continue
            rest = [file.name]
        elif top in nested:
            if rest[0] != assignment:
                continue  # of another assignment
            rest = rest[1:]
        if rest != [TIMESTAMP]:
            yield Sent(Owner(name, name, (name,)), PurePosixPath(*rest), file, stamps.get(top))


LAYOUTS: dict[str, Layout] = {
    "canvas": canvas,
    "moodle": moodle,
    "gradescope": gradescope,
    "forms": forms,
    "folder": folder,
}


def _stranger(file: File, expected: str) -> Refused:
    return Refused(str(file.path), f"its name does not say whose it is: expected {expected}")


def _inside(files: list[File], assignment: str) -> list[File]:
    """The files without a folder around all students' folders."""
    tops = {file.path.parts[0] for file in files}
    is_around = all(len(file.path.parts) > 2 and file.path.parts[1] != assignment for file in files)
    if len(tops) != 1 or not is_around:
        return files
    return [replace(file, path=PurePosixPath(*file.path.parts[1:])) for file in files]


def _stamp(file: File) -> datetime | None:
    try:
        return _utc(parse_utc(file.read().decode().strip()))
    except (CourseError, ValueError, OverflowError):
        return None


def _metadata(file: File) -> dict[str, Any]:
    try:
        said = yaml.safe_load(file.read())
    except (yaml.YAMLError, ValueError) as error:
        raise CourseError(f"{file.path} can't be read: {str(error).splitlines()[0]}.") from error
    if not isinstance(said, dict) or not all(isinstance(one, dict) for one in said.values()):
        raise CourseError(f"{file.path} can't be read: it is not a list of submissions.")
    return said


def _utc(time: object) -> datetime | None:
    if not isinstance(time, datetime):
        return None
    return time.astimezone(timezone.utc) if time.tzinfo else time.replace(tzinfo=timezone.utc)
