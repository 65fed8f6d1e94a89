"""`make demo`: a small made-up class is graded, and a table says who got what, and why.

Each file in `demo_class/` is a student; Ada hands in the reference solution.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from autograder.course.batch import Graded, grade_class
from autograder.course.report import write_report
from autograder.course.submissions import (
    description,
    fill_in,
    solved,
    without_demonstrations,
)
from autograder.errors import CourseError
from autograder.grading.assignment import Assignment
from autograder.grading.kernel import KernelOptions, Patience
from autograder.grading.verdict import Verdict

CLASS = Path(__file__).parent / "demo_class"
CONFIG = """\
# `make demo` makes this folder anew each time: keep nothing here.
from autograder.grading.nbgrader_plugin import configure

configure(get_config())  # noqa: F821 (given by nbgrader)
"""


def main(
    folder: Path = typer.Argument(
        Path("demo"), help="Where the course is made; an earlier demo there goes."
    ),
    jail: str = typer.Option("bubblewrap", help="bubblewrap; or none, where there is no jail."),
) -> None:
    """Make a course with a class of made-up students, grade it, and say where to look."""
    console = Console()
    options = KernelOptions(jail=jail, patience=Patience(call=10))
    try:
        who = make_class(folder, "saliency")
        total, graded = grade_class(folder, "saliency", options)
        results = list(track(graded, f"Grading {total} submissions", total, console=console))
        console.print(_table(results, who))
        page = write_report(folder, "saliency")
    except CourseError as error:
        console.print(Text(f"make demo: {error}", style="red"), soft_wrap=True)
        raise typer.Exit(1) from error
    console.print(Text(f"The report:   {page}"), soft_wrap=True)
    console.print(
        Text(f"The feedback: {folder / 'feedback'}/STUDENT/saliency/saliency.html"), soft_wrap=True
    )
    if any(result.verdict is None for result in results):
        raise typer.Exit(1)


def make_class(folder: Path, name: str) -> dict[str, str]:
    """Make a course folder with one submission for each file of the class.

    Returns:
        What each student did.

    Raises:
        CourseError: the folder holds something that is not a demo.
    """
    config = folder / "nbgrader_config.py"
    if folder.exists() and not (config.is_file() and config.read_text() == CONFIG):
        raise CourseError(f"{folder} was not made by a demo and would be lost: name another one.")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    config.write_text(CONFIG)
    assignment = Assignment(name)
    handed_out = without_demonstrations(assignment.release)
    class_of = {"ada": ("The reference solution.", solved(assignment))}
    for path in sorted(CLASS.glob("*.py")):
        script = path.read_text(encoding="utf-8")
        class_of[path.stem] = description(script), fill_in(handed_out, script)
    for student, (_, notebook) in class_of.items():
        handed_in = folder / "submitted" / student / name / f"{name}.ipynb"
        handed_in.parent.mkdir(parents=True)
        nbformat.write(notebook, handed_in)
    return {student: what for student, (what, _) in class_of.items()}


def _table(results: list[Graded], who: dict[str, str]) -> Table:
    table = Table(title="Who got what, and why", title_justify="left", show_lines=True)
    table.add_column("student")
    table.add_column("points", justify="right")
    table.add_column("what was handed in", ratio=2)
    table.add_column("what the autograder says", ratio=5)
    for result in sorted(results, key=lambda result: result.student):
        verdict = result.verdict
        score = f"{verdict.score:g}/{verdict.max_score:g}" if verdict else "none"
        reasons = "\n".join(_reasons(verdict)) if verdict else result.problem
        table.add_row(result.student, score, who[result.student], Text(reasons))
    return table


def _reasons(verdict: Verdict) -> list[str]:
    """A line for each question that lost points, one for those without an answer, and the notes."""
    lines, unanswered = [], []
    for cell in verdict.cells:
        lost = [check for check in cell.checks if check.status != "passed"]
        name = cell.grade_id.removeprefix("test_")
        if any("not answered yet" in check.message for check in lost):
            unanswered.append(name)
        elif lost:
            named = [f"“{check.misconception}”" for check in lost if check.misconception]
            reason = named[0].replace("_", " ") if named else lost[0].message
            lines.append(
                f"{name} {cell.score:g}/{cell.max_score:g}: {reason.removeprefix(name + ': ')}"
            )
    if unanswered:
        lines.append(f"not answered: {', '.join(unanswered)}")
    return lines + [note for note in verdict.notes if "seed" not in note]


if __name__ == "__main__":
    typer.run(main)
