"""Visible check of the assignment `lecture_quiz`: are there answers, and can they be read?

What is right is not known here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files

from course_lib.visible_checks.core import Question, visible_check

__all__ = ["check_quiz_answers"]


@visible_check
def check_quiz_answers(quiz_answers: Callable[[], dict[str, str]]) -> None:
    """All questions: `() -> {question: label of an option}`."""
    question = Question("quiz_answers", 1)
    question.label = "quiz_answers"
    labels = _labels()
    answers = quiz_answers()
    question.require(
        isinstance(answers, dict),
        f"it should return a dict of labels, but returns {type(answers).__name__}; "
        "is the last line still `return answers`?",
    )
    unknown = [str(key) for key in answers if key not in labels]
    question.require(
        not unknown, f"there is no question {', '.join(unknown)}; the names are {', '.join(labels)}"
    )
    given = {key: label for key, label in answers.items() if label not in ("", None)}
    for key, label in given.items():
        question.require(
            isinstance(label, str) and label.strip().lower() in labels[key],
            f"{label!r} is no option of {key}: write one of {', '.join(labels[key])}",
        )
    question.passed(f"{len(given)} of {len(labels)} questions are answered, with labels that exist")
    missing = [key for key in labels if key not in given]
    if missing:
        question.remark(f"not answered yet: {', '.join(missing)}")
    print("Save the notebook: what stands in the cell above is what you hand in.")


def _labels() -> dict[str, list[str]]:
    """The labels of each question's options."""
    text = files("course_lib.quiz").joinpath("lecture_quiz.json").read_text(encoding="utf-8")
    return {
        question["key"]: [option["label"] for option in question["options"]]
        for question in json.loads(text)
    }
