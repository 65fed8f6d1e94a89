"""The command line: `autograder release | handout | check | grade | feedback | report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text
from typer.core import TyperGroup

from autograder.errors import CourseError

out, err = Console(), Console(stderr=True)


class OneSentence(TyperGroup):
    """Shows what an instructor can act on as a sentence, without a traceback."""

    def invoke(self, context):
        try:
            return super().invoke(context)
        except CourseError as error:
            err.print(Text(f"autograder: {error}", style="red"), soft_wrap=True)
            raise typer.Exit(1) from error


app = typer.Typer(
    cls=OneSentence,
    help="Grades the course's notebooks in a jail, and says why.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The assignment, for example saliency.")]
Jail = Annotated[str, typer.Option(help="bubblewrap; or none, for code that you trust.")]
Device = Annotated[str, typer.Option(help="cpu, cuda, or auto: the GPU where there is one.")]
CourseFolder = Annotated[Path, typer.Option("--course", help="The course's folder.")]


@app.command()
def release(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="One assignment; else all.")
    ] = None,
    course: CourseFolder = Path("."),
) -> None:
    """Make the notebooks that students receive."""
    from autograder.course.nbgrader_course import Course
    from autograder.course.release import release as make
    from autograder.grading.assignment import assignment_names

    opened = Course(course)
    for assignment in [name] if name else assignment_names():
        out.print(Text(f"{assignment}: {make(assignment, opened)}"), soft_wrap=True)


@app.command()
def handout(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME ...]", help="Some assignments; else all.")
    ] = None,
    to: Annotated[Path, typer.Option(metavar="FILE", help="The zip file to write.")] = Path(
        "handout.zip"
    ),
) -> None:
    """Pack what students need into one zip file: notebooks, course_lib and how to install them."""
    from autograder.course.handout import write_handout
    from autograder.grading.assignment import assignment_names

    out.print(Text(str(write_handout(names or assignment_names(), to))), soft_wrap=True)


@app.command()
def check(
    name: Name,
    notebook: Annotated[Path, typer.Argument(metavar="NOTEBOOK", help="The notebook to grade.")],
    json: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the verdict here, too.")
    ] = None,
    device: Device = "auto",
    jail: Jail = "bubblewrap",
) -> None:
    """Grade one notebook: no gradebook, no course folder."""
    from autograder.grading.assignment import Assignment
    from autograder.grading.grade import grade_file

    assignment, options = Assignment(name), _options(device, jail)
    if json and not json.resolve().parent.is_dir():
        raise CourseError(f"{json} can't be written: there is no folder {json.resolve().parent}.")
    with err.status(f"Running {notebook.name} and checking it ..."):
        verdict, _ = grade_file(notebook, assignment, options)
    if json:
        _write(json, verdict.to_json())
    _show(verdict)


@app.command()
def grade(
    name: Name,
    student: Annotated[str | None, typer.Option(help="Only this student.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Also what was graded before.")] = False,
    device: Device = "auto",
    jail: Jail = "bubblewrap",
    course: CourseFolder = Path("."),
) -> None:
    """Grade all submissions into the gradebook and write the feedback."""
    from autograder.course.batch import grade_class

    total, graded = grade_class(course, name, _options(device, jail), student, force)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    problems = []
    with Progress(*columns, console=err) as progress:
        task = progress.add_task(f"Grading {name}", total=total)
        for result in graded:
            progress.advance(task)
            if result.verdict:
                score = f"{result.verdict.score:g} of {result.verdict.max_score:g}"
                progress.console.print(Text(f"{result.student}: {score}"))
            if result.problem:
                problems.append(result.problem)
    for problem in problems:
        err.print(Text(problem, style="red"), soft_wrap=True)
    if problems:
        raise typer.Exit(1)
    if not total:
        out.print("Nothing new: all submissions were graded before. --force grades them again.")
    out.print(
        Text(f"Grades: {course / 'gradebook.db'}. Feedback: {course / 'feedback'}."), soft_wrap=True
    )


@app.command()
def feedback(name: Name, course: CourseFolder = Path(".")) -> None:
    """Write the feedback again, after persons graded the written answers."""
    from autograder.course.batch import write_feedback

    with err.status(f"Writing the feedback on {name} ..."):
        students = write_feedback(course, name)
    out.print(f"{len(students)} pages: {course / 'feedback'}/STUDENT/{name}/", soft_wrap=True)


@app.command()
def report(name: Name, course: CourseFolder = Path(".")) -> None:
    """Write one page on how the class did."""
    from autograder.course.report import write_report

    out.print(Text(str(write_report(course, name))), soft_wrap=True)


def _options(device: str, jail: str):
    from autograder.grading.kernel import KernelOptions

    for value, option, known in (
        (device, "--device", ("cpu", "cuda", "auto")),
        (jail, "--jail", ("bubblewrap", "none")),
    ):
        if value not in known:
            raise CourseError(f"{option} {value}: it can be {', '.join(known)}.")
    return KernelOptions(jail=jail, device=device)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CourseError(f"{path} can't be written: {error.strerror}.") from error


def _show(verdict) -> None:
    from autograder.grading.feedback import MARKS, readable_name, reasons

    table = Table(
        title=f"{verdict.assignment}: {verdict.score:g} of {verdict.max_score:g} points",
        title_justify="left",
    )
    table.add_column("")
    table.add_column("points", justify="right")
    table.add_column("check")
    table.add_column("why")
    for cell in verdict.cells:
        table.add_section()
        table.add_row(
            "",
            Text(f"{cell.score:g} / {cell.max_score:g}", style="bold"),
            Text(cell.grade_id.removeprefix("test_"), style="bold"),
            "",
        )
        for result, why in zip(cell.checks, reasons(cell.checks), strict=True):
            style = "green" if result.status == "passed" else "red"
            table.add_row(
                Text(MARKS[result.status], style=style),
                f"{result.points:g} / {result.max_points:g}",
                Text(readable_name(result)),
                Text(why),
            )
    out.print(table)
    for note in verdict.notes:
        out.print(Text(f"· {note}"), soft_wrap=True)
    out.print(
        Text(f"Jail: {verdict.jail}. Device: {verdict.device}. {verdict.seconds:.1f} seconds.")
    )


if __name__ == "__main__":
    app()
