"""Releases hold what students may see, and can be made again."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.course.course import Course
from autograder.course.init import init_course
from autograder.course.nbgrader_steps import NbgraderSteps
from autograder.course.new import new_assignment
from autograder.course.release import release
from autograder.errors import CourseError
from autograder.grading.assignment import grade_id
from autograder.verify.leaks import TELLING, leaked_lines, secret_lines
from autograder.verify.stubs import problems_of_stubs
from tests.corpus import ASSIGNMENTS, ROOT, assignment


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course of these assignments, as `autograder init` makes it."""
    root = tmp_path_factory.mktemp("courses") / "course"
    init_course(root)
    return Course(root)


@pytest.fixture
def small_course(tmp_path):
    """A course with one small assignment, released."""
    init_course(tmp_path / "course", empty=True)
    made = Course(tmp_path / "course")
    new_assignment(made, "norms")
    release(made.assignment("norms"), made)
    return made


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_the_release_in_the_repository_is_the_one_that_a_new_course_makes(name, course):
    made = release(course.assignment(name), course)
    assert made.read_bytes() == assignment(name).release_path.read_bytes()


def test_what_nbgrader_can_not_make_changes_nothing(small_course, monkeypatch):
    """Is the earlier release still there, and the gradebook as it was?"""
    before = {path: path.read_bytes() for path in files_of(small_course)}
    small_course.config.GenerateAssignment.preprocessors.append(Broken)
    source = small_course.root / "solutions" / "norms" / "norms.py"
    source.write_text(source.read_text().replace('"points": 5, "schema', '"points": 5.0, "schema'))
    before[source] = source.read_bytes()
    with pytest.raises(CourseError, match="(?s)could not release norms.*out of order"):
        release(small_course.assignment("norms"), small_course)
    assert {path: path.read_bytes() for path in files_of(small_course)} == before


def test_a_rehearsal_leaves_the_gradebook_alone_and_the_release_enters_it(small_course):
    assert NbgraderSteps(small_course).knows("norms")
    new_assignment(small_course, "angles")
    small_course.config.GenerateAssignment.preprocessors.append(Broken)
    with pytest.raises(CourseError):
        release(small_course.assignment("angles"), small_course)
    assert not NbgraderSteps(small_course).knows("angles")
    assert not (small_course.root / "source" / "angles").exists()


def test_pictures_travel_inside_of_the_notebook(small_course):
    folder = small_course.root / "solutions" / "norms"
    (folder / "expected").mkdir()
    (folder / "expected" / "current.png").write_bytes(b"a picture")
    source = folder / "norms.py"
    source.write_text(
        source.read_text().replace("# ### Q", "# ![A current](expected/current.png)\n#\n# ### Q")
    )
    made = release(small_course.assignment("norms"), small_course)
    (cell,) = [cell for cell in nbformat.read(made, as_version=4).cells if "attachments" in cell]
    assert "![A current](attachment:expected-current.png)" in cell.source
    assert cell.attachments["expected-current.png"] == {"image/png": "YSBwaWN0dXJl"}  # base64


class Broken(NbGraderPreprocessor):
    """Stands for what nbgrader finds only at the end."""

    def preprocess_cell(self, cell, resources, index):
        raise RuntimeError("out of order")


def files_of(course: Course) -> list[Path]:
    found = [path for path in course.root.rglob("*") if path.is_file()]
    return [path for path in found if path.suffix != ".pyc"]


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_no_solution_and_no_model_answer_is_in_the_release(name):
    secrets = [line for cell in assignment(name).source.cells for line in secret_lines(cell.source)]
    assert len([line for line in secrets if len(line.strip()) > TELLING]) > 20
    assert leaked_lines(assignment(name)) == []


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_nothing_of_the_checks_or_misconceptions_is_in_what_students_get(name):
    handed_out = [assignment(name).release_path, *(ROOT / "course_lib").rglob("*.py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in handed_out)
    assert "autograder" not in text
    names = [wrong.__name__ for of in assignment(name).misconceptions.values() for wrong in of]
    assert [word for word in names if f"def {word}(" in text] == []


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_every_stub_raises_an_error_that_names_its_question_and_earns_nothing(name):
    assert problems_of_stubs(assignment(name)) == []


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_points_add_up_to_a_hundred(name):
    points = [
        cell.metadata.nbgrader.get("points", 0)
        for cell in assignment(name).release.cells
        if grade_id(cell) and cell.metadata.nbgrader.get("grade")
    ]
    assert sum(points) == 100


def test_saliency_has_forty_automatic_and_sixty_manual_points():
    assert sum(cell.points for cell in assignment("saliency").graded_cells) == 40


def test_the_release_is_a_valid_notebook_without_outputs():
    for name in ASSIGNMENTS:
        notebook = assignment(name).release
        nbformat.validate(notebook)
        assert all(not cell.get("outputs") for cell in notebook.cells)
        assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


def test_the_releases_folder_holds_the_releases_and_nothing_else():
    found = {path.relative_to(ROOT / "assignments") for path in (ROOT / "assignments").rglob("*.*")}
    found = {path for path in found if ".ipynb_checkpoints" not in path.parts}
    assert found == {Path(name) / f"{name}.ipynb" for name in ASSIGNMENTS}
