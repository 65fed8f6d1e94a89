"""Points come from checks that passed, and from nothing else."""

from __future__ import annotations

import importlib
import sys
import types

import pytest

from autograder.grading.assignment import GradedCell
from autograder.grading.checking import run_checks
from autograder.grading.student import LocalStudent

CHECKS = """
import pytest
import torch
from autograder.grading.compare import assert_same

cell, points = pytest.mark.cell("test_f"), pytest.mark.points


@cell
@points(2)
def test_values(student, reference, draw):
    assert_same(student.f, reference.f, draw.maps(2))


@cell
@points(1)
def test_that_breaks_down(student):
    student.f(torch.ones(1))
    raise ZeroDivisionError("our own fault")


@cell
@points(1)
def test_that_is_skipped(student):
    pytest.skip("never")
"""


def double(x):
    return 2 * x


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """An assignment with one function, `f`, that doubles, and these checks."""

    def make(checks=CHECKS, points=4.0):
        (tmp_path / "fake_checks.py").write_text(checks)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, "fake_checks", raising=False)
        importlib.invalidate_caches()
        return types.SimpleNamespace(
            name="saliency",
            checks_module="fake_checks",
            graded_cells=(GradedCell("test_f", points),),
            reference=types.SimpleNamespace(f=double),
        )

    return make


def results(assignment, function):
    (cell,), notes = run_checks(assignment, LocalStudent({"f": function}))
    return {check.name: check for check in cell.checks}, cell.score, notes


def test_a_right_answer_gets_the_points_of_the_checks_that_passed(fake):
    checks, score, notes = results(fake(), double)
    assert checks["test_values"].status == "passed"
    assert score == 2


def test_a_check_that_breaks_down_is_our_fault_and_said(fake):
    checks, _, notes = results(fake(), double)
    assert checks["test_that_breaks_down"].status == "error"
    assert "tell your instructor" in checks["test_that_breaks_down"].message
    assert any("ZeroDivisionError: our own fault" in note for note in notes)


def test_a_skipped_check_is_no_passed_check(fake):
    checks, _, _ = results(fake(), double)
    assert checks["test_that_is_skipped"].points == 0


def test_a_wrong_answer_an_exception_and_a_stub_differ_in_status_and_words(fake):
    def raises(x):
        raise ValueError("no")

    def stub(x):
        raise NotImplementedError

    wrong, _, _ = results(fake(), lambda x: 3 * x)
    assert (wrong["test_values"].status, wrong["test_values"].points) == ("failed", 0)
    assert "times 1.5" in wrong["test_values"].message
    broken, _, _ = results(fake(), raises)
    assert broken["test_values"].status == "error"
    assert "ValueError: no" in broken["test_values"].message
    empty, _, _ = results(fake(), stub)
    assert "not answered yet" in empty["test_values"].message


def test_checks_that_are_not_worth_what_the_cell_promises_are_refused(fake):
    with pytest.raises(RuntimeError, match="worth 4 points, its cell 5"):
        run_checks(fake(points=5.0), LocalStudent({"f": double}))


def test_checks_that_do_not_even_import_are_refused(fake):
    with pytest.raises(RuntimeError, match="pytest could not run fake_checks.py"):
        run_checks(fake("import nothing_like_this\n" + CHECKS), LocalStudent({"f": double}))


def test_a_configuration_beside_the_checks_or_in_the_working_folder_changes_nothing(
    fake, tmp_path, monkeypatch
):
    assignment = fake()
    (tmp_path / "conftest.py").write_text("collect_ignore_glob = ['*']\nraise SystemExit(3)")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    monkeypatch.chdir(tmp_path)
    assert results(assignment, double)[1] == 2
