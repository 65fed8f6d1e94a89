"""Grades all of a class: a pool of workers grades, one process writes the gradebook."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from traitlets.config import Config

from autograder.course.nbgrader_course import Course
from autograder.course.release import release
from autograder.errors import CourseError
from autograder.grading import prepared
from autograder.grading.assignment import Assignment
from autograder.grading.grade import grade_file
from autograder.grading.kernel import KernelOptions
from autograder.grading.verdict import Verdict


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
) -> Iterator[Graded | int]:
    """Grade the submissions to an assignment in a course folder.

    First yields how many there are to grade, then one `Graded` after another as they are done.

    Args:
        student: only this one.
        force: also those that were graded before.
        workers: processes that grade side by side; as many as there are cores when None.

    Raises:
        CourseError: there is no such assignment, course, student or submission.
    """
    Assignment(name)  # fails at once when there is none
    with tempfile.TemporaryDirectory(prefix="graded-") as folder:
        results = Path(folder)
        course = Course(root, _changes(results, options))
        todo = _submissions(course, name, student, force)
        if not course.knows(name):
            release(name, course)
        yield len(todo)
        # A fresh interpreter each: CUDA does not survive a fork, and neither do threads.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers or _cores(), mp_context=context) as pool:
            jobs = {
                pool.submit(_grade_one, path / f"{name}.ipynb", name, options, who, results): who
                for who, path in todo.items()
            }
            for job in as_completed(jobs):
                yield _record(course, name, jobs[job], job)
        for who in course.submitted(name):
            if course.is_graded(name, who) and not course.has_feedback(name, who):
                course.generate_feedback(name, who)  # it was graded by formgrader or nbgrader


def _record(course: Course, name: str, student: str, job: Future[Verdict]) -> Graded:
    """Into the gradebook with a verdict, and out with its feedback."""
    try:
        verdict = job.result()
        course.autograde(name, student)
    except (CourseError, BrokenExecutor) as error:
        return Graded(student, None, f"{student} has no grade: {error}")
    try:
        course.generate_feedback(name, student)
    except CourseError as error:
        return Graded(student, verdict, f"{student} is graded, but has no feedback: {error}")
    return Graded(student, verdict)


def _grade_one(
    path: Path, name: str, options: KernelOptions, student: str, results: Path
) -> Verdict:
    """In a worker: grade one notebook and lay the result down for the gradebook's process."""
    verdict, notebook = grade_file(path, Assignment(name), options, student)
    prepared.put(results, student, verdict, notebook)
    return verdict


def _submissions(
    course: Course, name: str, student: str | None, force: bool
) -> dict[str, Path]:
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
