"""Buttons for the questions of a quiz, and what becomes of the clicks.

A click lives in the kernel and would be gone with it. So clicks are carried into the notebook: when
the answer cell runs, it writes them into its own text. Jupyter has a message for this (the one that
`%load` uses), which needs no extension: the reply to a cell may replace that cell's text. What stands
in the cell is what is handed in and graded; the form says so until no click is left that doesn't.
"""

from __future__ import annotations

import ast
import json
from functools import partial
from html import escape
from importlib.resources import files
from typing import Any

import ipywidgets
from IPython import get_ipython
from IPython.display import display

from course_lib.quiz.answer_cell import FUNCTION, answers_in, definition_in, with_answers

__all__ = ["Quiz", "open_quiz"]

AMBER, GREEN = "#b54708", "#1a7f37"
NOTE = "margin:2px 0 6px;line-height:1.4"


def open_quiz(name: str, questions: list[dict[str, Any]] | None = None) -> Quiz:
    """The quiz of that name with its buttons, which follows what the answer cell says.

    Called again in the same kernel, it gives the same quiz: clicks are not lost.

    Args:
        questions: with their options, see `Quiz`; those of the file NAME.json here when None.
    """
    shell = get_ipython()
    callbacks = shell.events.callbacks["post_run_cell"] if shell else []
    for callback in callbacks:
        opened = getattr(callback, "__self__", None)
        if isinstance(opened, Quiz) and opened.name == name:
            return opened
    if questions is None:
        text = files("course_lib.quiz").joinpath(f"{name}.json").read_text(encoding="utf-8")
        questions = json.loads(text)
    quiz = Quiz(name, questions, shell)
    if shell:
        shell.events.register("post_run_cell", quiz.after_cell)
    return quiz


