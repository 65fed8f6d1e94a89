"""The checks of a quiz: one for each question.

An answer is a label, and labels stay with their options: the order in which options are shown does
not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from autograder.checks import StudentFunction, check, fail
from autograder.grading.text import readable
from autograder.quiz.questions import FUNCTION, Question, same


def checks_of(questions: Sequence[Question]) -> ModuleType:
    """A module with a check `test_KEY` for each question."""
    module = ModuleType(__name__)
    module.__file__ = __file__
    for question in questions:
        setattr(module, f"test_{question.key}", check_of(question))
    return module


@dataclass(frozen=True)
class NoAnswers:
    """Stands for what came back instead of a dict of answers."""

    kind: str


def answer_to(key: str) -> Callable[[Any], Any]:
    """The view of all answers that shows one: a label in plain form, None when there is none."""

    def label(answers: Any) -> Any:
        if type(answers) is not dict:
            return NoAnswers(type(answers).__name__)
        answer = answers.get(key)
        answer = answer.strip().lower() if type(answer) is str else answer
        return None if answer == "" else answer

    return label


def check_of(question: Question) -> Callable:
    """The check of one question."""

    @check(FUNCTION, points=question.points, explanation=question.right.why)
    def check_answer(answer: StudentFunction) -> None:
        label_of = answer.seen_as(answer_to(question.key))
        label = label_of()
        if type(label) is not str:
            fail(label_of, _unusable(question, label), label)
        if not same(label, question.right.label):
            fail(label_of, _not_right(question, label), label)

    return check_answer


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
        return f"you chose {option.label}, {option.says}."
    options = ", ".join(_labels(question))
    return (
        f"{readable(repr(answer), 40)} is no option of {question.key}; its options are {options}."
    )


def _labels(question: Question) -> list[str]:
    return [option.label for option in question.shuffled]
