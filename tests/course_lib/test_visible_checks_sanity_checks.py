"""The visible checks of `sanity_checks` on answers that are wrong in a detail."""

import pytest
import torch

from course_lib.visible_checks import CheckFailed
from course_lib.visible_checks import sanity_checks as checks
from tests.corpus import assignment

right = assignment("sanity_checks").reference


def test_a_copy_is_asked_for_also_where_nothing_is_randomised():
    with pytest.raises(CheckFailed, match="n = 0 the model itself"):
        checks.check_randomize_layers(
            lambda model, n: right.randomize_layers(model, n) if n else model
        )


def test_a_copy_that_leaves_training_mode_is_caught():
    with pytest.raises(CheckFailed, match="training mode"):
        checks.check_randomize_layers(lambda model, n: right.randomize_layers(model, n).eval())


def test_a_second_map_that_is_constant_is_looked_at_as_well():
    def first_only(a, b):
        if b.flatten(1).unique(dim=1).shape[1] == 1:
            return torch.full((len(b),), torch.nan, dtype=a.dtype)
        return right.rank_correlation(a, b)

    with pytest.raises(CheckFailed, match="NaN"):
        checks.check_rank_correlation(first_only)
