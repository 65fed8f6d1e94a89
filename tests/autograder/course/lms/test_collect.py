"""Downloads as each LMS makes them come to the right students, with times, reasons and nobody lost."""

from __future__ import annotations

import os
import shutil
import stat
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course.course import Course
from autograder.course.lms import archives
from autograder.course.lms.collect import collect
from autograder.course.lms.record import record_of
from autograder.course.nbgrader_steps import NbgraderSteps
from autograder.errors import CourseError
from tests.autograder.course.lms.class_of_three import (
    OTHER,
    answered,
    as_script,
    due,
    released,
    untouched,
    with_large_outputs,
    without_names,
    zipped,
)
from tests.autograder.course.small import NAME

CANVAS_ROSTER = """\
Student,ID,SIS User ID,SIS Login ID,Section,Counting (77)
    Points Possible,,,,,18
"Lovelace, Ada",1001,S1,ada,One,
"Бель, Ёлка",1002,S2,bela,One,
"Student, Test",1999,,,One,
"Absent, Carl",1003,S3,carl,One,
"""
MOODLE_ROSTER = """\
Identifier,"Full name","ID number","Email address",Status,Grade,"Maximum grade","Last modified (submission)","Last modified (grade)"
"Participant 31","Ada Lovelace",ada,ada@uni.edu,"Submitted for grading",,18.00,"Sunday, 1 March 2026, 11:30 AM",-
"Participant 32","Carl Absent",carl,carl@uni.edu,"No submission",,18.00,-,-
"""
GRADESCOPE_LIST = """\
submission_501:
  :submitters:
  - :name: Ada Lovelace
    :sid: ada
    :email: ada@uni.edu
  - :name: Bela Bell
    :sid: bela
    :email: bela@uni.edu
  :created_at: 2026-03-01 13:00:00.123456000 Z
  :score: 0.0
"""


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    return released(tmp_path_factory.mktemp("original"))


@pytest.fixture
def course(original, tmp_path):
    shutil.copytree(original.root, tmp_path / "course")
    return Course(tmp_path / "course")


def take(course, source, *places, roster=(), use=None, dry_run=False):
    """What came of it, by student: the file and the notes."""
    found = collect(course, NAME, places, source, roster, use, dry_run)
    return {row.student: (row.file, "; ".join(row.notes)) for row in found.rows}, found


def handed_in(course, student: str) -> bytes:
    return (course.root / "submitted" / student / NAME / f"{NAME}.ipynb").read_bytes()


def stamp(course, student: str) -> str | None:
    path = course.root / "submitted" / student / NAME / "timestamp.txt"
    return path.read_text() if path.is_file() else None


def roster(tmp_path, text: str) -> Path:
    path = tmp_path / "roster.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_canvas(course, tmp_path):
    due(course, "2026-03-01 12:00:00 UTC")
    right, half = answered(course), answered(course, dozens="def dozens(n): return 10 * n")
    first = zipped(tmp_path / "first.zip", {"lovelaceada_1001_5001_counting.ipynb": half})
    second = zipped(
        tmp_path / "second.zip",
        {
            "lovelaceada_1001_5009_counting-2.ipynb": right,
            "lovelaceada_1001_5010_notes.txt": b"mine",
            "бельёлка_LATE_1002_5002_My Counting (1).ipynb": half,
            "strangerjoe_1777_5003_counting.ipynb": right,
            "readme.txt": b"of nobody",
        },
    )
    rows, found = take(course, "canvas", second, first, roster=[roster(tmp_path, CANVAS_ROSTER)])
    assert handed_in(course, "ada") == right, "the newer one, in whatever order they come"
    assert handed_in(course, "bela") == half
    assert rows["strangerjoe"] == ("", "not on the roster")
    assert not (course.root / "submitted" / "strangerjoe_1777").exists()
    assert [one.path for one in found.refused] == ["readme.txt"]
    assert found.missing == ["carl"]
    assert (course.root / "submitted/ada" / NAME / "notes.txt").read_bytes() == b"mine"

    assert "it was called My Counting (1).ipynb" in rows["bela"][1]
    assert "late; Canvas does not say by how much" in rows["bela"][1]
    assert stamp(course, "bela") == "2026-03-01 12:01:00 UTC"
    assert stamp(course, "ada") is None
    assert [row.student for row in found.rows if row.is_late] == ["bela"]

    with NbgraderSteps(course).gradebook() as gradebook:
        people = {one.id: one for one in gradebook.students}
        assert set(people) == {"ada", "bela", "carl"}, (
            "neither Points Possible nor the test student"
        )
        assert (people["ada"].first_name, people["ada"].last_name) == ("Ada", "Lovelace")
        assert people["ada"].lms_user_id == "1001"
    assert record_of(course, NAME)["bela"]["prefix"] == "бельёлка_1002_5002"


