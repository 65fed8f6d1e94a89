"""Time limits that a busy machine does not shorten.

What counts is the time in which a submission could have run: from the clock on the wall, the time is
taken off in which its threads were ready and waited for a core. So a submission beside many others,
or in a container with a twentieth of a core, has as long as one alone. A function that sleeps uses
up its time, too. https://docs.kernel.org/scheduler/sched-stats.html
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from autograder.errors import CourseError

BACKSTOP = 10.0  # times as long on the clock on the wall, then nobody waits any more


class Starved(CourseError):
    """The machine was too busy to say anything about a submission."""

    def __init__(self) -> None:
        super().__init__(
            "the machine was too busy to run it within its time limits, so there is no grade yet: "
            "grade it again when less runs beside it."
        )


class Stopwatch:
    """The time that a process and its descendants have had since now.

    Args:
        pid: the process; None for the clock on the wall alone.
    """

    def __init__(self, pid: int | None) -> None:
        self._pid = pid
        self._began = time.monotonic()
        self._before: dict[str, float] | None = None  # most calls are over before anybody asks

    @property
    def seconds(self) -> float:
        """The time on the wall, less what the thread that waited longest has waited for a core."""
        now = dict(self._delays())
        if self._before is None:
            self._before = now
        waited = [delay - self._before.get(task, 0.0) for task, delay in now.items()]
        return self._on_the_wall - max(waited, default=0.0)

    def is_over(self, limit: float) -> bool:
        """Whether a time limit in seconds has passed.

        Raises:
            Starved: it has not, but nobody can wait longer.
        """
        if self._on_the_wall < limit and self._before is not None:
            return False
        if self.seconds >= limit:
            return True
        if self._on_the_wall >= BACKSTOP * limit:
            raise Starved
        return False

    @property
    def _on_the_wall(self) -> float:
        return time.monotonic() - self._began

    def _delays(self) -> Iterator[tuple[str, float]]:
        """How long each thread has waited for a core, in seconds."""
        if self._pid is None:
            return
        try:
            family = [psutil.Process(self._pid)]
            family += family[0].children(recursive=True)
        except psutil.NoSuchProcess:
            return
        for process in family:
            for task in Path(f"/proc/{process.pid}/task").glob("*"):
                with contextlib.suppress(OSError, ValueError, IndexError):  # it has ended
                    waited = (task / "schedstat").read_text().split()[1]
                    yield f"{process.pid}/{task.name}", int(waited) / 1e9
