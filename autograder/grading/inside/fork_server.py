"""Forks kernels off one process that has imported what notebooks import. Runs in the jail.

Each kernel gets a second wall: namespaces of its own for users, processes, mounts, IPC, network and
host name. It sees neither this process nor another kernel, and of the folders only its own. Nothing
of a student's runs in this process: it holds what is installed, and no secrets.

Not `multiprocessing.forkserver`: that knows nothing of namespaces.
https://man7.org/linux/man-pages/man7/namespaces.7.html
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import random
import socket
import sys
from contextlib import suppress
from typing import Any, NoReturn

IMPORTED = (
    "torch",
    "torchvision",
    "numpy",
    "matplotlib.pyplot",
    "matplotlib_inline.backend_inline",
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "autograder.grading.inside.harness",
)
REHEARSED = (  # by a first kernel: what it imports later is imported here, too
    "import matplotlib.pyplot\nmatplotlib.pyplot.plot([0])\nmatplotlib.pyplot.show()",
    "1 / 0",
)
MAX_REQUEST = 2**20  # bytes

# From linux/sched.h, linux/mount.h, linux/prctl.h and linux/capability.h.
NEW_MOUNTS, NEW_CGROUPS, NEW_HOST_NAME, NEW_IPC = 0x20000, 0x2000000, 0x4000000, 0x8000000
NEW_USERS, NEW_PROCESSES, NEW_NETWORK = 0x10000000, 0x20000000, 0x40000000
READ_ONLY, NO_SUID, NO_DEVICES, NO_EXEC = 1, 2, 4, 8
REMOUNT, BIND, RECURSIVE, PRIVATE = 32, 4096, 16384, 1 << 18
SECCOMP, NO_NEW_PRIVILEGES, DROP_CAPABILITY, FILTER = 22, 38, 24, 2
CAPABILITY_VERSION = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Import what notebooks import, then fork a kernel for each request, until there are no more."""
    descriptor, *modules = sys.argv[1:]
    control = socket.socket(fileno=int(descriptor))
    # It would be the folder that `-m` was run in.
    sys.path[:] = [path for path in sys.path if path != os.getcwd()]
    _import(*IMPORTED, *modules)
    _import(*_imported_by_a_kernel())
    gc.collect()
    gc.freeze()  # so that collections in the forks leave the shared pages alone
    control.send(b"ready")
    while request := control.recv(MAX_REQUEST):
        launcher = os.fork()
        if launcher == 0:
            _launch(control, json.loads(request))
        os.waitpid(launcher, 0)


def _import(*modules: str) -> None:
    for module in modules:
        with suppress(Exception):  # the notebook that needs it says what is wrong
            importlib.import_module(module)


