"""Does the visible check of the report look at every entry?"""

import pytest
import torch

from course_lib.visible_checks import CheckFailed
from course_lib.visible_checks.fooling_images import check_fooling_report
from tests.corpus import assignment

report = assignment("fooling_images").reference.fooling_report
KEYS = report(torch.zeros(1, 3, 1, 1), torch.ones(1, 3, 1, 1), lambda x: x[..., 0, 0]).keys()


@pytest.mark.parametrize("key", KEYS)
def test_wrong_missing_and_strange_entries_of_a_report_are_caught(key):
    def changed(value):
        return lambda *arguments: {**report(*arguments), key: value}

    with pytest.raises(CheckFailed, match=f"'{key}' should be .* but is -7"):
        check_fooling_report(changed(-7))
    with pytest.raises(CheckFailed, match=f"'{key}' should be one number, but is Tensor"):
        check_fooling_report(changed(torch.ones(2)))
    with pytest.raises(CheckFailed, match=f"no '{key}'"):
        check_fooling_report(lambda *a: {k: v for k, v in report(*a).items() if k != key})
