"""How long a class takes: this kit beside stock nbgrader, in turns on one machine.

    make bench                          both, for all assignments; writes docs/performance.md
    make bench ARGS="--rounds 3 saliency"

Both grade the same right submissions. Stock nbgrader runs whole notebooks, unjailed, in one process;
its test cells hold the checks that students see. This kit asks the hidden checks, which are stricter,
in a jail.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import jupytext
import nbformat
import torch

from autograder.course.course import CONFIG, Course
from autograder.course.release import release
from autograder.course.submissions import solved
from tests.corpus import ASSIGNMENTS, COURSE, ROOT

PROGRAMS = Path(sys.executable).parent
STOCK_CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "stock"
c.ExecutePreprocessor.timeout = 1800
c.Execute.timeout = 1800
"""
OURS_CONFIG = """
from autograder.course.nbgrader_plugin import configure

c = get_config()
configure(c)
c.Course.packages = ["course_lib"]
c.Course.device = "cpu"
"""
PHASES = """
import json, sys, time
from pathlib import Path
from autograder.course.batch import ClassGrading, Wishes

name, jobs, cells = sys.argv[1], int(sys.argv[2]), sys.argv[3]
begin = time.monotonic()
with ClassGrading(Path("."), name, wishes=Wishes(jobs=jobs, cells=cells)) as grading:
    scores = [graded.verdict.score for graded in grading.points()]
    points = time.monotonic()
    count = sum(1 for _ in grading.notebooks()) if cells == "all" else 0
print(json.dumps({"points": points - begin, "notebooks": time.monotonic() - points,
                  "scores": scores, "count": count}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=ASSIGNMENTS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--students", type=int, default=20, help="of this kit's class")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--markdown", type=Path, default=ROOT / "docs" / "performance.md")
    arguments = parser.parse_args()
    rows = {}
    for name in arguments.names:
        found = [measure(name, arguments.students, arguments.jobs) for _ in range(arguments.rounds)]
        rows[name] = {key: [one[key] for one in found] for key in found[0]}
        print(name, json.dumps(rows[name]), flush=True)
    arguments.markdown.write_text(page(rows, arguments), encoding="utf-8")


def measure(name: str, students: int, jobs: int) -> dict[str, float]:
    """Seconds for one submission: of stock nbgrader, and of this kit's phases."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        stock = _stock(Path(folder) / "stock", name)
        points = _ours(Path(folder) / "points", name, students, jobs, "defining")
        whole = _ours(Path(folder) / "whole", name, jobs, jobs, "all")
    return {
        "stock": stock,
        "points": points["points"] / students,
        "whole": (whole["points"] + whole["notebooks"]) / jobs,
    }


def _stock(root: Path, name: str) -> float:
    root.mkdir()
    (root / "nbgrader_config.py").write_text(STOCK_CONFIG)
    source = root / "source" / name / f"{name}.ipynb"
    source.parent.mkdir(parents=True)
    nbformat.write(jupytext.read(COURSE.assignment(name).source_path), source)
    _run(root, PROGRAMS / "nbgrader", "generate_assignment", name)
    _hand_in(root, name, 1)
    begin = time.monotonic()
    _run(root, PROGRAMS / "nbgrader", "autograde", name)
    return time.monotonic() - begin


def _ours(root: Path, name: str, students: int, jobs: int, cells: str) -> dict:
    root.mkdir()
    (root / CONFIG).write_text(OURS_CONFIG)
    for folder in ("solutions", "course_lib"):
        shutil.copytree(ROOT / folder, root / folder)
    course = Course(root)
    assignment = course.assignment(name)
    release(assignment, course)
    _hand_in(root, name, students)
    done = _run(root, sys.executable, "-c", PHASES, name, str(jobs), cells)
    found = json.loads(done.splitlines()[-1])
    full = sum(cell.points for cell in assignment.graded_cells)
    assert found["scores"] == [full] * students, found["scores"]
    return found


def _hand_in(root: Path, name: str, students: int) -> None:
    notebook = solved(COURSE.assignment(name))
    for number in range(students):
        path = root / "submitted" / f"s{number:04}" / name / f"{name}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)


def _run(folder: Path, *words: str | Path) -> str:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
        "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}",
    }
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{words}: {done.stderr[-3000:]}")
    return done.stdout


def page(rows: dict[str, dict[str, list[float]]], arguments: argparse.Namespace) -> str:
    """The figures as Markdown: medians, and how far the rounds lie apart."""

    def said(values: list[float]) -> str:
        return f"{statistics.median(values):.1f} ({min(values):.1f} to {max(values):.1f})"

    lines = []
    for name, found in rows.items():
        ratios = {
            key: [stock / ours for stock, ours in zip(found["stock"], found[key])]
            for key in ("points", "whole")
        }
        cells = [*map(said, (found["stock"], found["points"], found["whole"]))]
        lines.append(f"| {name} | {' | '.join([*cells, *map(said, ratios.values())])} |")
    rounds = range(arguments.rounds)
    totals = {
        key: [sum(found[key][number] for found in rows.values()) for number in rounds]
        for key in ("stock", "points", "whole")
    }
    ratios = [
        [stock / ours for stock, ours in zip(totals["stock"], totals[key])]
        for key in ("points", "whole")
    ]
    cells = [*map(said, totals.values()), *map(said, ratios)]
    lines.append(f"| **all** | {' | '.join(cells)} |")
    return f"""# How long a class takes

Made by `make bench`: {arguments.rounds} rounds, each system in turn, {arguments.jobs} processes, torch {torch.__version__}.
Seconds for one submission, as a median with the least and the most. All submissions are right ones, with the reference's
demonstrations.

* *nbgrader*: `nbgrader autograde` of 0.9, as it comes: one process, no jail, all cells, and in its test cells the checks that students see.
* *points*: `autograder grade`, first phase, {arguments.students} submissions: the hidden checks, in the jail, recorded in the gradebook. The start of
  the processes is part of it.
* *whole*: both phases, with feedback pages, {arguments.jobs} submissions.

| assignment | nbgrader | points | whole | nbgrader / points | nbgrader / whole |
|---|---:|---:|---:|---:|---:|
{chr(10).join(lines)}
"""


if __name__ == "__main__":
    main()
