"""A student's code is parsed, whatever happens meanwhile."""

import ast
import gc

import pytest

from autograder.grading.text import parsed


@pytest.fixture
def eager_collection():
    """Garbage is collected as often as possible."""
    before = gc.get_threshold()
    gc.set_threshold(1, 1, 1)
    yield
    gc.set_threshold(*before)


class ParsesWhenItGoes:
    """A cycle, so that only a collection ends it."""

    def __init__(self):
        self.itself = self

    def __del__(self):
        ast.parse("[[[[1]]]]")


def test_a_collection_that_parses_as_well_does_not_disturb(eager_collection):
    source = "x = [((1, 2), {3: 4}), *(5, 6)]\n" * 20
    for _ in range(200):
        ParsesWhenItGoes()
        assert len(parsed(source).body) == 20
    assert gc.isenabled()


@pytest.mark.parametrize(
    "source", ["%matplotlib inline", "x = (", "(" * 10_000, "-" * 100_000 + "1"]
)
def test_what_is_no_plain_python_has_no_tree(source):
    assert parsed(source) is None
