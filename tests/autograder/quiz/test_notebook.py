"""The notebook of a quiz is made of its YAML file, alone or in a frame."""

from __future__ import annotations

import contextlib
import io
import json

import nbformat
import pytest
from nbgrader.nbgraderformat import MetadataValidator

from autograder.errors import CourseError
from autograder.grading.assignment import grade_id
from autograder.quiz.notebook import notebook_of
from autograder.quiz.questions import Option, Question, Quiz

FRAME = """\
# %% [markdown]
# A frame of our own.

# %% [markdown] quiz="sky"
# what is here is written over

# %%
print("between")

# %% [markdown] quiz="grass"

# %% nbgrader={"grade": false, "grade_id": "quiz_answers", "locked": false, "schema_version": 3, "solution": true}

# %% nbgrader={"grade": true, "grade_id": "test_quiz_answers", "locked": true, "schema_version": 3, "solution": false}
print(quiz_answers())
"""


def question(key, points=2, **more):
    options = (Option("b", "blue"), Option("g", 'green "as grass"', "no"))
    return Question(key, f"Which colour is the {key}?", points, options, options[::-1], **more)


def quiz(*questions, **more):
    return Quiz(questions or (question("sky"), question("grass")), **more)


def texts(notebook):
    return [cell.source for cell in notebook.cells]


def named(notebook):
    return {grade_id(cell): cell for cell in notebook.cells if grade_id(cell)}


def run(notebook, answers=None):
    """What the named cells print, with other answers in the answer cell."""
    cells, names = named(notebook), {}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        for name in ("imports", "quiz_answers", "test_quiz_answers"):
            exec(cells[name].source, names)
            if answers is not None and name == "quiz_answers":
                names["quiz_answers"] = lambda: answers
    return printed.getvalue().splitlines()


def test_a_quiz_alone_makes_a_whole_notebook():
    made = notebook_of(quiz(title="Colours", intro="About *colours*."), "colours")
    nbformat.validate(made)
    cells = named(made)
    assert list(cells) == ["imports", "quiz_answers", "test_quiz_answers"]
    for cell in cells.values():
        MetadataValidator().validate_cell(cell)
    intro = made.cells[0].source
    assert intro.startswith("# Colours\n\nAbout *colours*.") and "gives 2 points" in intro
    assert (
        "**Question 2.** Which colour is the grass?\n\n"
        '* `g` green "as grass"\n* `b` blue' in texts(made)
    )
    assert cells["test_quiz_answers"].metadata.nbgrader.points == 4
    assert not any("import" in text for text in texts(made))


def test_the_test_cell_shows_the_answers_and_what_is_no_label():
    made = notebook_of(quiz(), "colours")
    assert run(made) == ["sky: b ", "grass: b "]
    assert run(made, {"sky": " G", "grass": "x"}) == [
        "sky: G ",
        "grass: x (choose one of g, b)",
    ]
    assert run(made, {"sky": None}) == [
        "sky: None (choose one of g, b)",
        "grass:  (choose one of g, b)",
    ]


def test_points_are_said_of_each_question_where_they_differ():
    made = notebook_of(quiz(question("sky", 1), question("grass", 2.5)), "colours")
    assert any(text.startswith("**Question 2 (2.5 points).**") for text in texts(made))
    assert "Each question gives" not in made.cells[0].source
    assert named(made)["test_quiz_answers"].metadata.nbgrader.points == 3.5


def test_the_title_is_the_name_where_none_is_given():
    assert notebook_of(quiz(), "all_colours").cells[0].source.startswith("# All colours\n")


def test_a_picture_is_shown_above_the_options():
    made = notebook_of(quiz(question("sky", picture="sky.jpg", alt="A sky")), "colours")
    assert any("?\n\n![A sky](sky.jpg)\n\n* `g`" in text for text in texts(made))


@pytest.mark.parametrize("handed_out", ["", "forms/colours.json"])
def test_a_form_asks_below_each_question(handed_out):
    made = notebook_of(quiz(form="forms", handed_out=handed_out), "colours")
    setup = named(made)["imports"].source
    assert setup.startswith("from forms import open_quiz\n")
    if handed_out:
        assert setup.endswith('quiz = open_quiz("colours")') and "OPTIONS" not in setup
    else:
        options: dict = {}
        exec(setup.split("\n", 1)[1].rpartition("\n")[0], options)
        sky, _ = options["OPTIONS"]
        assert sky["key"] == "sky" and sky["options"][0]["says"] == 'green "as grass"'
        assert setup.endswith('quiz = open_quiz("colours", OPTIONS)')
    assert 'quiz.ask("grass")' in texts(made)


def test_a_frame_is_filled_in_and_all_else_in_it_stays():
    made = notebook_of(quiz(), "colours", FRAME)
    assert texts(made)[0] == "A frame of our own." and texts(made)[2] == 'print("between")'
    assert texts(made)[1].startswith("**Question 1.** Which colour is the sky?")
    assert texts(made)[3].startswith("**Question 2.** Which colour is the grass?")
    answers: dict = {}
    exec(texts(made)[4], answers)
    assert answers["quiz_answers"]() == {"sky": "b", "grass": "b"}
    assert named(made)["test_quiz_answers"].metadata.nbgrader.points == 4


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        (FRAME.replace('quiz="sky"', ""), "does not ask 'sky': add a cell"),
        (FRAME.replace('quiz="sky"', 'quiz="sea"'), "does not ask 'sky'"),
        (
            FRAME.replace("# %%\nprint", '# %% [markdown] quiz="sea"\n# '),
            "asks 'sea', which is not",
        ),
        (
            FRAME.replace("sky", "_").replace("grass", "sky").replace('_"', 'grass"'),
            "in another order",
        ),
    ],
)
def test_a_frame_that_asks_other_questions_is_refused(frame, sentence):
    with pytest.raises(CourseError, match=sentence):
        notebook_of(quiz(), "colours", frame)


def test_labels_are_quoted_as_they_must_be():
    options = (Option('"ä"', "a"), Option("b\\", "b", "no"))
    made = notebook_of(quiz(Question("sky", "?", 1, options, options)), "colours")
    assert run(made) == ['sky: "ä" ']
    assert json.dumps("b\\") in named(made)["imports"].source
