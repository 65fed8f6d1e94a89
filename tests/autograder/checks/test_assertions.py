"""Does a property count only where the answer has the right form?"""

from __future__ import annotations

import types

import pytest

from autograder.checks import Mismatch, assert_holds
from autograder.grading.student import Answers, LocalStudent


def sizes_of_runs(n):
    return [{"size": 1.5} for _ in range(n)]


def too_large(runs):
    return "a run is too large." if any(run["size"] > 2 for run in runs) else ""


def ask(answer, **options):
    reference = types.SimpleNamespace(f=sizes_of_runs)
    assert_holds(Answers(LocalStudent({"f": answer}), reference).f, too_large, 3, **options)


def test_another_value_with_the_property_passes():
    ask(lambda n: [{"size": 0.5}] * n)


@pytest.mark.parametrize("runs", [0, 2, 4])
def test_another_number_of_runs_does_not(runs):
    with pytest.raises(Mismatch, match=f"a list of {runs}; a list of 3 was expected"):
        ask(lambda n: sizes_of_runs(runs))


def test_what_does_not_hold_is_said_first_and_can_be_diagnosed():
    with pytest.raises(Mismatch, match="a run is too large") as failure:
        ask(lambda n: [{"size": 3.0}])
    assert (failure.value.actual, failure.value.vague) == ("a run is too large.", False)


def test_a_vague_sentence_is_marked_so():
    with pytest.raises(Mismatch) as failure:
        ask(lambda n: [{"size": 3.0}], vague=["a run is too large."])
    assert failure.value.vague