def test_canvas_without_a_roster_and_anonymous(course, tmp_path):
    files = {
        "doejane_1_2_counting.ipynb": answered(course),
        "anon_Xy1z2_77_counting.ipynb": answered(course),
        "LATE_anon_Ab3c4_78_counting.ipynb": answered(course),
    }
    rows, found = take(course, "canvas", zipped(tmp_path / "all.zip", files))
    assert set(rows) == {"doejane_1", "anon_Xy1z2", "anon_Ab3c4"}
    assert "the gradebook has no due date" in rows["anon_Ab3c4"][1]
    assert {row.student for row in found.rows if row.is_late} == {"anon_Ab3c4"}


@pytest.mark.parametrize(
    "name",
    [
        "Ada Lovelace_31_assignsubmission_file_/my work/counting.ipynb",
        "Ada Lovelace_31_assignsubmission_file/counting.ipynb",
        "Ada Lovelace_31_assignsubmission_file_counting.ipynb",
        "Group A-Ada Lovelace_31_assignsubmission_file_/counting.ipynb",
    ],
)
def test_moodle_in_all_its_layouts(course, tmp_path, name, monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    due(course, "2026-03-01 11:00:00 UTC")
    files = {name: answered(course), "Ada Lovelace_31_assignsubmission_onlinetext_.html": b"hi"}
    download = zipped(tmp_path / "all.zip", files)
    rows, found = take(course, "moodle", download, roster=[roster(tmp_path, MOODLE_ROSTER)])
    assert set(rows) == {"ada"}
    assert stamp(course, "ada") == "2026-03-01 11:30:00 UTC"
    assert found.rows[0].is_late
    assert found.missing == ["carl"]


def test_gradescope_gives_a_group_s_notebook_to_each_member_with_its_time(course, tmp_path):
    files = {
        "assignment_9_export/submission_metadata.yml": GRADESCOPE_LIST.encode(),
        "assignment_9_export/submission_501/counting.ipynb": answered(course),
        "assignment_9_export/submission_777/counting.ipynb": answered(course),
    }
    rows, found = take(course, "gradescope", zipped(tmp_path / "export.zip", files))
    assert set(rows) == {"ada", "bela"}
    assert stamp(course, "ada") == stamp(course, "bela") == "2026-03-01 13:00:00 UTC"
    assert [one.path for one in found.refused] == [
        "assignment_9_export/submission_777/counting.ipynb"
    ]
    with pytest.raises(CourseError, match=r"There is no submission_metadata.yml in it"):
        take(course, "gradescope", zipped(tmp_path / "no.zip", {"a/b.ipynb": b""}))


def test_forms(course, tmp_path):
    answers = "Timestamp,Email Address,Name\n2026-03-01 13:00:00 UTC,ada@uni.edu,Ada Lovelace\n"
    answers += "2026-03-01 13:05:00 UTC,bela@uni.edu,Bela Bell\n"
    old = answered(course, total="def total(n): return 0")
    files = {
        "Homework/counting - copy - Ada Lovelace.ipynb": old,
        "Homework/counting - copy - Ada Lovelace (1).ipynb": answered(course),
        "Homework/my_counting_Bela Bell.ipynb": answered(course),
    }
    rows, _ = take(
        course, "forms", zipped(tmp_path / "drive.zip", files), roster=[roster(tmp_path, answers)]
    )
    assert set(rows) == {"ada", "bela"}
    assert handed_in(course, "ada") == answered(course)
    assert stamp(course, "bela") == "2026-03-01 13:05:00 UTC"


def test_folders_in_every_shape(course, tmp_path):
    places = tmp_path / "in"
    for path in (
        "nested/ada/counting.ipynb",
        "nested/bela/counting.ipynb",
        f"course/dora/{NAME}/other name.ipynb",
        f"course/dora/{OTHER}/{OTHER}.ipynb",
        "classroom/counting-emil/counting.ipynb",
        "classroom/counting-fay/homework/counting.ipynb",
        "flat/gus_counting.ipynb",
    ):
        file = places / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(answered(course, OTHER if OTHER in path else NAME))
    (places / f"course/dora/{NAME}/timestamp.txt").write_text("2026-03-01 09:00:00 UTC")
    around = zipped(
        tmp_path / "around.zip",
        {f"class/{who}/counting.ipynb": answered(course) for who in ("hal", "ida")},
    )
    folders = [places / name for name in ("nested", "course", "classroom", "flat")]
    found = {}
    for place in (*folders, around):
        rows, _ = take(course, "folder", place)
        found |= rows
    assert set(found) == {"ada", "bela", "dora", "emil", "fay", "gus", "hal", "ida"}
    assert found["dora"] == ("other name.ipynb", "it was called other name.ipynb")
    assert stamp(course, "dora") == "2026-03-01 09:00:00 UTC"
    assert stamp(course, "ada") is None, "a copy's own time says nothing"


def test_what_lies_in_submitted_already_is_put_right(course):
    place = course.root / "submitted" / "ada" / NAME
    place.mkdir(parents=True)
    (place / "My Counting (1).ipynb").write_bytes(answered(course))
    (place / "timestamp.txt").write_text("2026-03-01 09:00:00 UTC")
    rows, _ = take(course, "folder", course.root / "submitted")
    assert rows["ada"][0] == "My Counting (1).ipynb"
    assert handed_in(course, "ada") == answered(course)
    assert stamp(course, "ada") == "2026-03-01 09:00:00 UTC"


def test_which_of_several_files_counts(course, tmp_path):
    right, half = answered(course), answered(course, dozens="def dozens(n): return 12 * n")
    inner = BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("work/counting.ipynb", right)
        archive.writestr("../../evil.ipynb", right)
    cases = {
        "copy": {"counting.ipynb": untouched(course), "counting-Copy1.ipynb": right},
        "same": {"counting.ipynb": right, "again.ipynb": right},
        "asks": {"one.ipynb": right, "two.ipynb": half},
        "other": {"counting.ipynb": answered(course, OTHER)},
        "export": {"counting.py": as_script(right)},
        "both": {"mine.ipynb": right, "mine.py": as_script(right)},
        "archive": {"work.zip": inner.getvalue()},
        "broken": {"work.zip": b"PK no zip"},
        "text": {"counting.pdf": b"%PDF"},
        "damaged": {"counting.ipynb": b""},
        "idle": {"counting.ipynb": untouched(course)},
        "large": {"counting.ipynb": with_large_outputs(right, 101)},
    }
    files = {f"{who}/{path}": data for who, some in cases.items() for path, data in some.items()}
    place = zipped(tmp_path / "all.zip", files)
    rows, _ = take(course, "folder", place)

    def note(student: str, file: str, words: str) -> None:
        assert rows[student][0] == file
        assert words in rows[student][1]

    note("copy", "counting-Copy1.ipynb", "of 2 files the one with answers; not counting.ipynb")
    note("same", "again.ipynb", "it was called again.ipynb")
    note("asks", "", "which one? one.ipynb (3 answers), two.ipynb (1 answers): say --use")
    note("other", "", "counting.ipynb is the notebook of sorting")
    note("export", "counting.py", "it is a script: its code counts, but no written answers")
    note("both", "mine.ipynb", "the one with answers; not mine.py")
    note("archive", "work/counting.ipynb", "evil.ipynb: its path leads out of the archive")
    note("broken", "", "there is no notebook among the files")
    note("broken", "", "work.zip: it can't be opened")
    note("text", "", "there is no notebook among the files")
    note("damaged", "counting.ipynb", "it can't be read as a notebook")
    note("idle", "counting.ipynb", "nothing in it is answered")
    note("large", "counting.ipynb", "its outputs were left out: it had 101 MB")
    assert len(handed_in(course, "large")) < 100_000
    assert b"def dozens" in handed_in(course, "export")
    assert not (course.root / "evil.ipynb").exists()

    rows, _ = take(course, "folder", place, use={"asks": "two.ipynb"})
    assert rows["asks"][0] == "two.ipynb"
    assert handed_in(course, "asks") == half


def test_a_notebook_without_names_is_taken_for_what_it_is_called(course, tmp_path):
    content = without_names(answered(course))
    rows, _ = take(course, "folder", zipped(tmp_path / "a.zip", {"ada/counting.ipynb": content}))
    assert rows["ada"][0] == "counting.ipynb"


def test_an_older_version_replaces_no_newer_one_and_the_same_changes_nothing(course, tmp_path):
    def export(when: str, content: bytes) -> Path:
        text = GRADESCOPE_LIST.replace("2026-03-01 13:00:00.123456000 Z", when)
        files = {"e/submission_metadata.yml": text.encode(), "e/submission_501/a.ipynb": content}
        return zipped(tmp_path / "export.zip", files)

    new, old = answered(course), answered(course, dozens="def dozens(n): return 1")
    take(course, "gradescope", export("2026-03-02 10:00:00 Z", new))
    before = (course.root / "submitted/ada" / NAME / f"{NAME}.ipynb").stat().st_ino
    rows, _ = take(course, "gradescope", export("2026-03-01 10:00:00 Z", old))
    assert "an older version than the one that is there" in rows["ada"][1]
    assert handed_in(course, "ada") == new
    rows, _ = take(course, "gradescope", export("2026-03-02 10:00:00 Z", new))
    assert "the same as before" in rows["ada"][1]
    assert (course.root / "submitted/ada" / NAME / f"{NAME}.ipynb").stat().st_ino == before
    rows, _ = take(course, "gradescope", export("2026-03-03 10:00:00 Z", old))
    assert handed_in(course, "ada") == old


def test_a_dry_run_writes_nothing(course, tmp_path):
    before = sorted(path for path in course.root.rglob("*"))
    place = zipped(tmp_path / "all.zip", {"ada/counting.ipynb": answered(course)})
    rows, _ = take(course, "folder", place, dry_run=True)
    assert rows["ada"][0] == "counting.ipynb"
    assert sorted(path for path in course.root.rglob("*")) == before


def test_archives_that_want_to_write_elsewhere_or_fill_the_disk(course, tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "FILE_BYTES", 2**20)
    link = zipfile.ZipInfo("ada/link.ipynb")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../../ada/counting.ipynb", b"{}")
        archive.writestr("/etc/counting.ipynb", b"{}")
        archive.writestr("C:\\ada\\counting.ipynb", b"{}")
        archive.writestr(link, "/etc/passwd")
        archive.writestr("bomb/counting.ipynb", b"0" * 3 * 2**20)
        archive.writestr("good/counting.ipynb", answered(course))
        archive.writestr("good/.bashrc", b"x")
        archive.writestr("good/" + "x" * 250 + ".csv", b"x")
        archive.writestr("?*/counting.ipynb", answered(course))
    rows, found = take(course, "folder", path)
    assert {one.path: one.reason for one in found.refused} == {
        "../../../ada/counting.ipynb": "its path leads out of the archive",
        "/etc/counting.ipynb": "its path leads out of the archive",
        "C:\\ada\\counting.ipynb": "its path leads out of the archive",
        "ada/link.ipynb": "it is a link",
    }
    assert rows["bomb"][0] == ""
    assert "larger than 1 MB" in rows["bomb"][1]
    assert "can't be that of a folder" in rows["?*"][1]
    assert rows["good"][0] == "counting.ipynb"
    good = course.root / "submitted" / "good" / NAME
    assert [one.name for one in good.iterdir()] == [f"{NAME}.ipynb"]
    assert sorted(one.name for one in (course.root / "submitted").iterdir()) == ["good"]


def test_a_link_in_a_folder_is_not_followed(course, tmp_path):
    place = tmp_path / "in" / "ada"
    place.mkdir(parents=True)
    (tmp_path / "secret.ipynb").write_bytes(answered(course))
    os.symlink(tmp_path / "secret.ipynb", place / "counting.ipynb")
    rows, found = take(course, "folder", tmp_path / "in")
    assert rows == {}
    assert "link" in found.refused[0].reason


def test_two_students_of_one_name_are_a_question(course, tmp_path):
    text = "student_id,first_name,last_name\nada1,Ada,Love\nada2,Ada,Love\n"
    place = zipped(tmp_path / "a.zip", {"x - Ada Love.ipynb": answered(course)})
    rows, _ = take(course, "forms", place, roster=[roster(tmp_path, text)])
    assert "several students are called so (ada1, ada2)" in rows["Ada Love"][1]


def test_the_command_shows_a_table_and_fails_where_somebody_is_left_out(course, tmp_path):
    files = {"a_1_2_counting.ipynb": answered(course), "b_3_4_x.pdf": b"%PDF"}
    place = zipped(tmp_path / "all.zip", files)

    def run(*words: str):
        arguments = ["collect", NAME, str(place), "--course", str(course.root), *words]
        return CliRunner().invoke(app, arguments)

    done = run("--from", "canvas")
    assert done.exit_code == 1
    assert "there is no notebook among the files" in " ".join(done.output.split())
    assert "1 collected, 1 not." in done.output
    assert "--from blackboard: it can be canvas, moodle" in run("--from", "blackboard").output
    assert "write STUDENT=FILE" in run("--from", "canvas", "--use", "b_3").output
    place.unlink()
    assert "there is no such file or folder" in run("--from", "canvas").output
