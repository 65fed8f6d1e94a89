"""Do the visible checks of class visualisation accept right answers and stop at wrong ones?"""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from autograder.course.submissions import code_of
from autograder.misconceptions import known_misconceptions
from course_lib.ascent import gaussian_blur
from course_lib.visible_checks import CheckFailed
from course_lib.visible_checks import class_visualization as checks

NAMES = (
    "class_visualization_update_step",
    "momentum_update_step",
    "create_class_visualization",
)
STYLES = sorted(
    (Path(__file__).parents[1] / "submissions" / "class_visualization" / "right").glob("*.py")
)
WRONG = [
    pytest.param(name, wrong, id=wrong.__name__)
    for name, known in known_misconceptions("class_visualization").items()
    for wrong in known
]
NOT_VISIBLE = {  # hidden checks go further
    "model_in_training_mode",  # the tiny network has no batch norm
    "training_mode_afterwards",
    "steps_in_training_mode",
    "trains_the_model",  # its weights ask for no gradients
    "root_of_a_black_image",  # no image is black
    "blurred_before_moving_back",  # blur is looked at without jitter
    "column_drawn_once",  # a move counts as new if rows or columns are
    "row_drawn_once",
    "seed_zero_ignored",  # seeds are larger
    "goes_on_with_any_returned_tensor",  # the step returns nothing
}
CANT_BE_COMPUTED = (ZeroDivisionError, TypeError, RuntimeError, ValueError)


def check(name):
    return getattr(checks, f"check_{name}")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("style", STYLES, ids=lambda path: path.stem)
def test_a_right_answer_passes_with_one_line_a_property(style, name, capsys):
    namespace = {"torch": torch, "gaussian_blur": gaussian_blur}
    exec("import numpy as np", namespace)
    exec(code_of(style.read_text(encoding="utf-8")), namespace)
    check(name)(namespace[name])
    out, err = capsys.readouterr()
    assert len(out.splitlines()) >= 4
    assert all(line.startswith(("✓ ", "· ")) for line in out.splitlines())
    assert err == ""


@pytest.mark.parametrize(("name", "wrong"), WRONG)
def test_a_wrong_answer_is_stopped(name, wrong):
    if wrong.__name__ in NOT_VISIBLE:
        check(name)(wrong)
        return
    # Some of them can't be computed at all: their own error says more than a check could.
    with pytest.raises((CheckFailed, *CANT_BE_COMPUTED)) as caught:
        check(name)(wrong)
    if isinstance(caught.value, CheckFailed):
        assert name in str(caught.value) and "(question " in str(caught.value)


@pytest.mark.parametrize("name", NAMES)
def test_a_stub_keeps_its_own_error(name):
    def stub(*arguments, **keywords):
        raise NotImplementedError(f"{name}: not written yet")

    with pytest.raises(NotImplementedError, match=name):
        check(name)(stub)


@pytest.mark.parametrize("name", NAMES)
def test_a_function_that_does_nothing_is_told_what_is_missing(name):
    with pytest.raises(CheckFailed, match="in place|own values|return"):
        check(name)(lambda *arguments, **keywords: None)
