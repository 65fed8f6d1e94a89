"""Courses in temporary folders, with classes of right submissions, and programs run in them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

from autograder.course.course import CONFIG, Course
from autograder.course.release import release
from autograder.course.submissions import solved
from tests.corpus import COURSE, ROOT

PROGRAMS = Path(sys.executable).parent
CONFIGURATION = """
from autograder.course.nbgrader_plugin import configure

c = get_config()
configure(c)
c.Course.packages = ["course_lib"]
c.Course.device = "cpu"
"""


def make_class(root: Path, name: str, students: int) -> Course:
    """A course with this kit's assignment, its release, and right submissions."""
    root.mkdir()
    (root / CONFIG).write_text(CONFIGURATION)
    for folder in ("solutions", "course_lib"):
        shutil.copytree(ROOT / folder, root / folder)
    course = Course(root)
    release(course.assignment(name), course)
    hand_in(root, name, students)
    return course


def hand_in(root: Path, name: str, students: int) -> None:
    """Put the reference into `submitted/` as the work of so many students."""
    notebook = solved(COURSE.assignment(name))
    for number in range(students):
        path = root / "submitted" / f"s{number:04}" / name / f"{name}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)


def run(folder: Path, *words: str | Path) -> str:
    """What a program prints that runs in a folder, with one thread for torch.

    Raises:
        SystemExit: it failed.
    """
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
        "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}",
    }
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, words))}: {done.stderr[-3000:]}")
    return done.stdout