class Quiz:
    """The questions of a quiz, the student's clicks, and the answers in the answer cell.

    questions: [{"key": ..., "options": [{"label", "says", "see", "code"}, ...]}, ...]
    """

    def __init__(self, name: str, questions: list[dict[str, Any]], shell: Any = None) -> None:
        self.name = name
        self.options = {
            question["key"]: {option["label"]: option for option in question["options"]}
            for question in questions
        }
        self.clicked: dict[str, str] = {}  # not in the answer cell yet
        self.written: dict[str, str] = {}  # what the answer cell said when it last ran
        self._has_run = False  # the answer cell, in this kernel
        self._shell = shell
        self._buttons: dict[str, ipywidgets.ToggleButtons] = {}
        self._notes: dict[str, ipywidgets.HTML] = {}

    def ask(self, key: str) -> None:
        """Show the buttons of a question, and below them, after a click, how to test the choice.

        Raises KeyError, with the questions that there are, for an unknown one.
        """
        if key not in self.options:
            raise KeyError(f"there is no question {key!r}; there are {', '.join(self.options)}")
        labels = list(self.options[key])
        buttons = ipywidgets.ToggleButtons(options=labels, value=self.picks.get(key))
        buttons.style.button_width = "4.5em"
        self._buttons[key], self._notes[key] = buttons, ipywidgets.HTML()
        buttons.observe(partial(self._click, key), names="value")
        self._describe(key)
        form = ipywidgets.VBox([buttons, self._notes[key]])
        data = form._repr_mimebundle_()
        display({**data, "text/plain": f"({' · '.join(labels)})"}, raw=True)

    @property
    def picks(self) -> dict[str, str]:
        """The newest answer to each question: what was clicked, else what the answer cell says."""
        return {
            key: label
            for key, label in {**self.written, **self.clicked}.items()
            if label in self.options.get(key, {})
        }

    def after_cell(self, result: Any) -> None:
        """Called by IPython after each cell: if it was the answer cell, bring it up to date."""
        source = result.info.raw_cell or ""
        if definition_in(source) is None or not result.success:
            return
        before = self.written if self._has_run else None
        self.written, self._has_run = self._returned(), True
        typed = self._typed_since(before)
        self.clicked = {k: label for k, label in self.clicked.items() if k not in typed}
        moved = {key: self.written.get(key, "") for key in self._unwritten()}
        text = answers_in(source)
        if moved and text is not None:
            missing = {key: "" for key in self.options if key not in text}
            source = with_answers(source, {**text, **missing, **self.clicked})
            self._shell.set_next_input(source, replace=True)
            self._define(source)
            self.written = self._returned()
        lost = self._unwritten()
        self.clicked = {key: self.clicked[key] for key in lost}
        for key, buttons in self._buttons.items():
            buttons.value = self.picks.get(key)
            self._describe(key)
        self._report({k: old for k, old in moved.items() if k not in lost}, lost, typed, source)

    def _typed_since(self, before: dict[str, str] | None) -> list[str]:
        """Clicked questions that were also answered by hand since the answer cell last ran.

        What was typed stays. In a new kernel this can't be known: then the click is the newer one.
        """
        if before is None:
            return []
        return [
            key
            for key in self._unwritten()
            if self.written.get(key) and self.written[key] != before.get(key)
        ]

    def _returned(self) -> dict[str, str]:
        """What the student's function answers, as far as it does."""
        try:
            answers = dict(self._shell.user_ns[FUNCTION]())
        except Exception:  # a stub, or a mistake: the check below the cell says which
            return {}
        return {key: self._label(key, label) for key, label in answers.items() if label}

    def _label(self, key: str, written: object) -> str:
        """A label as the option has it: capitals and spaces around it do not count."""
        plain = str(written).strip().lower()
        return next((one for one in self.options.get(key, ()) if one.lower() == plain), plain)

    def _unwritten(self) -> list[str]:
        """The questions whose newest click is not what the student's function answers."""
        return [key for key, label in self.clicked.items() if self.written.get(key) != label]

    def _define(self, source: str) -> None:
        """Make the kernel know the answers that were just written, too."""
        found = definition_in(source)
        module = ast.Module([found] if found else [], type_ignores=[])
        exec(compile(module, "<the answer cell>", "exec"), self._shell.user_ns)

    def _click(self, key: str, change: dict[str, Any]) -> None:
        label = change["new"]
        if label is not None and label != self.written.get(key):
            self.clicked[key] = label
        else:
            self.clicked.pop(key, None)
        self._describe(key)

    def _describe(self, key: str) -> None:
        label = self.picks.get(key)
        if label is None:
            self._notes[key].value = ""
            return
        option = self.options[key][label]
        kept = key not in self.clicked
        state = "in the answer cell" if kept else "not in the answer cell yet: run it at the end"
        self._notes[key].value = (
            f'<div style="{NOTE}"><b>{label}</b> '
            f'<span style="color:{GREEN if kept else AMBER}">({state})</span><br>'
            f"{how_to_test(option)}</div>"
        )

    def _report(
        self, moved: dict[str, str], lost: list[str], typed: list[str], source: str
    ) -> None:
        """Below the answer cell: what counts, what is missing, and what to try for each answer."""
        if typed:
            self._say(
                f"You clicked on {', '.join(typed)}, and wrote another label into the cell since: what "
                "you wrote stays.",
                AMBER,
            )
        if lost:
            self._say(
                f"Your clicks on {', '.join(lost)} could not be written into the cell above: write "
                "these labels yourself, or make the cell what it was when you got it.",
                AMBER,
            )
        answered = [key for key in self.options if self.written.get(key) in self.options[key]]
        if moved:
            changed = [f"{k}: {old} became {self.written[k]}" for k, old in moved.items() if old]
            self._say(
                f"{len(moved)} of your clicks were written into the cell above. What stands there "
                "counts, and nothing else: look at it, and save the notebook."
                + (f" Changed: {'; '.join(changed)}." if changed else ""),
                GREEN,
                f"<details><summary>They are not there? Then copy this</summary>"
                f"<pre>{escape(source)}</pre></details>",
            )
        missing = [key for key in self.options if key not in answered]
        summary = f"{len(answered)} of {len(self.options)} questions are answered in this cell."
        if answered and missing:
            summary += f" Still open: {', '.join(missing)}."
        notes = "".join(
            f"<p><b>{key}: {self.written[key]}</b><br>"
            f"{how_to_test(self.options[key][self.written[key]])}</p>"
            for key in answered
        )
        tests = f"<details><summary>How to test your answers</summary>{notes}</details>"
        self._say(summary, AMBER if missing else GREEN, tests if answered else "")

    def _say(self, sentence: str, colour: str, more: str = "") -> None:
        plain = {"text/plain": sentence}
        html = f'<div style="{NOTE}"><span style="color:{colour}">{escape(sentence)}</span>{more}</div>'
        display({**plain, "text/html": html}, raw=True)


def how_to_test(option: dict[str, str]) -> str:
    """What to look at to find out whether an option is right, as HTML."""
    code = option["code"].strip()
    shown = f'<pre style="margin:3px 0 0;font-size:90%">{escape(code)}</pre>' if code else ""
    return f"{escape(option['see'].strip())}{shown}"
