"""Runs all that `autograder verify` claims about an assignment, in a pool of processes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from typing import Any

from autograder.errors import CourseError
from autograder.grading.assignment import Assignment
from autograder.grading.text import readable
from autograder.verify.equivalent import FILE, Explanation, explanations_of, stale
from autograder.verify.leaks import problems_of_release
from autograder.verify.misconceptions import (
    problem_of_misconception,
    problems_between_misconceptions,
)
from autograder.verify.mutants import Mutant, mutants_of
from autograder.verify.proof import FunctionProof, Proof, Trial
from autograder.verify.reference import problems_of_reference
from autograder.verify.right_answers import objections
from autograder.verify.stubs import problems_of_stubs
from autograder.verify.trial import killed_by
from autograder.verify.workers import Job, run_jobs

SEEDS = 30
RELEASE, REFERENCE, WRONG, RIGHT, MUTANTS = (
    "release",
    "reference",
    "misconceptions",
    "right answers",
    "mutants",
)

Watch = Callable[[str, int, int], None]
"""Called with a part of the proof, the number of its jobs that are done, and of all of them."""


def verify(
    assignment: Assignment,
    seeds: int = SEEDS,
    mutants: bool = True,
    jobs: int | None = None,
    watch: Watch = lambda part, done, total: None,
) -> Proof:
    """Prove that an assignment's checks tell right from wrong.

    Args:
        seeds: how many times the reference is checked, on inputs drawn afresh.
        mutants: whether to generate mutants; they take most of the time.
        jobs: processes; as many as there are cores when None.
        watch: is told of progress.

    Returns:
        What holds, and what does not.

    Raises:
        CourseError: the assignment can't be read, or is not released yet.
    """
    from autograder.course.structure import mistakes  # and nbgrader, which no worker needs

    began = time.monotonic()
    problems = mistakes(assignment)
    if problems:  # all else would only say so again
        return Proof(assignment.name, seeds, mutants, [], problems)
    assignment.release  # noqa: B018 (raises when there is none, before anything is run)
    todo = [*_jobs(assignment, seeds), *(_trials(assignment) if mutants else [])]
    explanations = explanations_of(assignment) if mutants else []
    results = _run(assignment, todo, jobs, watch)
    functions = {name: FunctionProof(name) for name in assignment.functions}
    for job in todo:
        problems += _enter(functions, job, results[job], explanations)
    survivors = [t.mutant for proof in functions.values() for t in proof.trials if not t.killed_by]
    problems += [_why_stale(entry) for entry in stale(explanations, survivors)]
    problems += [proof.weakness for proof in functions.values() if proof.weakness]
    seconds = time.monotonic() - began
    return Proof(assignment.name, seeds, mutants, list(functions.values()), problems, seconds)


def _jobs(assignment: Assignment, seeds: int) -> Iterator[Job]:
    yield Job(RELEASE, problems_of_stubs)
    yield Job(RELEASE, problems_of_release)
    for seed in range(1, seeds + 1):
        yield Job(REFERENCE, problems_of_reference, (seed,))
    for function, wrong in assignment.misconceptions.items():
        yield Job(WRONG, problems_between_misconceptions, (function,))
        for index in range(len(wrong)):
            yield Job(WRONG, _problem_of_misconception, (function, index))
    for path in assignment.right_answers:
        yield Job(RIGHT, objections, (path,))


def _trials(assignment: Assignment) -> Iterator[Job]:
    for function in assignment.functions:
        for mutant in mutants_of(assignment, function):
            yield Job(MUTANTS, _killed_by, (mutant,))


def _problem_of_misconception(assignment: Assignment, function: str, index: int) -> str:
    return problem_of_misconception(
        assignment, function, assignment.misconceptions[function][index]
    )


def _killed_by(assignment: Assignment, mutant: Mutant) -> str:
    return killed_by(assignment, mutant.function, mutant.source)


def _run(
    assignment: Assignment, todo: list[Job], workers: int | None, watch: Watch
) -> dict[Job, Any]:
    total, done = Counter(job.part for job in todo), Counter[str]()
    for part in total:
        watch(part, 0, total[part])
    results = {}
    for job, result in run_jobs(assignment, todo, workers):
        results[job] = result
        done[job.part] += 1
        watch(job.part, done[job.part], total[job.part])
    return results


def _enter(
    functions: dict[str, FunctionProof], job: Job, result: Any, explanations: list[Explanation]
) -> list[str]:
    """Enter the result of a job into the proofs of the functions that it is about.

    Returns:
        The problems that it found.
    """
    if job.part == MUTANTS:
        (mutant,) = job.args
        if isinstance(result, BrokenExecutor):
            result = "it ends its process"
        if not isinstance(result, Exception):
            about = [entry for entry in explanations if entry.is_about(mutant) and not result]
            functions[mutant.function].trials.append(Trial(mutant, result, *about[:1]))
            return []
    if isinstance(result, Exception):
        return [_why_failed(job, result)]
    if job.function is _problem_of_misconception:
        proof = functions[job.args[0]]
        proof.misconceptions += 1
        proof.caught += not result
        return [result] * bool(result)
    if job.part == RIGHT:
        for function, problem in result.items():
            functions[function].right_answers += 1
            functions[function].accepted += not problem
        return [problem for problem in result.values() if problem]
    return result


def _why_failed(job: Job, error: Exception) -> str:
    if isinstance(error, CourseError):
        return str(error)
    about = ", ".join(arg.before if isinstance(arg, Mutant) else str(arg) for arg in job.args)
    return f"The {job.part} can't be verified ({about}): {type(error).__name__}: {readable(error)}."


def _why_stale(entry: Explanation) -> str:
    return (
        f"{FILE} has an entry about no surviving mutant of {entry.function}: "
        f"{entry.before!r} to {entry.after!r}. Drop it, or bring it up to date."
    )
