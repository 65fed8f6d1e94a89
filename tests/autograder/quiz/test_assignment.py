"""A folder with a YAML file is an assignment: released, graded and explained."""

from __future__ import annotations

import copy
import json

import nbformat
import pytest

from autograder.course.course import Course
from autograder.course.release import release
from autograder.course.structure import mistakes
from autograder.errors import CourseError
from autograder.grading.assignment import grade_id
from autograder.grading.checking import run_checks
from autograder.grading.grade import grade_file
from autograder.grading.student import LocalStudent

QUIZ = """
questions:
  - key: sky
    ask: Which colour is the sky?
    points: 2
    right: {label: b, says: blue, why: Short waves are scattered the most.}
    wrong:
      - {label: g, says: green, why: That is the grass.}
  - key: grass
    ask: Which colour is the grass?
    points: 3
    right: {label: G, says: green, why: Chlorophyll.}
    wrong:
      - {label: B, says: blue, why: That is the sky., name: seen_from_below}
"""


@pytest.fixture
def course(tmp_path):
    """A course with a quiz, and without any package."""
    (tmp_path / "nbgrader_config.py").write_text(
        "from autograder.course.nbgrader_plugin import configure\n"
        "c = get_config()\nconfigure(c)\nc.Course.device = 'cpu'\n"
    )
    (tmp_path / "solutions" / "colours").mkdir(parents=True)
    (tmp_path / "solutions" / "colours" / "quiz.yaml").write_text(QUIZ)
    return Course(tmp_path)


def append(course, line):
    path = course.root / "solutions" / "colours" / "quiz.yaml"
    path.write_text(f"{line}\n{path.read_text()}")


def results(cells):
    return {check.name: check for cell in cells for check in cell.checks}


def test_it_is_a_whole_assignment(course):
    assert course.names == ["colours"]
    colours = course.assignment("colours")
    assert mistakes(colours) == []
    assert [(cell.grade_id, cell.points) for cell in colours.graded_cells] == [
        ("test_quiz_answers", 5)
    ]
    (cell,), _ = run_checks(colours, LocalStudent(vars(colours.reference)))
    assert cell.score == 5
    assert [check.message for check in cell.checks] == [
        "Short waves are scattered the most.",
        "Chlorophyll.",
    ]


def test_each_wrong_option_is_a_misconception(course):
    colours = course.assignment("colours")
    wrong = colours.misconceptions["quiz_answers"]
    assert [one.__name__ for one in wrong] == ["sky_g", "seen_from_below"]
    for one, points in zip(wrong, (3, 2), strict=True):
        cells, _ = run_checks(colours, LocalStudent({"quiz_answers": one}))
        assert cells[0].score == points
        assert results(cells)[one.caught_by].misconception == one.__name__


@pytest.mark.jail
def test_a_release_is_graded_in_a_jail(course, tmp_path):
    colours = course.assignment("colours")
    release(colours, course)
    text = colours.release_path.read_text()
    assert "Chlorophyll" not in text and '"sky": "b"' not in text
    answered = copy.deepcopy(colours.release)
    (cell,) = [cell for cell in answered.cells if grade_id(cell) == "quiz_answers"]
    cell.source = cell.source.replace('"sky": ""', '"sky": "g"').replace(
        '"grass": ""', '"grass": " g "'
    )
    nbformat.write(answered, tmp_path / "colours.ipynb")
    verdict, ran = grade_file(tmp_path / "colours.ipynb", colours)
    checks = results(verdict.cells)
    assert verdict.score == 3 and verdict.jail == "bubblewrap"
    assert checks["test_sky"].message.startswith("That is the grass. (")
    assert checks["test_sky"].misconception == "sky_g"
    assert checks["test_grass"].status == "passed"


def test_a_frame_beside_it_is_filled_in_and_its_mistakes_are_named(course):
    frame = course.root / "solutions" / "colours" / "colours.py"
    frame.write_text('# %% [markdown] quiz="sky"\n')
    colours = course.assignment("colours")
    assert colours.source_path == frame
    with pytest.raises(CourseError, match=r"colours\.py .*does not ask 'grass'"):
        _ = colours.source
    assert "does not ask 'grass'" in mistakes(colours)[0]


def test_options_are_written_into_a_package_where_a_form_reads_them(course):
    (course.root / "forms").mkdir()
    (course.root / "forms" / "__init__.py").touch()
    append(course, "form: forms\nhanded_out: forms/colours.json")
    config = course.root / "nbgrader_config.py"
    config.write_text(config.read_text() + "c.Course.packages = ['forms']\n")
    colours = Course(course.root).assignment("colours")
    colours.before_release()
    written = json.loads((course.root / "forms" / "colours.json").read_text())
    assert [entry["key"] for entry in written] == ["sky", "grass"]
    assert {tuple(option) for entry in written for option in entry["options"]} == {
        ("label", "says", "see", "code")
    }


def test_options_for_a_package_that_the_course_lacks_are_refused(course):
    append(course, "handed_out: forms/colours.json")
    with pytest.raises(CourseError, match="'forms', which is no package of the course"):
        course.assignment("colours").before_release()
