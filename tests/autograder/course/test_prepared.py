"""A prepared result is taken once, and only for the notebook that it was made from."""

from __future__ import annotations

from nbformat.v4 import new_code_cell, new_notebook

from autograder.course import prepared
from autograder.grading.verdict import CellVerdict, CheckResult, Verdict

CELLS = [CellVerdict("test_f", 4.0, [CheckResult("test_a", 4.0, "passed", "", None)])]
VERDICT = Verdict("counting", "ada", "bubblewrap", "cpu", 1.5, CELLS, ["note"])
NOTEBOOK = new_notebook(cells=[new_code_cell("x = 1")])


def test_a_prepared_result_is_taken_once(tmp_path):
    prepared.put(tmp_path, "ada", VERDICT, NOTEBOOK)
    assert prepared.take(tmp_path, "bob", NOTEBOOK) is None
    taken, ran = prepared.take(tmp_path, "ada", NOTEBOOK)
    assert taken == VERDICT
    assert ran.cells[0].source == "x = 1"
    assert prepared.take(tmp_path, "ada", NOTEBOOK) is None


def test_a_prepared_result_is_not_taken_for_another_notebook(tmp_path):
    prepared.put(tmp_path, "ada", VERDICT, NOTEBOOK)
    other = new_notebook(cells=[new_code_cell("x = 2")])
    assert prepared.take(tmp_path, "ada", other) is None
