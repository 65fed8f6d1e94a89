"""Points come from checks that passed, and from nothing else."""

from __future__ import annotations

import pytest

from autograder.errors import CourseError
from autograder.grading.assignment import Assignment
from autograder.grading.checking import collect_checks, run_checks
from autograder.grading.student import LocalStudent

SOURCE = """\
# %% nbgrader={{"grade": false, "grade_id": "f", "locked": false, "schema_version": 3, "solution": true}}
def f(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% nbgrader={{"grade": true, "grade_id": "test_f", "locked": true, "points": {points}, "schema_version": 3, "solution": false}}
f(1)
"""
CHECKS = """
import pytest
import torch
from autograder.checks import assert_same, check


@check("f", points=2)
def test_values(answer, draw):
    assert_same(answer, draw.maps(2))


@check("f", points=1)
def test_that_breaks_down(student):
    student.f(torch.ones(1))
    raise ZeroDivisionError("our own fault")


@check("f", points=1)
def test_that_is_skipped(student):
    pytest.skip("never")
"""


def double(x):
    return 2 * x


@pytest.fixture
def fake(tmp_path):
    """An assignment with one function, `f`, that doubles, and these checks."""

    def make(checks=CHECKS, points=4.0):
        folder = tmp_path / "fake"
        folder.mkdir()
        (folder / "fake.py").write_text(SOURCE.format(points=points))
        (folder / "checks.py").write_text(checks)
        return Assignment(folder, tmp_path / "none", plugins=("autograder.checks.fixtures",))

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

    assignment = fake()
    wrong, _, _ = results(assignment, lambda x: 3 * x)
    assert (wrong["test_values"].status, wrong["test_values"].points) == ("failed", 0)
    assert "times 1.5" in wrong["test_values"].message
    broken, _, _ = results(assignment, raises)
    assert broken["test_values"].status == "error"
    assert "ValueError: no" in broken["test_values"].message
    empty, _, _ = results(assignment, stub)
    assert "not answered yet" in empty["test_values"].message


def test_a_plain_assertion_is_a_failed_check_with_its_message(fake):
    checks = """
from autograder.checks import check

@check("f", points=4)
def test_of_two(answer):
    assert answer(2.0) == 4.0, "2 gives 4"
"""
    assignment = fake(checks)
    wrong, _, _ = results(assignment, lambda x: 3 * x)
    assert (wrong["test_of_two"].status, wrong["test_of_two"].message) == ("failed", "2 gives 4")
    assert results(assignment, double)[1] == 4


def test_only_the_checks_of_some_functions_can_be_run(fake):
    assert run_checks(fake(), LocalStudent({"f": double}), only=[])[0] == []


def test_checks_that_are_not_worth_what_the_cell_promises_are_refused(fake):
    with pytest.raises(CourseError, match="worth 4 points, its cell 5"):
        run_checks(fake(points=5.0), LocalStudent({"f": double}))


def test_checks_that_do_not_even_import_are_refused(fake):
    with pytest.raises(CourseError, match="checks.py can't be imported: ModuleNotFoundError"):
        run_checks(fake("import nothing_like_this\n" + CHECKS), LocalStudent({"f": double}))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('@check("f", points=2)\n', "", "test_values does not say what it is about"),
        ('@check("f", points=2)', '@pytest.mark.cell("test_f")', "test_values has no points"),
        ('@check("f", points=2)', '@check("g", points=2)', "is about 'g', which the source"),
        ('@check("f", points=2)', '@check("f", points=-2)', "points are a number above 0"),
        ('@check("f", points=2)', "@pytest.mark.pionts(2)", "the marker 'pionts'"),
    ],
)
def test_a_mistake_in_how_a_check_is_marked_gets_a_sentence_and_nobody_a_grade(
    fake, old, new, sentence
):
    assignment = fake(CHECKS.replace(old, new))
    _, mistakes = collect_checks(assignment)
    assert any(sentence in mistake for mistake in mistakes)
    with pytest.raises(CourseError, match=sentence):
        run_checks(assignment, LocalStudent({"f": double}))


def test_a_configuration_beside_the_checks_or_in_the_working_folder_changes_nothing(
    fake, tmp_path, monkeypatch
):
    assignment = fake()
    (assignment.folder / "conftest.py").write_text(
        "collect_ignore_glob = ['*']\nraise SystemExit(3)"
    )
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --collect-only\n")
    monkeypatch.chdir(tmp_path)
    assert results(assignment, double)[1] == 2
