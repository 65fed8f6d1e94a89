"""Thousands of submissions in one run, while workers and the whole are killed at random.

    make soak                                    5,000 submissions, two workers
    make soak ARGS="--submissions 500"

Asked at the end: has everybody the right grade, does the memory of any process grow, is a process or
a folder left?
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import nbformat
import psutil

from autograder.course.course import Course
from autograder.course.nbgrader_steps import NbgraderSteps
from autograder.course.release import release
from autograder.course.submissions import fill_in, solved
from autograder.course.verdicts import read_verdicts
from tests.autograder.course.small import NAME, make_course
from tests.corpus import ROOT

ANSWERS = {
    "right": (8, ""),
    "tens": (3, "def dozens(n):\n    return 10 * n"),
    "raises": (3, "def dozens(n):\n    raise ValueError(n)"),
    "ends": (3, "def dozens(n):\n    import os\n    os._exit(0)"),
    "equal": (
        3,
        "class E(float):\n    __eq__ = lambda self, other: True\n\ndef dozens(n):\n    return E(0)",
    ),
    "fills": (3, "def dozens(n):\n    open('big', 'wb').write(bytes(10**6))\n    return 'no'"),
}
TEMPORARY = (
    "assignment",
    "autograder",
    "graded",
    "handed-in",
    "jail",
)  # folders that grading makes
BETWEEN_KILLS = 20.0  # seconds
PERIOD = 5.0  # seconds between two looks at the memory


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=5_000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--wholes", type=int, default=2, help="times that all of it is killed")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    random.seed(arguments.seed)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        print(json.dumps(soak(Path(folder), arguments), indent=1))


def soak(root: Path, arguments: argparse.Namespace) -> dict:
    """Grade a class in spite of all; returns what was seen."""
    expected = hand_in(root, arguments.submissions)
    folders_before = _temporary()
    whole = [
        arguments.submissions * (number + 1) // (arguments.wholes + 1)
        for number in range(arguments.wholes)
    ]
    memory: dict[str, list[tuple[float, int]]] = defaultdict(list)
    killed = {"workers": 0, "whole": 0}
    begin = time.monotonic()
    while graded(root) < arguments.submissions:
        before = graded(root)
        run = subprocess.Popen(
            [sys.executable, "-m", "autograder.cli", "grade", NAME, "--cells", "defining"]
            + ["--jobs", str(arguments.jobs)],
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        next_kill = time.monotonic() + BETWEEN_KILLS
        while run.poll() is None:
            time.sleep(PERIOD)
            look(run.pid, time.monotonic() - begin, memory)
            if time.monotonic() > next_kill and (workers := _workers(run.pid)):
                random.choice(workers).kill()
                killed["workers"] += 1
                next_kill = time.monotonic() + BETWEEN_KILLS * random.uniform(0.5, 1.5)
            if whole and graded(root) >= whole[0]:
                whole.pop(0)
                run.send_signal(signal.SIGKILL)
                run.wait()
                killed["whole"] += 1
        print(f"{graded(root)} of {arguments.submissions} graded", file=sys.stderr, flush=True)
        if run.returncode == 0 and graded(root) == before:
            break
    seconds = time.monotonic() - begin
    time.sleep(10)
    found = {who: verdict.score for who, verdict in read_verdicts(root, NAME).items()}
    with NbgraderSteps(Course(root)).gradebook() as gradebook:
        recorded = {s.student.id: s.score for s in gradebook.assignment_submissions(NAME)}
    return {
        "submissions": arguments.submissions,
        "right verdicts": sum(found.get(who) == score for who, score in expected.items()),
        "right in the gradebook": sum(recorded.get(w) == score for w, score in expected.items()),
        "killed": killed,
        "seconds": round(seconds),
        "MB at the median of the second and the last quarter": growth(memory),
        "processes left": len(_left(root)),
        "folders left": len(_temporary() - folders_before),
    }


def hand_in(root: Path, submissions: int) -> dict[str, float]:
    """The scores that so many submissions must get, by student."""
    course = make_course(root)
    made = course.assignment(NAME)
    release(made, course)
    right = solved(made)
    notebooks = {
        kind: fill_in(right, f'# %% grade_id="dozens"\n{code}\n') if code else right
        for kind, (_, code) in ANSWERS.items()
    }
    expected = {}
    for number in range(submissions):
        kind = random.choice(list(ANSWERS))
        student = f"s{number:05}"
        path = course.folder(course.directory.submitted_directory, student, NAME)
        path.mkdir(parents=True)
        nbformat.write(notebooks[kind], path / f"{NAME}.ipynb")
        expected[student] = float(ANSWERS[kind][0])
    return expected


def graded(root: Path) -> int:
    return sum(1 for _ in (root / "verdicts" / NAME).glob("s*.json"))


def look(pid: int, moment: float, memory: dict[str, list[tuple[float, int]]]) -> None:
    """Note the private memory of the process that writes, and of those that grade."""
    for role, processes in (("writer", [psutil.Process(pid)]), ("worker", _workers(pid))):
        for process in processes:
            try:
                info = process.memory_info()
            except psutil.Error:
                continue
            memory[f"{role} {process.pid}"].append((moment, info.rss - info.shared))


def growth(memory: dict[str, list[tuple[float, int]]]) -> dict[str, tuple[float, float]]:
    """Of processes that lived long: the first half's later part against the end."""
    found = {}
    for name, seen in memory.items():
        if len(seen) >= 24:
            sizes = [size / 2**20 for _, size in seen]
            quarter = len(sizes) // 4
            found[name] = (
                round(statistics.median(sizes[quarter : 2 * quarter])),
                round(statistics.median(sizes[-quarter:])),
            )
    return found


def _workers(pid: int) -> list[psutil.Process]:
    """The processes of a run that grade: those that Dask's nannies have spawned."""
    found = []
    for child in psutil.Process(pid).children(recursive=True):
        try:
            if "multiprocessing.spawn" in " ".join(child.cmdline()):
                found.append(child)
        except psutil.Error:
            continue
    return found


def _temporary() -> set[Path]:
    here = Path(tempfile.gettempdir())
    return {path for kind in TEMPORARY for path in here.glob(f"{kind}-*")}


def _left(root: Path) -> list[psutil.Process]:
    """Processes that still work for this class."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(root) or "fork_server" in " ".join(process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


if __name__ == "__main__":
    main()
