"""A PostgreSQL server for tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
NEEDS_POSTGRESQL = pytest.mark.skipif(
    not PROGRAMS, reason="needs PostgreSQL (sudo apt install postgresql)"
)


@contextmanager
def postgresql() -> Iterator[str]:
    """The `db_url` of a new database in a server of its own, which goes afterwards."""
    with tempfile.TemporaryDirectory(
        prefix="pg-", dir="/tmp"
    ) as folder:  # a short path, for a socket
        if os.geteuid() == 0:  # as whom PostgreSQL does not run
            shutil.chown(folder, "postgres")

        def run(program: str, *words: str) -> None:
            user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
            command = [*user, str(PROGRAMS[-1] / program), *words]
            subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)

        data = f"{folder}/data"
        run("initdb", "-D", data, "-U", "grader", "-A", "trust")
        options = f"-c listen_addresses='' -k {folder}"
        run("pg_ctl", "-D", data, "-l", f"{folder}/log", "-o", options, "-w", "start")
        try:
            run("createdb", "-h", folder, "-U", "grader", "grades")
            yield f"postgresql+psycopg://grader@/grades?host={folder}"
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "stop")
