"""The visible checks of `gradcam` on answers that are wrong in a detail."""

import pytest

from course_lib.visible_checks import CheckFailed
from course_lib.visible_checks import gradcam as checks
from tests.corpus import assignment

RIGHT = vars(assignment("gradcam").reference)


@pytest.mark.parametrize("name", ["guided_backprop", "grad_cam"])  # the product is made of these
def test_float32_that_becomes_float64_is_caught(name):
    with pytest.raises(CheckFailed, match="float32"):
        getattr(checks, f"check_{name}")(lambda *arguments: RIGHT[name](*arguments).double())


def test_flags_that_are_switched_are_caught():
    def switches_flags(X, y, model):
        for module in model.modules():
            if hasattr(module, "inplace"):
                module.inplace = not module.inplace
        return RIGHT["guided_backprop"](X, y, model)

    with pytest.raises(CheckFailed, match="inplace flags"):
        checks.check_guided_backprop(switches_flags)


def test_hooks_that_grad_cam_leaves_get_a_remark_and_no_failure(capsys):
    def forgetful(X, y, model, layer):
        layer.register_forward_hook(lambda module, inputs, output: None)
        return RIGHT["grad_cam"](X, y, model, layer)

    checks.check_grad_cam(forgetful)
    assert "hooks stay" in capsys.readouterr().out
