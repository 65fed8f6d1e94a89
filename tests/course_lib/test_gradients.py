"""Central differences against derivatives worked out by hand."""

import pytest
import torch
from torch import nn

from course_lib import numeric_gradient


def test_gradient_of_a_cubic_in_several_dimensions():
    x = torch.tensor([[1.0, -2.0], [0.5, 3.0]])
    gradient = numeric_gradient(lambda t: (t**3).sum(), x)
    assert gradient.dtype == torch.float64
    assert torch.allclose(gradient, 3 * x.double() ** 2, rtol=1e-8)


def test_gradient_of_one_number():
    assert numeric_gradient(torch.exp, torch.tensor(1.0)).item() == pytest.approx(2.718281828)


def test_function_may_return_a_plain_number():
    assert numeric_gradient(lambda t: 5.0 * t[0].item(), torch.zeros(2)).tolist() == [5.0, 0.0]


def test_x_stays_as_it_was_even_if_the_function_changes_its_argument():
    x = torch.ones(3, dtype=torch.float64)
    gradient = numeric_gradient(lambda t: t.mul_(2).sum(), x)
    assert torch.allclose(gradient, torch.full((3,), 2.0, dtype=torch.float64))
    assert x.tolist() == [1, 1, 1]


def test_float32_answers_are_refused_because_they_would_be_noise():
    model = nn.Linear(3, 1)
    with pytest.raises(TypeError, match=r"float64.*\.double\(\)"):
        numeric_gradient(lambda t: model(t.float()), torch.ones(3))


def test_more_than_one_number_is_refused():
    with pytest.raises(ValueError, match=r"one number.*\(2,\)"):
        numeric_gradient(lambda t: t, torch.ones(2))
