"""Mutants are programs of their own, and change nothing but what students write."""

from __future__ import annotations

import ast

import pytest

from autograder.verify.mutants import mutants_of
from tests.autograder.verify.example import SOURCE, edited, make_assignment


@pytest.fixture
def mutants(tmp_path):
    return mutants_of(make_assignment(tmp_path), "square")


def test_all_mutants_of_a_small_function_are_the_ones_by_hand(mutants):
    assert {(mutant.before, mutant.after) for mutant in mutants} == {
        ("result = x * x", "result = x / x"),
        ("result = x * x", "pass"),
        ("result = x * x\nreturn result", "return result\nresult = x * x"),
    }


def test_a_mutant_is_shown_as_a_unified_diff(mutants):
    (divided,) = [mutant for mutant in mutants if "/" in mutant.after]
    assert divided.operator == "another arithmetic operator"
    assert divided.diff.splitlines()[1:] == [
        "     ### BEGIN SOLUTION",
        "-    result = x * x",
        "+    result = x / x",
        "     return result",
    ]


def test_what_the_release_shows_and_what_is_no_code_is_left_alone(tmp_path):
    source = edited(SOURCE, "def square(x):", "def square(x: float = 1.0, n=2):")
    source = edited(
        source,
        "    result = x * x\n",
        "    if n is None:\n        raise ValueError(f'{n + 1}')\n    result: list[0] = x * x\n",
    )
    found = mutants_of(make_assignment(tmp_path, source), "square")
    assert found
    for mutant in found:
        assert "def square(x: float = 1.0, n=2):" in mutant.source
        assert '"""The square of a number."""' in mutant.source
        if "raise" in mutant.after:
            assert "raise ValueError(f'{n + 1}')" in mutant.after
        if "list" in mutant.after:
            assert "list[0]" in mutant.after


def test_without_marks_all_of_the_cell_is_a_solution(tmp_path):
    source = edited(edited(SOURCE, "    ### BEGIN SOLUTION\n", ""), "    ### END SOLUTION\n", "")
    source = edited(source, "def square(x):", "FACTOR = 1\n\n\ndef square(x):")
    found = mutants_of(make_assignment(tmp_path, source), "square")
    assert {"FACTOR = 2", "FACTOR = 0", "result = x / x"} < {mutant.after for mutant in found}


def test_no_two_mutants_are_the_same_program_and_none_is_the_original(tmp_path):
    source = edited(SOURCE, "x * x", "x.real * 1 * 1")  # 1 to 0 and 1 - 1 meet; the calls differ
    found = mutants_of(make_assignment(tmp_path, source), "square")
    programs = [ast.dump(ast.parse(mutant.source)) for mutant in found]
    programs.append(ast.dump(ast.parse(found[0].original)))
    assert len(set(programs)) == len(programs) > 5
