"""A small course for tests: one assignment, a package of its own, and nothing of this repository."""

from __future__ import annotations

import functools
import tempfile
import textwrap
from pathlib import Path

from autograder.course.course import CONFIG, Course
from autograder.course.nbgrader_steps import NbgraderSteps

NAME = "counting"
DOZENS, TOTAL = 5, 3  # points of the two functions

CONFIGURATION = """\
from autograder.course.nbgrader_plugin import configure

c = get_config()
configure(c)
c.Course.packages = ["measures.py"]
"""

SOURCE = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
from measures import DOZEN

# %% nbgrader={"grade": false, "grade_id": "dozens", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dozens(n):
    ### BEGIN SOLUTION
    return DOZEN * n
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_dozens", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
print(dozens(1))

# %% nbgrader={"grade": false, "grade_id": "total", "locked": false, "schema_version": 3, "solution": true, "task": false}
def total(numbers):
    ### BEGIN SOLUTION
    return sum(numbers)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_total", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
print(total([1.0]))

# %% [markdown] nbgrader={"grade": true, "grade_id": "why_twelve", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# Why twelve?
#
# <!-- ### BEGIN SOLUTION -->
# **Model answer.** It has many divisors.
#
# **Rubric.** 10: divisors.
# <!-- ### END SOLUTION -->
"""

CHECKS = '''\
"""What a right answer to counting is."""

from autograder.checks import assert_same, check


@check("dozens", points=5)
def test_a_few_dozens(answer, draw):
    assert_same(answer, 1 + draw.numbers(1)[0])


@check("total", points=3)
def test_five_numbers(answer, draw):
    assert_same(answer, draw.numbers(5))
'''

MISCONCEPTIONS = '''\
"""Wrong answers to counting, by name."""

from autograder.checks import misconception


@misconception(of="dozens", caught_by="test_a_few_dozens")
def counted_tens(n):
    """This counts tens: the question asks for dozens."""
    return 10 * n
'''

FILES = {
    "measures.py": "DOZEN = 12\n",
    f"solutions/{NAME}/{NAME}.py": SOURCE,
    f"solutions/{NAME}/checks.py": CHECKS,
    f"solutions/{NAME}/misconceptions.py": MISCONCEPTIONS,
}


def make_course(root: Path, *lines: str, **files: str) -> Course:
    """Write the course into a folder.

    Args:
        lines: more of its configuration.
        files: made-up students of the assignment, by name.
    """
    demo = {f"solutions/{NAME}/demo/{name}.py": text for name, text in files.items()}
    for path, text in {**FILES, **demo}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(textwrap.dedent(text), encoding="utf-8")
    configure(root, *lines)
    course = Course(root)
    if not (root / "gradebook.db").exists():
        (root / "gradebook.db").write_bytes(_empty_gradebook())
    return course


def configure(root: Path, *lines: str) -> None:
    """Write the course's configuration: the usual one, and more lines."""
    (root / CONFIG).write_text("\n".join([CONFIGURATION, *lines, ""]), encoding="utf-8")


@functools.cache
def _empty_gradebook() -> bytes:
    """An empty SQLite gradebook. To make one takes nbgrader seconds: it starts alembic for it."""
    with tempfile.TemporaryDirectory() as folder:
        configure(Path(folder))
        with NbgraderSteps(Course(Path(folder))).gradebook():
            return (Path(folder) / "gradebook.db").read_bytes()
