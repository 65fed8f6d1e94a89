"""What a jailed kernel can see, reach and use."""

from __future__ import annotations

import threading

import nbformat
import psutil
import pytest

from autograder.grading import jail, seccomp, watchdog
from autograder.grading.messages import MAX_CELL
from autograder.grading.session import KernelStudent
from autograder.grading.settings import Limits, Settings, Timeouts
from tests.corpus import ROOT, SALIENCY

needs_a_jail = pytest.mark.jail


def run(tmp_path, *sources, **settings):
    """Outputs of the cells with these sources, as text, run in a jail; and the notes."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in sources]
    )
    with KernelStudent(notebook, tmp_path, Settings(**settings)) as student:
        student.run_notebook()
        notes = student.notes
    return ["".join(_text(output) for output in cell.outputs) for cell in notebook.cells], notes


def _text(output):
    if output.output_type == "error":
        return f"{output.ename}: {output.evalue}"
    return output.get("text") or output.data["text/plain"]


@needs_a_jail
def test_of_the_course_only_its_packages_are_there_and_can_be_imported(tmp_path):
    code = f"import os; print(os.path.exists({str(ROOT / 'solutions')!r}))"
    imports = "import course_lib, autograder.grading.inside.harness, autograder.checks"
    installed = "import looking_inside_classifiers; print(looking_inside_classifiers.__path__)"
    packages = SALIENCY.settings.packages
    (exists, imported, found), _ = run(tmp_path, code, imports, installed, packages=packages)
    assert exists == "False\n"
    assert "ModuleNotFoundError: No module named 'autograder.checks'" in imported
    assert "ModuleNotFoundError" in found


@needs_a_jail
def test_a_secret_folder_is_empty_even_below_one_that_may_be_read(tmp_path):
    course, data = tmp_path / "all" / "course", tmp_path / "all" / "course" / "data"
    data.mkdir(parents=True)
    for folder in (tmp_path / "all", course, data):
        (folder / "file").write_text("here")
    listing = f"import os; print(sorted(os.listdir({str(tmp_path / 'all')!r})), os.listdir({str(course)!r}), os.listdir({str(data)!r}))"
    readable = (tmp_path / "all", data)
    empty = tmp_path / "empty"
    empty.mkdir()
    (seen,), _ = run(empty, listing, readable=readable, secrets=(course,))
    assert seen == "['course', 'file'] ['data'] ['file']\n"


@needs_a_jail
def test_weights_that_torch_downloaded_and_named_folders_are_there_to_be_read(
    tmp_path, monkeypatch
):
    weights, data = tmp_path / "torch" / "hub", tmp_path / "cifar"
    for folder in (weights, data):
        folder.mkdir(parents=True)
        (folder / "file").write_text("here")
    monkeypatch.setenv("TORCH_HOME", str(weights.parent))
    read = f"import torch; print(open(torch.hub.get_dir() + '/file').read(), open('{data}/file').read())"
    write = f"open('{weights}/file', 'w')"
    (seen, error), _ = run(tmp_path / "cifar", read, write, readable=(data,))
    assert seen == "here here\n"
    assert "Read-only file system" in error


@needs_a_jail
def test_the_submission_and_its_neighbours_are_not_there_but_copies_of_its_data_are(tmp_path):
    own = tmp_path / "submitted" / "ada" / "saliency"
    own.mkdir(parents=True)
    (own / "cat.txt").write_text("meow")
    (own / "torch.py").write_text("raise SystemExit")
    (own / "link").symlink_to("/etc/hostname")
    (tmp_path / "gradebook.db").write_text("secret")
    code = (
        f"import os; print(open('cat.txt').read(), os.listdir(), os.path.exists({str(tmp_path)!r}))"
    )
    (seen,), _ = run(own, code)
    assert seen.startswith("meow")
    assert "torch.py" not in seen and "link" not in seen and "False" in seen


@needs_a_jail
def test_there_is_no_network(tmp_path):
    code = "import socket; socket.create_connection(('127.0.0.1', 22), timeout=2)"
    names = "import socket; print([name for _, name in socket.if_nameindex()])"
    (connected, interfaces), _ = run(tmp_path, code, names)
    assert "Error" in connected
    assert interfaces.strip() == "['lo']"


@needs_a_jail
def test_only_the_scratch_folder_can_be_written_to(tmp_path):
    code = """
import os, sys
for path in ("/usr/x", sys.prefix + "/x", os.path.dirname(__import__("course_lib").__file__) + "/x", "/dev/x"):
    try:
        open(path, "w")
        print("wrote", path)
    except OSError as error:
        print("refused")