def _imported_by_a_kernel() -> list[str]:
    """What a kernel imports when it starts, shows a figure and formats an error."""
    before = set(sys.modules)
    reading, writing = os.pipe()
    if (rehearsal := os.fork()) == 0:
        try:
            kernel = _kernel(["-f", "rehearsal.json", "--transport=ipc", "--ip=rehearsal"])
            kernel.initialize()
            for code in REHEARSED:
                kernel.shell.run_cell(code)
            names = [name for name in sys.modules if name not in before]
            os.write(writing, "\n".join(names).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        found = told.read().split()
    os.waitpid(rehearsal, 0)
    return found


def _kernel(arguments: list[str]) -> Any:
    """The application that `python -m ipykernel_launcher` runs, not yet initialised."""
    from ipykernel.kernelapp import IPKernelApp

    sys.argv[:] = ["ipykernel_launcher.py", *arguments]
    return IPKernelApp.instance()


def _launch(control: socket.socket, request: dict[str, Any]) -> NoReturn:
    """Fork the first process of new namespaces, and tell whether it came up, with its descriptor."""
    try:
        _unshare(NEW_MOUNTS | NEW_PROCESSES | NEW_IPC | NEW_NETWORK | NEW_HOST_NAME | NEW_CGROUPS)
        reading, writing = os.pipe()
        first = os.fork()
        if first == 0:
            control.close()
            os.close(reading)
            _first_process(request, writing)
        os.close(writing)
        problem = os.read(reading, 1000)
        if problem:
            control.send(problem)
        else:
            socket.send_fds(control, [b"forked"], [os.pidfd_open(first)])
    except OSError as error:
        control.send(str(error).encode())
    finally:
        os._exit(0)


def _first_process(request: dict[str, Any], report: int) -> NoReturn:
    """Build the second wall, fork the kernel, and collect the processes that it leaves behind."""
    try:
        _redirect(request["log"])
        _mount_own_folders(request)
        _give_up_rights(bytes.fromhex(request["filter"]))
    except BaseException as error:
        os.write(report, f"{type(error).__name__}: {error}".encode()[:1000])
        os._exit(1)
    os.close(report)
    kernel = os.fork()
    if kernel == 0:
        _run_kernel(request)
    while True:
        ended, status = os.wait()
        if ended == kernel:
            os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


def _redirect(log: str) -> None:
    for path, flags, descriptors in (
        (os.devnull, os.O_RDONLY, (0,)),
        (log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, (1, 2)),
    ):
        opened = os.open(path, flags, 0o600)
        for descriptor in descriptors:
            os.dup2(opened, descriptor)
        os.close(opened)


def _mount_own_folders(request: dict[str, Any]) -> None:
    """Of the folders of all kernels, leave this one's; and file systems that the others do not see."""
    _mount(None, "/", None, PRIVATE | RECURSIVE)
    _mount("proc", "/proc", "proc", NO_SUID | NO_DEVICES | NO_EXEC)
    _mount("devpts", "/dev/pts", "devpts", NO_SUID | NO_EXEC, "newinstance,ptmxmode=0666,mode=620")
    server = request["server"]
    size = f"size={request['temporary_bytes']},nr_inodes={request['temporary_files']}"
    seen = [path for path in _mounted_in("/tmp") if path != server]
    own = {
        path: os.open(path, os.O_PATH) for path in (*seen, *request["writable"], *request["read"])
    }
    for path in ("/tmp", "/dev/shm", server):
        with suppress(FileNotFoundError):  # the server's folder, where it lay below /tmp
            _mount("tmpfs", path, "tmpfs", NO_SUID | NO_DEVICES, size)
    for path, descriptor in own.items():
        if os.path.isdir(f"/proc/self/fd/{descriptor}"):
            os.makedirs(path)
        else:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        _mount(f"/proc/self/fd/{descriptor}", path, None, BIND | RECURSIVE)
        os.close(descriptor)
        if path in request["read"]:
            _make_read_only(path)
    os.chdir(
        "/"
    )  # or /proc/1/cwd would lead to the server's folder, where those of all kernels lie


def _mounted_in(folder: str) -> list[str]:
    """Where something is mounted on a place in the file system that is mounted on `folder`."""
    with open("/proc/self/mountinfo") as file:
        lines = [line.split(" ") for line in file]
    number = next(line[0] for line in lines if line[4] == folder)
    return [
        line[4].encode().decode("unicode_escape").encode("latin-1").decode()
        for line in lines
        if line[1] == number
    ]


def _give_up_rights(system_calls: bytes) -> None:
    """Enter a user namespace without rights, in which there can be no further one."""
    user, group = os.geteuid(), os.getegid()
    _unshare(NEW_USERS | NEW_MOUNTS)
    for name, text in (
        ("self/setgroups", "deny"),
        ("self/uid_map", f"{user} {user} 1"),
        ("self/gid_map", f"{group} {group} 1"),
        ("sys/user/max_user_namespaces", "0"),
    ):
        with open(f"/proc/{name}", "w") as file:
            file.write(text)
    _mount("/proc/sys", "/proc/sys", None, BIND | RECURSIVE)
    _make_read_only("/proc/sys", NO_EXEC)  # as /proc is: what is locked must be said again
    for capability in range(64):
        if _libc.prctl(DROP_CAPABILITY, capability, 0, 0, 0):
            break  # the kernel has no more
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    _insist(_libc.capset(header, (ctypes.c_uint32 * 6)()))
    _insist(_libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    if system_calls:
        code = ctypes.create_string_buffer(system_calls, len(system_calls))

        class Program(ctypes.Structure):
            _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]

        program = Program(len(system_calls) // 8, ctypes.addressof(code))
        _insist(_libc.prctl(SECCOMP, FILTER, ctypes.byref(program), 0, 0))


def _run_kernel(request: dict[str, Any]) -> NoReturn:
    """What `python -m ipykernel_launcher` does, in this process."""
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    sys.path[:0] = request["path"]
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    try:
        kernel = _kernel(request["arguments"])
        kernel.initialize()
        kernel.start()
    finally:
        os._exit(0)


def _unshare(namespaces: int) -> None:
    _insist(_libc.unshare(namespaces))


def _mount(
    source: str | None, target: str, kind: str | None, flags: int, options: str | None = None
) -> None:
    texts = [text and text.encode() for text in (source, target, kind)]
    _insist(_libc.mount(*texts, ctypes.c_ulong(flags), options and options.encode()), target)


def _make_read_only(path: str, flags: int = 0) -> None:
    _mount(None, path, None, REMOUNT | BIND | READ_ONLY | NO_SUID | NO_DEVICES | flags)


def _insist(result: int, where: str | None = None) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), where)


if __name__ == "__main__":
    main()
