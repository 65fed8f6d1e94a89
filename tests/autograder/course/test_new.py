"""A new assignment works before anything in it is changed."""

from __future__ import annotations

import nbformat
import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course.course import Course
from autograder.course.init import init_course
from autograder.course.new import new_assignment
from autograder.course.release import release
from autograder.course.submissions import fill_in, solved
from autograder.errors import CourseError
from autograder.grading.checking import run_checks
from autograder.grading.grade import grade_file
from autograder.grading.student import LocalStudent
from tests.corpus import answers_in

JAILED = pytest.param("bubblewrap", marks=pytest.mark.jail)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    root = tmp_path_factory.mktemp("courses") / "course"
    init_course(root, empty=True)
    made = Course(root)
    new_assignment(made, "norms")
    release(made.assignment("norms"), made)
    return made


@pytest.fixture
def assignment(course):
    return course.assignment("norms")


@pytest.fixture
def verdict_on(course, tmp_path):
    """Grades a notebook, in the jail that is asked for."""

    def grade(notebook, jail):
        path = tmp_path / "norms.ipynb"
        nbformat.write(notebook, path)
        course.jail = jail
        return grade_file(path, course.assignment("norms"))[0]

    yield grade
    course.jail = "bubblewrap"


@pytest.mark.parametrize("jail", ["none", JAILED])
def test_its_solution_earns_all_points(assignment, verdict_on, jail):
    verdict = verdict_on(solved(assignment), jail)
    assert (verdict.score, verdict.max_score, verdict.jail) == (5, 5, jail)


@pytest.mark.parametrize("jail", ["none", JAILED])
def test_its_stub_earns_nothing(assignment, verdict_on, jail):
    verdict = verdict_on(assignment.release, jail)
    (cell,) = verdict.cells
    assert cell.score == 0
    assert "root_mean_square is not answered yet" in cell.checks[0].message


@pytest.mark.parametrize("jail", ["none", JAILED])
def test_its_misconception_is_named(assignment, verdict_on, jail):
    script = (
        '# %% grade_id="root_mean_square"\n'
        "def root_mean_square(numbers):\n"
        "    return sum(number**2 for number in numbers) / len(numbers)\n"
    )
    (cell,) = verdict_on(fill_in(assignment.release, script), jail).cells
    assert cell.score == 0
    assert {check.misconception for check in cell.checks} == {"forgot_the_root"}
    assert "take the square root" in cell.checks[0].message


def test_its_right_answer_in_another_style_earns_all_points(assignment):
    (path,) = assignment.right_answers
    for seed in range(10):
        (cell,), _ = run_checks(assignment, LocalStudent(answers_in(assignment, path)), seed=seed)
        assert cell.score == cell.max_score == 5


def test_its_visible_check_accepts_the_solution_and_not_the_misconception(assignment):
    (test,) = [c for c in assignment.source.cells if "isclose" in c.source]
    exec(test.source, dict(assignment.namespace))
    (wrong,) = assignment.misconceptions["root_mean_square"]
    with pytest.raises(AssertionError):
        exec(test.source, {**assignment.namespace, "root_mean_square": wrong})


def test_no_placeholder_is_left(assignment):
    written = [path for path in assignment.folder.rglob("*") if path.suffix == ".py"]
    assert {str(path.relative_to(assignment.folder)) for path in written} == {
        "norms.py", "checks.py", "misconceptions.py", "right/another_style.py",
    }  # fmt: skip
    text = "\n".join(path.read_text(encoding="utf-8") for path in written)
    assert "NAME" not in text
    assert "# # norms" in text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("norms", "norms exists already: choose another name"),
        ("my-norms", "'my-norms' can't name an assignment: use letters, digits and underscores"),
        ("../norms", "can't name an assignment"),
        ("2norms", "can't name an assignment"),
        ("", "can't name an assignment"),
    ],
)
def test_a_name_that_can_not_be_used_gets_a_sentence(course, name, words):
    before = sorted(course.root.rglob("*"))
    with pytest.raises(CourseError, match=words):
        new_assignment(course, name)
    assert sorted(course.root.rglob("*")) == before


def test_a_folder_that_can_not_be_written_gets_a_sentence(course, tmp_path):
    (tmp_path / "nbgrader_config.py").touch()
    (tmp_path / "solutions").touch()
    with pytest.raises(CourseError, match="norms can't be written: "):
        new_assignment(Course(tmp_path), "norms")
    assert {path.name for path in tmp_path.iterdir()} == {"nbgrader_config.py", "solutions"}


def test_the_command_says_where_it_lies_and_what_comes_next(course):
    done = CliRunner().invoke(app, ["new", "angles", "--course", str(course.root)])
    assert done.exit_code == 0
    assert "solutions/angles" in done.output
    assert "autograder release angles" in done.output
    assert course.names == ["angles", "norms"]
