"""A warm start for kernels: forks of one process in the jail that holds torch and its friends.

There is one server for each kind of jail of which this process needs more than one kernel: its start
takes as long as two of them. It lives as long as this process, and its kernels with it. Where it can't
be had, kernels start cold.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import itertools
import json
import logging
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.connect import write_connection_file

from autograder.grading import jail, seccomp
from autograder.grading.jail import Folders, Jail
from autograder.grading.temporary import TemporaryFolder, remove

MAX_REPLY = 1000  # bytes
READY = 120.0  # seconds for its imports, on a busy machine
FORKED = 30.0
SERVERS = 2  # at one time; each holds some 400 MB

log = logging.getLogger(__name__)


class Forked:
    """A process that somebody else has forked, with what jupyter_client asks of a Popen."""

    stdin = stdout = stderr = None

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.pid = _pid(descriptor)
        self.returncode: int | None = None

    def __del__(self) -> None:
        os.close(self._descriptor)

    def poll(self) -> int | None:
        """0 when it has ended: only its parent knows how."""
        if self.returncode is None and select.select([self._descriptor], [], [], 0)[0]:
            self.returncode = 0
        return self.returncode

    def wait(self) -> int:
        select.select([self._descriptor], [], [])
        self.returncode = 0
        return 0

    def send_signal(self, number: int) -> None:
        """Send a signal, to this process and never to one that got its number later."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._descriptor, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    terminate = kill  # it is the first of its namespace: the kernel ignores what it does not handle


@dataclass(frozen=True)
class Standby:
    """A kernel that waits for its notebook.

    Attributes:
        folders: hold its connection file.
        options: of ipykernel, that it was started with.
    """

    folders: Folders
    options: tuple[str, ...]


class ForkServer:
    """The process that kernels are forked from.

    It holds one kernel ready, so that nobody waits for its start.

    Raises:
        OSError: it can't be started.
    """

    def __init__(self, of: Jail) -> None:
        self._folder = TemporaryFolder("jail")
        self._root = self._folder.path
        self._shared = self._root / "shared"
        self._numbers = itertools.count(1)
        self._owner = os.getpid()
        self._forks: weakref.WeakSet[Forked] = weakref.WeakSet()
        self._standby: Standby | None = None  # the reply to its request is still to be read
        self._shared.mkdir()
        jail.make_shared(self._shared, of.packages)
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        modules = [path.stem for path in of.packages]
        program = [sys.executable, "-m", "autograder.grading.inside.fork_server"]
        with theirs, (self._root / "log").open("wb") as written:
            self._process = subprocess.Popen(
                of.fork_server_command(
                    [*program, str(theirs.fileno()), *modules], self._root, self._shared
                ),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=written,
                stderr=written,
            )
        self._control.settimeout(READY)
        try:
            self._insist(self._control.recv(MAX_REPLY), b"ready")
        except OSError:
            self.close()
            raise

    def new_folders(self) -> Folders:
        """Folders for one kernel, below this server's."""
        root = self._root / str(next(self._numbers))
        root.mkdir()
        folders = Folders(root, self._shared)
        folders.make()
        return folders

    def fork(self, folders: Folders, options: tuple[str, ...] = ()) -> Forked:
        """Fork a kernel. Its connection file is written already.

        Args:
            options: of ipykernel.

        Raises:
            OSError: it could not be forked.
        """
        with self._closed_after_an_error():
            self._request(folders, options)
            return self._forked()

    def prepare(self, options: tuple[str, ...] = ()) -> None:
        """Ask for a kernel that waits for its notebook, without waiting for it.

        Raises:
            OSError: the server has ended.
        """
        folders = self.new_folders()
        write_connection_file(
            str(folders.connection),
            transport="ipc",
            ip=str(folders.sockets / "k"),
            key=secrets.token_hex().encode(),
        )
        with self._closed_after_an_error():
            self._request(folders, options)
        self._standby = Standby(folders, options)

    def take(self, options: tuple[str, ...] = ()) -> tuple[Folders, Forked] | None:
        """The kernel that waits, with its folders; None where none does.

        Raises:
            OSError: it could not be forked.
        """
        standby, self._standby = self._standby, None
        if standby is None:
            return None
        with self._closed_after_an_error():
            forked = self._forked()
        if standby.options == options and forked.poll() is None:
            return standby.folders, forked
        forked.kill()
        remove(standby.folders.root)
        return None

    def _request(self, folders: Folders, options: tuple[str, ...]) -> None:
        request: dict[str, Any] = {
            "arguments": ["-f", str(folders.connection), *options],
            "environment": {**jail.environment(folders), "MPLBACKEND": jail.INLINE},
            "filter": seccomp.program().hex(),
            "folder": str(folders.scratch),
            "log": str(folders.log),
            "path": [str(folders.inside)],
            "read": [str(self._shared), str(folders.inside), str(folders.connection)],
            "server": str(self._root),
            "temporary_bytes": jail.TEMPORARY_BYTES,
            "temporary_files": jail.TEMPORARY_FILES,
            "writable": [str(folders.scratch), str(folders.sockets)],
        }
        self._control.settimeout(FORKED)
        self._control.send(json.dumps(request).encode())

    def _forked(self) -> Forked:
        reply, descriptors, _, _ = socket.recv_fds(self._control, MAX_REPLY, 1)
        self._insist(reply, b"forked")
        forked = Forked(descriptors[0])
        self._forks.add(forked)
        return forked

    @contextlib.contextmanager
    def _closed_after_an_error(self) -> Iterator[None]:
        """A reply that comes late would be taken for the next one's."""
        try:
            yield
        except OSError:
            self.close()
            raise

    def is_idle(self) -> bool:
        return all(forked.poll() is not None for forked in self._forks)

    def is_alive(self) -> bool:
        return self._owner == os.getpid() and self._process.poll() is None

    def close(self) -> None:
        """End the server and all of its kernels."""
        self._control.close()
        if self._owner == os.getpid():
            self._process.kill()
            self._process.wait()
            self._folder.remove()

    def _insist(self, reply: bytes, expected: bytes) -> None:
        if reply != expected:
            said = reply.decode(errors="replace") or (self._root / "log").read_text("utf-8")[-500:]
            raise OSError(f"the fork server can't fork kernels: {said}")


_servers: dict[Jail, ForkServer | None] = {}
_asked_for: set[Jail] = set()


def serving(of: Jail) -> ForkServer | None:
    """The fork server of a jail; None when it is asked for the first time, and where it can't be had."""
    if of not in _asked_for:
        _asked_for.add(of)
        return None
    server = _servers.pop(of, None) if of in _servers else _start(of)
    if server and not server.is_alive():
        server = _start(of)
    _servers[of] = server  # the last one used is the last one listed
    idle = [jail for jail, other in _servers.items() if other is None or other.is_idle()]
    for unused in idle[: max(0, len(_servers) - SERVERS)]:
        if unused != of and (stopped := _servers.pop(unused)):
            stopped.close()
    return server


@functools.cache
def _at_exit() -> None:
    atexit.register(close_all)


def close_all() -> None:
    """End all fork servers of this process."""
    for server in filter(None, _servers.values()):
        server.close()
    _servers.clear()


def _start(of: Jail) -> ForkServer | None:
    _at_exit()
    try:
        return ForkServer(of)
    except OSError as error:
        log.warning("Kernels start cold: %s", error)
        return None


def _pid(descriptor: int) -> int:
    """The number here of the process that a pidfd is about."""
    for line in Path(f"/proc/self/fdinfo/{descriptor}").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == "Pid":
            return int(value)
    raise OSError("a process that has ended already")
