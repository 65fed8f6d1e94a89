"""A small assignment for tests, written as text: its release is written by hand, not by nbgrader."""

from __future__ import annotations

from pathlib import Path

import jupytext
import nbformat

from autograder.grading.assignment import Assignment

HEADER = (
    '# %% nbgrader={{"grade": {grade}, "grade_id": "{name}", "locked": {locked}, '
    '"schema_version": 3, "solution": {solution}, "task": false{points}}}'
)

KERNEL = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

"""

SOURCE = '''\
{imports}
import math

{square}
def square(x):
    """The square of a number."""
    ### BEGIN SOLUTION
    result = x * x
    return result
    ### END SOLUTION

{test_square}
assert isclose(square(3.0), 9.0), "square(3) is 9"
'''

RELEASE = '''\
{imports}
import math

# %%
from math import isclose

{square}
def square(x):
    """The square of a number."""
    raise NotImplementedError("square: write your answer here")

{test_square}
assert isclose(square(3.0), 9.0), "square(3) is 9"
'''

CHECKS = """\
from autograder.checks import assert_same, check


@check("square", points=2)
def test_one_number(answer, draw):
    assert_same(answer, draw.numbers(1)[0])


@check("square", points=1)
def test_zero(answer):
    assert_same(answer, 0.0)
"""

MISCONCEPTIONS = '''\
from autograder.checks import misconception


@misconception(of="square", caught_by="test_one_number")
def doubled(x):
    """This is twice the number."""
    return 2 * x


@misconception(of="square", caught_by="test_one_number")
def cubed(x):
    """This is the third power."""
    return x**3
'''

RIGHT = '''\
"""Style: a power."""

# %% grade_id="square"
def square(x):
    return x**2
'''


def make_assignment(
    root: Path,
    source: str = SOURCE,
    release: str = RELEASE,
    checks: str = CHECKS,
    misconceptions: str = MISCONCEPTIONS,
    **right: str,
) -> Assignment:
    """Write an assignment into a folder; `right` holds more right answers by name."""
    folder = root / "squares"
    (folder / "right").mkdir(parents=True)
    (folder / "squares.py").write_text(_with_headers(source))
    (folder / "checks.py").write_text(checks)
    (folder / "misconceptions.py").write_text(misconceptions)
    for name, text in {"power": RIGHT, **right}.items():
        (folder / "right" / f"{name}.py").write_text(text)
    notebook = jupytext.reads(_with_headers(release), fmt="py:percent")
    nbformat.write(notebook, root / "squares.ipynb")
    return Assignment(folder, root / "squares.ipynb", plugins=("autograder.checks.fixtures",))


def edited(text: str, old: str, new: str) -> str:
    """The text with one passage replaced, which must be there."""
    assert old in text
    return text.replace(old, new, 1)


def _with_headers(text: str) -> str:
    for name, grade, solution, points in (
        ("imports", False, False, ""),
        ("square", False, True, ""),
        ("test_square", True, False, ', "points": 3'),
    ):
        flags = {"grade": grade, "solution": solution, "locked": not solution}
        flags = {flag: str(value).lower() for flag, value in flags.items()}
        text = text.replace("{" + name + "}", HEADER.format(name=name, points=points, **flags))
    return KERNEL + text
