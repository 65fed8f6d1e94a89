"""Grades go out in the columns that each LMS imports, and pages under the names that it expects."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course.course import Course
from autograder.course.lms.collect import collect
from autograder.course.lms.export import export
from autograder.course.lms.returned import pack_feedback
from autograder.course.nbgrader_steps import NbgraderSteps
from autograder.course.verdicts import write_verdict
from autograder.errors import CourseError
from autograder.grading.handed_in import read_handed_in
from autograder.grading.verdict import CellVerdict, CheckResult, Verdict
from tests.autograder.course.lms.class_of_three import answered, released, zipped
from tests.autograder.course.small import NAME

# As Canvas exports it, with a column of another assignment; two rows are no students.
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Older (71),Counting (77),Final Score
,,,,,Manual Posting,,(read only)
    Points Possible,,,,,10,18,(read only)
"Lovelace, Ada",1001,S1,ada,One,9,,90
"Bell, Bela",1002,S2,bela,One,8,3,80
"Absent, Carl",1003,S3,carl,One,7,,70
"""
MOODLE = """\
Identifier,"Full name","ID number","Email address",Status,Grade,"Maximum grade","Last modified (grade)"
"Participant 31","Ada Lovelace",ada,ada@uni.edu,Submitted,,18.00,-
"Participant 32","Bela Bell",bela,bela@uni.edu,Submitted,,18.00,-
"Participant 33","Somebody Else",else,else@uni.edu,,,18.00,-
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Ada has 15.5 points, Bela an answer that waits, Carl handed in nothing."""
    root = tmp_path_factory.mktemp("course")
    course = released(root)
    (root / "canvas.csv").write_text(CANVAS)
    (root / "moodle.csv").write_text(MOODLE)
    files = {
        "lovelaceada_1001_51_counting.ipynb": answered(course),
        "bellbela_1002_52_counting.ipynb": answered(course),
    }
    collect(course, NAME, [zipped(root / "d.zip", files)], "canvas", [root / "canvas.csv"])
    for student in ("ada", "bela"):
        grade(course, student)
    with NbgraderSteps(course).gradebook() as gradebook:
        written = gradebook.find_grade("why_twelve", NAME, NAME, "ada")
        written.manual_score, written.needs_manual_grade = 7.5, False
        gradebook.db.commit()
    return course


def grade(course: Course, student: str) -> None:
    cells = [
        CellVerdict(f"test_{name}", points, [CheckResult(f"test_{name}", points, "passed", "")])
        for name, points in (("dozens", 5), ("total", 3))
    ]
    verdict = Verdict(NAME, student, "none", "cpu", 1.0, cells)
    folder = course.root / "submitted" / student / NAME
    verdict.digest = read_handed_in(folder, NAME, student).digest
    write_verdict(course.root, verdict)
    steps = NbgraderSteps(course)
    with steps.gradebook() as gradebook:
        steps.record_points(gradebook, verdict)
    page = course.root / "feedback" / student / NAME / f"{NAME}.html"
    page.parent.mkdir(parents=True)
    page.write_text(f"<p>{student}</p>")


def rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_canvas_without_its_list(course):
    done = export(course, NAME, "canvas")
    assert done.path == course.root / "exports" / f"{NAME}-canvas.csv"
    assert rows(done.path) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "counting"],
        ["    Points Possible", "", "", "", "", "18"],
        ["Lovelace, Ada", "1001", "", "ada", "", "15.5"],
        ["Bell, Bela", "1002", "", "bela", "", ""],
        ["Absent, Carl", "1003", "", "carl", "", ""],
    ]
    assert done.count == 1
    assert "1 grades are not final and left out (--unfinished takes them): bela" in done.notes
    assert "1 have no grade: carl" in done.notes


def test_canvas_s_own_list_is_filled_in_and_other_assignments_are_left_out(course):
    done = export(course, NAME, "canvas", into=course.root / "canvas.csv", unfinished=True)
    assert rows(done.path) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Counting (77)"],
        ["", "", "", "", "", ""],
        ["    Points Possible", "", "", "", "", "18"],
        ["Lovelace, Ada", "1001", "S1", "ada", "One", "15.5"],
        ["Bell, Bela", "1002", "S2", "bela", "One", "8"],
        ["Absent, Carl", "1003", "S3", "carl", "One", ""],
    ]
    assert done.count == 2


def test_a_grade_that_is_not_final_leaves_what_the_list_has(course):
    done = export(course, NAME, "canvas", into=course.root / "canvas.csv")
    assert rows(done.path)[4][-1] == "3"


def test_moodle_s_worksheet_keeps_its_columns_for_it_needs_them(course, tmp_path):
    done = export(course, NAME, "moodle", to=tmp_path / "m.csv", into=course.root / "moodle.csv")
    header, ada, bela, other = rows(done.path)
    assert header == rows(course.root / "moodle.csv")[0]
    assert ada[:6] == ["Participant 31", "Ada Lovelace", "ada", "ada@uni.edu", "Submitted", "15.5"]
    assert bela[5] == other[5] == ""


