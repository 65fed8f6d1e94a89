"""The jail: a bubblewrap command line around the kernel's own.

Inside, there is no network and no other process; the system, Python and the course's packages are
there to read, one scratch folder is there to write. Solutions, checks, the gradebook and other
submissions do not exist. https://github.com/containers/bubblewrap
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from autograder.errors import CourseError
from autograder.grading.modules import PROBES, package_name
from autograder.grading.settings import Limits

SYSTEM = ("/usr", "/bin", "/lib", "/lib32", "/lib64", "/sbin")
SYSTEM_FILES = ("/etc/fonts", "/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives")
EXCHANGES = (Path("/usr/local/share/nbgrader"), Path("/usr/share/nbgrader"))
GPU_DEVICES = "nvidia*"  # in /dev
OPEN_FILES = 1024  # descriptors of one process
TEMPORARY_BYTES = 256 * 2**20  # /tmp and /dev/shm, each
TEMPORARY_FILES = 50_000  # there, each: an empty file takes memory, too
INLINE = "module://matplotlib_inline.backend_inline"  # what a kernel chooses when nobody does
TEMPLATES = "autograder.courses"  # entry points: packages with the assignments of a course


@dataclass(frozen=True)
class Folders:
    """The folders that one jailed kernel needs, all below one temporary root.

    Attributes:
        shared: what all kernels of a fork server find first; None for a kernel without one, where it
            lies in `inside`.
        scratch: the only one that the student's code may write to, and its working folder.
        inside: what Python finds first: the assignment's probes, and what would be in `shared`.
        connection: the kernel's connection file.
        sockets: where the kernel opens its sockets.
        log: what the kernel's process writes past Jupyter.
    """

    root: Path
    shared: Path | None = None

    scratch = property(lambda self: self.root / "scratch")
    inside = property(lambda self: self.root / "inside")
    connection = property(lambda self: self.root / "connection.json")
    sockets = property(lambda self: self.root / "sockets")
    log = property(lambda self: self.root / "log")

    def make(self, packages: Sequence[Path] = ()) -> None:
        """Make the folders, with room for the course's packages."""
        for folder in (self.scratch, self.sockets, self.inside):
            folder.mkdir()
        if self.shared is None:
            make_shared(self.inside, packages)

    def add_probes(self, probes: Path) -> None:
        """Copy the assignment's probes to where the kernel finds them."""
        home = self.inside / package_name(probes.parent)
        home.mkdir()
        (home / "__init__.py").touch()
        shutil.copyfile(probes, home / PROBES)

    @property
    def python_path(self) -> list[str]:
        return [str(path) for path in (self.inside, self.shared) if path]


def make_shared(folder: Path, packages: Sequence[Path]) -> None:
    """Copy the harness that calls functions, the only part of the autograder that is in the jail.

    Args:
        folder: is there already.
        packages: of the course: room is made for them.
    """
    own = Path(_origin("autograder.grading.inside")).parent
    package = folder / "autograder" / "grading"
    shutil.copytree(own, package / "inside", ignore=shutil.ignore_patterns("__pycache__"))
    for parent in (package, package.parent):
        (parent / "__init__.py").touch()
    for path in packages:
        if path.is_dir():
            (folder / path.name).mkdir()
        else:
            (folder / path.name).touch()


@dataclass(frozen=True)
class Jail:
    """What a jail lets its inmates do.

    Attributes:
        readable: further files and folders that they may read.
        packages: folders and modules that they may import.
        secrets: folders that they must not read, even below one that they may.
        gpu: whether they may use the GPUs.
        disk: bytes of the largest file that they may write.
    """

    readable: tuple[Path, ...] = ()
    packages: tuple[Path, ...] = ()
    secrets: tuple[Path, ...] = ()
    gpu: bool = False
    disk: int = Limits.disk

    def command(
        self, program: list[str], folders: Folders, system_calls: int | None = None
    ) -> list[str]:
        """The command that runs a program in this jail.

        Args:
            system_calls: the descriptor from which bubblewrap reads a filter (seccomp.py).
        """
        words = [*self._walls(), "--cap-drop", "ALL"]
        if _can_forbid_namespaces():
            # In a user namespace of its own it could mount a tmpfs: memory that no process has.
            words += ["--disable-userns"]
        if system_calls is not None:
            words += ["--seccomp", str(system_calls)]
        words += self._shared(folders.inside)
        words += ["--ro-bind", str(folders.connection), str(folders.connection)]
        for folder in (folders.scratch, folders.sockets):
            words += ["--bind", str(folder), str(folder)]
        words += _settings(environment(folders))
        return [*words, "--chdir", str(folders.scratch), "--remount-ro", "/", "--", *program]

    def fork_server_command(self, program: list[str], root: Path, shared: Path) -> list[str]:
        """The command that runs a fork server in this jail: it builds a second wall for each kernel.

        Args:
            root: the folder below which all that its kernels need will lie.
            shared: what all of them import, below `root`.
        """
        words = [*self._walls(), "--cap-add", "ALL"]
        words += ["--bind", str(root), str(root), *self._shared(shared)]
        words += _settings({**environment(Folders(root, shared)), "MPLBACKEND": INLINE})
        return [*words, "--chdir", str(root), "--remount-ro", "/", "--", *program]

    def _walls(self) -> list[str]:
        """bubblewrap with all that is the same for each kernel."""
        words = [_program("prlimit"), f"--fsize={self.disk}", f"--nofile={OPEN_FILES}", "--core=0"]
        words += ["--", _program("bwrap"), "--unshare-all", "--unshare-user", "--die-with-parent"]
        words += ["--new-session", "--clearenv", "--hostname", "jail"]
        for path in SYSTEM:
            words += _system_folder(Path(path))
        for path in SYSTEM_FILES:
            words += ["--ro-bind-try", path, path]
        words += ["--proc", "/proc", "--dev", "/dev"]
        if self.gpu:
            words += ["--ro-bind-try", "/sys", "/sys"]
            for device in sorted(Path("/dev").glob(GPU_DEVICES)):
                words += ["--dev-bind", str(device), str(device)]
        words += ["--remount-ro", "/dev"]
        for path in ("/tmp", "/dev/shm"):
            words += ["--size", str(TEMPORARY_BYTES), "--tmpfs", path]
        readable = [*_python_folders(), *weights(), *self.readable]
        return words + _readable(readable, [*_own_secrets(), *self.secrets])

    def _shared(self, folder: Path) -> list[str]:
        words = ["--ro-bind", str(folder), str(folder)]
        for package in self.packages:
            words += ["--ro-bind", str(package), str(folder / package.name)]
        return words


