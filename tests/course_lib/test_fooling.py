"""Do the helpers of the notebook on fooling images show and compute what they say?"""

import pytest
import torch
from torch import nn

from course_lib.fooling import (
    Demanding,
    difference_picture,
    random_signs,
    show_fooling,
    show_table,
)


def test_no_difference_is_mid_grey_and_ends_are_cut_off():
    X = torch.zeros(1, 3, 1, 3)
    X_fooling = X + torch.tensor([0.0, 0.02, -0.3])
    picture = difference_picture(X, X_fooling, 10)
    torch.testing.assert_close(picture[0, 0, 0], torch.tensor([0.5, 0.7, 0.0]))
    torch.testing.assert_close(
        difference_picture(X, X_fooling)[0, 0, 0], torch.tensor([0.5, 0.52, 0.2])
    )


def test_fooling_images_are_shown_in_four_named_rows():
    X = torch.rand(3, 3, 8, 8)
    fig = show_fooling(X, X + 0.01, ["a", "b", "c"], magnified=5)
    names = [ax.get_ylabel() for ax in fig.axes if ax.get_ylabel()]
    assert names == ["image", "changed image", "difference", "difference\ntimes 5"]
    assert sum(len(ax.images) for ax in fig.axes) == 12


def test_a_table_shows_each_share_in_its_place():
    fig = show_table([[0.0, 1.0, 0.256]], ["made"], ["x", "y", "z"], column_label="shown to")
    (ax,) = fig.axes
    assert [t.get_text() for t in ax.texts] == ["0%", "100%", "26%"]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["x", "y", "z"]
    assert ax.get_xlabel() == "shown to"


def test_a_table_of_another_shape_is_refused_with_both_shapes():
    with pytest.raises(ValueError, match=r"2 rows and 1 columns.*\(1, 1\)"):
        show_table(torch.zeros(1, 1), ["a", "b"], ["c"])


def test_random_signs_are_signs_and_the_same_for_the_same_seed():
    X = torch.zeros(2, 3, 16, 16, dtype=torch.float64)
    signs = random_signs(X, 1)
    assert signs.dtype == X.dtype and set(signs.unique().tolist()) == {-1.0, 1.0}
    assert torch.equal(signs, random_signs(X, 1)) and not torch.equal(signs, random_signs(X, 2))
    assert signs.mean().abs() < 0.2


def test_a_demanding_model_says_its_class_only_with_a_lead():
    model = Demanding(nn.Flatten(), 1, lead=2.0)
    X = torch.tensor([[1.0, 2.5], [1.0, 3.5]]).view(2, 2, 1, 1).requires_grad_()
    scores = model(X)
    assert scores.tolist() == [[1.0, 0.5], [1.0, 1.5]]
    scores[:, 1].sum().backward()
    assert X.grad.flatten().tolist() == [0, 1, 0, 1]
