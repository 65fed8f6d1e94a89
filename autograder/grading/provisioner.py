"""A Jupyter kernel provisioner that starts the kernel in a jail.

Any nbgrader course can use it without the rest of this kit: the kernel spec `autograder-jail`
names it, so `c.Execute.kernel_name = "autograder-jail"` is all it takes.
https://jupyter-client.readthedocs.io/en/stable/provisioning.html
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, cast

import psutil
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning import LocalProvisioner
from traitlets import Bool, Float, Integer, List, Unicode

from autograder.grading import fork_server, jail, seccomp
from autograder.grading.fork_server import Forked, ForkServer
from autograder.grading.handed_in import data_files
from autograder.grading.jail import Folders, Jail
from autograder.grading.settings import Limits
from autograder.grading.temporary import TemporaryFolder, remove
from autograder.grading.watchdog import Watchdog


class JailProvisioner(LocalProvisioner):
    """Starts a kernel in bubblewrap or, with `jail = "none"`, without it in the same folders."""

    jail = Unicode("bubblewrap", help='"bubblewrap" or "none".').tag(config=True)
    gpu = Bool(False, help="Whether the kernel may use the GPUs.").tag(config=True)
    memory = Integer(Limits.memory, help="Bytes of resident memory.").tag(config=True)
    processes = Integer(Limits.processes, help="Processes at one time.").tag(config=True)
    threads = Integer(Limits.threads, help="Threads of all processes.").tag(config=True)
    disk = Integer(Limits.disk, help="Bytes in the scratch folder.").tag(config=True)
    seconds = Float(Limits.seconds, help="Life of the kernel.").tag(config=True)
    readable = List(Unicode(), help="More paths that student code may read.").tag(config=True)
    packages = List(Unicode(), help="Paths of packages that it may import.").tag(config=True)
    secrets = List(Unicode(), help="Paths that it may not read.").tag(config=True)
    warm = Bool(True, help="Whether kernels are forked from a process that holds torch.").tag(
        config=True
    )
    probes = Unicode(help="A file with the probes of an assignment.").tag(config=True)

    folders: Folders  # made before the launch
    watchdog: Watchdog | None = None
    _server: ForkServer | None = None
    _forked: Forked | None = None  # it waited for this notebook
    _temporary: TemporaryFolder | None = None  # of a kernel without a server
    _filter: IO[bytes] | None = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        jailed = self.jail == "bubblewrap"
        if jailed:
            jail.require()
        self._server = fork_server.serving(self._jail()) if jailed and self.warm else None
        manager: Any = self.parent
        manager.cache_ports = False
        standby = self._server.take(self._options) if self._server else None
        if standby:
            self.folders, self._forked = standby
            manager.connection_file = str(self.folders.connection)
            manager.load_connection_file()
        else:
            self._forked = None
            self._make_folders()
            manager.connection_file = str(self.folders.connection)
            manager.transport, manager.ip = "ipc", str(self.folders.sockets / "k")
        if self.probes:
            self.folders.add_probes(Path(self.probes))
        _copy_font_list(self.folders.scratch / ".matplotlib")
        _copy_data_files(Path(kwargs.pop("cwd", None) or "."), self.folders.scratch)
        kwargs = await super().pre_launch(**kwargs)
        kwargs["cwd"] = str(self.folders.scratch)
        # The kernel would watch for a parent process that it can't see.
        kwargs["independent"] = True
        kwargs["env"] = jail.environment(self.folders)
        if not jailed:
            self._link(self._jail().packages)
        elif not self._server:
            kwargs["cmd"] = self._jail().command(kwargs["cmd"], self.folders, self._open_filter())
        return kwargs

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        if self._server:
            forked = self._forked or self._server.fork(self.folders, self._options)
            self._server.prepare(self._options)  # the next one, while this one works
            self.process = cast(subprocess.Popen, forked)  # what is asked of one, it answers
            self.pid, self.pgid = forked.pid, None
            info, kill = self.connection_info, forked.kill
            held = psutil.Process(self.pid).memory_info().rss
        else:
            info = await self._launch_cold(cmd, **kwargs)
            assert self.pgid is not None
            kill, held = functools.partial(os.killpg, self.pgid, signal.SIGKILL), 0
        assert self.pid is not None
        limits = Limits(self.memory, self.processes, self.threads, self.disk, self.seconds)
        self.watchdog = Watchdog(self.pid, self.folders.root, limits, kill, self.gpu, held)
        self.watchdog.start()
        return info

    async def _launch_cold(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Launch a kernel in a new Python."""
        with ExitStack() as stack:
            log = stack.enter_context(self.folders.log.open("wb"))
            kwargs |= {"stdout": log, "stderr": log}
            if self._filter:
                kwargs["pass_fds"] = [stack.enter_context(self._filter).fileno()]
            return await super().launch_kernel(cmd, **kwargs)

    def _make_folders(self) -> None:
        if self._server:
            self.folders = self._server.new_folders()
            return
        self._temporary = TemporaryFolder("jail")
        self.folders = Folders(self._temporary.path)
        self.folders.make(self._jail().packages)

    @property
    def _options(self) -> tuple[str, ...]:
        """What the kernel spec tells ipykernel after the connection file."""
        words = self.kernel_spec.argv
        return tuple(words[words.index("{connection_file}") + 1 :])

    def _jail(self) -> Jail:
        return Jail(
            readable=tuple(map(Path, self.readable)),
            packages=tuple(map(Path, self.packages)),
            secrets=tuple(map(Path, self.secrets)),
            gpu=self.gpu,
            disk=self.disk,
        )

    def _link(self, packages: Sequence[Path]) -> None:
        """Link to the packages where they can't be bound."""
        for path in packages:
            link = self.folders.inside / path.name
            link.rmdir() if path.is_dir() else link.unlink()
            link.symlink_to(path)

    def _open_filter(self) -> int | None:
        """The descriptor of the filter of system calls; None where there is none."""
        if not (program := seccomp.program()):
            return None
        self._filter = tempfile.TemporaryFile()  # noqa: SIM115 (closed after the launch)
        self._filter.write(program)
        self._filter.seek(0)
        return self._filter.fileno()

    async def cleanup(self, restart: bool = False) -> None:
        if self.watchdog:
            self.watchdog.stop()
        if self._temporary:
            self._temporary.remove()
        elif hasattr(self, "folders"):
            remove(self.folders.root)
        await super().cleanup(restart)


def _copy_font_list(folder: Path) -> None:
    """Spare each kernel the seconds in which matplotlib lists the machine's fonts."""
    if font_list := _font_list():
        folder.mkdir()
        shutil.copyfile(font_list, folder / font_list.name)


@functools.cache
def _font_list() -> Path | None:
    """matplotlib's list of this machine's fonts; None where there is no matplotlib."""
    try:
        from matplotlib import font_manager, get_cachedir
    except ImportError:
        return None
    found = Path(get_cachedir()) / f"fontlist-v{font_manager.FontManager.__version__}.json"
    return found if found.is_file() else None


def _copy_data_files(folder: Path, scratch: Path) -> None:
    """Copy the pictures and data beside a notebook."""
    for path, content in data_files(folder):
        target = scratch / path
        with contextlib.suppress(OSError):  # its name is too long: the notebook goes without it
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
