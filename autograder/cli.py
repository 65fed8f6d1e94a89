"""The command line, `autograder ...`: one function a command, each a few lines around the engine."""

from __future__ import annotations

import signal
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    track,
)
from rich.table import Table
from rich.text import Text
from typer.core import TyperGroup

from autograder.errors import CourseError

if TYPE_CHECKING:
    from traitlets.config import Config

    from autograder.course.batch import Graded, Wishes
    from autograder.course.course import Course
    from autograder.grading.verdict import Verdict

out, err = Console(), Console(stderr=True)


class OneSentence(TyperGroup):
    """Shows an error that an instructor can act on as a sentence, without a traceback."""

    def invoke(self, context: Any) -> Any:
        try:
            return super().invoke(context)
        except CourseError as error:
            err.print(Text(f"autograder: {error}", style="red"), soft_wrap=True)
            raise typer.Exit(1) from error


app = typer.Typer(
    cls=OneSentence,
    help="Grades a course's notebooks in a jail, with reasons.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The assignment.")]
Names = Annotated[
    list[str] | None, typer.Argument(metavar="[NAME ...]", help="Some assignments; else all.")
]
Jail = Annotated[str | None, typer.Option(help="bubblewrap; or none, for code that you trust.")]
Device = Annotated[str | None, typer.Option(help="cpu, cuda, or auto: the GPU where there is one.")]
CourseFolder = Annotated[Path, typer.Option("--course", help="The course's folder.")]


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The course's new folder.")],
    empty: Annotated[bool, typer.Option("--empty", help="Without assignments.")] = False,
    template: Annotated[
        str | None,
        typer.Option("--from", metavar="PACKAGE", help="The installed package to copy from."),
    ] = None,
) -> None:
    """Start a course, with the assignments that are installed."""
    from autograder.course.init import init_course

    names = init_course(folder, template, empty)
    out.print(Text(f"{folder}: {', '.join(names) or 'no assignments yet'}."), soft_wrap=True)
    first = "autograder release" if names else "autograder new NAME"
    out.print(Text(f"Next: cd {folder}; {first}; autograder --help"), soft_wrap=True)


@app.command()
def new(name: Name, course: CourseFolder = Path(".")) -> None:
    """Write a small assignment that works, to be changed into one's own."""
    from autograder.course.new import new_assignment

    folder = new_assignment(_open(course), name)
    out.print(Text(f"{folder}: change it, then run autograder release {name}."), soft_wrap=True)


@app.command()
def release(names: Names = None, course: CourseFolder = Path(".")) -> None:
    """Make the notebooks that students receive."""
    from autograder.course.release import release_all

    opened = _open(course)
    assignments = [opened.assignment(name) for name in names or opened.names]
    for path in release_all(assignments, opened):
        out.print(Text(f"{path.stem}: {path}"), soft_wrap=True)


@app.command()
def handout(
    names: Names = None,
    to: Annotated[Path, typer.Option(metavar="FILE", help="The zip file to write.")] = Path(
        "handout.zip"
    ),
    course: CourseFolder = Path("."),
) -> None:
    """Pack what students need into one zip file: notebooks, and the packages that they import."""
    from autograder.course.handout import write_handout

    opened = _open(course)
    out.print(Text(str(write_handout(opened, names or opened.names, to))), soft_wrap=True)


@app.command()
def check(
    name: Name,
    notebook: Annotated[Path, typer.Argument(metavar="NOTEBOOK", help="The notebook to grade.")],
    json: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the verdict here, too.")
    ] = None,
    device: Device = None,
    jail: Jail = None,
    course: CourseFolder = Path("."),
) -> None:
    """Grade one notebook, by the course's settings; the gradebook stays as it is."""
    from autograder.grading.grade import grade_file

    assignment = _open(course, _changes(device, jail)).assignment(name)
    if json and not json.resolve().parent.is_dir():
        raise CourseError(f"{json} can't be written: there is no folder {json.resolve().parent}.")
    with err.status(f"Running {notebook.name} and checking it ..."):
        verdict, _ = grade_file(notebook, assignment)
    if json:
        _write(json, verdict.to_json())
    _show(verdict)


