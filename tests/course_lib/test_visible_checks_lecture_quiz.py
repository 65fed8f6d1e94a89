"""Does the visible check of the quiz say what can't be read, and nothing of what is right?"""

import pytest

from course_lib.visible_checks.core import CheckFailed, NotAnswered
from course_lib.visible_checks.lecture_quiz import check_quiz_answers
from tests.corpus import assignment

QUESTIONS = assignment("lecture_quiz").quiz.questions


@pytest.mark.parametrize("column", range(4))
def test_right_and_wrong_labels_get_the_same_words(column, capsys):
    check_quiz_answers(lambda: {q.key: q.shuffled[column].label for q in QUESTIONS})
    assert "20 of 20 questions are answered" in capsys.readouterr().out


def test_what_is_missing_is_named(capsys):
    check_quiz_answers(lambda: {QUESTIONS[0].key: QUESTIONS[0].wrong[0].label, "l2_term": ""})
    said = capsys.readouterr().out
    assert "1 of 20" in said and "l2_term" in said and f"{QUESTIONS[0].key}," not in said


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        (None, "NoneType"),
        ({"tv_ramp": "zz"}, "'zz' is no option of tv_ramp"),
        ({"tv_ramp": ["ka"]}, "is no option of tv_ramp"),
        ({"tv_rump": "ka"}, "no question tv_rump"),
    ],
)
def test_what_can_not_be_read_is_named(answers, words):
    with pytest.raises(CheckFailed, match="quiz_answers") as failure:
        check_quiz_answers(lambda: answers)
    assert words in str(failure.value)


def test_a_stub_gets_its_own_sentence():
    def quiz_answers():
        raise NotImplementedError("quiz_answers: write your answer here")

    with pytest.raises(NotAnswered, match="quiz_answers"):
        check_quiz_answers(quiz_answers)
