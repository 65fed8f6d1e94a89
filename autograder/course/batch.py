"""Grades all of a class: points first, for everybody; then whole notebooks, for those who read them.

    points      only the cells that graded answers depend on run; the verdict is kept, and its points
                stand in the gradebook                                               (worker.grade)
    notebooks   all cells run, for pictures and written answers; nbgrader records the notebook with
                its verdict, and writes the feedback                                   (worker.run)

Many processes grade (cluster.py); this one alone writes. All that it has written counts: started
again, it goes on with what is missing.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
from traitlets.config import Config

from autograder.course import prepared, verdicts, worker
from autograder.course.course import Course
from autograder.course.nbgrader_steps import NbgraderSteps
from autograder.course.pack import Pack
from autograder.course.release import release
from autograder.errors import CourseError
from autograder.grading.assignment import Assignment
from autograder.grading.handed_in import read_handed_in
from autograder.grading.repair import repair
from autograder.grading.temporary import TemporaryFolder
from autograder.grading.text import readable
from autograder.grading.verdict import Cells, Verdict

WILDCARDS = "*?["


@dataclass(frozen=True)
class Graded:
    """The outcome of one student's submission: a verdict, or the problem that prevented it."""

    student: str
    verdict: Verdict | None
    problem: str = ""


@dataclass(frozen=True)
class Wishes:
    """What of a class is to be graded.

    Attributes:
        student: only this one.
        force: also what was graded before and has not changed.
        check: only the function of this check, or this function, of those that were graded before.
        cells: "all", or "defining": leave the whole notebooks.
        jobs: processes that grade; as many as fit on this machine when None.
        scheduler: the address of a Dask scheduler whose workers grade instead.
    """

    student: str | None = None
    force: bool = False
    check: str | None = None
    cells: Cells = "all"
    jobs: int | None = None
    scheduler: str | None = None


class ClassGrading:
    """The grading of one assignment's submissions. Use it as a context manager.

    Args:
        changes: options on top of the course's configuration.

    Raises:
        CourseError: there is no such assignment, course, student, check or submission; or another
            process is grading it.
    """

    def __init__(
        self, root: Path, name: str, changes: Config | None = None, wishes: Wishes | None = None
    ) -> None:
        self.wishes = wishes or Wishes()
        self._course = Course(root, changes=changes)
        self._changes = changes or Config()
        self._assignment = self._course.assignment(name)
        self._name = name
        self._handed_in = _submissions(self._course, name, self.wishes.student)
        self._functions = _functions_of(self._assignment, self.wishes.check)
        self._pack = Pack.of(self._assignment)
        self._seed = secrets.randbits(32)  # all are asked the same, and nobody knows before
        self._graded_now: set[str] = set()
        self._digests: dict[str, str] = {}  # of what is handed in, read once

    def __enter__(self) -> ClassGrading:
        with contextlib.ExitStack() as stack:
            stack.enter_context(_alone(self._course.root, self._name))
            if not NbgraderSteps(self._course).knows(self._name):
                _enter(self._assignment, self._course)
            self.to_grade = [who for who in self._handed_in if self._needs_points(who)]
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error: Any) -> None:
        self._stack.__exit__(*error)

    @functools.cached_property
    def _client(self) -> Any:
        from autograder.course.cluster import cluster  # takes a second to import

        return self._stack.enter_context(cluster(self.wishes.jobs, self.wishes.scheduler))

    def points(self) -> Iterator[Graded]:
        """Grade what is not graded yet, and record the points."""
        if not self.to_grade:
            return
        steps = NbgraderSteps(self._course)
        self._client  # noqa: B018 (started where the caller is, not in the course's folder)
        with steps.gradebook() as gradebook:
            for student, result in self._results(
                worker.grade, self.to_grade, self._seed, self._functions
            ):
                verdict = result if isinstance(result, Verdict) else None
                if verdict and self._functions:
                    verdict = _mended(self._known(student), verdict)
                if verdict is None:
                    yield Graded(student, None, _no_grade(student, result))
                    continue
                verdicts.write_verdict(self._course.root, verdict)
                steps.record_points(gradebook, verdict)
                self._graded_now.add(student)
                yield Graded(student, verdict)

    def to_record(self) -> list[str]:
        """Students with a verdict whose notebook nbgrader does not have yet."""
        return [who for who in self._handed_in if self._known(who) and not self._is_recorded(who)]

    def notebooks(self) -> Iterator[Graded]:
        """Run whole notebooks, unless only definitions are wished for; record them, with feedback."""
        with TemporaryFolder("graded") as folder:
            handoff = Config({"RunAndCheck": {"prepared": str(folder)}})
            handoff.merge(self._changes)
            steps = NbgraderSteps(Course(self._course.root, changes=handoff))
            for student, result in self._run_or_not(self.to_record()):
                verdict = self._known(student)
                if isinstance(result, BaseException) or verdict is None:
                    yield Graded(student, verdict, _no_notebook(student, result))
                    continue
                notebook = nbformat.reads(result.notebook, as_version=4)
                notes = list(dict.fromkeys([*verdict.notes, *result.notes]))
                verdict = replace(verdict, ran=self.wishes.cells, notes=notes)
                prepared.put(folder, student, verdict, notebook)
                yield _record(steps, self._name, student, verdict)
            for who in self._handed_in:
                if self._is_recorded(who) and not self._course.has_feedback(self._name, who):
                    steps.generate_feedback(self._name, who)  # nbgrader or formgrader graded it

    def _results(self, function: Any, students: list[str], *more: Any) -> Iterator[tuple[str, Any]]:
        """What a function of worker.py returns for each student, or the exception instead."""
        from autograder.course.cluster import results

        def arguments(student: str) -> tuple:
            if set(student) & set(WILDCARDS):
                raise CourseError(
                    f"nbgrader takes the name {student!r} for a pattern: rename the folder, so "
                    f"that it has none of {' '.join(WILDCARDS)} in it."
                )
            handed_in = read_handed_in(self._handed_in[student], self._name, student)
            return self._pack, handed_in, *more

        if students:
            yield from results(self._client, function, students, arguments)

    def _run_or_not(self, students: list[str]) -> Iterator[tuple[str, Any]]:
        """Whole notebooks with their outputs; without outputs, where those are not wished for."""
        if self.wishes.cells == "all":
            yield from self._results(worker.run, students)
            return
        for student in students:
            content = read_handed_in(self._handed_in[student], self._name, student).notebook
            repaired = repair(content, self._assignment.release)
            yield student, worker.Ran(nbformat.writes(repaired.notebook), [])

    def _known(self, student: str) -> Verdict | None:
        if student not in self._digests:
            try:
                handed_in = read_handed_in(self._handed_in[student], self._name, student)
            except CourseError:
                return None
            self._digests[student] = handed_in.digest
        return verdicts.current_verdict(self._course, self._name, student, self._digests[student])

    def _needs_points(self, student: str) -> bool:
        known = self._known(student) is not None
        return known if self._functions else self.wishes.force or not known

    def _is_recorded(self, student: str) -> bool:
        """Whether nbgrader has the notebook with this verdict, and its outputs where they are wanted."""
        known = self._known(student)
        if known is None or student in self._graded_now:
            return False
        if self.wishes.cells not in ("defining", known.ran):
            return False
        return verdicts.is_recorded(self._course, self._name, student, self._digests[student])