def _settings(variables: dict[str, str]) -> list[str]:
    return [word for name, value in variables.items() for word in ("--setenv", name, value)]


def _readable(paths: Sequence[Path], secrets: Sequence[Path]) -> list[str]:
    """Bind what may be read, without the secrets that lie in it.

    What may be read inside of a secret folder, such as the data of a course, is bound after the
    folder is emptied.
    """
    inner = [path for path in paths if any(path.is_relative_to(secret) for secret in secrets)]
    outer = [path for path in paths if path not in inner]
    seen = [Path("/usr"), *outer]
    masked = [
        secret
        for secret in secrets
        if secret.is_dir() and any(secret.is_relative_to(path) for path in seen)
    ]
    words = [word for path in outer for word in ("--ro-bind", str(path), str(path))]
    words += [word for path in masked for word in ("--tmpfs", str(path))]
    words += [word for path in inner for word in ("--ro-bind", str(path), str(path))]
    return words + [word for path in masked for word in ("--remount-ro", str(path))]


def environment(folders: Folders) -> dict[str, str]:
    """The environment of the student's code, all of it."""
    home = str(folders.scratch)
    kept = {}
    if found := weights():
        kept["TORCH_HOME"] = str(found[0])
    if "CUDA_VISIBLE_DEVICES" in os.environ:
        kept["CUDA_VISIBLE_DEVICES"] = os.environ["CUDA_VISIBLE_DEVICES"]
    return {
        # Large pages of memory: in some virtual machines small ones cost a hundred times as much.
        "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
        "HOME": home,
        "IPYTHONDIR": f"{home}/.ipython",
        "LANG": "C.UTF-8",
        "MPLCONFIGDIR": f"{home}/.matplotlib",
        "OMP_NUM_THREADS": "1",  # tiny networks gain nothing from more, and others are graded beside
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONMALLOC": "malloc",  # for the sake of large pages
        "PYTHONPATH": ":".join(folders.python_path),
        **kept,
    }


def weights() -> list[Path]:
    """The folder of the weights that torch has downloaded here, if there is one.

    Students look into ImageNet classifiers, too, and a jail has no network to download them.
    """
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(os.environ.get("TORCH_HOME") or Path(cache) / "torch").absolute()
    return [folder] if folder.is_dir() else []


@functools.cache
def why_not() -> str:
    """The reason why bubblewrap can't be used here, in one sentence; empty when it can."""
    for program, package in (("bwrap", "bubblewrap"), ("prlimit", "util-linux")):
        if shutil.which(program) is None:
            return f"{program} is not installed: install the package {package} (sudo apt install {package})."
    trial = subprocess.run(
        ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "true"],
        capture_output=True,
        text=True,
    )
    if trial.returncode == 0:
        return ""
    return (
        f"bubblewrap is installed but can't make a jail here ({trial.stderr.strip()}): inside Docker, "
        "run the container with user namespaces allowed; on Ubuntu 24.04, give bwrap an AppArmor profile."
    )


def require() -> None:
    """Raise CourseError if no jail can be made."""
    reason = why_not()
    if reason:
        raise CourseError(
            f"Student code runs in a jail only, and there is none: {reason} To grade code that you "
            "trust without a jail, say --jail none."
        )


@functools.cache
def _can_forbid_namespaces() -> bool:
    """Whether this bubblewrap has --disable-userns (0.8 and later)."""
    trial = ["bwrap", "--unshare-all", "--unshare-user", "--disable-userns", "--ro-bind", "/", "/"]
    return subprocess.run([*trial, "--proc", "/proc", "true"], capture_output=True).returncode == 0


def _program(name: str) -> str:
    return shutil.which(name) or name


def _system_folder(path: Path) -> list[str]:
    """Bind a system folder, or make the same link where it is one (/lib -> usr/lib)."""
    if path.is_symlink():
        return ["--symlink", os.readlink(path), str(path)]
    return ["--ro-bind-try", str(path), str(path)]


def _python_folders() -> list[Path]:
    """This Python with its packages."""
    prefixes = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.executable).resolve().parents[1]}
    return [path for path in sorted(prefixes) if not path.is_relative_to("/usr")]


def _own_secrets() -> list[Path]:
    """The autograder, the assignments that are installed with it, and nbgrader's exchanges."""
    installed = [_origin(point.value) for point in entry_points(group=TEMPLATES)]
    return [
        Path(_origin("autograder")).parent,
        *(Path(origin).parent for origin in installed if origin),
        *EXCHANGES,
    ]


def _origin(module: str) -> str:
    spec = find_spec(module)
    return spec.origin or "" if spec else ""
