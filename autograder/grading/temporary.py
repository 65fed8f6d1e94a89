"""Temporary folders that are gone in the end, even if their process is killed.

A folder is locked by the process that made it, and the system gives up the lock of one that ends
in whatever way. Each new folder is an occasion to remove those that nobody holds any more.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import tempfile
import time
from pathlib import Path

LOCK = ".lock"
YOUNG = 10.0  # seconds in which a folder may not be locked yet


class TemporaryFolder:
    """A new folder for temporary files.

    Args:
        prefix: of its name.

    Attributes:
        path: where it is.
    """

    def __init__(self, prefix: str) -> None:
        remove_leftovers(prefix)
        # A short path: that of a socket in it is limited to 107 bytes.
        self.path = Path(tempfile.mkdtemp(prefix=f"{prefix}-"))
        self._lock = (self.path / LOCK).open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *_: object) -> None:
        self.remove()

    def remove(self) -> None:
        remove(self.path)
        self._lock.close()


def remove_leftovers(prefix: str) -> None:
    """Remove our folders of this kind whose process has ended."""
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}-*"):
        with contextlib.suppress(OSError), (folder / LOCK).open() as lock:
            status = os.fstat(lock.fileno())
            if status.st_uid != os.geteuid() or time.time() - status.st_mtime < YOUNG:
                continue
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            remove(folder)


def remove(folder: Path) -> None:
    """Remove a folder in which anything may lie.

    Not by shutil.rmtree, which recurses: folders can be nested too deeply for that. Folders without
    permissions are made writable first.
    """
    for command in (["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
        subprocess.run([*command, "--", str(folder)], check=False, capture_output=True)
