"""The processes that grade: those of this machine, or of a Dask cluster that runs already.

https://distributed.dask.org
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dask
import psutil
from distributed import Client, KilledWorker, LocalCluster, as_completed
from distributed.security import Security

from autograder.errors import CourseError
from autograder.grading.stopwatch import Starved
from autograder.grading.temporary import TemporaryFolder

MEMORY_OF_A_WORKER = 1.5 * 2**30  # bytes, with the kernel that it looks after
CGROUP = Path("/sys/fs/cgroup")
SETTINGS = {
    # The submission at hand is the one to blame: a worker has no other.
    "distributed.scheduler.allowed-failures": 0,
    "distributed.scheduler.work-stealing": False,
    "distributed.worker.daemon": True,
    "distributed.scheduler.http.routes": [],  # nobody is asked who reads them
    "distributed.comm.timeouts.connect": "60s",
}


class WorkerKilled(Exception):
    """The process that graded a submission was killed twice."""

    def __init__(self) -> None:
        super().__init__(
            "the process that graded it was killed, for want of memory perhaps; it was tried twice"
        )


@contextmanager
def cluster(jobs: int | None, scheduler: str | None) -> Iterator[Client]:
    """A client of the processes that grade.

    Args:
        jobs: processes on this machine; as many as fit when it is None.
        scheduler: the address of a Dask scheduler whose workers grade instead.

    Raises:
        CourseError: there is no scheduler at that address.
    """
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # it tells of workers that end
    with contextlib.ExitStack() as stack:
        folder = str(stack.enter_context(TemporaryFolder("autograder")))
        stack.enter_context(dask.config.set({**SETTINGS, "temporary-directory": folder}))
        if scheduler:
            try:
                client = stack.enter_context(Client(scheduler, timeout="20s"))
            except (OSError, ValueError) as error:
                raise CourseError(f"--scheduler {scheduler}: nothing answers there.") from error
        else:
            local = LocalCluster(
                n_workers=jobs or default_jobs(),
                threads_per_worker=1,
                processes=True,
                memory_limit=0,  # what a submission may use is limited where it runs
                dashboard_address="127.0.0.1:0",
                scheduler_kwargs={"dashboard": False},
                local_directory=folder,
                # What a killed worker leaves goes with the folder.
                env={"TMPDIR": folder, "DASK_LOGGING__DISTRIBUTED": "critical"},
                security=Security.temporary(),  # others on this machine could send code
                protocol="tls://",
            )
            stack.callback(local.close, timeout=5)
            client = stack.enter_context(Client(local))
            stack.push(lambda kind, *_: _end(local) if kind else None)
        yield client


def _end(local: LocalCluster) -> None:
    """End the workers at once, whatever they are at: they write nothing that anybody reads."""
    for nanny in local.workers.values():
        nanny.auto_restart = False
        with contextlib.suppress(ProcessLookupError, TypeError):  # it has ended, or not begun
            os.kill(nanny.pid, signal.SIGKILL)


def results(
    client: Client, function: Callable, names: Iterable[str], arguments: Callable[[str], tuple]
) -> Iterator[tuple[str, Any]]:
    """What a function returns for each of some calls, or its exception, as they are done.

    A worker has one call at a time. A call whose worker is killed, or that the machine was too busy
    for, is repeated alone, at the end.

    Args:
        names: of the calls.
        arguments: those of a call, made when it is its turn; a CourseError is its result.
    """
    waiting = list(names)
    again: list[str] = []
    repeated: set[str] = set()
    running: dict[Any, str] = {}
    refused: dict[str, CourseError] = {}
    done = as_completed()
    places = max(1, len(client.scheduler_info(n_workers=-1)["workers"]))

    def submit() -> None:
        name = waiting.pop(0)
        try:
            made = arguments(name)
        except CourseError as error:
            refused[name] = error
            return
        future = client.submit(_call, function, made, pure=False)
        running[future] = name
        done.add(future)

    while waiting or running or again:
        if not waiting and not running:
            waiting, again, places = again, [], 1
        while waiting and len(running) < places:
            submit()
        yield from refused.items()
        refused.clear()
        if not running:
            continue
        future = next(done)
        name = running.pop(future)
        error = future.exception()
        if isinstance(error, (KilledWorker, Starved)) and name not in repeated:
            again.append(name)
            repeated.add(name)
            continue
        if isinstance(error, KilledWorker):
            error = WorkerKilled()
        yield name, error if error is not None else future.result()


def _call(function: Callable, arguments: tuple) -> Any:
    return function(*arguments)


def default_jobs() -> int:
    """As many processes as the cores and the memory that this process may use allow."""
    cores = float(len(os.sched_getaffinity(0)))
    memory = float(psutil.virtual_memory().available)
    for folder in _cgroups():
        with contextlib.suppress(OSError, ValueError):
            quota, period = (folder / "cpu.max").read_text().split()
            cores = min(cores, int(quota) / int(period))
        with contextlib.suppress(OSError, ValueError):
            limit = int((folder / "memory.max").read_text())
            memory = min(memory, limit - int((folder / "memory.current").read_text()))
    return max(1, min(math.ceil(cores), int(memory / MEMORY_OF_A_WORKER)))


def _cgroups() -> Iterator[Path]:
    """The cgroup of this process and those above it."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            number, _, path = line.split(":", 2)
            if number == "0":
                own = CGROUP / path.lstrip("/")
                yield from (own, *(up for up in own.parents if up.is_relative_to(CGROUP)))
