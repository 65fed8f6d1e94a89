"""Workers on other machines give the same grades: each here has a network and a disk of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from autograder.course.batch import ClassGrading, Wishes
from autograder.course.course import Course
from autograder.course.release import release
from autograder.course.submissions import fill_in, solved
from tests.autograder.course.small import FILES, NAME, make_course

pytestmark = pytest.mark.jail

TENS = """
# %% grade_id="dozens"
def dozens(n):
    return 10 * n
"""
ENDS = """
# %% grade_id="dozens"
import os

def dozens(n):
    os._exit(0)
"""
DASK = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
WORKER = """
mount -t tmpfs none {hidden}
mount -t tmpfs none /tmp
mkdir /tmp/installed
echo {package!r} > /tmp/installed/measures.py
export PYTHONPATH=/tmp/installed:$PYTHONPATH
exec {python} -m distributed.cli.dask_worker {scheduler} --nthreads 1 --no-dashboard --no-nanny
"""


def test_two_machines_that_share_no_disk_give_the_same_grades(tmp_path):
    course = make_course(tmp_path / "home" / "course")
    made = course.assignment(NAME)
    release(made, course)
    notebooks = {
        "ada": solved(made),
        "bela": made.release,
        "carmen": fill_in(solved(made), TENS),
        "mallory": fill_in(solved(made), ENDS),
    }
    for student, notebook in notebooks.items():
        path = course.folder(course.directory.submitted_directory, student, NAME)
        path.mkdir(parents=True)
        nbformat.write(notebook, path / f"{NAME}.ipynb")
    elsewhere = tmp_path / "home" / "copy"
    shutil.copytree(course.root, elsewhere)

    locally = grades(course.root, Wishes(jobs=1))
    with machines(tmp_path / "home", count=2) as scheduler:
        assert grades(elsewhere, Wishes(scheduler=scheduler)) == locally
    assert {who: score for who, (score, _) in locally.items()} == {
        "ada": 8,
        "bela": 0,
        "carmen": 3,
        "mallory": 3,
    }
    assert "counted_tens" in locally["carmen"][1]
    for root in (course.root, elsewhere):
        assert all(Course(root).has_feedback(NAME, student) for student in notebooks)


def grades(root: Path, wishes: Wishes) -> dict[str, tuple[float, list[str]]]:
    """The score and the names of the mistakes of each student, from both phases."""
    with ClassGrading(root, NAME, wishes=wishes) as grading:
        graded = list(grading.points())
        assert [one.problem for one in graded if one.problem] == []
        assert [one.problem for one in grading.notebooks()] == [""] * len(graded)
    return {
        who: (
            verdict.score,
            [check.misconception for cell in verdict.cells for check in cell.lost],
        )
        for who, verdict in ((one.student, one.verdict) for one in graded)
    }


@contextlib.contextmanager
def machines(hidden: Path, count: int) -> Iterator[str]:
    """A Dask scheduler, and workers that reach nothing but it and do not see a folder."""
    if os.geteuid() != 0 or not shutil.which("ip"):
        pytest.skip("needs root and iproute2 to make networks")
    with contextlib.ExitStack() as stack:
        port = 8796
        scheduler = [*DASK, "--host", "0.0.0.0", "--port", str(port), "--no-dashboard"]
        stack.enter_context(_running(scheduler))
        for number in range(count):
            network, ours, theirs = (f"ag{os.getpid() % 10_000}{end}{number}" for end in "not")
            gateway, address = f"10.213.{number}.1", f"10.213.{number}.2"
            if subprocess.run(["ip", "netns", "add", network], capture_output=True).returncode:
                pytest.skip("no networks can be made here")
            stack.callback(_ip, "netns", "delete", network)
            _ip("link", "add", ours, "type", "veth", "peer", "name", theirs, "netns", network)
            _ip("address", "add", f"{gateway}/24", "dev", ours)
            _ip("link", "set", ours, "up")
            _ip("-n", network, "address", "add", f"{address}/24", "dev", theirs)
            for device in (theirs, "lo"):
                _ip("-n", network, "link", "set", device, "up")
            script = WORKER.format(
                hidden=hidden,
                package=FILES["measures.py"].strip(),
                python=sys.executable,
                scheduler=f"tcp://{gateway}:{port}",
            )
            command = ["ip", "netns", "exec", network, "unshare", "--mount", "bash", "-ec", script]
            stack.enter_context(_running(command))
        _wait_for_workers(f"tcp://127.0.0.1:{port}", count)
        yield f"tcp://127.0.0.1:{port}"


@contextlib.contextmanager
def _running(command: list[str]) -> Iterator[None]:
    process = subprocess.Popen(command, start_new_session=True, cwd="/")
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


def _wait_for_workers(scheduler: str, count: int) -> None:
    from distributed import Client

    with Client(scheduler, timeout="60s") as client:
        client.wait_for_workers(count, timeout=60)
