"""The whole proof: of an assignment that is in order, and of one that is wrong in every way."""

from __future__ import annotations

import pytest

from autograder.verify.equivalent import FILE
from autograder.verify.sweep import verify
from tests.autograder.verify.example import (
    CHECKS,
    MISCONCEPTIONS,
    RELEASE,
    RIGHT,
    SOURCE,
    edited,
    make_assignment,
)

pytestmark = pytest.mark.slow  # processes that import torch


def test_an_assignment_in_order_holds(tmp_path):
    heard = {}
    proof = verify(
        make_assignment(tmp_path),
        seeds=3,
        jobs=1,
        watch=lambda part, done, total: heard.update({part: (done, total)}),
    )
    assert proof.problems == [] and proof.holds
    (square,) = proof.functions
    assert (square.name, square.caught, square.misconceptions) == ("square", 2, 2)
    assert (square.accepted, square.right_answers) == (1, 1)
    assert (len(square.trials), square.killed, square.score) == (3, 3, 1.0)
    assert heard == {
        "release": (2, 2),
        "reference": (3, 3),
        "misconceptions": (3, 3),
        "right answers": (1, 1),
        "mutants": (3, 3),
    }


def test_everything_that_is_wrong_is_told(tmp_path):
    checks = edited(CHECKS, "    assert_same(answer, 0.0)", "    answer(0.0)")
    checks = edited(checks, "draw.numbers(1)[0])", "draw.numbers(1)[0], rtol=3.0)")
    source = edited(SOURCE, "x * x", "x * abs(x) + 0")
    release = edited(RELEASE, "import math\n", "import math\n# result = x * abs(x) + 0\n")
    assignment = make_assignment(
        tmp_path, source, release, checks, MISCONCEPTIONS, cube=edited(RIGHT, "x**2", "x + 99")
    )
    (assignment.folder / FILE).write_text(
        "- {function: square, before: gone, after: pass, reason: none}\n"
        "- {function: square, before: result = x * abs(x) + 0, after: result = x * abs(x) - 0,"
        " reason: to add nothing is to subtract nothing}\n"
    )
    proof = verify(assignment, seeds=1, jobs=1)
    said = "\n".join(proof.problems)
    assert not proof.holds
    assert "shows a line of a solution: 'result = x * abs(x) + 0'" in said
    assert "doubled passes test_one_number" in said
    assert "square in cube.py loses points: test_one_number" in said
    assert "an entry about no surviving mutant of square: 'gone' to 'pass'" in said
    assert "The checks of square kill" in said and "at least 95% are wanted" in said
    (square,) = proof.functions
    assert [trial.reason for trial in square.equivalents] == [
        "to add nothing is to subtract nothing"
    ]
    assert square.survivors and square.caught < square.misconceptions
    assert (square.accepted, square.right_answers) == (1, 2)


def test_mistakes_in_how_it_is_written_are_told_before_anything_is_run(tmp_path):
    checks = CHECKS.replace("points=1", "points=2")
    proof = verify(make_assignment(tmp_path, checks=checks), jobs=1)
    assert proof.functions == [] and not proof.holds
    assert any("points" in problem for problem in proof.problems)


def test_a_mutant_that_ends_its_process_is_killed_and_all_others_are_tried(tmp_path):
    source = edited(SOURCE, "import math\n", "import math\nimport os\n")
    source = edited(source, "x * x\n", "x * x if True else os._exit(1)\n")
    proof = verify(make_assignment(tmp_path, source), seeds=1, jobs=1)
    (square,) = proof.functions
    ended = {t.mutant.operator for t in square.trials if t.killed_by == "it ends its process"}
    assert ended == {"another constant", "a condition negated"}
    assert square.caught == 2 and square.accepted == 1
    assert any(trial.killed_by == "test_one_number" for trial in square.trials)
