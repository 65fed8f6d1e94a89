"""A quiz is read as it is written, and every mistake in it gets a sentence."""

from __future__ import annotations

import textwrap

import pytest
import yaml

from autograder.course.structure import mistakes
from autograder.errors import CourseError
from autograder.quiz.assignment import QuizAssignment
from autograder.quiz.reading import load_quiz, problems

QUIZ = """
title: Two questions
points: 2
questions:
  - key: sky
    ask: Which colour is the sky?
    right: {label: b, says: blue, why: Short waves are scattered the most.}
    wrong:
      - {label: g, says: green, why: That is the grass.}
      - {label: r, says: red, why: That is the evening., name: it_is_late}
  - key: grass
    ask: Which colour is the grass?
    points: 3
    right: {label: G, says: green}
    wrong:
      - {label: B, says: blue, why: That is the sky.}
"""


@pytest.fixture
def written(tmp_path):
    """Writes a quiz, with some changes; a change of None deletes what is there."""

    def write(*path_and_value):
        source = yaml.safe_load(QUIZ)
        if path_and_value:
            *path, last, value = path_and_value
            place = source
            for step in path:
                place = place[step]
            if value is None:
                del place[last]
            else:
                place[last] = value
        file = tmp_path / "colours" / "quiz.yaml"
        file.parent.mkdir()
        file.write_text(yaml.safe_dump(source, sort_keys=False), encoding="utf-8")
        return file

    return write


def test_a_quiz_is_read(written):
    quiz = load_quiz(written())
    sky, grass = quiz.questions
    assert quiz.title == "Two questions" and quiz.points == 5
    assert (sky.key, sky.points, grass.points) == ("sky", 2, 3)
    assert sky.right.says == "blue" and [option.label for option in sky.wrong] == ["g", "r"]
    assert [option.name for option in (*sky.wrong, *grass.wrong)] == [
        "sky_g",
        "it_is_late",
        "grass_B",
    ]
    assert {option.label for option in sky.shuffled} == {"b", "g", "r"}


def test_a_question_is_worth_five_points_where_nothing_is_said(written):
    assert [question.points for question in load_quiz(written("points", None)).questions] == [5, 3]


def test_the_same_labels_in_other_questions_are_no_mistake(written):
    assert problems(written("questions", 1, "right", "label", "g")) == []


SKY = ("questions", 0)
MISTAKES = [
    (("points", 0), "its points are 0: write a number above 0"),
    (("pionts", 3), "there is no 'pionts' here; did you mean 'points'?"),
    (("title", 7), "its 'title' is 7, not text: put it in quotation marks"),
    (("questions", None), "it has no questions: write `questions:`"),
    (("questions", []), "it has no questions"),
    (("questions", 0, "What colour?"), "question number 1: it is not a mapping"),
    ((*SKY, "key", "the sky"), "question 'the sky': its key is 'the sky': write letters"),
    ((*SKY, "key", None), "question number 1: its key is None"),
    ((*SKY, "key", "grass"), "question 'grass': its key is there twice"),
    ((*SKY, "ask", None), "question 'sky': it has no 'ask'"),
    ((*SKY, "anser", "b"), "question 'sky': there is no 'anser' here; there are key, ask"),
    ((*SKY, "points", True), "question 'sky': its points are True"),
    ((*SKY, "right", None), "question 'sky': it has no right option"),
    ((*SKY, "right", ["b", "g"]), "question 'sky': it has no right option"),
    ((*SKY, "wrong", None), "question 'sky': it has no wrong options"),
    ((*SKY, "wrong", []), "question 'sky': it has no wrong options"),
    ((*SKY, "wrong", 0, "green"), "question 'sky': wrong option 1 is not a mapping"),
    ((*SKY, "right", "says", None), "question 'sky': the right option: it has no 'says'"),
    ((*SKY, "right", "label", False), "the right option: its 'label' is False, not text"),
    ((*SKY, "right", "name", "blue"), "the right option: there is no 'name' here"),
    ((*SKY, "wrong", 0, "why", None), "question 'sky': wrong option 1: it has no 'why'"),
    ((*SKY, "wrong", 1, "wy", "?"), "wrong option 2: there is no 'wy' here; did you mean 'why'?"),
    ((*SKY, "wrong", 0, "label", "B"), "question 'sky': the label 'b' is there twice"),
    ((*SKY, "wrong", 0, "name", "it is"), "question 'sky': the name 'it is' needs letters"),
    (
        ("questions", 1, "wrong", 0, "name", "it_is_late"),
        "question 'grass': the name 'it_is_late' is also in question 'sky'",
    ),
]


@pytest.mark.parametrize(("change", "sentence"), MISTAKES, ids=[m[1][:60] for m in MISTAKES])
def test_a_mistake_is_named_with_its_file_and_its_question(change, sentence, written):
    path = written(*change)
    (found,) = problems(path)
    assert found.startswith(f"{path}: ") and sentence in found
    with pytest.raises(CourseError) as error:
        load_quiz(path)
    assert str(error.value) == found
    assert set(mistakes(QuizAssignment(path.parent, path.parent / "none.ipynb"))) == {found}


def test_all_mistakes_are_named_at_once(written):
    path = written("questions", 0, {"ask": "?", "right": {"label": "a"}})
    assert len(problems(path)) == 3  # the key, what the right option says, no wrong ones
    with pytest.raises(CourseError) as error:
        load_quiz(path)
    assert str(error.value).splitlines() == problems(path)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("title: a\n  - b: [", ", line 2 is not YAML: "),
        ("a: 'b", "is not YAML"),
        ("", "it has no questions"),
        ("- sky", "it has no questions"),
        ("questions: {sky: blue}", "it has no questions"),
    ],
)
def test_what_is_no_quiz_is_named(text, sentence, tmp_path):
    path = tmp_path / "quiz.yaml"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    (found,) = problems(path)
    assert str(path) in found and sentence in found


def test_a_file_that_can_not_be_read_is_named(tmp_path):
    (found,) = problems(tmp_path / "quiz.yaml")
    assert "can't be read" in found
