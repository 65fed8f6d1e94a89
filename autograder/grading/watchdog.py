"""Ends a jailed kernel that uses more than its share.

Memory is what is resident, because torch reserves far more address space than it uses. One thread
looks a few times a second; killing the jail's first process ends all that run in it.
"""

from __future__ import annotations

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

    def stop(self) -> None:
        self._stopped.set()

    def run(self) -> None:
        deadline = time.monotonic() + self._limits.seconds
        look = 0
        while not self._stopped.wait(PERIOD):
            look += 1
            try:
                self.reason = (
                    self._too_much_memory_or_processes()
                    or (look % DISK_PERIOD == 0 and self._too_much_disk())
                    or ("It ran for too long." if time.monotonic() > deadline else "")
                )
            except psutil.NoSuchProcess:
                return
            if self.reason:
                self._kill()
                return

    def _too_much_memory_or_processes(self) -> str:
        family = [self._process, *self._process.children(recursive=True)]
        if len(family) > self._limits.processes:
            return f"It started more than {self._limits.processes} processes."
        if sum(map(_resident, family)) > self._limits.memory:
            return f"It used more than {self._limits.memory / 2**30:.3g} GB of memory."
        return ""

    def _too_much_disk(self) -> str:
        if _disk_use(self._folder) > self._limits.disk:
            return f"It wrote more than {self._limits.disk / 2**20:.0f} MB to disk."
        return ""


def _resident(process: psutil.Process) -> int:
    try:
        return process.memory_info().rss
    except psutil.NoSuchProcess:
        return 0


def _disk_use(folder: Path) -> int:
    """Bytes on disk. du counts what a sparse file takes, and gets to the bottom of any folder."""
    done = subprocess.run(["du", "-s", "--block-size=1", "--", str(folder)], capture_output=True, text=True)
    return int(done.stdout.split()[0]) if done.stdout else 0
