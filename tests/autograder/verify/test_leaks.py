"""A line of a solution in the release is found, wherever it stands."""

from __future__ import annotations

import pytest

from autograder.verify.leaks import leaked_lines, problems_of_release, secret_lines, shown_lines
from tests.autograder.verify.example import RELEASE, SOURCE, edited, make_assignment

LONG = edited(SOURCE, "result = x * x", "result = math.pow(x, 2)")
CELL = "shown\n### BEGIN SOLUTION\nhidden\n### END SOLUTION\nshown too"


def test_a_cell_falls_into_what_is_secret_and_what_is_shown():
    assert secret_lines(CELL) == ["", "", "hidden", "", ""]
    assert shown_lines(CELL) == ["shown", "shown too"]


@pytest.mark.parametrize("region", ["SOLUTION", "MARK SCHEME", "HIDDEN TESTS"])
def test_all_regions_of_nbgrader_are_secret(region):
    assert shown_lines(CELL.replace("SOLUTION", region)) == ["shown", "shown too"]


def test_a_good_release_leaks_nothing(tmp_path):
    assert problems_of_release(make_assignment(tmp_path, LONG)) == []


def test_a_line_of_a_solution_in_another_cell_is_found(tmp_path):
    release = edited(RELEASE, "import math\n", "import math\nresult = math.pow(x, 2)  # so\n")
    (problem,) = problems_of_release(make_assignment(tmp_path, LONG, release))
    assert "'result = math.pow(x, 2)'" in problem and "autograder release squares" in problem


def test_a_line_that_the_source_shows_elsewhere_is_no_secret(tmp_path):
    shown = "import math\n# result = math.pow(x, 2)\nresult = math.pow(x, 2)\n"
    source, release = (edited(text, "import math\n", shown) for text in (LONG, RELEASE))
    assert leaked_lines(make_assignment(tmp_path, source, release)) == []


@pytest.mark.parametrize("mark", ["### BEGIN SOLUTION", "**Model answer.** Yes."])
def test_a_mark_that_was_left_in_the_release_is_found(tmp_path, mark):
    release = edited(RELEASE, "import math\n", f"import math\n# {mark}\n")
    (leaked,) = leaked_lines(make_assignment(tmp_path, SOURCE, release))
    assert leaked.lower() in mark.lower()
