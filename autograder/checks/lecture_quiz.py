"""What a right answer to each question of the lecture quiz is.

The questions, their options and what is said about them are in
`solutions/lecture_quiz/questions.yaml`; each becomes one check here. An answer is a label, and labels
stay with their options: the order in which options are shown does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from autograder.grading.compare import fail
from autograder.grading.text import readable
from autograder.quiz import Question, load_questions

POINTS = 5  # for each question


@dataclass(frozen=True)
class NoAnswers:
    """Stands for what came back instead of a dict of answers."""

    kind: str


def answer_to(key: str):
    """The view of all answers that shows one: a label in plain form, None when there is none."""

    def label(answers: Any) -> Any:
        if type(answers) is not dict:
            return NoAnswers(type(answers).__name__)
        answer = answers.get(key)
        answer = answer.strip().lower() if type(answer) is str else answer
        return None if answer == "" else answer

    return label


def check_of(question: Question):
    """The check of one question."""

    @pytest.mark.cell("test_quiz_answers")
    @pytest.mark.points(POINTS)
    @pytest.mark.explanation(question.right.why)
    def check(student):
        quiz_answers = student.quiz_answers.seen_as(answer_to(question.key))
        answer = quiz_answers()
        if type(answer) is not str:
            fail(quiz_answers, _unusable(question, answer), answer)
        if answer != question.right.label:
            fail(quiz_answers, _not_right(question, answer), answer)

    return check


def _unusable(question: Question, answer: Any) -> str:
    if isinstance(answer, NoAnswers):
        return f"returned a {answer.kind}; a dict of labels was expected."
    if answer is None:
        return f"{question.key} is not answered."
    if isinstance(answer, (list, tuple, set)):
        return f"{question.key} takes one label, not {len(answer)}."
    return f"{question.key} takes a label such as {_labels(question)[0]!r}, not a {type(answer).__name__}."


def _not_right(question: Question, answer: str) -> str:
    option = question.option(answer)
    if option:
        return f"you chose {answer}, {option.says}."
    options = ", ".join(_labels(question))
    return (
        f"{readable(repr(answer), 40)} is no option of {question.key}; its options are {options}."
    )


def _labels(question: Question) -> list[str]:
    return [option.label for option in question.shuffled]


globals().update({f"test_{question.key}": check_of(question) for question in load_questions()})
