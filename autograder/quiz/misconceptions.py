"""The misconceptions of a quiz: every wrong option is one, with a name and a hint."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autograder.grading.misconception import misconception
from autograder.quiz.questions import FUNCTION, Option, Question


def misconceptions_of(questions: Sequence[Question]) -> dict[str, list[Callable]]:
    """By graded function, one wrong answer for each wrong option."""
    right = {question.key: question.right.label for question in questions}
    return {
        FUNCTION: [
            _believing(question, option, right)
            for question in questions
            for option in question.wrong
        ]
    }


def _believing(question: Question, option: Option, right: dict[str, str]) -> Callable:
    def quiz_answers() -> dict[str, str]:
        return right | {question.key: option.label}

    quiz_answers.__name__ = option.name
    quiz_answers.__doc__ = option.why
    return misconception(of=FUNCTION, caught_by=f"test_{question.key}")(quiz_answers)
