"""The notebook of a quiz: a frame of text and cells, with the questions and answers filled in.

The frame is the quiz's own `NAME.py`, or one that is made here. In a frame,

* a Markdown cell whose header says `quiz="KEY"` takes the question KEY;
* the solution cell `quiz_answers` takes the dict of answers;
* the test cell `test_quiz_answers` takes the points.
"""

from __future__ import annotations

import json
import re
from typing import Any

import jupytext
from nbformat import NotebookNode

from autograder.errors import CourseError
from autograder.grading.assignment import IMPORTS, TEST, grade_id
from autograder.quiz.questions import FUNCTION, Question, Quiz, for_students

HEADER = re.compile(r"^# %%.*$", re.MULTILINE)
ASKED = re.compile(r'# %%.*quiz="(\w+)"')
KERNEL = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---
"""
HOW_TO_ANSWER = """\
Each question has one right option. Write its label into the cell at the end, between the quotation
marks behind the question's name; what is written there counts."""
HOW_TO_CLICK = """\
Each question has one right option: click its label. Run the cell at the end when you have clicked: it
takes your clicks into its text. What is written there counts; then save the notebook."""
SHOW = """\
answers = quiz_answers()
for question, labels in LABELS.items():
    label = str(answers.get(question, "")).strip()
    is_known = label.lower() in [known.lower() for known in labels]
    print(f"{question}: {label}", "" if is_known else f"(choose one of {', '.join(labels)})")"""


def notebook_of(quiz: Quiz, name: str, frame: str | None = None) -> NotebookNode:
    """The instructor's notebook, with the right answers.

    Args:
        name: of the assignment.
        frame: a notebook in jupytext's percent format; made of the quiz when None.

    Raises:
        CourseError: the frame asks other questions than the quiz.
    """
    notebook = jupytext.reads(_filled(frame or _frame(quiz, name), quiz), fmt="py:percent")
    for cell in notebook.cells:
        if grade_id(cell) == TEST + FUNCTION:
            cell.metadata.nbgrader.points = quiz.points
    return notebook


def _filled(frame: str, quiz: Quiz) -> str:
    """The frame's text with the questions and the answer cell.

    They are filled in before jupytext reads it, which notes in a cell's metadata how it is set off
    from the next.
    """
    starts = [match.start() for match in HEADER.finditer(frame)]
    cells = [frame[a:b] for a, b in zip(starts, [*starts[1:], len(frame)], strict=True)]
    _insist_on_the_same([found[1] for cell in cells if (found := ASKED.match(cell))], quiz)
    answers = f'"grade_id": "{FUNCTION}"'
    texts = {f'quiz="{question.key}"': text for question, text in _texts(quiz)}
    texts[answers] = _answer_cell(quiz.questions)
    made = [frame[: starts[0]]]
    for cell in cells:
        header = cell.split("\n", 1)[0]
        text = next((text for mark, text in texts.items() if mark in header), None)
        made.append(cell if text is None else f"{header}\n{text}\n\n")
    return "".join(made).rstrip() + "\n"


def _insist_on_the_same(asked: list[str], quiz: Quiz) -> None:
    keys = [question.key for question in quiz.questions]
    if missing := [key for key in keys if key not in asked]:
        raise CourseError(
            f"The notebook does not ask {missing[0]!r}: add a cell `# %% [markdown] "
            f'quiz="{missing[0]}"`.'
        )
    if unknown := [key for key in asked if key not in keys]:
        raise CourseError(f"The notebook asks {unknown[0]!r}, which is not in the quiz.")
    if asked != keys:
        raise CourseError(
            f"The notebook asks in another order than the quiz, which has {', '.join(keys)}."
        )


def _texts(quiz: Quiz) -> list[tuple[Question, str]]:
    """The questions, numbered, as comments; with their points where these differ."""
    differ = len({question.points for question in quiz.questions}) > 1
    return [
        (question, _commented(_text(question, number, differ)))
        for number, question in enumerate(quiz.questions, start=1)
    ]


def _text(question: Question, number: int, with_points: bool) -> str:
    points = f" ({question.points:g} points)" if with_points else ""
    picture = f"![{question.alt}]({question.picture})\n\n" if question.picture else ""
    options = "\n".join(f"* `{option.label}` {option.says}" for option in question.shuffled)
    return f"**Question {number}{points}.** {question.ask.strip()}\n\n{picture}{options}"


def _commented(text: str) -> str:
    return "\n".join(f"# {line}".rstrip() for line in text.splitlines())


def _answer_cell(questions: tuple[Question, ...]) -> str:
    empty = [f'        "{question.key}": "",' for question in questions]
    right = [
        f'            "{question.key}": {_as_code(question.right.label)},' for question in questions
    ]
    return "\n".join(
        [
            f"def {FUNCTION}():",
            '    """Your answers: for each question the label of the option that you take."""',
            "    answers = {",
            *empty,
            "    }",
            "    if not any(answers.values()):",
            "        ### BEGIN SOLUTION",
            "        # quiz.yaml says why these are right.",
            "        answers = {",
            *right,
            "        }",
            "        ### END SOLUTION",
            "    return answers",
        ]
    )


def _frame(quiz: Quiz, name: str) -> str:
    """A notebook for a quiz that has none of its own."""
    points = {question.points for question in quiz.questions}
    each = f"Each question gives {points.pop():g} points." if len(points) == 1 else ""
    title = quiz.title or name.replace("_", " ").capitalize()
    how = HOW_TO_CLICK if quiz.form else HOW_TO_ANSWER
    intro = "\n\n".join(part for part in (f"# {title}", quiz.intro, how, each) if part)
    cells = [
        KERNEL,
        f"# %% [markdown]\n{_commented(intro)}\n",
        f"{_header(IMPORTS, locked=True)}\n{_setup(quiz, name)}\n",
    ]
    for question in quiz.questions:
        cells.append(f'# %% [markdown] quiz="{question.key}"\n')
        if quiz.form:
            cells.append(f'# %%\nquiz.ask("{question.key}")\n')
    cells += [
        "# %% [markdown]\n# ## Your answers\n",
        f"{_header(FUNCTION, solution=True)}\n",
        f"{_header(TEST + FUNCTION, grade=True, locked=True, points=quiz.points)}\n{SHOW}\n",
    ]
    return "\n".join(cells)


def _setup(quiz: Quiz, name: str) -> str:
    """The labels that there are and, where there is a form, the form."""
    labels = [
        f'    "{question.key}": {_as_code([option.label for option in question.shuffled])},'
        for question in quiz.questions
    ]
    lines = ["LABELS = {", *labels, "}"]
    if quiz.form:
        lines.insert(0, f"from {quiz.form} import open_quiz\n")
        if quiz.handed_out:
            lines.append(f'quiz = open_quiz("{name}")')
        else:
            lines.append(f"OPTIONS = {_as_code(for_students(quiz), indent=1)}")
            lines.append(f'quiz = open_quiz("{name}", OPTIONS)')
    return "\n".join(lines)


def _as_code(texts: Any, indent: int | None = None) -> str:
    """Lists and dicts of texts as Python, which writes them as JSON does."""
    return json.dumps(texts, indent=indent, ensure_ascii=False)


def _header(name: str, **values: Any) -> str:
    metadata = {
        "grade": False,
        "grade_id": name,
        "locked": False,
        "schema_version": 3,
        "solution": False,
        "task": False,
        **values,
    }
    return f"# %% nbgrader={json.dumps(metadata)}"
