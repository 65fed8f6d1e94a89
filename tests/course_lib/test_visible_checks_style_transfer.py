"""The visible checks of `style_transfer` on answers that are wrong in a detail."""

import pytest

from course_lib.visible_checks import CheckFailed
from course_lib.visible_checks import style_transfer as checks
from tests.corpus import assignment

RIGHT = vars(assignment("style_transfer").reference)
LOSSES = [name for name in RIGHT if name != "gram_matrix"]


def check_with(name, change):
    """The visible check on the right answer, changed."""
    getattr(checks, f"check_{name}")(
        lambda *arguments, **keywords: change(RIGHT[name](*arguments, **keywords))
    )


@pytest.mark.parametrize("name", RIGHT)
def test_a_result_without_gradient_is_named_as_such(name):
    with pytest.raises(CheckFailed, match="no gradient"):
        check_with(name, lambda result: result.detach())


@pytest.mark.parametrize("name", LOSSES)
def test_a_plain_number_is_named_as_such(name):
    with pytest.raises(CheckFailed, match="plain float"):
        check_with(name, lambda loss: loss.item())


@pytest.mark.parametrize("name", [name for name in RIGHT if name != "style_loss"])
def test_float32_that_becomes_float64_is_caught(name):
    with pytest.raises(CheckFailed, match="float32"):
        check_with(name, lambda result: result.double())


def test_a_gradient_that_is_no_number_where_nothing_is_left_to_improve_is_caught():
    def root_squared(content_weight, content_current, content_original):
        return content_weight * (content_current - content_original).norm().sqrt().pow(4)

    with pytest.raises(CheckFailed, match="NaN"):
        checks.check_content_loss(root_squared)


def test_a_gram_matrix_without_gradient_unless_normalised_is_caught():
    def half_detached(features, normalize=True):
        return RIGHT["gram_matrix"](features if normalize else features.detach(), normalize)

    with pytest.raises(CheckFailed, match="no gradient"):
        checks.check_gram_matrix(half_detached)
