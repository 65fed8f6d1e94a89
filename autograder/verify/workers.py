"""A pool of processes that work on one assignment."""

from __future__ import annotations

import functools
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from autograder.grading.assignment import Assignment
from autograder.grading.settings import Settings


@dataclass(frozen=True)
class Recipe:
    """What an assignment is made of: it travels to another process, the assignment does not."""

    kind: type[Assignment]
    folder: Path
    release_path: Path
    settings: Settings
    plugins: tuple[str, ...]

    @classmethod
    def of(cls, assignment: Assignment) -> Recipe:
        return cls(
            type(assignment),
            assignment.folder,
            assignment.release_path,
            assignment.settings,
            assignment.plugins,
        )


@dataclass(frozen=True)
class Job:
    """A call `function(assignment, *args)`, and the part of the proof that it belongs to."""

    part: str
    function: Callable
    args: tuple = ()


def run_jobs(
    assignment: Assignment, jobs: Sequence[Job], workers: int | None = None
) -> Iterator[tuple[Job, Any]]:
    """Run jobs in a pool of processes.

    A job that ends its process takes the pool with it. Those that may have run then are run again
    in a process of their own, so that only the one to blame has no result, and the rest in a new
    pool.

    Args:
        workers: how many processes; as many as there are cores when None.

    Returns:
        Each job with its result, as they are done; in the place of a result the exception that was
        raised.
    """
    recipe = Recipe.of(assignment)
    workers = workers or len(os.sched_getaffinity(0))
    left = list(jobs)
    while left:
        unfinished = []
        for job, result in _in_pool(recipe, left, workers):
            if isinstance(result, BrokenExecutor):
                unfinished.append(job)
            else:
                yield job, result
        unfinished.sort(key=left.index)  # they are started in this order
        suspects, left = unfinished[:workers], unfinished[workers:]
        for job in suspects:
            yield from _in_pool(recipe, [job], 1)


def _in_pool(recipe: Recipe, jobs: Sequence[Job], workers: int) -> Iterator[tuple[Job, Any]]:
    # A fresh interpreter each: CUDA does not survive a fork, and neither do threads.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_prepare)
    others = set(multiprocessing.active_children())
    try:
        futures = {pool.submit(_call, recipe, job.function, job.args): job for job in jobs}
        for future in as_completed(futures):
            yield futures[future], future.exception() or future.result()
    except BaseException:  # also Ctrl-C, and a caller that wants no more
        for process in set(multiprocessing.active_children()) - others:
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _prepare() -> None:
    """One thread in each process, and Ctrl-C for the process above them alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)


def _call(recipe: Recipe, function: Callable, args: tuple) -> Any:
    return function(_opened(recipe), *args)


@functools.cache
def _opened(recipe: Recipe) -> Assignment:
    return recipe.kind(recipe.folder, recipe.release_path, recipe.settings, recipe.plugins)