def test_moodle_and_gradescope_without_their_lists(course, tmp_path):
    header, ada, *_ = rows(export(course, NAME, "moodle", to=tmp_path / "m.csv").path)
    assert dict(zip(header, ada, strict=True)) == {
        "ID number": "ada",
        "Email address": "",
        "First name": "Ada",
        "Last name": "Lovelace",
        "counting": "15.5",
    }
    header, *students = rows(export(course, NAME, "gradescope", to=tmp_path / "g.csv").path)
    said = {row[2]: dict(zip(header, row, strict=True)) for row in students}
    assert (said["ada"]["Total Score"], said["ada"]["Max Points"]) == ("15.5", "18")
    assert [said[who]["Status"] for who in ("ada", "bela", "carl")] == [
        "Graded",
        "Ungraded",
        "Missing",
    ]


def test_csv_has_everybody(course, tmp_path):
    header, *students = rows(export(course, NAME, "csv", to=tmp_path / "all.csv").path)
    assert [row[0] for row in students] == ["ada", "bela", "carl"]
    assert header[-4:] == ["dozens", "total", "why_twelve", "reason"]


def test_points_that_moodle_would_pass_over_are_said(course, tmp_path):
    worksheet = tmp_path / "w.csv"
    worksheet.write_text(MOODLE.replace("18.00", '"15,00"'))
    done = export(course, NAME, "moodle", to=tmp_path / "m.csv", into=worksheet)
    assert any(note.startswith("ada has 15.5 of 15: Moodle leaves out") for note in done.notes)


def test_somebody_who_is_not_in_the_list_is_said(course, tmp_path):
    worksheet = tmp_path / "w.csv"
    worksheet.write_text("\n".join(line for line in MOODLE.splitlines() if "Ada" not in line))
    done = export(course, NAME, "moodle", to=tmp_path / "m.csv", into=worksheet)
    assert (done.count, "1 are not in w.csv: ada" in done.notes) == (0, True)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("Student,ID,SIS Login ID,Section,Other (1)", "no column is called 'counting'"),
        ("Student,ID,SIS Login ID,Section,Counting (1),counting (2)", "several columns are called"),
    ],
)
def test_a_list_without_the_column_is_a_sentence(course, tmp_path, header, words):
    (tmp_path / "list.csv").write_text(f"{header}\n")
    with pytest.raises(CourseError, match=words):
        export(course, NAME, "canvas", to=tmp_path / "c.csv", into=tmp_path / "list.csv")


def test_a_name_is_no_formula_to_a_spreadsheet(course, tmp_path):
    with NbgraderSteps(course).gradebook() as gradebook:
        gradebook.add_student("evil", last_name="=cmd()", first_name="x")
    try:
        for target in ("canvas", "moodle", "gradescope", "csv"):
            text = export(course, NAME, target, to=tmp_path / "x.csv").path.read_text()
            assert "'=cmd()" in text
    finally:
        with NbgraderSteps(course).gradebook() as gradebook:
            gradebook.remove_student("evil")


@pytest.mark.parametrize(
    ("target", "names"),
    [
        (
            "canvas",
            {
                "lovelaceada_1001_51_counting_feedback.html": "<p>ada</p>",
                "bellbela_1002_52_counting_feedback.html": "<p>bela</p>",
            },
        ),
        ("csv", {"ada/counting.html": "<p>ada</p>", "bela/counting.html": "<p>bela</p>"}),
    ],
)
def test_feedback_has_the_names_by_which_it_is_given_back(course, tmp_path, target, names):
    assert pack_feedback(course, NAME, target, tmp_path / "f.zip") == []
    with zipfile.ZipFile(tmp_path / "f.zip") as archive:
        assert {name: archive.read(name).decode() for name in archive.namelist()} == names


def test_a_page_that_an_lms_could_not_give_back_is_said(course, tmp_path):
    record = course.root / "collected" / f"{NAME}.csv"
    before = record.read_text()
    try:
        record.write_text("\n".join(line for line in before.splitlines() if "ada" not in line))
        (note,) = pack_feedback(course, NAME, "canvas", tmp_path / "f.zip")
        assert note.endswith("for their pages: ada")
    finally:
        record.write_text(before)


def test_moodle_s_feedback_lies_in_the_folders_of_its_download(course, tmp_path):
    root = tmp_path / "course"
    made = released(root)
    name = "Ada Lovelace_31_assignsubmission_file_/counting.ipynb"
    collect(made, NAME, [zipped(tmp_path / "m.zip", {name: answered(made)})], "moodle")
    grade(made, "ada_lovelace")
    assert pack_feedback(made, NAME, "moodle", tmp_path / "f.zip") == []
    with zipfile.ZipFile(tmp_path / "f.zip") as archive:
        assert archive.namelist() == [
            "Ada Lovelace_31_assignsubmission_file_/counting_feedback.html"
        ]


def test_the_command_writes_both_and_says_who_is_left_out(course):
    def run(*words: str):
        return CliRunner().invoke(app, ["export", NAME, *words, "--course", str(course.root)])

    done = run("--for", "canvas", "--feedback")
    assert done.exit_code == 0, done.output
    assert "1 grades: " in done.output
    assert "counting-canvas-feedback.zip" in done.output
    assert "left out (--unfinished takes them): bela." in done.output
    assert "it can be canvas, moodle, gradescope, csv." in run("--for", "blackboard").output
