"""Grades all of a class: a pool of workers grades, one process writes the gradebook."""

from __future__ import annotations

import copy
import functools
import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from traitlets.config import Config

from autograder.course import prepared
from autograder.course.course import Course
from autograder.course.nbgrader_steps import NbgraderSteps
from autograder.course.release import release
from autograder.errors import CourseError
from autograder.grading.assignment import Assignment
from autograder.grading.grade import grade_file
from autograder.grading.text import readable
from autograder.grading.verdict import Verdict

Grade = Callable[[Path, str], Verdict]  # a student's folder and name
Results = Iterator[tuple[str, "Verdict | BaseException"]]


@dataclass(frozen=True)
class Graded:
    """The outcome of one student's submission: a verdict, or the problem that prevented it."""

    student: str
    verdict: Verdict | None
    problem: str = ""


def grade_class(
    root: Path,
    name: str,
    changes: Config | None = None,
    student: str | None = None,
    force: bool = False,
    workers: int | None = None,
) -> tuple[int, Iterator[Graded]]:
    """Grade the submissions to an assignment in a course folder.

    Args:
        changes: options on top of the course's configuration.
        student: only this one.
        force: also those that were graded before.
        workers: processes that grade in parallel; one for each core when None.

    Returns:
        The number of submissions to grade, and their outcomes as they are done.

    Raises:
        CourseError: there is no such assignment, course, student or submission.
    """
    course = Course(root, changes=changes)
    assignment = course.assignment(name)
    todo = _submissions(course, name, student, force)
    if not NbgraderSteps(course).knows(name):
        _enter(assignment, course)
    return len(todo), _graded(course, name, changes or Config(), todo, workers)


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


def write_feedback(root: Path, name: str) -> list[str]:
    """Write the feedback on all graded submissions again, with the scores of graders since then.

    Returns:
        The students with feedback.

    Raises:
        CourseError: there is no such assignment or course, or nbgrader could not write one.
    """
    course = Course(root)
    course.assignment(name)
    graded = [student for student in course.submitted(name) if course.is_graded(name, student)]
    if not graded:
        raise CourseError(f"Nothing of {name} is graded yet: run `autograder grade {name}` first.")
    steps = NbgraderSteps(course)
    for student in graded:
        steps.generate_feedback(name, student)
    return graded


def _graded(
    course: Course, name: str, changes: Config, todo: dict[str, Path], workers: int | None
) -> Iterator[Graded]:
    with tempfile.TemporaryDirectory(prefix="graded-") as folder:
        results = Path(folder)
        handoff = Config({"RunAndCheck": {"prepared": str(results)}})
        steps = NbgraderSteps(Course(course.root, changes=_merged(changes, handoff)))
        grade = functools.partial(
            _grade_one, root=course.root, name=name, changes=changes, results=results
        )
        for who, result in _grade_all(todo, grade, workers or _cores()):
            yield _record(steps, name, who, result)
        for who in course.submitted(name):
            if course.is_graded(name, who) and not course.has_feedback(name, who):
                steps.generate_feedback(name, who)  # it was graded by formgrader or nbgrader


def _merged(one: Config, other: Config) -> Config:
    merged = copy.deepcopy(one)
    merged.merge(other)
    return merged


def _grade_all(todo: dict[str, Path], grade: Grade, workers: int) -> Results:
    """Verdicts as they are done, or the exceptions instead of them.

    A worker that is killed, for want of memory say, breaks the whole pool. The submissions that were
    left are graded again one by one, so that only the one to blame has no grade.
    """
    unfinished = []
    for student, result in _in_pool(todo, grade, workers):
        if isinstance(result, BrokenExecutor):
            unfinished.append(student)
        else:
            yield student, result
    for student in unfinished:
        yield from _in_pool({student: todo[student]}, grade, workers=1)


def _in_pool(todo: dict[str, Path], grade: Grade, workers: int) -> Results:
    # A fresh interpreter each: CUDA does not survive a fork, and neither do threads.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        jobs = {pool.submit(grade, path, student): student for student, path in todo.items()}
        for job in as_completed(jobs):
            yield jobs[job], job.exception() or job.result()


def _record(
    steps: NbgraderSteps, name: str, student: str, result: Verdict | BaseException
) -> Graded:
    """Record a verdict in the gradebook, and write its feedback."""
    if isinstance(result, BaseException):
        reason = str(result) if isinstance(result, CourseError) else repr(result)
        return Graded(student, None, readable(f"{student} has no grade: {reason}"))
    try:
        steps.autograde(name, student)
    except CourseError as error:
        return Graded(student, None, f"{student} has no grade: {error}")
    try:
        steps.generate_feedback(name, student)
    except CourseError as error:
        return Graded(student, result, f"{student} is graded, but has no feedback: {error}")
    return Graded(student, result)


def _grade_one(
    path: Path, student: str, *, root: Path, name: str, changes: Config, results: Path
) -> Verdict:
    """Grade one notebook in a worker, and store the result for the gradebook's process."""
    assignment = Course(root, changes=changes).assignment(name)
    verdict, notebook = grade_file(path / f"{name}.ipynb", assignment, student)
    prepared.put(results, student, verdict, notebook)
    return verdict


def _submissions(course: Course, name: str, student: str | None, force: bool) -> dict[str, Path]:
    handed_in = course.submitted(name)
    place = course.folder(course.directory.submitted_directory, "STUDENT", name)
    if not handed_in:
        raise CourseError(f"There are no submissions to {name}: they belong in {place}.")
    if student is not None:
        if student not in handed_in:
            raise CourseError(f"{student} handed in nothing for {name}. Looked in {place}.")
        handed_in = {student: handed_in[student]}
    return {
        who: path for who, path in handed_in.items() if force or not course.is_graded(name, who)
    }


def _cores() -> int:
    return len(os.sched_getaffinity(0))
