"""Is the answer cell read as it stands, and is nothing in it changed but the answers?"""

import pytest

from course_lib.quiz.answer_cell import answers_in, with_answers

CELL = '''# my answers, thought over twice: ä
import math


def quiz_answers():
    """Mine."""
    answers = {
        "one": "",
        "two": "ka",  # sure
    }
    if not any(answers.values()):
        raise NotImplementedError("quiz_answers: write your answer here")
    return answers  # done
'''


def test_answers_are_read():
    assert answers_in(CELL) == {"one": "", "two": "ka"}


def test_answers_are_written_and_the_rest_stays():
    changed = with_answers(CELL, {"one": "mo", "two": "ka"})
    assert answers_in(changed) == {"one": "mo", "two": "ka"}
    assert changed == CELL.replace('"one": ""', '"one": "mo"').replace("  # sure", "")


def test_a_dictionary_in_one_line_behind_other_letters():
    cell = 'def quiz_answers():\n    ä = "ö"; return {"one": "", "ü": ""}\n'
    changed = with_answers(cell, {"one": "mo", "ü": "li"})
    assert answers_in(changed) == {"one": "mo", "ü": "li"}
    assert changed.startswith('def quiz_answers():\n    ä = "ö"; return {\n')


def test_what_is_no_label_stays_what_it_is():
    cell = 'def quiz_answers():\n    return {"one": None, "two": ["ka", 3], "three": "a\\"b\\\\"}\n'
    assert answers_in(with_answers(cell, answers_in(cell))) == answers_in(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "x = 1",
        "def other():\n    return {}",
        "def quiz_answers(:",
        "%%time\ndef quiz_answers():\n    return {}",
        "def quiz_answers():\n    return dict(one='ka')",
        "def quiz_answers():\n    return {k: 'ka' for k in 'ab'}",
        "def quiz_answers():\n    return {'one': f()}",
        "def quiz_answers():\n    return {**others}",
    ],
)
def test_what_is_no_plain_answer_cell_is_left_alone(cell):
    assert answers_in(cell) is None
