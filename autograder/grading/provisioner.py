"""A Jupyter kernel provisioner that starts the kernel in a jail.

Any nbgrader course can use it without the rest of this kit: the kernel spec `autograder-jail`
names it, so `c.ExecutePreprocessor.kernel_name = "autograder-jail"` is all it takes.
https://jupyter-client.readthedocs.io/en/stable/provisioning.html
"""

from __future__ import annotations

import functools
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from jupyter_client.provisioning import LocalProvisioner
from traitlets import Bool, Float, Integer, List, Unicode

from autograder.grading import jail
from autograder.grading.jail import Folders, Limits
from autograder.grading.watchdog import Watchdog

COPIED_BYTES = 100 * 2**20  # of the files that lie beside the notebook
NEVER_COPIED = {".ipynb", ".py", ".pyc", ".so", ".pth"}


class JailProvisioner(LocalProvisioner):
    """Starts a kernel in bubblewrap, or, when told so, beside us with the same folders."""

    jail = Unicode("bubblewrap", help='"bubblewrap" or "none".').tag(config=True)
    gpu = Bool(False, help="Whether the kernel may use the GPUs.").tag(config=True)
    memory = Integer(Limits.memory, help="Bytes of resident memory.").tag(config=True)
    processes = Integer(Limits.processes, help="Processes at one time.").tag(config=True)
    disk = Integer(Limits.disk, help="Bytes in the scratch folder.").tag(config=True)
    seconds = Float(Limits.seconds, help="Life of the kernel.").tag(config=True)
    readable = List(Unicode(), help="More paths that student code may read.").tag(config=True)

    folders: Folders | None = None
    watchdog: Watchdog | None = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        limits = Limits(self.memory, self.processes, self.disk, self.seconds)
        # A short path: a socket's may have no more than 107 bytes.
        self.folders = Folders(Path(tempfile.mkdtemp(prefix="jail-")))
        self.folders.make()
        _copy_font_list(self.folders.scratch / ".matplotlib")
        _copy_data_files(Path(kwargs.pop("cwd", None) or "."), self.folders.scratch)
        manager = self.parent
        manager.connection_file = str(self.folders.connection)
        manager.transport, manager.ip = "ipc", str(self.folders.sockets / "k")
        manager.cache_ports = False
        kwargs = await super().pre_launch(**kwargs)
        kwargs["cwd"] = str(self.folders.scratch)
        # The kernel would watch for a parent process that it can't see.
        kwargs["independent"] = True
        kwargs["env"] = jail.environment(self.folders)
        if self.jail == "bubblewrap":
            jail.require()
            kwargs["cmd"] = jail.command(
                kwargs["cmd"], self.folders, limits, [Path(path) for path in self.readable], self.gpu
            )
        return kwargs

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> dict:
        with self.folders.log.open("wb") as log:
            info = await super().launch_kernel(cmd, **{**kwargs, "stdout": log, "stderr": log})
        limits = Limits(self.memory, self.processes, self.disk, self.seconds)
        kill = functools.partial(os.killpg, self.pgid, signal.SIGKILL)
        self.watchdog = Watchdog(self.pid, self.folders.root, limits, kill)
        self.watchdog.start()
        return info

    async def cleanup(self, restart: bool = False) -> None:
        if self.watchdog:
            self.watchdog.stop()
        if self.folders:
            # Not shutil.rmtree, which recurses: folders can be nested too deeply for that.
            subprocess.run(["rm", "-rf", "--", str(self.folders.root)], check=False)
        await super().cleanup(restart)


def _copy_font_list(folder: Path) -> None:
    """Spare each kernel the seconds in which matplotlib lists the machine's fonts."""
    if font_list := _font_list():
        folder.mkdir()
        shutil.copyfile(font_list, folder / font_list.name)


@functools.cache
def _font_list() -> Path | None:
    """The list of fonts that matplotlib keeps for this machine; None where there is no matplotlib."""
    try:
        from matplotlib import font_manager, get_cachedir
    except ImportError:
        return None
    found = Path(get_cachedir()) / f"fontlist-v{font_manager.FontManager.__version__}.json"
    return found if found.is_file() else None


def _copy_data_files(folder: Path, scratch: Path) -> None:
    """Copy the pictures and data beside a notebook; nothing that Python would import or run."""
    left = COPIED_BYTES
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file() or path.suffix in NEVER_COPIED:
            continue
        if any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue
        left -= path.stat().st_size
        if left < 0:
            return
        target = scratch / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
