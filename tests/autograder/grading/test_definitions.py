"""Which cells run for the points: those that graded answers depend on, and no demonstrations."""

from __future__ import annotations

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.grading.definitions import needed_cells
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
