"""The demo makes its folder anew, and changes nothing else."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from autograder.course.batch import Graded
from autograder.course.course import CONFIG, Course
from autograder.course.demo import first_with_students, make_class, results_table
from autograder.errors import CourseError
from autograder.grading.assignment import grade_id
from autograder.grading.verdict import CellVerdict, CheckResult, Verdict
from tests.autograder.course.small import NAME, make_course

BOB = '"""Counts tens."""\n\n# %% grade_id="dozens"\ndef dozens(n):\n    return 10 * n\n'
KINDS = ("source", "release", "submitted", "autograded", "feedback")


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course that keeps its files in places of its own, where a demo must not write."""
    root, elsewhere = tmp_path_factory.mktemp("course"), tmp_path_factory.mktemp("elsewhere")
    places = [f'c.CourseDirectory.{kind}_directory = "{elsewhere}/{kind}"' for kind in KINDS]
    gradebook = f'c.CourseDirectory.db_url = "sqlite:///{elsewhere}/grades.db"'
    readable = 'c.Course.readable = ["data"]'
    limit = f'c.Course.overrides = {{"{NAME}": {{"seconds_per_call": 3.0}}}}'
    lines = [*places, gradebook, readable, limit, f'c.CourseDirectory.root = "{root}"']
    return make_course(root, *lines, bob=BOB, eve='"""Handed in what was handed out."""\n')


@pytest.fixture(scope="module")
def made(course, tmp_path_factory):
    """The demo's folder and its students, made where there was a demo before."""
    folder = tmp_path_factory.mktemp("made") / "demo"
    (folder / "reports").mkdir(parents=True)
    (folder / CONFIG).write_text(
        "# `autograder demo` made this folder, and deletes it the next time: keep nothing here.\n"
    )
    before = state_of(course)
    students = make_class(course, NAME, folder)
    assert state_of(course) == before, "the real course is only read"
    return folder, students


def state_of(course: Course) -> dict[Path, int]:
    elsewhere = Path(course.directory.release_directory).parent
    paths = [*course.root.rglob("*"), *elsewhere.rglob("*")]
    return {path: path.stat().st_mtime_ns for path in paths if "__pycache__" not in path.parts}


def test_an_earlier_demo_is_made_anew(made):
    folder, students = made
    assert not (folder / "reports").exists()
    assert students == {
        "ada": "The reference solution.",
        "bob": "Counts tens.",
        "eve": "Handed in what was handed out.",
    }
    assert set(students) == {path.name for path in (folder / "submitted").iterdir()}


def test_students_hand_in_the_release_with_their_cells(made):
    folder, _ = made
    notebook = nbformat.read(folder / "submitted" / "bob" / NAME / f"{NAME}.ipynb", as_version=4)
    sources = {grade_id(cell): cell.source for cell in notebook.cells}
    assert sources["dozens"] == "def dozens(n):\n    return 10 * n"
    assert 'NotImplementedError("total: write your answer here")' in sources["total"]


def test_the_demo_reads_the_course_s_assignments_packages_and_settings(course, made):
    folder, _ = made
    demo = Course(folder)
    real, copy = course.assignment(NAME), demo.assignment(NAME)
    assert copy.folder == real.folder
    assert copy.settings.packages == real.settings.packages == (course.root / "measures.py",)
    assert copy.settings.readable == real.settings.readable == (course.root / "data",)
    assert copy.settings.timeouts.call == 3.0


def test_the_demo_writes_into_its_own_folder_only(made):
    folder, _ = made
    demo = Course(folder)
    assert demo.directory.db_url == f"sqlite:///{folder}/gradebook.db"
    for kind in KINDS:
        place = demo.folder(getattr(demo.directory, f"{kind}_directory"), "ada", NAME)
        assert place == folder / kind / "ada" / NAME


@pytest.mark.parametrize("config", ["configure(get_config())\n", None])
def test_what_was_not_made_by_a_demo_is_left_alone(course, tmp_path, config):
    (tmp_path / "notes.txt").write_text("years of work")
    if config:
        (tmp_path / CONFIG).write_text(config)
    with pytest.raises(CourseError, match="would be lost: name another one"):
        make_class(course, NAME, tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "years of work"


def test_a_demo_that_the_course_lies_in_is_left_alone(made, tmp_path):
    (tmp_path / CONFIG).write_text((made[0] / CONFIG).read_text())
    inner = make_course(tmp_path / "inner", bob=BOB)
    with pytest.raises(CourseError, match="would be lost: name another one"):
        make_class(inner, NAME, tmp_path)
    assert (inner.root / CONFIG).is_file()


def test_the_first_assignment_with_students_is_the_default(course, tmp_path):
    assert first_with_students(course) == NAME
    without = make_course(tmp_path)
    with pytest.raises(CourseError, match="No assignment of .* has made-up students: write one"):
        first_with_students(without)
    with pytest.raises(CourseError, match=f"{NAME} has no made-up students"):
        make_class(without, NAME, tmp_path / "demo")


def test_the_table_gives_scores_and_reasons():
    wrong = CheckResult("test_a", 5.0, "failed", "This counts tens. (50 is wrong)", "counted_tens")
    lost = CheckResult("test_b", 3.0, "error", "total is not answered yet.")
    cells = [CellVerdict("test_dozens", 5.0, [wrong]), CellVerdict("test_total", 3.0, [lost])]
    verdict = Verdict(NAME, "bob", "none", "cpu", 1.0, cells, ["A note.", "Drawn with seed 1."])
    graded = [Graded("eve", None, "eve has no grade: the disk is full"), Graded("bob", verdict)]
    table = results_table(graded, {"bob": "Counts tens.", "eve": "Nothing."})
    rows = list(zip(*(map(str, column.cells) for column in table.columns), strict=True))
    reasons = "dozens 0/5: “counted tens”\nnot answered: total\nA note."
    assert rows == [
        ("bob", "0/8", "Counts tens.", reasons),
        ("eve", "none", "Nothing.", "eve has no grade: the disk is full"),
    ]
