"""Everybody has a row: with the gradebook's number, or with the reason why there is none."""

from __future__ import annotations

import csv
from datetime import datetime, timedelta, timezone
from pathlib import Path

import nbformat
import pytest

from autograder.course.course import Course
from autograder.course.nbgrader_steps import NbgraderSteps
from autograder.course.release import release
from autograder.course.report import write_report
from autograder.course.standings import Student, read_standings
from autograder.course.submissions import solved
from autograder.course.verdicts import write_verdict
from autograder.grading.handed_in import read_handed_in
from autograder.grading.verdict import CellVerdict, CheckResult, Verdict
from tests.autograder.course.small import DOZENS, NAME, TOTAL, make_course

DUE = datetime(2026, 3, 1, 12)
WRITTEN = 10


@pytest.fixture
def course(tmp_path):
    """A released course, with a due date."""
    made = make_course(tmp_path)
    release(made.assignment(NAME), made)
    with NbgraderSteps(made).gradebook() as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate=DUE)
    return made


def hand_in(course: Course, student: str, text: str | None = None) -> Path:
    path = course.root / "submitted" / student / NAME / f"{NAME}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text or nbformat.writes(solved(course.assignment(NAME))), encoding="utf-8")
    return path


def grade(course: Course, student: str, dozens: bool = True, total: bool = True) -> None:
    """What the checks gave, as the first phase of grading records it."""
    folder = hand_in(course, student).parent
    cells = []
    for function, points, right in (("dozens", DOZENS, dozens), ("total", TOTAL, total)):
        check = CheckResult(f"test_{function}", points, "passed" if right else "failed", "")
        cells.append(CellVerdict(f"test_{function}", points, [check]))
    verdict = Verdict(NAME, student, "none", "cpu", 1.0, cells)
    verdict.digest = read_handed_in(folder, NAME, student).digest
    write_verdict(course.root, verdict)
    steps = NbgraderSteps(course)
    with steps.gradebook() as gradebook:
        steps.record_points(gradebook, verdict)


def change(course: Course, student: str, cell: str, **values: object) -> None:
    """What a person does in formgrader."""
    with NbgraderSteps(course).gradebook() as gradebook:
        found = gradebook.find_grade(cell, NAME, NAME, student)
        for name, value in values.items():
            setattr(found, name, value)
        gradebook.db.commit()


def read(course: Course) -> dict[str, Student]:
    return {student.name: student for student in read_standings(course, NAME)}


def test_points_given_by_hand_replace_those_of_the_checks(course):
    grade(course, "ada", dozens=False)
    change(course, "ada", "test_dozens", manual_score=4, needs_manual_grade=False)
    change(course, "ada", "why_twelve", manual_score=7, needs_manual_grade=False)
    ada = read(course)["ada"]
    assert ada.grade.score == 4 + TOTAL + 7
    assert ada.cells["dozens"].is_overridden
    assert not ada.cells["total"].is_overridden
    assert ada.state == "final"


def test_extra_credit_counts_and_may_pass_the_maximum(course):
    grade(course, "ada")
    change(course, "ada", "why_twelve", manual_score=WRITTEN, needs_manual_grade=False)
    change(course, "ada", "test_total", extra_credit=2.5)
    ada = read(course)["ada"]
    assert ada.grade.score == DOZENS + TOTAL + WRITTEN + 2.5
    assert ada.grade.max_score == DOZENS + TOTAL + WRITTEN
    assert ada.has_full_marks
    assert not ada.cells["total"].is_overridden


def test_a_late_penalty_is_taken_off_but_never_below_zero(course):
    grade(course, "ada")
    grade(course, "bob", dozens=False)
    with NbgraderSteps(course).gradebook() as gradebook:
        for student, penalty in (("ada", 4), ("bob", 100)):
            submission = gradebook.find_submission(NAME, student)
            submission.timestamp = DUE + timedelta(hours=3)
            submission.notebooks[0].late_submission_penalty = penalty
        gradebook.db.commit()
    found = read(course)
    assert found["ada"].grade.score == DOZENS + TOTAL - 4
    assert found["ada"].grade.seconds_late == 3 * 3600
    assert found["ada"].grade.handed_in == (DUE + timedelta(hours=3)).replace(tzinfo=timezone.utc)
    assert found["bob"].grade.score == 0


def test_a_penalty_follows_the_points_that_a_person_gave_later(course):
    course.config.LateSubmissionPlugin.penalty_method = "zero"
    grade(course, "ada")
    with NbgraderSteps(course).gradebook() as gradebook:
        gradebook.find_submission(NAME, "ada").timestamp = DUE + timedelta(hours=3)
        gradebook.db.commit()
    steps = NbgraderSteps(course)
    steps.renew_penalty(NAME, "ada")
    assert read(course)["ada"].grade.penalty == DOZENS + TOTAL
    change(course, "ada", "why_twelve", manual_score=7, needs_manual_grade=False)
    assert read(course)["ada"].grade.score == 7, "by nbgrader's own rule, until it is renewed"
    steps.renew_penalty(NAME, "ada")
    assert read(course)["ada"].grade.score == 0


def test_an_extension_without_a_due_date_is_not_late(course):
    grade(course, "ada")
    with NbgraderSteps(course).gradebook() as gradebook:
        gradebook.update_or_create_assignment(NAME, duedate=None)
        submission = gradebook.find_submission(NAME, "ada")
        submission.timestamp, submission.extension = DUE, timedelta(days=1)
        gradebook.db.commit()
    assert read(course)["ada"].grade.seconds_late == 0


def test_everyone_has_a_row_with_the_reason(course):
    grade(course, "ada")
    hand_in(course, "handed_in")
    (hand_in(course, "misnamed")).rename(
        course.root / "submitted" / "misnamed" / NAME / "My 1.ipynb"
    )
    (course.root / "submitted" / "empty_folder" / NAME).mkdir(parents=True)
    grade(course, "again")
    hand_in(course, "again", "{}")
    with NbgraderSteps(course).gradebook() as gradebook:
        gradebook.add_student("enrolled", last_name="Roll")
        gradebook.add_student("begun")
        gradebook.add_submission(NAME, "begun")  # nbgrader failed after this
    found = read(course)
    assert {name: student.state for name, student in found.items()} == {
        "ada": "not final",
        "again": "not final",
        "begun": "no grade",
        "empty_folder": "no grade",
        "enrolled": "no grade",
        "handed_in": "no grade",
        "misnamed": "no grade",
    }
    reasons = {name: " ".join(student.reasons) for name, student in found.items()}
    assert reasons["enrolled"] == "Nothing was handed in."
    assert "one answer waits for a person" in reasons["ada"]
    assert "handed in again since it was graded" in reasons["again"]
    assert (
        "not graded yet: run `autograder grade counting --student handed_in`"
        in (reasons["handed_in"])
    )
    assert (
        "No such file or directory. The folder has My 1.ipynb: `autograder collect counting"
        in reasons["misnamed"]
    )
    assert "The folder is empty." in reasons["empty_folder"]
    assert found["enrolled"].person.last_name == "Roll"


def test_the_report_has_a_row_for_everyone_and_so_has_the_csv(course):
    grade(course, "ada")
    with NbgraderSteps(course).gradebook() as gradebook:
        gradebook.add_student("enrolled")
    page = write_report(course, NAME)
    assert "Nothing was handed in." in page.read_text()
    with page.with_suffix(".csv").open(newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert rows["ada"]["score"] == "8.0"
    assert (rows["enrolled"]["score"], rows["enrolled"]["state"]) == ("", "no grade")
