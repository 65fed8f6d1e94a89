"""Mutants that an author calls equivalent: read, recognised, and reported when out of date."""

from __future__ import annotations

import pytest

from autograder.errors import CourseError
from autograder.verify.equivalent import FILE, explanations_of, stale
from autograder.verify.mutants import mutants_of
from tests.autograder.verify.example import SOURCE, edited, make_assignment

ENTRY = """\
- function: square
  before: result = x * x
  after: result = x / x
  reason: none, in truth
"""


@pytest.fixture
def entries(tmp_path):
    def read(text: str):
        assignment = make_assignment(tmp_path)
        (assignment.folder / FILE).write_text(text)
        return explanations_of(assignment)

    return read


def test_without_a_file_there_are_none(tmp_path):
    assert explanations_of(make_assignment(tmp_path)) == []


def test_an_entry_is_about_its_mutant_wherever_the_lines_stand(entries, tmp_path):
    (entry,) = entries(ENTRY)
    moved = edited(SOURCE, "    result = x", "    if x is not None:\n            result = x")
    for source in (SOURCE, moved):
        assignment = make_assignment(tmp_path / str(len(source)), source)
        mutants = mutants_of(assignment, "square")
        assert [m.operator for m in mutants if entry.is_about(m)] == ["another arithmetic operator"]
        assert stale([entry], mutants) == []
        assert stale([entry], [m for m in mutants if not entry.is_about(m)]) == [entry]


def test_an_entry_may_say_that_its_mutant_is_wrong_all_the_same(entries):
    first, second = entries(ENTRY + ENTRY + "  equivalent: false\n")
    assert first.equivalent and not second.equivalent


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("- function: [", "can't be read"),
        ("function: square", "can't be read"),
        (ENTRY.replace("reason", "because"), "function, before, after, reason"),
        (ENTRY.replace("none, in truth", "''"), "a text was expected"),
        (ENTRY.replace("none, in truth", "12"), "a text was expected"),
    ],
)
def test_what_is_no_entry_gets_a_sentence(entries, text, why):
    with pytest.raises(CourseError, match=why):
        entries(text)
