"""Does a visible check say, in one sentence that is right, what is wrong with an answer?"""

from importlib import import_module

import pytest

from course_lib.visible_checks import CheckFailed
from tests.course_lib.wrong_answers import ASSIGNMENTS, wrong_answers

ANSWERS = [(name, answer) for name in ASSIGNMENTS for answer in wrong_answers(name)]


@pytest.mark.parametrize(
    ("assignment", "answer"),
    ANSWERS,
    ids=[f"{answer.of}-{answer.__name__}" for _, answer in ANSWERS],
)
def test_a_wrong_answer_gets_one_sentence_that_does_not_mislead(assignment, answer):
    checks = import_module(f"course_lib.visible_checks.{assignment}")
    with pytest.raises(CheckFailed) as caught:
        getattr(checks, f"check_{answer.of}")(answer)
    sentence = str(caught.value)
    assert "\n" not in sentence
    for words in answer.says.split("|"):
        assert words in sentence
    for words in filter(None, answer.never.split("|")):
        assert words not in sentence