@app.command()
def collect(
    name: Name,
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILES ...", help="What was downloaded: zips or folders."),
    ],
    source: Annotated[
        str, typer.Option("--from", help="canvas, moodle, gradescope, forms or folder.")
    ],
    roster: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="A list of the class, as the LMS exports it (CSV)."),
    ] = None,
    use: Annotated[
        list[str] | None,
        typer.Option(
            metavar="STUDENT=FILE", help="Which of several notebooks of a student counts."
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    course: CourseFolder = Path("."),
) -> None:
    """Put the notebooks of a download from an LMS where they are graded."""
    from autograder.course.lms.collect import collect as take
    from autograder.course.lms.layouts import LAYOUTS
    from autograder.course.lms.table import print_collected

    if source not in LAYOUTS:
        raise CourseError(f"--from {source}: it can be {', '.join(LAYOUTS)}.")
    pairs = [word.partition("=") for word in use or []]
    if wrong := [word for word, equals, _ in pairs if not equals]:
        raise CourseError(f"--use {wrong[0]}: write STUDENT=FILE.")
    said = {student: file for student, _, file in pairs}
    found = take(_open(course), name, files, source, roster or [], said, dry_run)
    print_collected(found, name, out)
    if any(not row.file for row in found.rows) or found.refused:
        raise typer.Exit(1)


@app.command()
def grade(
    names: Annotated[list[str], typer.Argument(metavar="NAME ...", help="The assignments.")],
    student: Annotated[str | None, typer.Option(help="Only this student.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Also what was graded before.")] = False,
    regrade: Annotated[
        str | None,
        typer.Option(metavar="CHECK", help="Only the function that this mended check is about."),
    ] = None,
    cells: Annotated[
        str, typer.Option(help="all; or defining, to leave demonstrations and their pictures.")
    ] = "all",
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Processes; as many as fit if not given.")
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Grade on a Dask cluster that runs.")
    ] = None,
    device: Device = None,
    jail: Jail = None,
    course: CourseFolder = Path("."),
) -> None:
    """Grade submissions into the gradebook: points first, then whole notebooks and feedback.

    Stopped by Ctrl-C, it keeps what is done; run again, it goes on.
    """
    from autograder.course.batch import Wishes
    from autograder.course.nbgrader_steps import NbgraderSteps

    if cells not in ("all", "defining"):
        raise CourseError(f"--cells {cells}: it can be all or defining.")
    wishes = Wishes(student, force, regrade, cells, jobs, scheduler)  # type: ignore[arg-type]
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    problems: list[str] = []
    for name in names:
        _open(course).assignment(name)  # a misspelt one is told before hours of grading
    for name in names:
        problems += _grade(name, course, _changes(device, jail), wishes)
    for problem in problems:
        err.print(Text(problem, style="red"), soft_wrap=True)
    opened = _open(course)
    pages = opened.folder(opened.directory.feedback_directory, "STUDENT", "NAME")
    out.print(Text(f"Grades: {NbgraderSteps(opened).address}. Feedback: {pages}."), soft_wrap=True)
    if problems:
        raise typer.Exit(1)


def _grade(name: str, course: Path, changes: Config, wishes: Wishes) -> list[str]:
    """Grade an assignment, and show how it goes.

    Returns:
        The problems that left somebody without a grade.
    """
    from autograder.course.batch import ClassGrading

    problems, recorded, total = [], 0, 0
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    try:
        with (
            ClassGrading(course, name, changes, wishes) as grading,
            Progress(*columns, console=err) as progress,
        ):
            total = len(grading.to_grade)
            for result in _tracked(progress, f"points of {name}", grading.points(), total):
                if result.verdict:
                    recorded += 1
                    score = f"{result.verdict.score:g} of {result.verdict.max_score:g}"
                    progress.console.print(Text(f"{result.student}: {score}"))
                problems.append(result.problem)
            waiting = len(grading.to_record())
            for result in _tracked(progress, f"notebooks of {name}", grading.notebooks(), waiting):
                problems.append(result.problem)
    except KeyboardInterrupt:
        err.print(f"{name}: points of {recorded} of {total} recorded; run again to go on.")
        raise typer.Exit(130) from None
    if not total and not waiting:
        out.print(f"{name}: nothing new; --force grades again what was graded before.")
    return [problem for problem in problems if problem]


def _tracked(
    progress: Progress, what: str, results: Iterable[Graded], total: int
) -> Iterator[Graded]:
    """The same results, while a bar shows how many there are, how fast, and how long it will take."""
    task = progress.add_task(what, total=total, rate="", visible=total > 0)
    for result in results:
        if _stopped:  # nbgrader's steps take an interrupt for their own
            raise KeyboardInterrupt
        speed = progress.tasks[task].speed
        rate = f"{60 * speed:.0f} a minute" if speed else ""
        progress.update(task, advance=1, rate=rate)
        yield result


_stopped: list[int] = []  # signals that asked to stop


def _stop(number: int, _: Any) -> None:
    _stopped.append(number)
    raise KeyboardInterrupt


@app.command()
def feedback(name: Name, course: CourseFolder = Path(".")) -> None:
    """Write the feedback again, after persons graded the written answers."""
    from autograder.course.batch import write_feedback

    with err.status(f"Writing the feedback on {name} ..."):
        students = write_feedback(course, name)
    opened = _open(course)
    pages = opened.folder(opened.directory.feedback_directory, "STUDENT", name)
    out.print(Text(f"{len(students)} pages: {pages}"), soft_wrap=True)


@app.command()
def report(name: Name, course: CourseFolder = Path(".")) -> None:
    """Write one page on how the class did."""
    from autograder.course.report import write_report

    out.print(Text(str(write_report(_open(course), name))), soft_wrap=True)


