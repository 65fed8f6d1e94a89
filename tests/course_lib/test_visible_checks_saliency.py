"""The messages and remarks of the visible checks of `saliency`."""

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from course_lib.visible_checks import CheckFailed
from course_lib.visible_checks import saliency as checks
from tests.corpus import assignment

RIGHT = vars(assignment("saliency").reference)
on_all = pytest.mark.parametrize("name", RIGHT)


def check(name, function):
    getattr(checks, f"check_{name}")(function)


STRANGE = {
    "list": (lambda maps: maps.tolist(), "list"),
    "always float32": (lambda maps: maps.float(), "float64"),
    "NaN": (lambda maps: maps / 0, "NaN"),
}


@on_all
@pytest.mark.parametrize("case", STRANGE)
def test_what_is_no_map_is_named_as_such(name, case):
    change, words = STRANGE[case]
    with pytest.raises(CheckFailed, match=words):
        check(name, lambda *arguments: change(RIGHT[name](*arguments)))


@pytest.mark.parametrize("name", ["compute_saliency_maps", "normalize_maps"])
def test_float32_that_becomes_float64_is_caught(name):
    with pytest.raises(CheckFailed, match="float32"):
        check(name, lambda *arguments: RIGHT[name](*arguments).double())


@on_all
def test_a_numpy_array_is_welcome_and_remarked_on_once(name, capsys):
    check(name, lambda *arguments: RIGHT[name](*arguments).detach().numpy())
    assert capsys.readouterr().out.count("NumPy array") == 1


def test_gradients_that_add_up_in_x_get_a_remark_and_no_failure(capsys):
    def accumulating(X, y, model):
        X.requires_grad_()
        model(X).gather(1, y[:, None]).sum().backward()
        return X.grad.abs().amax(1)

    check("compute_saliency_maps", accumulating)
    assert "· the same call a second time" in capsys.readouterr().out


def test_hooks_that_stay_get_a_remark_and_do_not_spoil_the_check_of_the_next_layer(capsys):
    kept = []

    def keep(module, inputs, output):
        output.register_hook(kept.append)

    def forgetful(X, y, model, layer):
        layer.register_forward_hook(keep)
        model(X.requires_grad_()).gather(1, y[:, None]).sum().backward()
        return kept.pop().abs().amax(1)

    check("compute_layer_saliency", forgetful)
    assert "hooks stay" in capsys.readouterr().out


def test_a_notebook_shows_the_sentence_and_not_the_inside_of_the_check():
    shell = InteractiveShell()
    shell.push({"check": checks.check_normalize_maps})
    with capture_output() as captured:
        shell.run_cell("check(lambda maps: maps)")
    text = captured.stdout + captured.stderr
    assert "✗ normalize_maps (question 2)" in text
    assert "Traceback" not in text and "require" not in text
