"""Bilinear interpolation against numbers computed by hand, and against torch."""

import pytest
import torch
import torch.nn.functional as F

from course_lib.interpolation import resize_bilinear


def test_two_values_are_stretched_to_four():
    # The new centres lie at -1/4, 1/4, 3/4 and 5/4, where the old ones lie at 0 and 1.
    assert resize_bilinear(torch.tensor([[0.0, 4.0]]), 1, 4).tolist() == [[0, 1, 3, 4]]


def test_four_values_are_shrunk_to_two():
    # The new centres lie at 1/2 and 5/2: half-way between two old ones.
    assert resize_bilinear(torch.tensor([[1.0, 3, 5, 11]]), 1, 2).tolist() == [[2, 8]]


def test_rows_and_columns_are_stretched_at_once():
    small = torch.tensor([[0.0, 4.0], [8.0, 12.0]])
    expected = [[0, 1, 3, 4], [4, 5, 7, 8], [8, 9, 11, 12]]
    assert resize_bilinear(small, 3, 4).tolist() == expected


def test_one_value_fills_the_map():
    assert resize_bilinear(torch.tensor([[2.5]]), 2, 3).tolist() == [[2.5] * 3] * 2


@pytest.mark.parametrize("size", [(6, 7), (9, 20), (3, 5), (2, 2), (1, 1)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_maps_agree_with_torch_at_every_size(size, dtype):
    small = torch.randn(2, 3, 3, 5, generator=torch.Generator().manual_seed(1)).to(dtype)
    expected = F.interpolate(small, size, mode="bilinear", align_corners=False)
    torch.testing.assert_close(resize_bilinear(small, *size), expected)
