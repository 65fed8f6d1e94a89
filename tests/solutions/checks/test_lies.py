"""No check passes on nothing: a student's side that lies about its probe gains no point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from autograder.grading.checking import run_checks
from autograder.grading.student import LocalStudent
from tests.corpus import ASSIGNMENTS, assignment

pytestmark = pytest.mark.slow  # every check of every assignment is lied to

SEED = 1
Lie = Callable[[Any], Any]  # takes a right answer, as data


class Liar(LocalStudent):
    """Sends another answer than that of the right functions."""

    def __init__(self, functions: dict[str, Any], lie: Lie) -> None:
        super().__init__(functions)
        self._lie = lie

    def call(self, name, question):
        answer = super().call(name, question)
        return {**answer, "value": self._lie(answer["value"])}


def nothing_at_all(answer: Any) -> None:
    return None


def empty_list(answer: Any) -> list:
    return []


def empty_dict(answer: Any) -> dict:
    return {}


def empty_inside(answer: Any) -> Any:
    """As many parts as there are, and nothing in them."""
    if isinstance(answer, dict):
        return {key: _emptied(part) for key, part in answer.items()}
    return [_emptied(part) for part in answer] if isinstance(answer, list) else _emptied(answer)


def _emptied(part: Any) -> Any:
    if isinstance(part, torch.Tensor):
        return part.flatten()[:0]
    return type(part)() if isinstance(part, (dict, list, str)) else None


def one_item_fewer(answer: Any) -> Any:
    """The outer list without its last item; without one, a tensor without its last row."""
    if isinstance(answer, dict):
        return {key: one_item_fewer(part) for key, part in answer.items()}
    if isinstance(answer, list):
        return _shortened(answer)
    return answer[:-1] if isinstance(answer, torch.Tensor) and answer.dim() else None


def one_item_fewer_inside(answer: Any) -> Any:
    """The inner lists without their last items: steps of a run, calls of a spy."""
    if isinstance(answer, dict):
        return {key: one_item_fewer_inside(part) for key, part in answer.items()}
    if isinstance(answer, list) and any(isinstance(part, (dict, list)) for part in answer):
        return [one_item_fewer_inside(part) for part in answer]
    return one_item_fewer(answer)


def _shortened(items: list) -> list:
    """Without the last item that holds anything: of arguments, only those that changed do."""
    full = [i for i, item in enumerate(items) if item is not None]
    return items[: full[-1]] + items[full[-1] + 1 :] if full else items


def passed(name: str, lie: Lie) -> list[str]:
    """The checks of an assignment that pass with a liar."""
    of = assignment(name)
    cells, notes = run_checks(of, Liar(vars(of.reference), lie), seed=SEED)
    assert [note for note in notes if "broke down" in note] == []
    return [check.name for cell in cells for check in cell.checks if check.passed]


def test_a_liar_who_tells_the_truth_passes_everything():
    assert len(passed("saliency", lambda answer: answer)) == 25


@pytest.mark.parametrize(
    "lie",
    [
        nothing_at_all,
        empty_list,
        empty_dict,
        empty_inside,
        one_item_fewer,
        one_item_fewer_inside,
    ],
)
@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_no_check_passes_on_an_answer_that_lacks_a_part(name, lie):
    assert passed(name, lie) == []
