"""The jailed kernel is there for any nbgrader course, without the rest of this kit."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.api import Gradebook

from autograder.grading import provisioner

CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "other"
c.Execute.kernel_name = "autograder-jail"
"""
PROGRAMS = Path(sys.executable).parent


def nbgrader(course, *arguments):
    environment = {
        "PATH": f"{PROGRAMS}:/usr/bin:/bin",
        "HOME": str(course),
        "JUPYTER_PATH": str(course / "jupyter"),
    }
    done = subprocess.run(
        [PROGRAMS / "nbgrader", *arguments],
        cwd=course,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def cell(source, name, **flags):
    base = {"grade": False, "solution": False, "locked": False, "schema_version": 3, "task": False}
    return new_code_cell(source, metadata={"nbgrader": {**base, "grade_id": name, **flags}})


@pytest.mark.jail
def test_a_stock_nbgrader_course_can_grade_in_the_jail(tmp_path):
    kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = new_notebook(
        cells=[
            cell(
                "def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION",
                "f",
                solution=True,
            ),
            cell("assert f() == 1", "test_f", grade=True, locked=True, points=3),
        ],
        metadata={"kernelspec": kernelspec},
    )
    (tmp_path / "nbgrader_config.py").write_text(CONFIG)
    kernel = Path(provisioner.__file__).parent / "kernelspec"
    shutil.copytree(kernel, tmp_path / "jupyter" / "kernels" / "autograder-jail")
    source = tmp_path / "source" / "ps1" / "ps1.ipynb"
    source.parent.mkdir(parents=True)
    nbformat.write(notebook, source)
    nbgrader(tmp_path, "generate_assignment", "ps1")
    release = nbformat.read(tmp_path / "release" / "ps1" / "ps1.ipynb", as_version=4)
    answers = {
        "honest": "def f(): return 1",
        "spy": "import os\ndef f(): return 1 if os.path.exists('../../../gradebook.db') else 0",
        "inside": "import socket\ndef f(): return len(socket.if_nameindex())",  # 1: loopback only
    }
    for student, answer in answers.items():
        handed_in = tmp_path / "submitted" / student / "ps1" / "ps1.ipynb"
        handed_in.parent.mkdir(parents=True)
        release.cells[0].source = answer
        nbformat.write(release, handed_in)
    nbgrader(tmp_path, "autograde", "ps1")
    with Gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}") as gradebook:
        scores = {s.student.id: s.score for s in gradebook.assignment_submissions("ps1")}
    assert scores == {"honest": 3, "spy": 0, "inside": 3}


@pytest.mark.jail
def test_data_files_are_copied_from_however_deep_a_folder(tmp_path):
    submission, scratch = tmp_path / "submission", tmp_path / "scratch"
    (submission / "data").mkdir(parents=True)
    (submission / "data" / "cat.txt").write_text("meow")
    (submission / "data" / "torch.py").write_text("raise SystemExit")
    (submission / ".hidden").mkdir()
    (submission / ".hidden" / "secret.txt").write_text("")
    here = os.getcwd()
    try:
        os.chdir(submission)
        for _ in range(1_500):
            os.mkdir("d")
            os.chdir("d")
    finally:
        os.chdir(here)
    scratch.mkdir()
    provisioner._copy_data_files(submission, scratch)
    subprocess.run(["rm", "-rf", str(submission / "d")], check=True)
    assert [str(path.relative_to(scratch)) for path in scratch.rglob("*")] == [
        "data",
        "data/cat.txt",
    ]
