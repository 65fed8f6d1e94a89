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
# The tiny network has no batch norm, and blur is looked at without jitter: hidden checks go further.
NOT_VISIBLE = {"model_in_training_mode", "blurred_before_moving_back"}


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
    # Two of them can't be computed at all: their own error says more than a check could.
    with pytest.raises((CheckFailed, ZeroDivisionError, TypeError)) as caught:
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
