"""Proofs as text: in a terminal, in Markdown, and as one HTML page."""

from __future__ import annotations

import re

import pytest
from rich.console import Console

from autograder.verify.equivalent import Explanation
from autograder.verify.mutants import Mutant
from autograder.verify.page import page
from autograder.verify.proof import FunctionProof, Proof, Trial
from autograder.verify.table import markdown, print_proof

ORIGINAL = "def f(x):\n    return x < 1"


def trial(killed_by: str, reason: str = "", after: str = "<=", equivalent: bool = True) -> Trial:
    mutant = Mutant("f", "another comparison", ORIGINAL, ORIGINAL.replace("<", after))
    entry = Explanation("f", mutant.before, mutant.after, reason, equivalent) if reason else None
    return Trial(mutant, killed_by, entry)


@pytest.fixture
def proof():
    trials = [trial("test_x")] * 8 + [trial(""), trial("", "<b>never</b> one", "!=")]
    f = FunctionProof("f", 5, 4, 3, 3, trials)
    return Proof("sorting", 30, True, [f, FunctionProof("g", 1, 1)], ["<i>f</i> is weak."], 12.3)


def test_the_score_leaves_equivalent_mutants_out():
    nine = FunctionProof("f", trials=[trial("test_x")] * 8 + [trial(""), trial("", "equal")])
    assert nine.score == pytest.approx(8 / 9)
    assert "kill 8 of 9 mutants (89%)" in nine.weakness
    assert len(nine.survivors) == len(nine.equivalents) == 1


def test_a_wrong_mutant_with_a_reason_counts_and_shows_its_reason():
    f = FunctionProof("f", trials=[trial("test_x"), trial("", "too rare", equivalent=False)])
    assert f.score == 0.5 and f.equivalents == []
    text = markdown([Proof("sorting", 30, True, [f])])
    assert "too rare" in text.split("## Survivors")[1]


def test_nineteen_of_twenty_are_enough_and_nothing_to_kill_is_no_weakness():
    enough = FunctionProof("f", trials=[trial("test_x")] * 19 + [trial("")])
    assert enough.score == 0.95 and enough.weakness == ""
    nothing = FunctionProof("f")
    assert nothing.score is None and nothing.weakness == ""


def test_the_terminal_shows_figures_survivors_and_problems(proof):
    console = Console(record=True, width=100)
    with console.capture() as captured:
        print_proof(proof, console)
    said = captured.get()
    assert "sorting: does not hold" in said and "30 seeds" in said
    assert re.search(r"f +10 +8 +1 +88\.9 % +4 of 5 +3 of 3", said)
    assert "-    return x < 1" in said and "+    return x <= 1" in said
    assert "<i>f</i> is weak." in said
    assert "!=" not in said  # equivalent ones are on the page


def test_markdown_has_a_row_for_each_function_their_sum_and_both_lists(proof):
    text = markdown([proof])
    assert "| sorting | `f` | 10 | 8 | 1 | 88.9 % | 4 of 5 | 3 of 3 |" in text
    assert "| **all** | | **10** | **8** | **1** | **88.9 %** | **5 of 6** | **3 of 3** |" in text
    survivors, equivalent = text.split("## Survivors")[1].split("## Equivalent mutants")
    assert "+    return x <= 1" in survivors and "!=" not in survivors
    assert "<b>never</b> one" in equivalent and "+    return x != 1" in equivalent


def test_without_mutants_their_figures_are_left_out(proof):
    proof.with_mutants = False
    assert "| sorting | `g` |  |  |  |  | 1 of 1 | 0 of 0 |" in markdown([proof])


def test_the_page_escapes_what_authors_wrote_and_needs_no_other_file(proof):
    html = page([proof])
    assert "&lt;i&gt;f&lt;/i&gt; is weak." in html and "<i>f" not in html
    assert "&lt;b&gt;never&lt;/b&gt; one" in html
    assert "does not hold" in html and "88.9 %" in html
    assert not re.search(r"<(link|script|img)|https?://|url\(", html)
