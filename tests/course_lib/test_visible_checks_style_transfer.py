"""Do the visible checks of style transfer accept right answers, stop at wrong ones, say what to do?"""

import pytest
import torch.nn.functional as F

from autograder.misconceptions import known_misconceptions
from course_lib.visible_checks import CheckFailed
from course_lib.visible_checks.style_transfer import (
    check_content_loss,
    check_gram_matrix,
    check_style_loss,
    check_tv_loss,
)

CHECKS = {
    "content_loss": check_content_loss,
    "gram_matrix": check_gram_matrix,
    "style_loss": check_style_loss,
    "tv_loss": check_tv_loss,
}


def content_loss(content_weight, content_current, content_original):
    return content_weight * F.mse_loss(content_current, content_original, reduction="sum")


def gram_matrix(features, normalize=True):
    flat = features.view(*features.shape[:2], -1)
    return flat.bmm(flat.mT) / (flat[0].numel() if normalize else 1)


def style_loss(feats, style_layers, style_targets, style_weights):
    loss = feats[0].new_zeros(1)
    for i, layer in enumerate(style_layers):
        loss += content_loss(style_weights[i], gram_matrix(feats[layer]), style_targets[i])
    return loss


def tv_loss(img, tv_weight):
    return tv_weight * sum(img.diff(dim=dim).pow(2).sum() for dim in (2, 3))


RIGHT = {
    "content_loss": content_loss,
    "gram_matrix": gram_matrix,
    "style_loss": style_loss,
    "tv_loss": tv_loss,
}
WRONG = [
    pytest.param(name, wrong, id=wrong.__name__)
    for name, all_of_it in known_misconceptions("style_transfer").items()
    for wrong in all_of_it
]


@pytest.mark.parametrize("name", CHECKS)
def test_a_right_answer_passes_with_one_line_a_property(name, capsys):
    CHECKS[name](RIGHT[name])
    out, err = capsys.readouterr()
    assert len(out.splitlines()) >= 4
    assert all(line.startswith("✓ ") for line in out.splitlines())
    assert err == ""


@pytest.mark.parametrize("name", CHECKS)
def test_a_stub_keeps_its_own_error(name):
    def stub(*arguments, **keywords):
        raise NotImplementedError(f"{name}: not written yet")

    with pytest.raises(NotImplementedError, match=name):
        CHECKS[name](stub)


@pytest.mark.parametrize("name", CHECKS)
def test_a_forgotten_return_is_named_as_such(name):
    with pytest.raises(CheckFailed, match=rf"{name} \(question \d\).*return"):
        CHECKS[name](lambda *arguments, **keywords: None)


@pytest.mark.parametrize(("name", "wrong"), WRONG)
def test_a_known_wrong_answer_is_stopped_with_a_sentence(name, wrong):
    with pytest.raises(CheckFailed, match=rf"{name} \(question \d\): "):
        CHECKS[name](wrong)


@pytest.mark.parametrize("name", CHECKS)
def test_a_result_without_gradient_is_named_as_such(name):
    def detached(*arguments, **keywords):
        return RIGHT[name](*arguments, **keywords).detach()

    with pytest.raises(CheckFailed, match="no gradient"):
        CHECKS[name](detached)


@pytest.mark.parametrize("name", ["content_loss", "style_loss", "tv_loss"])
def test_a_plain_number_is_named_as_such(name):
    with pytest.raises(CheckFailed, match="plain float"):
        CHECKS[name](lambda *arguments: RIGHT[name](*arguments).item())


@pytest.mark.parametrize("name", ["content_loss", "gram_matrix", "tv_loss"])
def test_float32_that_becomes_float64_is_caught(name):
    def widened(*arguments, **keywords):
        return RIGHT[name](*arguments, **keywords).double()

    with pytest.raises(CheckFailed, match="float32"):
        CHECKS[name](widened)


def test_a_gradient_that_is_no_number_where_nothing_is_left_to_improve_is_caught():
    def root_squared(content_weight, content_current, content_original):
        return content_weight * (content_current - content_original).norm().sqrt().pow(4)

    with pytest.raises(CheckFailed, match="NaN"):
        check_content_loss(root_squared)


def test_a_gram_matrix_without_gradient_unless_normalised_is_caught():
    def half_detached(features, normalize=True):
        return gram_matrix(features if normalize else features.detach(), normalize)

    with pytest.raises(CheckFailed, match="no gradient"):
        check_gram_matrix(half_detached)
