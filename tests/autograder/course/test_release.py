"""Releases hold what students may see, and can be made again."""

from __future__ import annotations

import ast
import shutil
from pathlib import Path

import nbformat
import pytest

from autograder.course.nbgrader_course import Course
from autograder.course.release import release
from autograder.errors import CourseError
from autograder.grading.assignment import HOME, Assignment, assignment_names, grade_id
from autograder.misconceptions import known_misconceptions

NAMES = assignment_names()


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = tmp_path_factory.mktemp("course")
    shutil.copy(HOME / "nbgrader_config.py", root)
    return Course(root)


def solution_regions(source: str) -> list[str]:
    """The lines between BEGIN and END of each solution or marking scheme."""
    lines, inside, found = source.splitlines(), False, []
    for line in lines:
        if "BEGIN SOLUTION" in line or "BEGIN MARK SCHEME" in line:
            inside = True
        elif "END SOLUTION" in line or "END MARK SCHEME" in line:
            inside = False
        elif inside and len(line.strip()) > 12:
            found.append(line.strip())
    return found


@pytest.mark.parametrize("name", NAMES)
def test_the_release_in_the_repository_is_the_one_that_the_source_makes(name, course):
    made = release(name, course)
    assert made.read_text() == Assignment(name).release_path.read_text()


def test_a_release_that_submissions_are_not_graded_by_is_refused(course, tmp_path, monkeypatch):
    assignment = Assignment("saliency")
    older = assignment.release_path.read_text().replace("saliency", "maps", 1)
    assignment.release_path = tmp_path / "older.ipynb"
    assignment.release_path.write_text(older)
    monkeypatch.setattr("autograder.course.release.Assignment", lambda name: assignment)
    with pytest.raises(CourseError, match="run `make release` in the kit first"):
        release("saliency", course)


@pytest.mark.parametrize("name", NAMES)
def test_no_solution_and_no_model_answer_is_in_the_release(name):
    text = "\n".join(cell.source for cell in Assignment(name).release.cells)
    secrets = [
        line for cell in Assignment(name).source.cells for line in solution_regions(cell.source)
    ]
    assert len(secrets) > 20
    shared = set(
        "\n".join(visible(cell.source) for cell in Assignment(name).source.cells).splitlines()
    )
    shared = {line.strip() for line in shared}
    assert [line for line in secrets if line in text and line not in shared] == []
    for word in ("BEGIN SOLUTION", "MARK SCHEME", "HIDDEN TESTS", "Model answer"):
        assert word.lower() not in text.lower()


def visible(source: str) -> str:
    """A cell's text without its solution regions."""
    kept, inside = [], False
    for line in source.splitlines():
        if "BEGIN SOLUTION" in line or "BEGIN MARK SCHEME" in line:
            inside = True
        if not inside:
            kept.append(line)
        if "END SOLUTION" in line or "END MARK SCHEME" in line:
            inside = False
    return "\n".join(kept)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_the_checks_or_misconceptions_is_in_what_students_get(name):
    handed_out = [Assignment(name).release_path, *(HOME / "course_lib").rglob("*.py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in handed_out)
    assert "autograder.checks" not in text
    assert "autograder.misconceptions" not in text
    names = [wrong.__name__ for of in known_misconceptions(name).values() for wrong in of]
    assert [word for word in names if f"def {word}(" in text] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_stub_raises_an_error_that_names_its_question(name):
    for test in Assignment(name).graded_cells:
        function = test.grade_id.removeprefix("test_")
        (stub,) = [cell for cell in Assignment(name).release.cells if grade_id(cell) == function]
        namespace: dict = {}
        exec(stub.source, namespace)
        arguments = ast.parse(stub.source).body[0].args
        keywords = {argument.arg: None for argument in arguments.kwonlyargs}
        with pytest.raises(NotImplementedError, match=function):
            namespace[function](*[None] * len(arguments.args), **keywords)


@pytest.mark.parametrize("name", NAMES)
def test_points_add_up_to_a_hundred(name):
    points = [
        cell.metadata.nbgrader.get("points", 0)
        for cell in Assignment(name).release.cells
        if grade_id(cell) and cell.metadata.nbgrader.get("grade")
    ]
    assert sum(points) == 100


def test_saliency_has_forty_automatic_and_sixty_manual_points():
    assignment = Assignment("saliency")
    assert sum(cell.points for cell in assignment.graded_cells) == 40


def test_the_release_is_a_valid_notebook_without_outputs():
    for name in NAMES:
        notebook = Assignment(name).release
        nbformat.validate(notebook)
        assert all(not cell.get("outputs") for cell in notebook.cells)
        assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


def test_the_releases_folder_holds_the_releases_and_nothing_else():
    found = {path.relative_to(HOME / "assignments") for path in (HOME / "assignments").rglob("*.*")}
    found = {path for path in found if ".ipynb_checkpoints" not in path.parts}
    assert found == {Path(name) / f"{name}.ipynb" for name in NAMES}
