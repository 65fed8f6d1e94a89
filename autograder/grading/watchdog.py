"""Ends a jailed kernel that exceeds its limits.

Memory is resident memory, because torch reserves far more address space than it uses. A thread
measures a few times a second; killing the jail's first process ends all that run in it. A kernel
that can't be measured is ended, too.
"""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from autograder.grading.settings import Limits
from autograder.grading.stopwatch import Stopwatch

PERIOD = 0.1  # seconds between measurements
DISK_PERIOD = 10  # measurements between two of the disk
DISK_TIMEOUT = 120.0  # seconds for one of the disk
# Bytes by which our own memory may grow meanwhile, over ten times what grading takes: a message has
# any number of parts, and all of it is held before anybody can look at it.
MAX_HELD = 2**30
CUDA_TAKES = 3 * 2**30  # by which it may grow besides, where checks run on a GPU
MAX_OPEN = 2_000  # descriptors of all processes: a socket's buffers are memory that no process has
HIDDEN = "It hid files from the grader."


class Watchdog(threading.Thread):
    """Watches the process `pid`, its descendants and their folder; calls `kill` when they pass a limit.

    Args:
        gpu: whether CUDA may take its share of our own memory meanwhile.
        held: bytes of a forked kernel's first process that do not count: it shares them with others.

    Attributes:
        reason: why the kernel was ended; empty while it was not.
    """

    def __init__(
        self,
        pid: int,
        folder: Path,
        limits: Limits,
        kill: Callable[[], None],
        gpu: bool = False,
        held: int = 0,
    ) -> None:
        super().__init__(name=f"watchdog-{pid}", daemon=True)
        self.reason = ""
        self._process, self._own = psutil.Process(pid), psutil.Process()
        self._own_before = _private(self._own) + (CUDA_TAKES if gpu else 0)
        self._folder, self._limits, self._kill = folder, limits, kill
        self._held = held
        self._stopped = threading.Event()
        self._du: subprocess.Popen | None = None
        self._du_began, self._du_errors = 0.0, b""
        # Of the last measurement: descriptors, and bytes in files without a name.
        self._open, self._unnamed = 0, 0

    def stop(self) -> None:
        self._stopped.set()

    def run(self) -> None:
        stopwatch = Stopwatch(self._process.pid)
        look = 0
        while not self._stopped.wait(PERIOD):
            look += 1
            try:
                if look % DISK_PERIOD == 0:
                    self._look_at_files()
                self.reason = (
                    self._too_much_memory_or_processes()
                    or self._too_much_sent()
                    or self._too_much_disk()
                    or ("It ran for too long." if stopwatch.is_over(self._limits.seconds) else "")
                )
            except psutil.NoSuchProcess:
                break
            except PermissionError:
                self.reason = HIDDEN
            except Exception as error:  # whatever it is, nothing runs unwatched
                self.reason = f"It could not be watched any more ({type(error).__name__})."
            if self._stopped.is_set():
                break  # its folder may be gone already
            if self.reason:
                with contextlib.suppress(ProcessLookupError):
                    self._kill()
                break
        if self._du:
            self._du.kill()
            self._du.communicate()

    def _look_at_files(self) -> None:
        """Start du beside: many files take it seconds, in which memory must still be watched."""
        self._open, self._unnamed = _open_files(
            [self._process, *self._process.children(recursive=True)]
        )
        if self._du is None:
            self._du, self._du_errors = _start_du(self._folder), b""
            self._du_began = time.monotonic()

    def _too_much_memory_or_processes(self) -> str:
        family = [self._process, *self._process.children(recursive=True)]
        if len(family) > self._limits.processes:
            return f"It started more than {self._limits.processes} processes."
        if sum(map(_threads, family)) > self._limits.threads:
            return f"It started more than {self._limits.threads} threads."
        if self._open > MAX_OPEN:
            return f"It opened more than {MAX_OPEN} files and sockets."
        first = max(0, _resident(self._process) - self._held)
        used = first + sum(map(_resident, family[1:])) + self._unnamed
        if used > self._limits.memory:
            return f"It used more than {self._limits.memory / 2**30:.3g} GB of memory."
        return ""

    def _too_much_sent(self) -> str:
        grown = _private(self._own) - self._own_before
        return "It sent more than can be held." if grown > MAX_HELD else ""

    def _too_much_disk(self) -> str:
        if self._du is None:
            return ""
        has_ended = self._du.poll() is not None
        # Read at once, or du waits for the pipe; and joined, as a line may come in parts.
        assert self._du.stderr is not None
        self._du_errors = (self._du_errors + (self._du.stderr.read() or b""))[-4096:]
        if b"Permission denied" in self._du_errors:
            return HIDDEN
        if not has_ended:
            took_too_long = time.monotonic() - self._du_began > DISK_TIMEOUT
            return "It made more files than can be counted." if took_too_long else ""
        (said, _), self._du = self._du.communicate(), None
        if int(said.split()[0]) > self._limits.disk:
            return f"It wrote more than {self._limits.disk / 2**20:.0f} MB to disk."
        return ""


def _private(process: psutil.Process) -> int:
    """Resident memory without what is mapped from files."""
    memory = process.memory_info()
    return memory.rss - memory.shared


def _resident(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.Error:
        return 0


def _threads(process: psutil.Process) -> int:
    try:
        return process.num_threads()
    except psutil.Error:
        return 0


def _open_files(family: list[psutil.Process]) -> tuple[int, int]:
    """The number of open descriptors, and the bytes in files without a name (memfd or deleted).

    Raises:
        PermissionError: a process has made itself unreadable.
    """
    count = 0
    sizes: dict[tuple[int, int], int] = {}
    for process in family:
        try:
            descriptors = list(os.scandir(f"/proc/{process.pid}/fd"))
        except OSError as error:
            if isinstance(error, PermissionError) and _resident(process):
                raise
            continue  # it has ended, or is about to: then it has no memory any more
        count += len(descriptors)
        for descriptor in descriptors:
            try:
                status = os.stat(descriptor.path)
            except OSError:
                continue  # it was closed
            if stat.S_ISREG(status.st_mode) and status.st_nlink == 0:
                sizes[status.st_dev, status.st_ino] = 512 * status.st_blocks
    return count, sum(sizes.values())


def _start_du(folder: Path) -> subprocess.Popen:
    """Start du, which counts the blocks of sparse files and reaches every readable folder."""
    command = ["du", "-s", "--block-size=1", "--", str(folder)]
    process = subprocess.Popen(
        command,
        env={**os.environ, "LC_ALL": "C"},
        bufsize=0,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    os.set_blocking(process.stderr.fileno(), False)
    return process