open("own", "w").close()
"""
    (said,), _ = run(tmp_path, code, packages=SALIENCY.settings.packages)
    assert said.split() == ["refused"] * 4
    assert list(tmp_path.iterdir()) == []


@needs_a_jail
def test_the_environment_holds_no_secret(tmp_path, monkeypatch):
    monkeypatch.setenv("AUTOGRADER_TEST_SECRET", "hidden")
    (said,), _ = run(tmp_path, "import os; print(dict(os.environ))")
    assert "hidden" not in said


@needs_a_jail
def test_other_processes_are_not_there(tmp_path):
    (said,), _ = run(
        tmp_path, "import os; print(len([p for p in os.listdir('/proc') if p.isdigit()]))"
    )
    assert int(said) <= 3


@pytest.mark.parametrize(
    ("limits", "code", "reason"),
    [
        (Limits(memory=700 * 2**20), "x = b'1' * 2**30\nimport time; time.sleep(20)", "memory"),
        (
            Limits(processes=10),
            "import subprocess, time\nfor _ in range(20): subprocess.Popen(['sleep', '20'])\ntime.sleep(20)",
            "processes",
        ),
        (
            Limits(disk=2**20),
            "import time\nfor i in range(9): open(str(i), 'wb').write(b'1' * 2**19)\ntime.sleep(20)",
            "disk",
        ),
        (Limits(seconds=15), "import time; time.sleep(60)", "too long"),
    ],
    ids=["memory", "processes", "disk", "seconds"],
)
@needs_a_jail
def test_a_limit_ends_the_kernel_and_the_notebook_goes_on(tmp_path, limits, code, reason):
    (ended, after), notes = run(tmp_path, code, "print('after')", limits=limits)
    assert "KernelEnded" in ended
    assert reason in ended
    assert after == "after\n"
    assert reason in notes[0]


@needs_a_jail
def test_a_cell_that_takes_too_long_is_interrupted(tmp_path):
    (looped, after), _ = run(
        tmp_path, "while True: pass", "print('after')", timeouts=Timeouts(cell=3)
    )
    assert "Interrupt" in looped or "Timeout" in looped
    assert after == "after\n"


@needs_a_jail
def test_memory_in_files_without_a_name_counts(tmp_path):
    hoard = """
import os, time
file = os.open('/dev/shm/x', os.O_CREAT | os.O_WRONLY)
os.unlink('/dev/shm/x')
for _ in range(24): os.write(file, bytes(10_000_000))
time.sleep(5)
"""
    _, notes = run(tmp_path, hoard, limits=Limits(memory=600 * 2**20))
    assert any("of memory" in note for note in notes)


@needs_a_jail
def test_memory_in_the_buffers_of_sockets_has_a_limit(tmp_path):
    hoard = """
import os, socket, time
for _ in range(5):
    if os.fork() == 0:
        keep = []
        try:
            while True: keep += socket.socketpair()
        except OSError:
            time.sleep(8)
            os._exit(len(keep))
time.sleep(6)
"""
    _, notes = run(tmp_path, hoard)
    assert "more than 2000 files and sockets" in notes[0]


@needs_a_jail
def test_threads_have_a_limit(tmp_path):
    many = """
import threading, time
for _ in range(300): threading.Thread(target=time.sleep, args=(5,)).start()
time.sleep(3)
"""
    _, notes = run(tmp_path, many, limits=Limits(threads=200))
    assert any("threads" in note for note in notes)


@needs_a_jail
def test_a_namespace_of_its_own_can_not_be_made(tmp_path):
    code = "import ctypes; print(ctypes.CDLL(None).unshare(0x10000000))"
    (returned,), _ = run(tmp_path, code)
    assert returned.strip() == "-1"


@pytest.mark.skipif(not seccomp.program(), reason="this machine has no filter of system calls")
@needs_a_jail
def test_memory_of_system_v_can_not_be_made(tmp_path):
    code = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for call, arguments in ((libc.shmget, (0, 2**20, 0o600)), (libc.semget, (0, 1, 0o600)), (libc.msgget, (0, 0o600))):
    print(call(*arguments), os.strerror(ctypes.get_errno()))
"""
    (said,), _ = run(tmp_path, code)
    assert said.splitlines() == ["-1 Operation not permitted"] * 3


@needs_a_jail
def test_torch_works_with_threads_shared_memory_and_loaders(tmp_path):
    code = """
import multiprocessing.shared_memory, torch
from torch.utils.data import DataLoader, TensorDataset
torch.set_num_threads(4)
print((torch.ones(500, 500) @ torch.ones(500, 500)).sum().item(), torch.zeros(3).share_memory_().is_shared())
data = TensorDataset(torch.ones(10, 3))
print([sum(X.sum().item() for X, in DataLoader(data, 2, num_workers=workers)) for workers in (0, 2)])
segment = multiprocessing.shared_memory.SharedMemory(create=True, size=1000)
segment.unlink()
"""
    (said,), notes = run(tmp_path, code)
    assert (said.splitlines(), notes) == (["125000000.0 True", "[30.0, 30.0]"], [])


MANY_PARTS = """
import time
kernel = get_ipython().kernel
socket = kernel.iopub_thread.socket
socket.send_multipart([b"x", *[bytes(10_000_000)] * 60], copy=False)
time.sleep(10)
"""


@needs_a_jail
def test_a_message_larger_than_can_be_held_ends_the_kernel(tmp_path, monkeypatch):
    monkeypatch.setattr(watchdog, "MAX_HELD", 200 * 2**20)
    own, most, ended = psutil.Process(), [], threading.Event()

    def look():
        while not ended.wait(0.02):
            most.append(own.memory_info().rss)

    looks = threading.Thread(target=look)
    looks.start()
    before = own.memory_info().rss
    try:
        (said, after), _ = run(tmp_path, MANY_PARTS, "print('after')")
    finally:
        ended.set()
        looks.join()
    assert "It sent more than can be held." in said and after == "after\n"
    assert 200e6 < max(most) - before < 550e6  # of 600


@needs_a_jail
def test_output_is_cut_off(tmp_path):
    (flood,), _ = run(tmp_path, "for _ in range(40): print('x' * 1_000_000)")
    assert flood.endswith("the rest of the output was cut off")
    assert 1_000_000 < len(flood) < MAX_CELL + 100


def test_where_there_is_no_bubblewrap_the_reason_says_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "")
    jail.why_not.cache_clear()
    try:
        with pytest.raises(jail.CourseError, match="apt install bubblewrap.*--jail none"):
            jail.require()
    finally:
        jail.why_not.cache_clear()
