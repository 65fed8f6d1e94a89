"""The body of `autograder verify`: progress, tables, files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from autograder.course.course import Course
from autograder.errors import CourseError
from autograder.verify.page import page
from autograder.verify.proof import Proof
from autograder.verify.sweep import Watch, verify
from autograder.verify.table import markdown, print_proof


class Rate(ProgressColumn):
    """Jobs per second."""

    def render(self, task: Task) -> Text:
        """The rate so far."""
        return Text(f"{task.speed:.1f}/s" if task.speed else "")


def run(
    course: Course,
    names: Sequence[str],
    seeds: int,
    mutants: bool,
    jobs: int | None,
    page_file: Path | None,
    markdown_file: Path | None,
    out: Console,
    err: Console,
) -> bool:
    """Verify some assignments, print what came of it, and write the files that are asked for.

    Returns:
        Whether all of them hold.

    Raises:
        CourseError: there is no such assignment, or a file can't be written.
    """
    assignments = [course.assignment(name) for name in names]
    wanted = ((page_file, page), (markdown_file, markdown))
    files = {file: render for file, render in wanted if file}
    for file in files:
        if not file.resolve().parent.is_dir():
            raise CourseError(f"{file} can't be written: there is no such folder.")
    proofs: list[Proof] = []
    for assignment in assignments:
        with _progress(assignment.name, err) as watch:
            proofs.append(verify(assignment, seeds, mutants, jobs, watch))
        print_proof(proofs[-1], out)
        for file, render in files.items():  # after each, so that a long run leaves what it has
            file.write_text(render(proofs), encoding="utf-8")
    return all(proof.holds for proof in proofs)


@contextmanager
def _progress(name: str, console: Console) -> Iterator[Watch]:
    """A bar for each part of an assignment's proof, which goes when it is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate())
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:
        bars = {}

        def watch(part: str, done: int, total: int) -> None:
            if part not in bars:
                bars[part] = progress.add_task(f"{name}: {part}", total=total)
            progress.update(bars[part], completed=done)

        yield watch
