"""Ends a jailed kernel that uses more than its share.

Memory is what is resident, because torch reserves far more address space than it uses. One thread
looks a few times a second; killing the jail's first process ends all that run in it.
"""

from __future__ import annotations

import os
import stat
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from autograder.grading.jail import Limits

PERIOD = 0.1  # seconds from look to look
DISK_PERIOD = 10  # looks from one walk through the folder to the next


class Watchdog(threading.Thread):
    """Watches the process `pid`, its descendants and their folder; calls `kill` when they pass a limit.

    Attributes:
        reason: why the kernel was ended; empty while it was not.
    """

    def __init__(self, pid: int, folder: Path, limits: Limits, kill: Callable[[], None]) -> None:
        super().__init__(name=f"watchdog-{pid}", daemon=True)
        self.reason = ""
        self._process = psutil.Process(pid)
        self._folder, self._limits, self._kill = folder, limits, kill
        self._stopped = threading.Event()
        self._du: subprocess.Popen | None = None
        self._unnamed = 0  # bytes in open files without a name, when last looked at

    def stop(self) -> None:
        self._stopped.set()

    def run(self) -> None:
        deadline = time.monotonic() + self._limits.seconds
        look = 0
        while not self._stopped.wait(PERIOD):
            look += 1
            try:
                if look % DISK_PERIOD == 0:
                    self._look_at_files()
                self.reason = (
                    self._too_much_memory_or_processes()
                    or self._too_much_disk()
                    or ("It ran for too long." if time.monotonic() > deadline else "")
                )
            except psutil.NoSuchProcess:
                break
            if self.reason:
                self._kill()
                break
        if self._du:
            self._du.kill()
            self._du.communicate()

    def _look_at_files(self) -> None:
        """du runs beside: with very many files it takes seconds, and memory must be watched in them."""
        self._unnamed = _unnamed_files([self._process, *self._process.children(recursive=True)])
        self._du = self._du or _start_du(self._folder)

    def _too_much_memory_or_processes(self) -> str:
        family = [self._process, *self._process.children(recursive=True)]
        if len(family) > self._limits.processes:
            return f"It started more than {self._limits.processes} processes."
        if sum(map(_threads, family)) > self._limits.threads:
            return f"It started more than {self._limits.threads} threads."
        if sum(map(_resident, family)) + self._unnamed > self._limits.memory:
            return f"It used more than {self._limits.memory / 2**30:.3g} GB of memory."
        return ""

    def _too_much_disk(self) -> str:
        if self._du is None or self._du.poll() is None:
            return ""
        (said, _), self._du = self._du.communicate(), None
        if said and int(said.split()[0]) > self._limits.disk:
            return f"It wrote more than {self._limits.disk / 2**20:.0f} MB to disk."
        return ""


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


def _unnamed_files(family: list[psutil.Process]) -> int:
    """Bytes in files that are open and have no name: in memory (memfd_create), or deleted."""
    sizes: dict[tuple[int, int], int] = {}
    for process in family:
        try:
            descriptors = list(os.scandir(f"/proc/{process.pid}/fd"))
        except OSError:
            continue  # it has ended
        for descriptor in descriptors:
            try:
                status = os.stat(descriptor.path)
            except OSError:
                continue  # it was closed
            if stat.S_ISREG(status.st_mode) and status.st_nlink == 0:
                sizes[status.st_dev, status.st_ino] = 512 * status.st_blocks
    return sum(sizes.values())


def _start_du(folder: Path) -> subprocess.Popen:
    """du counts what a sparse file takes, and gets to the bottom of any folder."""
    command = ["du", "-s", "--block-size=1", "--", str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
