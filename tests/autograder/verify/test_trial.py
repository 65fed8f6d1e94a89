"""A mutant is killed by the first check that it fails, by its definition, or by time."""

from __future__ import annotations

import signal

import pytest

from autograder.verify import trial
from autograder.verify.trial import killed_by
from tests.autograder.verify.example import make_assignment

CELL = "def square(x):\n    {}\n    return x * x\n"


@pytest.fixture
def killer(tmp_path):
    assignment = make_assignment(tmp_path)
    return lambda source: killed_by(assignment, "square", source)


@pytest.mark.parametrize(
    ("source", "by"),
    [
        (CELL.format("pass"), ""),
        (CELL.format("return 2 * x"), "test_one_number"),
        (CELL.format("return x * x if x else 1.0"), "test_zero"),
        (CELL.format("raise KeyError"), "test_one_number"),
        ("1 / 0", "its definition raises ZeroDivisionError"),
        ("square = None", "test_one_number"),
        ("def helper(x):\n    return 2 * x\n\ndef square(x):\n    return helper(x)", "test_one_number"),
    ],
)  # fmt: skip
def test_a_mutant_is_killed_by_the_first_check_that_it_fails(killer, source, by):
    assert killer(source) == by


def test_a_mutant_without_end_is_killed_by_time_also_when_it_catches_everything(
    killer, monkeypatch
):
    monkeypatch.setattr(trial, "PATIENCE", 0.5)
    monkeypatch.setattr(trial, "TIMES_THE_REFERENCE", 0)
    before = signal.getsignal(signal.SIGALRM)
    loop = "while True:\n        try:\n            while True: pass\n        except BaseException: break"
    for body in ("while True: pass", loop):
        assert killer(CELL.format(body)) == trial.TIMEOUT
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_survivor_was_tried_on_three_seeds(killer, monkeypatch):
    seeds = []
    run = trial.run_checks
    monkeypatch.setattr(
        trial,
        "run_checks",
        lambda *args, seed, **kw: seeds.append(seed) or run(*args, seed=seed, **kw),
    )
    assert killer(CELL.format("pass")) == ""
    assert seeds == [1, 1, 2, 3]  # the first one measures the reference


def test_random_numbers_are_the_same_in_every_trial(killer):
    source = "import random\nimport torch\n" + CELL.format(
        "return x * x if random.random() < 0.5 and torch.rand(1) < 0.8 else 1.0"
    )
    assert len({killer(source) for _ in range(5)}) == 1
