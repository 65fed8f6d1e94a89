"""The verdict is written where nbgrader reads it, and nothing in it can act."""

from __future__ import annotations

import nbformat
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.utils import determine_grade

from autograder.grading.feedback import reasons, write_verdict
from autograder.grading.verdict import CellVerdict, CheckResult, Verdict

HOSTILE = "<script>alert(1)</script> **bold** [link](javascript:alert(1))"


def written(*checks, notes=()):
    """The graded cell, and the whole notebook, after a verdict on one cell of four points."""
    metadata = {"nbgrader": {"grade_id": "test_f", "grade": True, "solution": False, "points": 4}}
    notebook = new_notebook(cells=[new_code_cell("check(f)", metadata=metadata)])
    cell = CellVerdict("test_f", 4.0, list(checks))
    write_verdict(notebook, Verdict("a", "s", "bubblewrap", "cpu", 1.0, [cell], list(notes)))
    return notebook.cells[-1], notebook


def check(status="passed", points=1.0, message="", misconception=None, name="test_a_thing"):
    return CheckResult(name, points, status, message, misconception)


def test_nbgrader_reads_the_partial_score():
    cell, _ = written(check(points=2.5), check("failed", 1.5, "wrong"))
    assert determine_grade(cell) == (2.5, 4.0)


def test_no_points_and_all_points_are_read_as_such():
    assert determine_grade(written(check("failed", 4.0, "wrong"))[0]) == (0, 4.0)
    assert determine_grade(written(check(points=4.0))[0]) == (4, 4.0)


def test_a_check_that_did_not_run_earned_nothing():
    assert determine_grade(written(CheckResult("test_x", 4.0))[0]) == (0, 4.0)


def test_markup_in_messages_notes_and_names_is_inert():
    cell, notebook = written(check("failed", 1, HOSTILE, name=f"test_{HOSTILE}"), notes=[HOSTILE])
    html = "".join(
        output.data["text/html"]
        for cell in notebook.cells
        for output in cell.outputs
        if "text/html" in output.get("data", {})
    )
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    nbformat.validate(notebook)


def test_what_was_said_once_is_not_said_again():
    checks = [
        check("failed", message="This is A. (x)", misconception="a"),
        check("failed", message="This is A. (y)", misconception="a"),
        check(),
        check(),
        check("failed", message="Other."),
    ]
    assert reasons(checks) == ["This is A. (x)", "The same again.", "", "", "Other."]
