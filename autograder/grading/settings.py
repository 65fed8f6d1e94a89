"""How a submission is graded: the jail, the device, the limits and what students may import."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Attributes:
        memory: bytes of resident memory, over all processes.
        processes: without their threads.
        threads: over all processes.
        disk: bytes in all the files it writes, and in any one of them.
        seconds: life of the kernel.
    """

    memory: int = 4 * 2**30
    processes: int = 64
    threads: int = 1000
    disk: int = 512 * 2**20
    seconds: float = 1800.0


@dataclass(frozen=True)
class Timeouts:
    """How long the grader waits, in seconds; and how often it starts a kernel again."""

    start: float = 120.0
    cell: float = 120.0
    call: float = 20.0
    notebook: float = 900.0
    restarts: int = 8


@dataclass(frozen=True)
class Settings:
    """What grading an assignment depends on besides its folder.

    Attributes:
        jail: "bubblewrap", or "none" for code that you trust.
        device: "cpu", "cuda", or "auto": the GPU where there is one.
        readable: further files and folders that notebooks may read.
        packages: folders (or single modules) of the course that notebooks may import.
        secrets: folders that notebooks may not read, even below one that they may.
    """

    jail: str = "bubblewrap"
    device: str = "cpu"
    limits: Limits = field(default_factory=Limits)
    timeouts: Timeouts = field(default_factory=Timeouts)
    readable: tuple[Path, ...] = ()
    packages: tuple[Path, ...] = ()
    secrets: tuple[Path, ...] = ()
