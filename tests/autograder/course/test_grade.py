"""The same submission gets the same grade by every way, and the batch goes on whatever happens."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course.demo import CLASS
from autograder.course.nbgrader_course import Course
from autograder.course.submissions import fill_in, only_graded_cells
from autograder.grading.assignment import HOME, Assignment

STUDENTS = ("emil", "hanna", "liam", "mallory")
PROGRAMS = Path(sys.executable).parent


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course with a few of the demo's students, and one whose file is no notebook."""
    root = tmp_path_factory.mktemp("course")
    shutil.copy(HOME / "nbgrader_config.py", root)
    release = only_graded_cells(Assignment("saliency").release)
    for student in STUDENTS:
        hand_in(
            root, student, nbformat.writes(fill_in(release, (CLASS / f"{student}.py").read_text()))
        )
    hand_in(root, "truncated", nbformat.writes(release)[:1000])
    return root


def hand_in(root: Path, student: str, text: str) -> None:
    path = root / "submitted" / student / "saliency" / "saliency.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")


def run(*arguments: str):
    return CliRunner().invoke(app, [str(word) for word in arguments])


def verdict_scores(root: Path) -> dict[str, dict[str, float]]:
    paths = (root / "verdicts" / "saliency").glob("*.json")
    return {path.stem: cell_scores(json.loads(path.read_text())) for path in paths}


def cell_scores(verdict: dict) -> dict[str, float]:
    return {cell["grade_id"]: cell["score"] for cell in verdict["cells"]}


def gradebook_scores(root: Path) -> dict[str, dict[str, float]]:
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        return {
            submission.student.id: {
                grade.name: grade.auto_score
                for notebook in submission.notebooks
                for grade in notebook.grades
                if grade.cell.name.startswith("test_")
            }
            for submission in gradebook.assignment_submissions("saliency")
        }


def test_check_grade_and_nbgrader_autograde_agree(course):
    assert run("grade", "saliency", "--course", course).exit_code == 0
    by_grade = verdict_scores(course)
    assert set(by_grade) == {*STUDENTS, "truncated"}
    assert gradebook_scores(course) == by_grade

    by_check = {}
    for student in by_grade:
        notebook = course / "submitted" / student / "saliency" / "saliency.ipynb"
        saved = course / "check.json"
        assert run("check", "saliency", notebook, "--json", saved).exit_code == 0
        by_check[student] = cell_scores(json.loads(saved.read_text()))
    assert by_check == by_grade

    done = subprocess.run(
        [PROGRAMS / "nbgrader", "autograde", "saliency", "--force"],
        cwd=course,
        capture_output=True,
        text=True,
        env={"PATH": f"{PROGRAMS}:/usr/bin:/bin", "HOME": str(course)},
    )
    assert done.returncode == 0, done.stderr
    assert gradebook_scores(course) == by_grade
    assert verdict_scores(course) == by_grade

    assert sum(by_grade["emil"].values()) == 0
    assert sum(by_grade["hanna"].values()) == 0
    assert sum(by_grade["liam"].values()) == 20
    assert sum(by_grade["mallory"].values()) == 0
    assert sum(by_grade["truncated"].values()) == 0

    feedback = (course / "feedback" / "emil" / "saliency" / "saliency.html").read_text()
    assert "the question asks for" in feedback
    assert "cross-entropy" in feedback


def test_graded_submissions_are_left_alone_unless_forced(course):
    run("grade", "saliency", "--course", course)
    assert "Nothing new" in run("grade", "saliency", "--course", course).output
    path = course / "verdicts" / "saliency" / "hanna.json"
    before = path.read_text()
    assert run("grade", "saliency", "--course", course, "--student", "hanna").exit_code == 0
    assert path.read_text() == before
    assert (
        run("grade", "saliency", "--course", course, "--student", "hanna", "--force").exit_code == 0
    )
    assert path.read_text() != before


def test_what_is_handed_in_again_is_graded_again(course):
    run("grade", "saliency", "--course", course)
    folder = course / "submitted" / "hanna" / "saliency"
    path, opened = folder / "saliency.ipynb", Course(course)
    assert opened.is_graded("saliency", "hanna")
    earlier = path.stat().st_mtime
    path.write_text(path.read_text())
    os.utime(path, (earlier, earlier))  # as a copy that keeps its author's time stamps
    assert not opened.is_graded("saliency", "hanna")
    assert "hanna: 0 of 40" in run("grade", "saliency", "--course", course).output
    assert opened.is_graded("saliency", "hanna")


def test_feedback_is_written_again_with_what_a_person_said(course):
    run("grade", "saliency", "--course", course)
    page = course / "feedback" / "liam" / "saliency" / "saliency.html"
    assert "read by a person" not in page.read_text()
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        comments = gradebook.find_submission_notebook("saliency", "saliency", "liam").comments
        comments[0].manual_comment = "read by a person"
        gradebook.db.commit()
    done = run("feedback", "saliency", "--course", course)
    assert done.exit_code == 0 and "pages" in done.output
    assert "read by a person" in page.read_text()


def test_feedback_on_nothing_is_said(tmp_path):
    shutil.copy(HOME / "nbgrader_config.py", tmp_path)
    done = run("feedback", "saliency", "--course", tmp_path)
    assert done.exit_code == 1 and "Nothing of saliency is graded yet" in done.output


def test_a_submission_without_the_notebook_is_named_and_the_others_are_graded(course):
    other = course / "submitted" / "misnamed" / "saliency" / "my saliency.ipynb"
    other.parent.mkdir(parents=True)
    other.write_text("{}")
    try:
        done = run("grade", "saliency", "--course", course)
        assert done.exit_code == 1
        assert "misnamed has no grade" in done.output and "saliency.ipynb" in done.output
    finally:
        shutil.rmtree(other.parents[1])
