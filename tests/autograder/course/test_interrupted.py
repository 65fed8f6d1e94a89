"""Whatever ends the grading of a class, nothing of it stays, and what was done counts."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import psutil
import pytest

from autograder.course.nbgrader_steps import NbgraderSteps
from autograder.course.release import release
from autograder.course.submissions import solved
from autograder.course.verdicts import is_recorded
from tests.autograder.course.small import DOZENS, NAME, TOTAL, make_course

pytestmark = [pytest.mark.jail, pytest.mark.slow]

STUDENTS = 6
KEPT = 30.0  # seconds after which folders of an earlier process are looked for


@pytest.fixture
def course(tmp_path):
    course = make_course(tmp_path / "course")
    assignment = course.assignment(NAME)
    release(assignment, course)
    for number in range(STUDENTS):
        path = course.root / "submitted" / f"s{number}" / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(solved(assignment), path)
    return course


def start(course, temporary: Path) -> subprocess.Popen:
    command = [sys.executable, "-m", "autograder.cli", "grade", NAME, "--jobs", "2"]
    return subprocess.Popen(
        command,
        cwd=course.root,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def points(course) -> dict[str, float]:
    with NbgraderSteps(course).gradebook() as gradebook:
        return {
            submission.student.id: sum(
                grade.auto_score or 0
                for notebook in submission.notebooks
                for grade in notebook.grades
            )
            for submission in gradebook.assignment_submissions(NAME)
        }


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_it_stops_at_once_and_goes_on_where_it_was(number, course):
    with tempfile.TemporaryDirectory(prefix="t", dir="/tmp") as folder:  # sockets need short paths
        temporary = Path(folder)
        process = start(course, temporary)
        time.sleep(random.uniform(3, 14))  # another moment each time that the tests run
        family = [*psutil.Process(process.pid).children(recursive=True)]
        process.send_signal(number)
        begin = time.monotonic()
        said, _ = process.communicate(timeout=30)
        assert time.monotonic() - begin < 20  # on a machine with nothing else to do, under 5
        assert psutil.wait_procs(family, timeout=5)[1] == []
        if process.returncode == 130:  # else it was done already, or killed
            assert "run again to go on" in said or not said  # it had not begun
            assert list(temporary.iterdir()) == []
        done = sorted(path.stem for path in (course.root / "verdicts" / NAME).glob("*.json"))
        for lock in temporary.rglob(".lock"):
            os.utime(lock, (time.time() - KEPT,) * 2)

        again = start(course, temporary)
        said, _ = again.communicate(timeout=240)
        assert again.returncode == 0, said
        assert not any(f"{student}: " in said for student in done), said
        assert points(course) == {f"s{number}": DOZENS + TOTAL for number in range(STUDENTS)}
        assert all(is_recorded(course, NAME, f"s{number}") for number in range(STUDENTS))
        assert list(temporary.iterdir()) == []
