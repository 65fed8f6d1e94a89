"""The same submission gets the same grade by every way, and the batch goes on whatever happens."""

from __future__ import annotations

import json
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
