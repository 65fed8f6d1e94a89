"""The same submission gets the same grade by every way, and the batch goes on whatever happens."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course.course import Course
from autograder.course.nbgrader_steps import NbgraderSteps
from autograder.course.release import release
from autograder.course.submissions import fill_in
from autograder.course.verdicts import is_recorded, read_verdicts
from autograder.grading.verdict import Verdict
from tests.autograder.course.small import NAME, make_course

TENS = """
# %% grade_id="dozens"
def dozens(n):
    return 10 * n
"""
DELETED_AND_REWRITTEN = """
# %% grade_id="dozens"
def dozens(n):
    return DOZEN * n

# %% grade_id="test_dozens" delete=true

# %% grade_id="test_total"
3.0

# %% grade_id="test_total"
3.0
"""
EQUAL_TO_EVERYTHING = """
# %% grade_id="dozens"
class Everything(float):
    def __eq__(self, other):
        return True

def dozens(n):
    return Everything(0)
"""
SLEEPS = """
# %% grade_id="dozens"
import time

def dozens(n):
    time.sleep(600)

# %% grade_id="total"
def total(numbers):
    return sum(numbers)
"""
SCRIPTS = {
    "emil": TENS,
    "liam": DELETED_AND_REWRITTEN,
    "mallory": EQUAL_TO_EVERYTHING,
    "sofia": SLEEPS,
}
SCORES = {"emil": 0, "liam": 5, "mallory": 0, "sofia": 3, "truncated": 0}
LIMIT = f'c.Course.overrides = {{"{NAME}": {{"seconds_per_call": 6.0}}}}'

pytestmark = pytest.mark.jail


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A graded class, one of whose files is no notebook; and `autograder grade`'s verdicts."""
    course = make_course(tmp_path_factory.mktemp("course"), LIMIT)
    assignment = course.assignment(NAME)
    release(assignment, course)
    for student, script in SCRIPTS.items():
        hand_in(course, student, nbformat.writes(fill_in(assignment.release, script)))
    hand_in(course, "truncated", nbformat.writes(assignment.release)[:1000])
    done = run("grade", NAME, "--course", course.root)
    assert done.exit_code == 0, done.output
    return course


def hand_in(course: Course, student: str, text: str) -> None:
    path = submission(course, student)
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")


def submission(course: Course, student: str) -> Path:
    return course.root / "submitted" / student / NAME / f"{NAME}.ipynb"


def run(*arguments: str | Path):
    return CliRunner().invoke(app, [str(word) for word in arguments])


def statuses(verdict: Verdict) -> dict[str, tuple[str, str | None]]:
    """Each check's status and misconception: all of a verdict but times and drawn numbers."""
    checks = [check for cell in verdict.cells for check in cell.checks]
    return {check.name: (check.status, check.misconception) for check in checks}


def gradebook_scores(course: Course) -> dict[str, float]:
    with NbgraderSteps(course).gradebook() as gradebook:
        return {
            submission.student.id: sum(
                grade.auto_score
                for notebook in submission.notebooks
                for grade in notebook.grades
                if grade.cell.name.startswith("test_")
            )
            for submission in gradebook.assignment_submissions(NAME)
        }


def test_check_grade_and_nbgrader_autograde_agree(course, tmp_path):
    by_grade = read_verdicts(course.root, NAME)
    assert {student: verdict.score for student, verdict in by_grade.items()} == SCORES
    assert gradebook_scores(course) == SCORES
    assert statuses(by_grade["emil"])["test_a_few_dozens"] == ("failed", "counted_tens")
    (slow,) = by_grade["sofia"].cell("dozens").checks
    assert slow.status == "timeout"
    assert "within 6 seconds" in slow.message

    by_check = {}
    for student in by_grade:
        saved = tmp_path / "check.json"
        notebook = submission(course, student)
        done = run("check", NAME, notebook, "--json", saved, "--course", course.root)
        assert done.exit_code == 0
        by_check[student] = Verdict.read(saved)

    programs = Path(sys.executable).parent
    done = subprocess.run(
        [programs / "nbgrader", "autograde", NAME, "--force"],
        cwd=course.root,
        capture_output=True,
        text=True,
        env={"PATH": f"{programs}:/usr/bin:/bin", "HOME": str(course.root)},
    )
    assert done.returncode == 0, done.stderr
    by_nbgrader = read_verdicts(course.root, NAME)
    assert gradebook_scores(course) == SCORES

    for student, verdict in by_grade.items():
        assert by_nbgrader[student].seconds != verdict.seconds, "graded again"
        assert statuses(by_check[student]) == statuses(by_nbgrader[student]) == statuses(verdict)


def test_feedback_has_the_hint_of_a_misconception(course):
    page = (course.root / "feedback" / "emil" / NAME / f"{NAME}.html").read_text()
    assert "This counts tens: the question asks for dozens." in page


def test_graded_submissions_are_left_alone_unless_forced(course):
    assert "nothing new" in run("grade", NAME, "--course", course.root).output
    path = course.root / "verdicts" / NAME / "truncated.json"
    before = path.read_text()
    one = ("grade", NAME, "--course", course.root, "--student", "truncated")
    assert run(*one).exit_code == 0
    assert path.read_text() == before
    assert run(*one, "--force").exit_code == 0
    assert path.read_text() != before


def test_a_notebook_that_is_handed_in_again_is_graded_again(course):
    path = submission(course, "truncated")
    assert is_recorded(course, NAME, "truncated")
    earlier = path.stat().st_mtime
    path.write_text(path.read_text()[:900])
    os.utime(path, (earlier, earlier))  # as a copy that keeps its author's time stamps
    assert not is_recorded(course, NAME, "truncated")
    assert "truncated: 0 of 8" in run("grade", NAME, "--course", course.root).output
    assert is_recorded(course, NAME, "truncated")


def test_feedback_is_written_again_with_a_person_s_comment(course):
    page = course.root / "feedback" / "liam" / NAME / f"{NAME}.html"
    assert "read by a person" not in page.read_text()
    with NbgraderSteps(course).gradebook() as gradebook:
        comments = gradebook.find_submission_notebook(NAME, NAME, "liam").comments
        comments[0].manual_comment = "read by a person"
        gradebook.db.commit()
    done = run("feedback", NAME, "--course", course.root)
    assert done.exit_code == 0
    assert f"5 pages: {course.root}/feedback/STUDENT/{NAME}" in done.output
    assert "read by a person" in page.read_text()


def test_a_submission_without_the_notebook_is_named_and_the_others_are_graded(course):
    other = submission(course, "misnamed").with_name("my counting.ipynb")
    other.parent.mkdir(parents=True)
    other.write_text("{}")
    try:
        done = run("grade", NAME, "--course", course.root)
        assert done.exit_code == 1
        assert "misnamed has no grade" in done.output
        assert f"{NAME}.ipynb" in done.output
    finally:
        shutil.rmtree(other.parents[1])
