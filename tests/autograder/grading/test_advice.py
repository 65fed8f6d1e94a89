"""Exceptions that many meet come with what to do."""

from __future__ import annotations

import pytest

from autograder.grading.advice import advice_on, place_in_cell
from autograder.grading.student import Answers, LocalStudent, NotAnswered, Raised


@pytest.mark.parametrize(
    "text",
    [
        "Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU",
        "Torch not compiled with CUDA enabled",
        "CUDA error: invalid device ordinal",
    ],
)
def test_a_device_that_is_named_is_said_so(text):
    said = str(Raised("f", "RuntimeError", text))
    assert text in said and "names CUDA" in said and "device=X.device" in said


def test_other_exceptions_get_no_advice():
    assert advice_on("list index out of range") == ""


@pytest.mark.parametrize(
    ("ended", "said"),
    [
        (
            "SyntaxError: '(' was never closed (3141592653.py, line 3)",
            "Line 3 of the cell with f is no Python: '(' was never closed (SyntaxError).",
        ),
        (
            "IndentationError: unexpected indent (<ipython-input-1>, line 12)",
            "Line 12 of the cell with f is no Python: unexpected indent (IndentationError).",
        ),
        ("NameError: name 'x' is not defined", None),
    ],
)
def test_a_cell_that_can_not_be_parsed_is_told_by_its_line(ended, said):
    class Student(LocalStudent):
        def why_missing(self, name):
            return f" Its cell ended with {ended}"

    with pytest.raises(NotAnswered) as missing:
        Answers(Student({}), None).f()
    assert str(missing.value).endswith(said or f"Its cell ended with {ended}")
    assert place_in_cell("", "f") == ""
