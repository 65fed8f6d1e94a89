"""Kernels forked from one process are as far from each other as if each had its own machine."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest

from autograder.grading import fork_server
from autograder.grading.fork_server import ForkServer
from autograder.grading.jail import Jail
from autograder.grading.kernel import KernelClient
from autograder.grading.settings import Settings

pytestmark = pytest.mark.jail


@pytest.fixture(autouse=True)
def not_the_first(monkeypatch):
    """Kernels after the first one, which starts cold."""
    monkeypatch.setattr(fork_server, "_asked_for", {Jail()})


LEAVE = """
import os, socket, subprocess, sys, time
from multiprocessing.shared_memory import SharedMemory
kept = socket.socket(socket.AF_UNIX)
kept.bind("\\0left-behind")
for folder in ("/tmp", "/dev/shm", "."):
    open(f"{folder}/left-behind", "w").write("by the first")
master, slave = os.openpty()
hidden = subprocess.Popen(["sleep", "100"])
print("done")
"""
LOOK = """
import os, socket
found = [f for f in ("/tmp", "/dev/shm", ".") if os.path.exists(f"{f}/left-behind")]
with socket.socket(socket.AF_UNIX) as other:
    try:
        other.connect("\\0left-behind")
        found.append("socket")
    except ConnectionRefusedError:
        pass
