"""Seconds for one submission in three graders, all with the reference as the submission.

Stock nbgrader and Otter-Grader run whole notebooks, unjailed, and ask the checks that students see.
This kit asks the hidden checks, which are stricter, in a jail.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import jupytext
import nbformat

from autograder.grading.assignment import is_test
from tests.bench.courses import PROGRAMS, hand_in, make_class, run
from tests.corpus import COURSE

NBGRADER_CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "stock"
c.ExecutePreprocessor.timeout = 1800
c.Execute.timeout = 1800
"""
OTTER_TEST = """
from otter.test_files import test_case

OK_FORMAT = False
name = {name!r}
points = {points}


@test_case(points={points}, hidden=False)
def test_it(env):
    exec({source!r}, env)
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


def nbgrader(root: Path, name: str) -> float:
    """`nbgrader autograde`, as it comes."""
    root.mkdir()
    (root / "nbgrader_config.py").write_text(NBGRADER_CONFIG)
    source = root / "source" / name / f"{name}.ipynb"
    source.parent.mkdir(parents=True)
    nbformat.write(jupytext.read(COURSE.assignment(name).source_path), source)
    run(root, PROGRAMS / "nbgrader", "generate_assignment", name)
    hand_in(root, name, 1)
    begin = time.monotonic()
    run(root, PROGRAMS / "nbgrader", "autograde", name)
    return time.monotonic() - begin


def otter(root: Path, name: str, program: Path) -> float:
    """`otter run`, which grades one submission without a container.

    Raises:
        SystemExit: it gave less than full marks.
    """
    assignment = COURSE.assignment(name)
    (root / "tests").mkdir(parents=True)
    points = {cell.grade_id: cell.points for cell in assignment.graded_cells}
    for cell in filter(is_test, assignment.release.cells):
        key = cell.metadata.nbgrader.grade_id
        text = OTTER_TEST.format(name=key, points=points[key], source=cell.source)
        (root / "tests" / f"{key}.py").write_text(text)
    run(root, program, "generate", "-t", "tests", "-o", "autograder.zip", "--no-environment")
    hand_in(root, name, 1)
    (root / "results").mkdir()
    submission = root / "submitted" / "s0000" / name / f"{name}.ipynb"
    begin = time.monotonic()
    run(root, program, "run", submission, "-a", "autograder.zip", "-o", "results", "--no-logo")
    took = time.monotonic() - begin
    results = json.loads((root / "results" / "results.json").read_text())["tests"]
    score = sum(result.get("score") or 0 for result in results)
    if score != sum(points.values()):
        raise SystemExit(f"Otter gave {score} of {sum(points.values())} points: {results}")
    return took


def ours(root: Path, name: str, students: int, jobs: int, cells: str) -> dict[str, float]:
    """Both phases of `autograder grade`, for a whole class.

    Raises:
        SystemExit: somebody got less than full marks.
    """
    course = make_class(root, name, students)
    found = json.loads(
        run(root, sys.executable, "-c", PHASES, name, str(jobs), cells).splitlines()[-1]
    )
    full = sum(cell.points for cell in course.assignment(name).graded_cells)
    if found["scores"] != [full] * students:
        raise SystemExit(f"{name}: not full marks, but {found['scores']}")
    return found


def default_jobs() -> int:
    return len(os.sched_getaffinity(0))