@app.command()
def export(
    name: Name,
    target: Annotated[str, typer.Option("--for", help="canvas, moodle, gradescope or csv.")],
    into: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The LMS's own list, to fill in.")
    ] = None,
    column: Annotated[
        str | None, typer.Option(help="Its column; else that of the assignment's name.")
    ] = None,
    to: Annotated[Path | None, typer.Option(metavar="FILE", help="The CSV file to write.")] = None,
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Also grades that are not final.")
    ] = False,
    feedback: Annotated[
        bool, typer.Option("--feedback", help="Also a zip file of all feedback pages.")
    ] = False,
    course: CourseFolder = Path("."),
) -> None:
    """Write grades, and feedback, in the form that an LMS imports."""
    from autograder.course.lms.export import TARGETS
    from autograder.course.lms.export import export as write
    from autograder.course.lms.returned import pack_feedback

    if target not in (*TARGETS, "csv"):
        raise CourseError(f"--for {target}: it can be {', '.join(TARGETS)}, csv.")
    opened = _open(course)
    done = write(opened, name, target, to, into, column, unfinished)
    paths = [done.path]
    if feedback:
        paths.append(done.path.with_name(f"{done.path.stem}-feedback.zip"))
        done.notes += pack_feedback(opened, name, target, paths[1])
    for note in done.notes:
        err.print(Text(f"{note}."), soft_wrap=True)
    out.print(Text(f"{done.count} grades: {', '.join(map(str, paths))}"), soft_wrap=True)


@app.command()
def demo(
    folder: Annotated[
        Path, typer.Argument(metavar="[FOLDER]", help="Where; an earlier demo there is deleted.")
    ] = Path("demo"),
    assignment: Annotated[
        str | None, typer.Option(metavar="NAME", help="Else the first with made-up students.")
    ] = None,
    jail: Jail = None,
    course: CourseFolder = Path("."),
) -> None:
    """Grade a small class of made-up students, and show who got what, and why."""
    from autograder.course.batch import ClassGrading
    from autograder.course.demo import first_with_students, make_class, results_table
    from autograder.course.report import write_report

    opened = _open(course)
    name = assignment or first_with_students(opened)
    with err.status(f"Making a class for {name} ..."):
        descriptions = make_class(opened, name, folder)
    with ClassGrading(folder, name, _changes(None, jail)) as grading:
        total = len(grading.to_grade)
        results = list(track(grading.points(), f"Points of {total}", total, console=err))
        results += [
            result
            for result in track(grading.notebooks(), "Their notebooks", total, console=err)
            if result.problem
        ]
    out.print(results_table(results, descriptions))
    made = _open(folder)
    feedback = made.folder(made.directory.feedback_directory, "STUDENT", name)
    out.print(Text(f"The report:   {write_report(made, name)}"), soft_wrap=True)
    out.print(Text(f"The feedback: {feedback / name}.html"), soft_wrap=True)
    if any(result.verdict is None for result in results):
        raise typer.Exit(1)


@app.command()
def verify(
    names: Names = None,
    all_: Annotated[bool, typer.Option("--all", help="All assignments of the course.")] = False,
    seeds: Annotated[int, typer.Option(help="Check the reference on so many drawn inputs.")] = 30,
    mutants: Annotated[
        bool, typer.Option("--mutants/--no-mutants", help="Generate mutants of the reference.")
    ] = True,
    jobs: Annotated[
        int | None, typer.Option(help="Processes; as many as cores if not given.")
    ] = None,
    page: Annotated[Path | None, typer.Option(metavar="FILE", help="Write an HTML page.")] = None,
    markdown: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the table in Markdown.")
    ] = None,
    course: CourseFolder = Path("."),
) -> None:
    """Prove that an assignment's checks tell right answers from wrong ones."""
    from autograder.verify.command import run

    opened = _open(course)
    if bool(names) == all_:
        raise CourseError("Say which assignments to verify: their names, or --all.")
    chosen = names or opened.names
    if not run(opened, chosen, seeds, mutants, jobs, page, markdown, out, err):
        raise typer.Exit(1)


def _open(folder: Path, changes: Config | None = None) -> Course:
    from autograder.course.course import Course

    return Course(folder, changes=changes)


def _changes(device: str | None, jail: str | None) -> Config:
    """What the command line says on top of the course's configuration."""
    from traitlets.config import Config

    said = {"device": device, "jail": jail}
    return Config({"Course": {name: value for name, value in said.items() if value is not None}})


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CourseError(f"{path} can't be written: {error.strerror}.") from error


def _show(verdict: Verdict) -> None:
    from autograder.grading.feedback import MARKS, reasons

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
            Text(cell.function, style="bold"),
            "",
        )
        for result, why in zip(cell.checks, reasons(cell.checks), strict=True):
            style = "green" if result.passed else "red"
            table.add_row(
                Text(MARKS[result.status], style=style),
                f"{result.points:g} / {result.max_points:g}",
                Text(result.title),
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
