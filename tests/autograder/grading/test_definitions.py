"""Which cells run for the points: those that graded answers depend on, and no demonstrations."""

from __future__ import annotations

from copy import deepcopy

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.course.release import release
from autograder.course.submissions import fill_in
from autograder.grading.definitions import needed_cells
from autograder.grading.grade import grade_notebook
from autograder.grading.repair import Repaired
from tests.autograder.course.small import NAME, make_course
from tests.corpus import ASSIGNMENTS, assignment

ANSWER = "def double(x):\n    return x * TWO"


def cells(*sources):
    """Cells of the student's own, and those of a graded function `double`."""
    made = [new_markdown_cell("# A title")]
    for source in sources:
        name = {"double": "double"} if source.startswith("def double") else None
        made.append(
            new_code_cell(source, metadata={"nbgrader": {"grade_id": "double"}} if name else {})
        )
    made.append(
        new_code_cell("", metadata={"nbgrader": {"grade_id": "test_double", "grade": True}})
    )
    return made


def needed(*sources):
    """Those of some sources that are needed for the graded function."""
    found = needed_cells(cells(*sources))
    return [source for index, source in enumerate(sources, 1) if index in found]


@pytest.mark.parametrize(
    "source",
    [
        "TWO = 2",
        "import constants as TWO",
        "from constants import TWO",
        "from constants import *",
        "for TWO in range(3):\n    pass",
        "with open('two') as TWO:\n    pass",
        "def set_two():\n    global TWO\n    TWO = 2",
        "class TWO:\n    pass",
        "TWO.value = 2",
        "TWO['value'] = 2",
        "TWO.append(2)",
        "last = TWO.pop()",
        "train(TWO)",
        "train(model=TWO.weights)",
        "del TWO.value",
        "%run constants.py",
        "double = 3",
        "nonlocal TWO",
    ],
)
def test_a_cell_that_binds_or_changes_what_the_answer_reads_is_needed(source):
    assert source in needed(source, ANSWER)
    assert source in needed(ANSWER, source)


@pytest.mark.parametrize(
    "source",
    [
        "print(double(3))",
        "THREE = 3",
        "for number in range(3):\n    print(TWO * number)",
        "import matplotlib.pyplot as plt\nplt.plot(double(3))\nplt.show()",
        "def shown(TWO):\n    TWO = 3\n    return TWO",
    ],
)
def test_a_demonstration_is_not(source):
    assert needed("TWO = 2", source, ANSWER) == ["TWO = 2", ANSWER]


def test_what_is_needed_is_followed_through_other_cells():
    sources = (
        "import math",
        "half = math.pi / 2",
        "TWO = helper()",
        "def helper():\n    return half",
    )
    assert needed(*sources, ANSWER) == [*sources, ANSWER]


def test_to_assign_to_a_module_changes_it():
    read = "def double(x):\n    return math.sqrt(x)"
    assert needed("import math", "math.sqrt = abs", read) == [
        "import math",
        "math.sqrt = abs",
        read,
    ]


def test_to_call_a_function_of_a_module_does_not_change_the_module():
    read = "def double(x):\n    return np.add(x, x)"
    assert needed("import numpy as np", "np.show_config()", read) == ["import numpy as np", read]


def test_code_that_is_nested_too_deeply_may_bind_anything():
    deep = "x = " + "-" * 100_000 + "1"
    assert deep in needed(deep, ANSWER)


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_few_cells_of_the_assignments_are_needed(name):
    source = assignment(name).source.cells
    assert len(needed_cells(source)) <= len(assignment(name).functions) + 1  # and the imports


HIDDEN = """
# %%
with open("factor.txt", "w") as file:
    file.write("{factor}")

# %% grade_id="dozens"
def dozens(n):
    with open("factor.txt") as file:
        return float(file.read()) * n

# %% grade_id="total"
def total(numbers):
    return sum(numbers)
"""


@pytest.mark.jail
@pytest.mark.parametrize(("factor", "score"), [(12, 8), (13, 3)])
def test_what_only_a_demonstration_makes_right_is_right(factor, score, tmp_path):
    course = make_course(tmp_path)
    small = course.assignment(NAME)
    release(small, course)
    notebook = fill_in(small.release, HIDDEN.format(factor=factor))
    for cells in ("defining", "all"):
        found = grade_notebook(Repaired(deepcopy(notebook), []), small, tmp_path, "ada", cells)
        assert (found.score, found.ran) == (score, "all")
