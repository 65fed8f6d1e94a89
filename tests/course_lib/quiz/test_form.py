"""What becomes of clicks: in a shell as notebooks have it, without a browser."""

from __future__ import annotations

import pytest
from IPython.core.interactiveshell import InteractiveShell

from course_lib.quiz.form import Quiz, open_quiz

QUESTIONS = [
    {
        "key": key,
        "options": [
            {"label": label, "says": "...", "see": f"If so, {label}.", "code": "1 < 2"}
            for label in labels
        ],
    }
    for key, labels in {"one": ("ka", "mo"), "two": ("li", "su")}.items()
]
STUB = """def quiz_answers():
    answers = {
        "one": "",
        "two": "",
    }
    if not any(answers.values()):
        raise NotImplementedError("quiz_answers: write your answer here")
    return answers
"""


class Notebook:
    """A kernel and the answer cell of a notebook, whose text a reply may replace."""

    def __init__(self, monkeypatch, text=STUB):
        InteractiveShell.clear_instance()
        self.shell = InteractiveShell()
        self.shell.set_next_input = self._replace
        self.said: list[str] = []
        monkeypatch.setattr("course_lib.quiz.form.display", self._display)
        self.text = text
        self.quiz = Quiz("test", QUESTIONS, self.shell)
        self.shell.events.register("post_run_cell", self.quiz.after_cell)
        self.quiz.ask("one")
        self.quiz.ask("two")

    def _replace(self, text, replace):
        assert replace
        self.text = text

    def _display(self, data, raw):
        self.said.append(data["text/plain"])

    def click(self, key, label):
        self.quiz._buttons[key].value = label

    def shown(self, key):
        return self.quiz._buttons[key].value

    def note(self, key):
        return self.quiz._notes[key].value

    def run(self):
        self.said.clear()
        self.shell.run_cell(self.text)
        return " ".join(self.said)

    def answers(self):
        """What the text says when it is run in another kernel, as when it is graded."""
        namespace: dict = {}
        exec(self.text, namespace)
        return namespace["quiz_answers"]()


@pytest.fixture
def notebook(monkeypatch):
    return Notebook(monkeypatch)


def test_clicks_go_into_the_cell_when_it_runs(notebook):
    notebook.click("one", "mo")
    assert "not in the answer cell yet" in notebook.note("one")
    said = notebook.run()
    assert "1 of your clicks were written into the cell" in said
    assert "1 of 2 questions are answered" in said and "Still open: two" in said
    assert notebook.answers() == {"one": "mo", "two": ""}
    assert notebook.shell.user_ns["quiz_answers"]() == notebook.answers()
    assert "(in the answer cell)" in notebook.note("one")


def test_a_click_says_how_to_test_an_option_and_the_same_for_each(notebook):
    notes = []
    for label in ("ka", "mo"):
        notebook.click("one", label)
        notes.append(notebook.note("one").replace(label, "?"))
    assert notes[0] == notes[1] and "If so, ?." in notes[0] and "1 &lt; 2" in notes[0]


def test_without_clicks_the_buttons_follow_the_cell(notebook):
    notebook.text = STUB.replace('"two": ""', '"two": "su"')
    before = notebook.text
    assert "written into" not in notebook.run()
    assert notebook.text == before and notebook.shown("two") == "su"
    assert notebook.shown("one") is None


def test_capitals_in_the_cell_do_not_matter(notebook):
    notebook.text = STUB.replace('"two": ""', '"two": " SU "')
    assert "1 of 2 questions are answered" in notebook.run()
    assert notebook.shown("two") == "su"


def test_a_stub_that_is_run_stays_a_stub(notebook):
    assert "0 of 2 questions are answered" in notebook.run()
    assert notebook.text == STUB


def test_a_later_click_changes_the_cell_again(notebook):
    notebook.click("one", "mo")
    notebook.run()
    notebook.click("one", "ka")
    assert "Changed: one: mo became ka" in notebook.run()
    assert notebook.answers()["one"] == "ka"


def test_a_click_back_to_what_is_written_is_no_change(notebook):
    notebook.click("one", "mo")
    notebook.run()
    notebook.click("one", "ka")
    notebook.click("one", "mo")
    assert "written into" not in notebook.run()


def test_in_a_new_kernel_old_answers_stay_and_clicks_are_newer(monkeypatch):
    text = STUB.replace('"one": ""', '"one": "ka"').replace('"two": ""', '"two": "li"')
    notebook = Notebook(monkeypatch, text)
    notebook.click("two", "su")
    assert "Changed: two: li became su" in notebook.run()
    assert notebook.answers() == {"one": "ka", "two": "su"}


def test_what_was_written_by_hand_after_the_last_run_stays(notebook):
    notebook.run()
    notebook.click("one", "mo")
    notebook.text = STUB.replace('"one": ""', '"one": "ka"')
    assert "what you wrote stays" in notebook.run()
    assert notebook.answers()["one"] == "ka" == notebook.shown("one")


def test_clicks_that_can_not_be_written_are_kept_and_said(notebook):
    notebook.text = "def quiz_answers():\n    return dict(one='', two='su')\n"
    notebook.click("one", "mo")
    assert "could not be written" in notebook.run()
    assert "not in the answer cell yet" in notebook.note("one")
    assert notebook.quiz.clicked == {"one": "mo"}


def test_a_cell_that_fails_or_is_another_one_is_left_alone(notebook):
    notebook.click("one", "mo")
    for text in ("1 + 1", STUB + "\n1 / 0"):
        notebook.text = text
        assert notebook.run() == ""
        assert notebook.text == text
    assert notebook.quiz.clicked == {"one": "mo"}


def test_an_unknown_question_is_named(notebook):
    with pytest.raises(KeyError, match="'three'.*one, two"):
        notebook.quiz.ask("three")


def test_opening_the_quiz_again_keeps_the_clicks(monkeypatch):
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    try:
        quiz = open_quiz("lecture_quiz")
        quiz.clicked["start_image"] = "xx"
        assert open_quiz("lecture_quiz") is quiz
        assert len(shell.events.callbacks["post_run_cell"]) == 1
    finally:
        InteractiveShell.clear_instance()


def test_the_questions_of_a_quiz_can_come_with_the_notebook():
    InteractiveShell.clear_instance()
    InteractiveShell.instance()
    try:
        options = [{"label": label, "says": "", "see": "", "code": ""} for label in ("a", "b")]
        quiz = open_quiz("their_own", [{"key": "one", "options": options}])
        assert {key: list(labels) for key, labels in quiz.options.items()} == {"one": ["a", "b"]}
    finally:
        InteractiveShell.clear_instance()


def test_the_buttons_have_words_for_pages_without_a_kernel(notebook):
    notebook.said.clear()
    notebook.quiz.ask("one")
    assert notebook.said == ["(ka · mo)"]
