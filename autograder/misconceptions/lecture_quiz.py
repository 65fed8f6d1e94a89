"""Wrong answers to the lecture quiz: every wrong option is a misconception with a name.

They are made from `solutions/lecture_quiz/questions.yaml`, where `why` is what a student reads.
"""

from __future__ import annotations

from collections.abc import Callable

from autograder.misconceptions import misconception
from autograder.quiz import Option, Question, load_questions


def _believing(question: Question, option: Option) -> Callable[[], dict[str, str]]:
    def quiz_answers() -> dict[str, str]:
        right = {other.key: other.right.label for other in load_questions()}
        return right | {question.key: option.label}

    quiz_answers.__name__ = option.name
    quiz_answers.__doc__ = option.why
    return misconception(of="quiz_answers", caught_by=f"test_{question.key}")(quiz_answers)


globals().update(
    {
        option.name: _believing(question, option)
        for question in load_questions()
        for option in question.wrong
    }
)
