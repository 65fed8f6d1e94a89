"""The lecture quiz: from one readable source to what students get, and to what is right.

`solutions/lecture_quiz/questions.yaml` holds the questions with their right answers. From it are made

* the texts of the questions, and the answer cell, in the notebook's source `lecture_quiz.py`;
* `course_lib/quiz/lecture_quiz.json`: labels, options and what to try, without what is right.

Run `python -m autograder.quiz` after a change of the questions.
"""

from __future__ import annotations

import json
import random
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from autograder.grading.assignment import HOME

FOLDER = HOME / "solutions" / "lecture_quiz"
HANDED_OUT = HOME / "course_lib" / "quiz" / "lecture_quiz.json"
CELL = re.compile(r"^# %%.*$", re.MULTILINE)


@dataclass(frozen=True)
class Option:
    """One option: what it says, how a student can test it, and what the feedback says about it."""

    label: str
    says: str
    see: str
    code: str
    why: str
    name: str | None = None  # of the misconception; None for the right option


@dataclass(frozen=True)
class Question:
    """One question. The right option is the first one; `shuffled` is the order for students."""

    key: str
    ask: str
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
        return next((option for option in self.options if option.label == label), None)


@cache
def load_questions(path: Path = FOLDER / "questions.yaml") -> tuple[Question, ...]:
    """The questions in the order of their source."""
    source = yaml.safe_load(path.read_text(encoding="utf-8"))
    return tuple(_question(entry, str(source["release"])) for entry in source["questions"])


def _question(entry: dict[str, Any], release: str) -> Question:
    shared = entry.get("code", "")
    options = tuple(
        Option(**{"code": shared, **option}) for option in (entry["right"], *entry["wrong"])
    )
    # Sorted first: shuffled from an order in which the right one comes first, the right one could be
    # computed by whoever guesses the seed.
    in_order = sorted(options, key=lambda option: option.label)
    shuffled = random.Random(f"{release}: {entry['key']}").sample(in_order, len(in_order))
    kept = {name: entry.get(name, "") for name in ("key", "ask", "picture", "alt")}
    return Question(**kept, options=options, shuffled=tuple(shuffled))


def handed_out(questions: tuple[Question, ...]) -> list[dict[str, Any]]:
    """What students may know: all options in shuffled order and in one form, whatever is right."""
    return [
        {
            "key": question.key,
            "options": [
                {name: getattr(option, name) for name in ("label", "says", "see", "code")}
                for option in question.shuffled
            ],
        }
        for question in questions
    ]


def refreshed(notebook: str, questions: tuple[Question, ...]) -> str:
    """The notebook's source with the questions' texts and the answer cell made anew.

    A cell whose header says `quiz="KEY"` holds the question KEY; what is in it is written over.
    """
    starts = [match.start() for match in CELL.finditer(notebook)]
    cells = [notebook[a:b] for a, b in zip(starts, [*starts[1:], len(notebook)])]
    asked = [found[1] for cell in cells if (found := re.match(r'# %%.*quiz="(\w+)"', cell))]
    if asked != [question.key for question in questions]:
        raise ValueError(
            f"questions.yaml asks others, or in another order, than the notebook: {asked}"
        )
    texts = {
        f'quiz="{question.key}"': _commented(_text(question, number))
        for number, question in enumerate(questions, start=1)
    }
    texts['"grade_id": "quiz_answers"'] = _answer_cell(questions)
    made = [notebook[: starts[0]]]
    for cell in cells:
        header = cell.split("\n", 1)[0]
        text = next((text for mark, text in texts.items() if mark in header), None)
        made.append(cell if text is None else f"{header}\n{text}\n\n")
    return "".join(made).rstrip() + "\n"


def _text(question: Question, number: int) -> str:
    picture = f"![{question.alt}]({question.picture})\n\n" if question.picture else ""
    options = "\n".join(f"* `{option.label}` {option.says}" for option in question.shuffled)
    return f"**Question {number}.** {question.ask.strip()}\n\n{picture}{options}"


def _commented(text: str) -> str:
    return "\n".join(f"# {line}".rstrip() for line in text.splitlines())


def _answer_cell(questions: tuple[Question, ...]) -> str:
    empty = [f'        "{question.key}": "",' for question in questions]
    right = [f'            "{question.key}": "{question.right.label}",' for question in questions]
    return "\n".join(
        [
            "def quiz_answers():",
            '    """Your answers: for each question the label of the option that you take."""',
            "    answers = {",
            *empty,
            "    }",
            "    if not any(answers.values()):",
            "        ### BEGIN SOLUTION",
            "        # questions.yaml says why these are right.",
            "        answers = {",
            *right,
            "        }",
            "        ### END SOLUTION",
            "    return answers",
        ]
    )


def main() -> None:
    """Write what is made of the questions."""
    questions = load_questions()
    source = FOLDER / "lecture_quiz.py"
    source.write_text(refreshed(source.read_text(encoding="utf-8"), questions), encoding="utf-8")
    HANDED_OUT.parent.mkdir(exist_ok=True)
    text = json.dumps(handed_out(questions), indent=1, ensure_ascii=False)
    HANDED_OUT.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
