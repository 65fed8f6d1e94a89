"""Do the common parts of the visible checks do what they say?"""

import numpy as np
import pytest
import torch

from course_lib.visible_checks.core import as_number


@pytest.mark.parametrize(
    "value",
    [2, 2.0, np.float32(2), np.int64(2), np.array([2.0]), torch.tensor(2), torch.tensor([[2.0]])],
    ids=repr,
)
def test_numbers_of_all_kinds_become_floats(value):
    number = as_number(value)
    assert number == 2
    assert type(number) is float


@pytest.mark.parametrize(
    "value", [None, "2", [2], (2,), torch.ones(2), np.ones((2, 1)), torch.ones(0)], ids=repr
)
def test_what_is_not_one_number_is_none(value):
    assert as_number(value) is None
