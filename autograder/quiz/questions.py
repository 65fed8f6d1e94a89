"""The questions of a quiz and their options, and what of them students may know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

FUNCTION = "quiz_answers"  # what students write
POINTS = 5  # for a question, where the quiz does not say


@dataclass(frozen=True)
class Option:
    """One option of a question.

    Attributes:
        label: what students write down. It stays with its option and says nothing.
        says: the option in words.
        why: the feedback on it.
        see, code: how a student can test it.
        name: of the misconception, for a wrong option.
    """

    label: str
    says: str
    why: str = ""
    see: str = ""
    code: str = ""
    name: str = ""


@dataclass(frozen=True)
class Question:
    """One question. The right option is the first one; `shuffled` is the order for students."""

    key: str
    ask: str
    points: float
    options: tuple[Option, ...]
    shuffled: tuple[Option, ...]
    picture: str = ""
    alt: str = ""

    @property
    def right(self) -> Option:
        return self.options[0]

    @property
    def wrong(self) -> tuple[Option, ...]:
        return self.options[1:]

    def option(self, label: str) -> Option | None:
        """The option with a label, in capitals or not; None when there is none."""
        return next((option for option in self.options if same(option.label, label)), None)


@dataclass(frozen=True)
class Quiz:
    """The questions in the order of their source, and the text around them.

    Attributes:
        title, intro: of the notebook, where the quiz has no frame of its own.
        form: a module with `open_quiz`, which shows buttons; none when empty.
        handed_out: the file of a course's package that the form reads the options from, such as
            "our_package/colours.json"; none when they travel in the notebook.
    """

    questions: tuple[Question, ...]
    title: str = ""
    intro: str = ""
    form: str = ""
    handed_out: str = ""

    @property
    def points(self) -> float:
        return sum(question.points for question in self.questions)


def same(one: str, other: str) -> bool:
    """Whether two labels are the same: capitals and spaces around them do not count."""
    return one.strip().lower() == other.strip().lower()


def for_students(quiz: Quiz) -> list[dict[str, Any]]:
    """All options in shuffled order and in one form, so that nothing tells which one is right."""
    return [
        {
            "key": question.key,
            "options": [
                {name: getattr(option, name) for name in ("label", "says", "see", "code")}
                for option in question.shuffled
            ],
        }
        for question in quiz.questions
    ]