def write_feedback(root: Path, name: str) -> list[str]:
    """Write the feedback on all graded submissions again, with the scores of graders since then.

    Returns:
        The students with feedback.

    Raises:
        CourseError: there is no such assignment or course, or nbgrader could not write one.
    """
    course = Course(root)
    course.assignment(name)
    graded = [who for who in course.submitted(name) if verdicts.is_recorded(course, name, who)]
    if not graded:
        raise CourseError(f"Nothing of {name} is graded yet: run `autograder grade {name}` first.")
    steps = NbgraderSteps(course)
    for student in graded:
        steps.generate_feedback(name, student)
    return graded


@contextlib.contextmanager
def _alone(root: Path, name: str) -> Iterator[None]:
    """Hold the lock on an assignment's verdicts, which goes when this process ends."""
    path = verdicts.path_of(root, name, "").with_name(".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CourseError(
                f"{name} is being graded by another process: wait until that is done."
            ) from error
        yield


def _enter(assignment: Assignment, course: Course) -> None:
    """Enter an assignment into the gradebook, which nbgrader does when it makes the release.

    Raises:
        CourseError: the source makes another release than the one that students hold.
    """
    path = assignment.release_path
    held = path.read_bytes() if path.is_file() else None
    made = release(assignment, course).read_bytes()
    if held is not None and held != made:
        path.write_bytes(held)
        raise CourseError(
            f"{path} is not the release that {assignment.source_path} makes now, and the gradebook "
            f"does not know {assignment.name} yet: run `autograder release {assignment.name}` if "
            "students have the new one, or restore the source."
        )


def _functions_of(assignment: Assignment, check: str | None) -> tuple[str, ...] | None:
    """The function that a check is about, or that function itself; None for all."""
    if check is None:
        return None
    from autograder.grading.checking import collect_checks

    collected, _ = collect_checks(assignment)
    by_check = {
        result.name.partition("[")[0]: cell.removeprefix("test_")
        for cell, results in collected.items()
        for result in results
    }
    function = check if check in assignment.functions else by_check.get(check)
    if function is None:
        raise CourseError(
            f"--regrade {check}: {assignment.name} has no such check or function. "
            f"The functions are {', '.join(assignment.functions)}."
        )
    return (function,)


def _mended(before: Verdict | None, again: Verdict) -> Verdict | None:
    """A verdict with some of its cells judged again."""
    if before is None:
        return None
    judged = {cell.grade_id: cell for cell in again.cells}
    cells = [judged.get(cell.grade_id, cell) for cell in before.cells]
    again_about = ", ".join(cell.function for cell in again.cells)
    notes = [f"{again_about}: {note}" for note in again.notes if note not in before.notes]
    return replace(before, cells=cells, notes=[*before.notes, *notes])


def _no_grade(student: str, result: Any) -> str:
    reason = (
        str(result) if isinstance(result, CourseError) else f"{type(result).__name__}: {result}"
    )
    return readable(f"{student} has no grade: {reason}")


def _no_notebook(student: str, result: Any) -> str:
    return readable(f"{student} has points, but the whole notebook was not run: {result}")


def _record(steps: NbgraderSteps, name: str, student: str, verdict: Verdict) -> Graded:
    """Record a notebook with its verdict in the gradebook, and write its feedback."""
    try:
        steps.autograde(name, student)
    except CourseError as error:
        return Graded(student, verdict, f"{student} has points, but no graded notebook: {error}")
    try:
        steps.generate_feedback(name, student)
    except CourseError as error:
        return Graded(student, verdict, f"{student} is graded, but has no feedback: {error}")
    return Graded(student, verdict)


def _submissions(course: Course, name: str, student: str | None) -> dict[str, Path]:
    handed_in = course.submitted(name)
    place = course.folder(course.directory.submitted_directory, "STUDENT", name)
    if not handed_in:
        raise CourseError(f"There are no submissions to {name}: they belong in {place}.")
    if student is None:
        return handed_in
    if student not in handed_in:
        raise CourseError(f"{student} handed in nothing for {name}. Looked in {place}.")
    return {student: handed_in[student]}
