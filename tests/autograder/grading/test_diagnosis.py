"""A mistake is named if two things speak for it, two mistakes are told apart, and chance names none."""

from __future__ import annotations

from types import ModuleType

import pytest
import torch

from autograder.grading import checking, diagnosis
from autograder.grading.compare import Mismatch
from autograder.grading.diagnosis import diagnose
from autograder.grading.inside import probes
from autograder.grading.misconception import (
    formula,
    hint,
    misconception,
    misconceptions_in,
    several_at_once,
)
from autograder.grading.question import Question
from autograder.grading.student import LocalStudent, Raised
from tests.corpus import SALIENCY

X = torch.tensor([1.0, -2.0, 4.0], dtype=torch.float64)


def square(x):
    return x * x


@formula(of="energy")
def energy(x, *, power=square, total=torch.sum, last=float):
    return last(total(power(x)))


@energy.part("power", caught_by="test_many")
def absolute(x):
    """The absolute values were taken; the question asks for squares."""
    return x.abs()


@energy.part("total", caught_by="test_many")
def mean(x):
    """A mean was taken; the question asks for the sum."""
    return x.mean()


@energy.part("last", caught_by="test_many")
def fails(x):
    """It raises."""
    raise ValueError("no")


@misconception(of="energy", caught_by="test_one")
def doubled(x):
    """Twice the sum."""
    return 2 * x.sum().item()


KNOWN = [absolute, mean, doubled]


def mismatch(answer, x, vague=False):
    question = Question((x,), {}, probes.value)
    return Mismatch("wrong", "energy", question, answer(x), vague)


def raised(text):
    error = Raised("energy", "ValueError", text)
    error.question = Question((X,), {}, probes.value)
    return error


def names(failures, failed=None, rehearsed=None, known=KNOWN):
    """The names of the mistakes by check, if in the student's place they fail `rehearsed`."""
    failed = set(failures) if failed is None else failed
    rehearsed = failed if rehearsed is None else rehearsed
    found = diagnose(failures, failed, known, lambda wrong: rehearsed)
    return {check: [wrong.__name__ for wrong in mistakes] for check, mistakes in found.items()}


def both(x):
    return float(x.abs().mean())


def test_a_wrong_part_is_a_misconception():
    assert absolute(X) == 7 and mean(X) == 7 and absolute.of == "energy"
    assert hint(mean) == "A mean was taken; the question asks for the sum."
    module = ModuleType("known")
    vars(module).update(energy=energy, absolute=absolute, doubled=doubled)
    assert misconceptions_in(module) == {"energy": [absolute, doubled]}


def test_wrong_parts_are_put_together_once_if_they_are_different_parts():
    ((together, parts),) = several_at_once([absolute, mean, doubled], 2)
    assert parts == (absolute, mean) and together(X) == pytest.approx(7 / 3)
    assert together is next(several_at_once([absolute, mean], 2))[0]
    assert list(several_at_once([absolute, absolute], 2)) == []


def test_two_mistakes_that_show_only_together_are_both_named():
    failures = {"test_many": mismatch(both, X), "test_one": mismatch(both, 3 * X)}
    assert names(failures) == {
        "test_many": ["absolute", "mean"],
        "test_one": ["absolute", "mean"],
    }


def test_where_one_of_two_mistakes_shows_it_is_named_alone():
    failures = {
        "test_many": mismatch(both, X),
        "test_one": mismatch(both, torch.tensor([5.0]).double()),
    }
    assert names(failures)["test_one"] == ["absolute"]


def test_one_number_names_nothing_where_other_failures_disagree():
    failures = {"test_one": mismatch(doubled, X), "test_many": mismatch(lambda x: 17.0, X)}
    assert names(failures) == {}


def test_two_numbers_name_the_mistake_where_they_are():
    failures = {
        "test_one": mismatch(doubled, X),
        "test_two": mismatch(doubled, 3 * X),
        "test_many": mismatch(lambda x: 17.0, X),
    }
    assert names(failures) == {"test_one": ["doubled"], "test_two": ["doubled"]}


def test_one_number_is_enough_with_the_same_checks_passed_and_failed():
    assert names({"test_one": mismatch(doubled, X)}) == {"test_one": ["doubled"]}


def test_a_mistake_that_would_fail_another_check_is_not_the_students():
    failures = {"test_one": mismatch(doubled, X), "test_two": mismatch(doubled, 3 * X)}
    assert names(failures, rehearsed={"test_one", "test_two", "test_three"}) == {}


def test_the_same_exception_twice_is_one_thing_that_speaks_for_a_mistake():
    failures = {"test_one": raised("no"), "test_two": raised("no")}
    assert names(failures, known=[fails])["test_one"] == ["fails"]
    failures["test_many"] = mismatch(lambda x: 17.0, X)
    assert names(failures, known=[fails]) == {}


def test_a_vague_failure_speaks_for_no_mistake():
    failures = {
        "test_one": mismatch(doubled, X, vague=True),
        "test_two": mismatch(doubled, 3 * X, vague=True),
        "test_many": mismatch(lambda x: 17.0, X),
    }
    assert names(failures) == {}


def test_nothing_is_rehearsed_where_nothing_was_answered():
    assert diagnose({}, {"test_one"}, KNOWN, lambda wrong: pytest.fail("rehearsed")) == {}


@pytest.mark.parametrize(
    "dtype", [torch.float8_e4m3fn, torch.bfloat16, torch.bool, torch.int64, torch.complex64]
)
def test_values_of_any_dtype_are_counted(dtype):
    answer = torch.tensor([0.0, 1.0, 1.0, float("nan")]).nan_to_num(1.0).to(dtype)
    assert diagnosis._different_values(answer) == 2
    assert diagnosis._different_values(torch.tensor([float("nan")] * 3)) == 1


def test_a_diagnosis_that_breaks_down_costs_the_hint_and_no_grade(monkeypatch):
    def broken(*arguments):
        raise TypeError("no such dtype")

    monkeypatch.setattr(checking, "diagnose", broken)
    reference = vars(SALIENCY.reference)
    wrong = LocalStudent({**reference, "normalize_maps": lambda maps: maps})
    cells, notes = checking.run_checks(SALIENCY, wrong, seed=1)
    assert [cell.function for cell in cells if cell.lost] == ["normalize_maps"]
    assert any("normalize_maps: TypeError: no such dtype" in note for note in notes)
