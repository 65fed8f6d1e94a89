"""A throw-away course with a class of made-up students.

Each file in an assignment's folder `demo/` is a student; Ada hands in the reference solution.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from rich.table import Table
from rich.text import Text

from autograder.course.batch import Graded
from autograder.course.course import CONFIG, Course
from autograder.course.release import release
from autograder.course.submissions import (
    description,
    fill_in,
    solved,
    without_demonstrations,
)
from autograder.errors import CourseError
from autograder.grading.assignment import Assignment
from autograder.grading.verdict import Verdict

MARK = "# `autograder demo` made this folder, and deletes it the next time: keep nothing here.\n"
CONFIG_OF_A_DEMO = """\
{mark}load_subconfig({config!r}, {root!r})  # noqa: F821 (given by traitlets)
c = get_config()  # noqa: F821 (given by traitlets)
{lines}
"""


def students_of(assignment: Assignment) -> list[Path]:
    """The made-up students of an assignment; none where it has no folder `demo/`."""
    return sorted((assignment.folder / "demo").glob("*.py"))


def first_with_students(course: Course) -> str:
    """The name of the first assignment that has made-up students.

    Raises:
        CourseError: there is none.
    """
    for name in course.names:
        if students_of(course.assignment(name)):
            return name
    raise CourseError(
        f"No assignment of {course.root} has made-up students: write one file for each into its "
        "folder demo/."
    )


def make_class(course: Course, name: str, folder: Path) -> dict[str, str]:
    """Make a course folder with one submission for each made-up student of an assignment.

    It uses the course's assignments, packages and settings, and writes nothing outside `folder`.

    Args:
        course: the real one.
        name: of the assignment.
        folder: the new course's; an earlier demo in it is deleted.

    Returns:
        A description of each student's submission.

    Raises:
        CourseError: the assignment has no made-up students, or the folder holds something else.
    """
    real = course.assignment(name)
    students = students_of(real)
    if not students:
        raise CourseError(f"{name} has no made-up students: there is none in {real.folder}/demo.")
    folder = folder.resolve()
    _insist_on_throw_away(folder, course)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(parents=True)
        (folder / CONFIG).write_text(_config(course, real, folder), encoding="utf-8")
    except OSError as error:
        raise CourseError(f"{folder} can't be made: {error.strerror}.") from error
    demo = Course(folder)
    assignment = demo.assignment(name)
    release(assignment, demo)
    class_of = {"ada": ("The reference solution.", solved(assignment))}
    handed_out = without_demonstrations(assignment.release)
    for path in students:
        script = path.read_text(encoding="utf-8")
        class_of[path.stem] = description(script), fill_in(handed_out, script)
    for student, (_, notebook) in class_of.items():
        _hand_in(demo, student, name, notebook)
    return {student: what for student, (what, _) in class_of.items()}


def results_table(results: list[Graded], descriptions: dict[str, str]) -> Table:
    """A table with each student's submission, score and reasons."""
    table = Table(title="Who got what, and why", title_justify="left", show_lines=True)
    table.add_column("student")
    table.add_column("points", justify="right")
    table.add_column("what was handed in", ratio=2)
    table.add_column("what the autograder says", ratio=5)
    for result in sorted(results, key=lambda result: result.student):
        verdict = result.verdict
        score = f"{verdict.score:g}/{verdict.max_score:g}" if verdict else "none"
        reasons = "\n".join(_reasons(verdict)) if verdict else result.problem
        table.add_row(result.student, score, descriptions[result.student], Text(reasons))
    return table


def _reasons(verdict: Verdict) -> list[str]:
    """A line for each question that lost points, one for those without an answer, and the notes."""
    lines, unanswered = [], []
    for cell in verdict.cells:
        if any("not answered yet" in check.message for check in cell.lost):
            unanswered.append(cell.function)
        elif cell.lost:
            named = next(filter(None, (check.misconceptions for check in cell.lost)), [])
            quoted = " and ".join(f"“{name}”" for name in named).replace("_", " ")
            reason = quoted or cell.lost[0].message
            reason = reason.removeprefix(f"{cell.function}: ")
            lines.append(f"{cell.function} {cell.score:g}/{cell.max_score:g}: {reason}")
    if unanswered:
        lines.append(f"not answered: {', '.join(unanswered)}")
    return lines + [note for note in verdict.notes if "seed" not in note]


def _insist_on_throw_away(folder: Path, course: Course) -> None:
    """Raise CourseError unless the folder is new, or a demo that this course does not lie in."""
    config = folder / CONFIG
    is_demo = config.is_file() and config.read_text(encoding="utf-8").startswith(MARK)
    if folder.exists() and not is_demo or course.root.is_relative_to(folder):
        raise CourseError(f"{folder} was not made by a demo and would be lost: name another one.")


def _config(course: Course, assignment: Assignment, folder: Path) -> str:
    """The real course's configuration with the paths of the demo.

    They are absolute where the demo reads, and in its own folder where it writes.
    """
    settings = assignment.settings
    places = {
        "packages": [str(path) for path in settings.packages],
        "readable": [str(path) for path in settings.readable],
    }
    own = {
        trait: default.default_value
        for trait, default in CourseDirectory.class_traits(config=True).items()
        if "directory" in trait
    }
    values = {
        "Course.solutions": str(assignment.folder.parent),
        "Course.overrides": {
            assignment.name: {**course.overrides.get(assignment.name, {}), **places}
        },
        "CourseDirectory.root": str(folder),
        "CourseDirectory.db_url": f"sqlite:///{folder / 'gradebook.db'}",
        **{f"CourseDirectory.{trait}": value for trait, value in own.items()},
    }
    lines = "\n".join(f"c.{trait} = {value!r}" for trait, value in values.items())
    return CONFIG_OF_A_DEMO.format(mark=MARK, config=CONFIG, root=str(course.root), lines=lines)


def _hand_in(course: Course, student: str, name: str, notebook: NotebookNode) -> None:
    folder = course.folder(course.directory.submitted_directory, student, name)
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{name}.ipynb")
