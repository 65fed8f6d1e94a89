"""A course's configuration: read in one way by all that grade, and wrong only in sentences."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import nbformat
import pytest
from traitlets.config import Config
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course import worker
from autograder.course.course import Course
from autograder.course.nbgrader_steps import NbgraderSteps
from autograder.course.pack import Pack
from autograder.course.release import release
from autograder.errors import CourseError
from autograder.grading.handed_in import read_handed_in
from autograder.grading.settings import Limits, Settings, Timeouts
from autograder.grading.verdict import CellVerdict, Verdict
from tests.autograder.course.small import NAME, make_course

# What a course says about its submissions, and the settings that follow from it.
SAID = {
    "jail": "none",
    "device": "cpu",
    "memory": 2**30,
    "processes": 7,
    "threads": 70,
    "disk": 2**20,
    "seconds": 90.0,
    "seconds_per_cell": 8.0,
    "seconds_per_call": 3.0,
    "seconds_per_notebook": 60.0,
    "readable": ["data", "/data/cifar10"],
    "packages": ["measures.py", "course_lib"],
    "plugins": ["autograder.checks.fixtures", "more_fixtures"],
}
ELSEWHERE = {"solutions", "overrides"}  # about the course, not about a submission


def settings_of(root: Path) -> Settings:
    return Settings(
        jail="none",
        device="cpu",
        limits=Limits(memory=2**30, processes=7, threads=70, disk=2**20, seconds=90.0),
        timeouts=Timeouts(cell=8.0, call=3.0, notebook=60.0),
        readable=(root / "data", Path("/data/cifar10")),
        packages=(root / "measures.py", Path(__file__).parents[3] / "course_lib"),
        secrets=(root,),
    )


def test_a_course_leaves_the_configuration_that_it_is_given_as_it_was(tmp_path):
    course = make_course(tmp_path / "course")
    config = Config({"CourseDirectory": {"root": "elsewhere"}, "Course": {"packages": []}})
    Course(course.root, config, Config({"Course": {"jail": "none"}}))
    assert config == {"CourseDirectory": {"root": "elsewhere"}, "Course": {"packages": []}}


def test_every_trait_reaches_the_settings(tmp_path):
    assert SAID.keys() | ELSEWHERE == set(Course.class_trait_names(config=True))
    lines = [f"c.Course.{trait} = {value!r}" for trait, value in SAID.items()]
    assignment = make_course(tmp_path, *lines).assignment(NAME)
    assert assignment.settings == settings_of(tmp_path)
    assert assignment.plugins == ("autograder.checks.fixtures", "more_fixtures")


def test_overrides_are_for_one_assignment(tmp_path):
    values = {trait: value for trait, value in SAID.items() if trait != "plugins"}
    course = make_course(tmp_path, f"c.Course.overrides = {{{NAME!r}: {values!r}}}")
    assert course.settings(NAME) == settings_of(tmp_path)
    other = course.settings("another")
    assert (other.limits, other.timeouts, other.jail) == (Limits(), Timeouts(), "bubblewrap")
    assert (other.packages, other.readable) == ((tmp_path / "measures.py",), ())


def test_the_command_line_is_on_top_of_the_configuration(tmp_path):
    make_course(tmp_path, 'c.Course.jail = "none"', "c.Course.seconds_per_call = 3.0")
    changes = Config({"Course": {"jail": "bubblewrap"}})
    settings = Course(tmp_path, changes=changes).settings(NAME)
    assert (settings.jail, settings.timeouts.call) == ("bubblewrap", 3.0)


def test_the_command_line_is_on_top_of_overrides(tmp_path):
    make_course(tmp_path, f"c.Course.overrides = {{{NAME!r}: {{'jail': 'none', 'seconds': 9.0}}}}")
    changes = Config({"Course": {"jail": "bubblewrap"}})
    settings = Course(tmp_path, changes=changes).settings(NAME)
    assert (settings.jail, settings.limits.seconds) == ("bubblewrap", 9.0)


def test_solutions_outside_of_the_course_are_secret_too(tmp_path):
    course = make_course(tmp_path / "course", f"c.Course.solutions = {str(tmp_path / 'else')!r}")
    assert course.settings("any").secrets == (tmp_path / "course", tmp_path / "else")


def test_check_grade_and_nbgrader_grade_by_the_same_settings(tmp_path, monkeypatch):
    values = {trait: value for trait, value in SAID.items() if trait != "plugins"}
    course = make_course(tmp_path, f"c.Course.overrides = {{{NAME!r}: {values!r}}}")
    release(course.assignment(NAME), course)
    folder = course.folder(course.directory.submitted_directory, "ada", NAME)
    folder.mkdir(parents=True)
    notebook = folder / f"{NAME}.ipynb"
    nbformat.write(course.assignment(NAME).release, notebook)
    seen = []

    def spy(repaired, assignment, folder, submission, *_):
        seen.append(asdict(assignment.settings))
        cells = [CellVerdict(cell.grade_id, cell.points, []) for cell in assignment.graded_cells]
        return Verdict(assignment.name, submission, "none", "cpu", 0.0, cells)

    monkeypatch.setattr("autograder.grading.grade.grade_notebook", spy)
    monkeypatch.setattr("autograder.course.nbgrader_plugin.grade_notebook", spy)
    monkeypatch.setattr("autograder.course.worker.grade_notebook", spy)
    done = CliRunner().invoke(app, ["check", NAME, str(notebook), "--course", str(tmp_path)])
    assert done.exit_code == 0
    worker.grade(Pack.of(course.assignment(NAME)), read_handed_in(folder, NAME, "ada"), seed=1)
    NbgraderSteps(course).autograde(NAME, "ada")
    expected = asdict(settings_of(tmp_path))
    *others, unpacked = [settings.pop("secrets") for settings in (seen[0], seen[2], seen[1])]
    secrets = expected.pop("secrets")
    assert seen == [expected] * 3
    assert others == [secrets, secrets]
    assert unpacked[:-1] == secrets  # and the folder that the assignment was unpacked into


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("c.Course.secnods = 3", "c.Course: there is no 'secnods'; there are device, "),
        ("c.Course.seconds = 'long'", "'seconds' trait"),
        ("c.Course.overrides = {'counting': {'jale': 'none'}}", "no 'jale'; there are "),
        (
            "c.Course.overrides = {'counting': {'seconds_per_call': 'ten'}}",
            "'seconds_per_call' trait",
        ),
        ("c.Course.overrides = {'conting': {'jail': 'none'}}", "'conting']: there is no such"),
        ("c.Course.packages = ['nowhere']", "'nowhere' is neither installed nor a folder in "),
        ("c.Course.jail = 'paper'", "jail 'paper': it can be bubblewrap, none."),
        ("c.Course.device = 'tpu'", "device 'tpu': it can be cpu, cuda, auto."),
        ("c.Course.overrides = {'counting': {'jail': 'paper'}}", "jail 'paper': it can be "),
        ("raise ZeroDivisionError('halfway')", "can't be read: ZeroDivisionError: halfway."),
        ("c.Course.memory = (", "can't be read: SyntaxError: "),
    ],
)
def test_a_mistake_in_the_configuration_is_a_sentence(tmp_path, line, sentence):
    make_course(tmp_path)
    (tmp_path / "nbgrader_config.py").open("a").write(f"{line}\n")
    with pytest.raises(CourseError) as error:
        Course(tmp_path).assignment(NAME)
    assert sentence in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_a_folder_without_a_configuration_is_no_course(tmp_path):
    with pytest.raises(CourseError, match="not a course folder: there is no nbgrader_config.py"):
        Course(tmp_path)


def test_an_unknown_assignment_is_named_with_its_nearest_neighbour(tmp_path):
    course = make_course(tmp_path)
    with pytest.raises(CourseError, match="no assignment 'conting' .* Did you mean 'counting'?"):
        course.assignment("conting")
    with pytest.raises(CourseError, match=r"no assignment '\.\./counting' .* are: counting\."):
        course.assignment("../counting")
    with pytest.raises(CourseError) as error:
        course.assignment("entirely_else")
    assert "Did you mean" not in str(error.value)


def test_a_course_without_assignments_has_none(tmp_path):
    course = make_course(tmp_path, 'c.Course.solutions = "nowhere"')
    assert course.names == []
    with pytest.raises(CourseError, match="The assignments are: none"):
        course.assignment(NAME)


def test_two_courses_side_by_side_have_their_own_assignments_and_releases(tmp_path):
    autumn, spring = make_course(tmp_path / "autumn"), make_course(tmp_path / "spring")
    source = spring.assignment(NAME).source_path
    source.write_text(source.read_text().replace("Why twelve?", "Why not ten?"))
    for course, question in ((autumn, "Why twelve?"), (spring, "Why not ten?")):
        assignment = course.assignment(NAME)
        made = release(assignment, course)
        assert made == course.root / "release" / NAME / f"{NAME}.ipynb"
        assert any(question in cell.source for cell in assignment.release.cells)
        assert assignment.checks.__file__ == str(course.root / "solutions" / NAME / "checks.py")


def test_nbgrader_s_folders_are_those_of_its_configuration(tmp_path):
    course = make_course(tmp_path, 'c.CourseDirectory.submitted_directory = "/handed/in"')
    folder = course.folder(course.directory.submitted_directory, "ada", NAME)
    assert folder == Path("/handed/in/ada") / NAME
