"""Grades all of a class: a pool of workers grades, one process writes the gradebook."""

from __future__ import annotations

import functools
import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path

from traitlets.config import Config

from autograder.course.nbgrader_course import Course
from autograder.course.release import release
from autograder.errors import CourseError
from autograder.grading import prepared
from autograder.grading.assignment import Assignment
from autograder.grading.grade import grade_file
from autograder.grading.kernel import KernelOptions
from autograder.grading.text import readable
from autograder.grading.verdict import Verdict

Grade = Callable[[Path, str], Verdict]  # a student's folder and name
Results = Iterator[tuple[str, "Verdict | Exception"]]


@dataclass(frozen=True)
class Graded:
    """What came of one student's submission: a verdict, and what went wrong, if anything did."""

    student: str
    verdict: Verdict | None
    problem: str = ""


def grade_class(
    root: Path,
    name: str,
    options: KernelOptions,
    student: str | None = None,
    force: bool = False,
    workers: int | None = None,
) -> tuple[int, Iterator[Graded]]:
    """Grade the submissions to an assignment in a course folder.

    Returns:
        How many there are to grade, and what comes of one after another as they are done.

    Args:
        student: only this one.
        force: also those that were graded before.
        workers: processes that grade side by side; as many as there are cores when None.

    Raises:
        CourseError: there is no such assignment, course, student or submission.
    """
    Assignment(name)  # fails at once when there is none
    course = Course(root)
    todo = _submissions(course, name, student, force)
    if not course.knows(name):
        release(name, course)
    options = replace(options, readable=(*options.readable, *course.readable))
    return len(todo), _graded(root, name, todo, options, workers)


def write_feedback(root: Path, name: str) -> list[str]:
    """Write the feedback on all graded submissions again, with what persons graded since.

    Returns:
        The students who got one.

    Raises:
        CourseError: there is no such assignment or course, or nbgrader could not write one.
    """
    Assignment(name)
    course = Course(root)
    graded = [student for student in course.submitted(name) if course.is_graded(name, student)]
    if not graded:
        raise CourseError(f"Nothing of {name} is graded yet: run `autograder grade {name}` first.")
    for student in graded:
        course.generate_feedback(name, student)
    return graded


def _graded(
    root: Path, name: str, todo: dict[str, Path], options: KernelOptions, workers: int | None
) -> Iterator[Graded]:
    with tempfile.TemporaryDirectory(prefix="graded-") as folder:
        results = Path(folder)
        course = Course(root, _changes(results, options))
        grade = functools.partial(_grade_one, name=name, options=options, results=results)
        for who, result in _grade_all(todo, grade, workers or _cores()):
            yield _record(course, name, who, result)
        for who in course.submitted(name):
            if course.is_graded(name, who) and not course.has_feedback(name, who):
                course.generate_feedback(name, who)  # it was graded by formgrader or nbgrader


def _grade_all(todo: dict[str, Path], grade: Grade, workers: int) -> Results:
    """Verdicts as they are done, or why there is none.

    A worker that is killed, for want of memory say, takes the whole pool with it. Whoever was left
    is graded again alone, so that only the submission to blame goes without a grade.
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


def _record(course: Course, name: str, student: str, result: Verdict | Exception) -> Graded:
    """Into the gradebook with a verdict, and out with its feedback."""
    if isinstance(result, Exception):
        reason = str(result) if isinstance(result, CourseError) else repr(result)
        return Graded(student, None, readable(f"{student} has no grade: {reason}"))
    try:
        course.autograde(name, student)
    except CourseError as error:
        return Graded(student, None, f"{student} has no grade: {error}")
    try:
        course.generate_feedback(name, student)
    except CourseError as error:
        return Graded(student, result, f"{student} is graded, but has no feedback: {error}")
    return Graded(student, result)


def _grade_one(
    path: Path, student: str, *, name: str, options: KernelOptions, results: Path
) -> Verdict:
    """In a worker: grade one notebook and lay the result down for the gradebook's process."""
    verdict, notebook = grade_file(path / f"{name}.ipynb", Assignment(name), options, student)
    prepared.put(results, student, verdict, notebook)
    return verdict


def _submissions(course: Course, name: str, student: str | None, force: bool) -> dict[str, Path]:
    handed_in = course.submitted(name)
    place = course.folder(course.directory.submitted_directory, "STUDENT", name)
    if not handed_in:
        raise CourseError(f"There are no submissions to {name}: they belong into {place}.")
    if student is not None:
        if student not in handed_in:
            raise CourseError(f"{student} handed in nothing for {name}: {place} is looked into.")
        handed_in = {student: handed_in[student]}
    return {
        who: path for who, path in handed_in.items() if force or not course.is_graded(name, who)
    }


def _changes(results: Path, options: KernelOptions) -> Config:
    """What nbgrader's own step is told on top of the course's configuration."""
    changes = Config()
    changes.RunAndCheck.folder = str(results)
    changes.RunAndCheck.jail = options.jail
    changes.RunAndCheck.device = options.device
    return changes


def _cores() -> int:
    return len(os.sched_getaffinity(0))
