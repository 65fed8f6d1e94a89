"""Do signed attributions become pictures whose grey is zero?"""

import pytest
import torch

from course_lib.signed_pictures import attribution_pictures


def test_zero_is_grey_and_the_largest_size_black_or_white():
    attributions = torch.tensor([-2.0, 0, 1]).view(1, 3, 1, 1)
    pictures = attribution_pictures(attributions, full_at=1.0)
    torch.testing.assert_close(pictures.flatten(), torch.tensor([0, 0.5, 0.75]))


def test_each_image_has_a_scale_of_its_own():
    one = torch.randn(1, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    pictures = attribution_pictures(torch.cat([one, 1000 * one]))
    torch.testing.assert_close(pictures[0], pictures[1])


def test_a_few_extreme_pixels_do_not_grey_out_the_others():
    attributions = torch.full((1, 3, 20, 20), 1.0)
    attributions[0, 0, 0, 0] = 1e6
    assert attribution_pictures(attributions).eq(1).all()


def test_a_single_pixel_and_no_pixel_at_all():
    attributions = torch.zeros(2, 3, 20, 20)
    attributions[1, 2, 3, 4] = -7.0
    pictures = attribution_pictures(attributions)
    assert pictures[0].eq(0.5).all()
    assert pictures[1, 2, 3, 4] == 0 and pictures[1].ne(0.5).sum() == 1


def test_double_precision_and_a_graph_are_welcome():
    attributions = torch.ones(1, 3, 2, 2, dtype=torch.float64, requires_grad=True)
    pictures = attribution_pictures(attributions)
    assert pictures.dtype == torch.float32 and not pictures.requires_grad


def test_maps_are_refused():
    with pytest.raises(ValueError, match=r"\(2, 4, 5\)"):
        attribution_pictures(torch.zeros(2, 4, 5))
