"""Each question of the quiz is one check: right, wrong, unanswered, unreadable and forged answers."""

from __future__ import annotations

import copy
import random

import pytest
from nbgrader.utils import determine_grade

from autograder.grading.assignment import grade_id
from autograder.grading.checking import run_checks
from autograder.grading.feedback import write_verdict
from autograder.grading.misconception import hint
from autograder.grading.student import LocalStudent
from autograder.grading.verdict import Verdict
from tests.corpus import assignment

ASSIGNMENT = assignment("lecture_quiz")
QUESTIONS = ASSIGNMENT.quiz.questions
RIGHT = {question.key: question.right.label for question in QUESTIONS}
WRONG = ASSIGNMENT.misconceptions["quiz_answers"]
FIRST, SECOND, THIRD = QUESTIONS[:3]
EACH = 100 / len(QUESTIONS)


def graded(quiz_answers):
    """The score, the results by question, and the notes."""
    (cell,), notes = run_checks(ASSIGNMENT, LocalStudent({"quiz_answers": quiz_answers}))
    return cell.score, {check.name.removeprefix("test_"): check for check in cell.checks}, notes


def test_each_question_is_a_check_and_they_add_up_to_a_hundred():
    score, checks, notes = graded(lambda: RIGHT)
    assert list(checks) == [question.key for question in QUESTIONS]
    assert score == 100 and {check.max_points for check in checks.values()} == {EACH}
    assert [note for note in notes if "seed" not in note] == []


def test_a_right_answer_is_explained():
    _, checks, _ = graded(lambda: RIGHT)
    for question in QUESTIONS:
        assert checks[question.key].message == question.right.why


def test_every_wrong_option_is_a_misconception_that_is_named_and_explained():
    assert len(WRONG) == 3 * len(QUESTIONS)
    for column in range(3):
        chosen = {question.key: question.wrong[column].label for question in QUESTIONS}
        score, checks, notes = graded(lambda chosen=chosen: chosen)
        assert score == 0 and not any("broke down" in note for note in notes)
        for question in QUESTIONS:
            option, check = question.wrong[column], checks[question.key]
            assert check.misconception == option.name and check.status == "failed"
            assert check.message.startswith(" ".join(option.why.split()))
            assert f"you chose {option.label}" in check.message


@pytest.mark.parametrize("wrong", random.Random(1).sample(WRONG, 4), ids=lambda w: w.__name__)
def test_a_misconception_costs_its_own_question_only(wrong):
    score, checks, _ = graded(wrong)
    assert score == 100 - EACH
    lost = checks[wrong.caught_by.removeprefix("test_")]
    assert lost.points == 0 and hint(wrong) in lost.message


@pytest.mark.parametrize(
    ("label", "message"),
    [
        ("", "is not answered"),
        (None, "is not answered"),
        ("zz", "'zz' is no option of"),
        (SECOND.right.label, "is no option of"),
        ([FIRST.right.label, FIRST.wrong[0].label], "takes one label, not 2"),
        ({label.label: True for label in FIRST.options}, "takes a label such as"),
        (3, "takes a label such as"),
        (True, "takes a label such as"),
        ("<script>" * 100, "is no option of"),
    ],
)
def test_what_is_no_label_gets_nothing_and_a_sentence(label, message):
    score, checks, notes = graded(lambda: RIGHT | {FIRST.key: label})
    assert score == 100 - EACH
    assert message in checks[FIRST.key].message and FIRST.key in checks[FIRST.key].message
    assert len(checks[FIRST.key].message) < 200
    assert not any("broke down" in note for note in notes)


def test_a_message_about_a_missing_answer_does_not_tell_the_right_one():
    score, checks, _ = graded(lambda: {})
    assert score == 0
    for question in QUESTIONS:
        message = checks[question.key].message
        assert "is not answered" in message
        assert question.right.label not in message.split() and question.right.why not in message


@pytest.mark.parametrize("answers", [None, 5, "fi", ["fi"] * 20, RIGHT.values])
def test_answers_that_are_no_dict_get_nothing_and_a_sentence(answers):
    score, checks, notes = graded(lambda: answers)
    assert score == 0
    said = ("a dict of labels was expected", "not data")
    assert all(any(words in check.message for words in said) for check in checks.values())
    assert not any("broke down" in note for note in notes)


def test_capitals_and_spaces_do_not_matter():
    score, _, _ = graded(lambda: {key: f" {label.upper()} " for key, label in RIGHT.items()})
    assert score == 100


def test_questions_that_are_not_asked_do_not_matter():
    assert graded(lambda: RIGHT | {"another": "fi", 7: [1]})[0] == 100


class Anything(str):
    """A word that claims to be every word."""

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 0

    def strip(self):
        return self

    lower = strip


class Everything(dict):
    """A dict that claims to hold what it is asked for."""

    def get(self, key, default=None):
        return RIGHT.get(key, default)

    __getitem__ = get


@pytest.mark.parametrize(
    "forged", [{key: Anything("??") for key in RIGHT}, Everything(), Everything(a="fi")]
)
def test_what_is_equal_to_everything_gets_nothing(forged):
    assert graded(lambda: forged)[0] == 0


def test_an_answer_that_raises_is_named():
    def quiz_answers():
        raise KeyError("start_image")

    score, checks, _ = graded(quiz_answers)
    assert score == 0 and "KeyError" in checks[FIRST.key].message


def test_a_stub_is_not_answered():
    (stub,) = [c for c in ASSIGNMENT.release.cells if c.source.startswith("def quiz_answers")]
    namespace: dict = {}
    exec(stub.source, namespace)
    score, checks, _ = graded(namespace["quiz_answers"])
    assert score == 0 and "not answered yet" in checks[FIRST.key].message


def test_one_label_written_into_the_stub_counts():
    (stub,) = [c for c in ASSIGNMENT.release.cells if c.source.startswith("def quiz_answers")]
    namespace: dict = {}
    exec(
        stub.source.replace(f'"{THIRD.key}": ""', f'"{THIRD.key}": "{RIGHT[THIRD.key]}"'), namespace
    )
    assert graded(namespace["quiz_answers"])[0] == EACH


@pytest.mark.parametrize("column", [0, 1])
def test_nbgrader_reads_the_same_score_from_the_feedback_that_students_read(column):
    release = copy.deepcopy(ASSIGNMENT.release)
    mixed = RIGHT | {q.key: q.options[column].label for q in QUESTIONS[::2]}
    score, _, _ = graded(lambda: mixed)
    cells, _ = run_checks(ASSIGNMENT, LocalStudent({"quiz_answers": lambda: mixed}))
    write_verdict(release, Verdict("lecture_quiz", "a", "none", "cpu", 0.0, cells))
    (cell,) = [c for c in release.cells if grade_id(c) == "test_quiz_answers"]
    assert determine_grade(cell) == (score, 100)
    page = cell.outputs[0]["data"]["text/plain"]
    assert all(question.options[column].why in page for question in QUESTIONS[::2])
