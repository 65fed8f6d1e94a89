"""Do other functions take the place of helpers for one call, and only for that?"""

from __future__ import annotations

import functools

import pytest
import torch

from autograder.grading.inside.helpers import WithHelpers

NOTEBOOK = """
def helper(x): return x
def plain(x): return helper(x)
decorated = torch.enable_grad()(plain)
partial = functools.partial(decorated)
class Callable_:
    def __call__(self, x): return helper(x)
instance = Callable_()
"""


@pytest.fixture
def notebook():
    namespace: dict = {"torch": torch, "functools": functools}
    exec(NOTEBOOK, namespace)
    return namespace


@pytest.mark.parametrize("name", ["plain", "decorated", "partial", "instance"])
def test_a_function_of_any_kind_finds_them_and_they_are_gone_afterwards(notebook, name):
    own = notebook["helper"]
    ask = WithHelpers((("helper", lambda x: x + 1), ("unknown", abs)))
    assert ask(notebook[name], (1,), {}) == 2
    assert notebook["helper"] is own
    assert "unknown" not in notebook


def test_they_are_gone_after_an_exception(notebook):
    own = notebook["helper"]
    with pytest.raises(ZeroDivisionError):
        WithHelpers((("helper", lambda x: 1 / 0),))(notebook["plain"], (1,), {})
    assert notebook["helper"] is own