found += [p for p in os.listdir("/dev/pts") if p.isdigit()]
commands = [open(f"/proc/{p}/cmdline").read() for p in os.listdir("/proc") if p.isdigit()]
found += [c for c in commands if "sleep" in c]
print(len(commands), found)
"""
RIGHTS = """
import os, subprocess
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print([int(status[f"Cap{kind}"], 16) for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")])
print(int(status["NoNewPrivs"]), int(status["Seccomp"]))
for command in ("unshare -U true", "umount /tmp", "mount -t tmpfs none /tmp",
                "echo 1 > /proc/sys/vm/swappiness", "touch /here"):
    print(command, subprocess.run(command, shell=True, capture_output=True).returncode != 0)
print([os.readlink(f"/proc/1/{link}") for link in ("cwd", "root")])
print(sorted(os.listdir(os.path.dirname(os.getcwd()))))
"""


@contextlib.contextmanager
def kernel(folder: Path):
    """Runs code in a new kernel; returns what it prints."""
    client = KernelClient(nbformat.v4.new_notebook(), Settings(), folder)

    def run(code: str) -> str:
        cell = nbformat.v4.new_code_cell(code)
        client.nb.cells.append(cell)
        client.run_cell(cell, len(client.nb.cells) - 1)
        return "".join(output.get("text", "") + output.get("evalue", "") for output in cell.outputs)

    with client.setup_kernel(cleanup_kc=True, cwd=str(folder)):
        yield run


def test_two_kernels_do_not_see_each_other(tmp_path):
    with kernel(tmp_path) as first, kernel(tmp_path) as second:
        assert first(LEAVE) == "done\n"
        assert second(LOOK) == "2 []\n"  # its own two processes
    with kernel(tmp_path) as third:
        assert third(LOOK) == "2 []\n"


def test_a_kernel_has_no_rights(tmp_path):
    with kernel(tmp_path) as run:
        said = run(RIGHTS).splitlines()
    assert said[:2] == ["[0, 0, 0, 0, 0]", "1 2"]
    assert all(line.endswith(" True") for line in said[2:-2]), said
    assert said[-2] == "['/', '/']"
    assert said[-1] == "['connection.json', 'inside', 'scratch', 'sockets']"


def test_each_kernel_draws_random_numbers_of_its_own(tmp_path):
    code = "import random, numpy; print(random.random(), numpy.random.rand())"
    with kernel(tmp_path) as first, kernel(tmp_path) as second:
        assert set(first(code).split()).isdisjoint(second(code).split())


def test_a_kernel_that_waited_answers_in_a_fraction_of_the_time(tmp_path, monkeypatch):
    def seconds() -> float:
        begin = time.monotonic()
        with kernel(tmp_path) as run:
            assert run("import torch; print(1)") == "1\n"
            took = time.monotonic() - begin
            time.sleep(1)  # as a submission works, and the next kernel starts beside it
        return took

    seconds()  # starts the server
    warm = min(seconds() for _ in range(5))
    monkeypatch.setattr(fork_server, "serving", lambda of: None)
    cold = min(seconds() for _ in range(2))
    assert warm < cold / 5, (warm, cold)


def test_the_next_notebook_gets_the_kernel_that_waits(tmp_path):
    (tmp_path / "numbers.txt").write_text("1 2 3")
    with kernel(tmp_path):
        pass
    (server,) = fork_server._servers.values()
    waiting = server._standby.folders
    with kernel(tmp_path) as run:
        assert run("import os; print(os.getcwd())") == f"{waiting.scratch}\n"
        assert run("print(open('numbers.txt').read())") == "1 2 3\n"
        assert server._standby.folders != waiting
    assert not waiting.root.exists()


@pytest.mark.parametrize("change", ["other options", "killed"])
def test_a_kernel_that_waits_and_does_not_fit_is_not_taken(monkeypatch, change):
    monkeypatch.setattr(fork_server, "_servers", {})
    server = fork_server.serving(Jail())
    server.prepare(("--quiet",))
    unfit = server._standby.folders.root
    if change == "killed":
        monkeypatch.setattr(fork_server.Forked, "poll", lambda self: 0)
    assert server.take(("--debug",) if change == "other options" else ("--quiet",)) is None
    assert not unfit.exists()
    assert server.take() is None
    assert server.is_alive()
    fork_server.close_all()


def test_its_kernels_end_with_the_server_and_the_server_with_its_process(tmp_path):
    code = (
        "from pathlib import Path; import time\n"
        "from autograder.grading.fork_server import serving\n"
        "from autograder.grading.jail import Jail\n"
        "serving(Jail()); server = serving(Jail()); folders = server.new_folders()\n"
        "folders.connection.write_text('{}')\n"
        "forked = server.fork(folders)\n"
        "print(server._process.pid, flush=True); time.sleep(600)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    server = psutil.Process(int(process.stdout.readline()))
    family = [server, *server.children(recursive=True)]
    process.send_signal(signal.SIGKILL)
    process.wait()
    gone, alive = psutil.wait_procs(family, timeout=20)
    assert alive == []


def test_where_it_can_not_be_had_kernels_start_cold(tmp_path, monkeypatch):
    def refused(of):
        raise OSError("no namespaces here")

    monkeypatch.setattr(fork_server, "ForkServer", refused)
    monkeypatch.setattr(fork_server, "_servers", {})
    with kernel(tmp_path) as run:
        assert run("import os; print(os.getcwd().startswith('/tmp/jail-'))") == "True\n"


def test_the_first_kernel_starts_without_a_server(monkeypatch):
    monkeypatch.setattr(fork_server, "_asked_for", set())
    monkeypatch.setattr(fork_server, "_servers", {})
    assert fork_server.serving(Jail()) is None
    assert fork_server._servers == {}
    assert isinstance(fork_server.serving(Jail()), ForkServer)
    fork_server.close_all()


def test_a_server_that_was_killed_is_replaced(monkeypatch):
    monkeypatch.setattr(fork_server, "_servers", {})
    first = fork_server.serving(Jail())
    assert isinstance(first, ForkServer)
    os.kill(first._process.pid, signal.SIGKILL)
    first._process.wait()
    second = fork_server.serving(Jail())
    assert second is not first
    assert second.is_alive()
    first.close()
    fork_server.close_all()


def test_a_server_whose_reply_comes_late_is_given_up(monkeypatch):
    monkeypatch.setattr(fork_server, "_servers", {})
    monkeypatch.setattr(fork_server, "FORKED", 0.5)
    server = fork_server.serving(Jail())
    (asleep,) = [
        child
        for child in psutil.Process(server._process.pid).children(recursive=True)
        if "python" in child.name()
    ]
    asleep.suspend()
    folders = server.new_folders()
    with pytest.raises(OSError, match="timed out"):
        server.fork(folders)
    assert not server.is_alive()
