"""One call beside the student's code: settings, failures and what it costs."""

from __future__ import annotations

import subprocess
import sys
import warnings

import pytest
import torch

from autograder.grading.arguments import CheckFault
from autograder.grading.inside import harness, wire
from autograder.grading.inside.probes import value
from autograder.grading.student import Answers, Student

CALL = """
import sys
from autograder.grading.inside import harness, wire
from autograder.grading.inside.probes import value
data = wire.dump_arguments(((1,), {}, value))
assert harness.answer(lambda x: x + 1, data, "cpu")["value"] == 2
print(int("torch._inductor" in sys.modules))
"""


def answer(function, *args):
    return harness.answer(function, wire.dump_arguments((args, {}, value)), "cpu")


def test_a_call_does_not_import_the_compiler():
    done = subprocess.run([sys.executable, "-c", CALL], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"


@pytest.mark.parametrize("warn_only", [False, True])
def test_deterministic_algorithms_are_off_in_a_call_and_as_before_after_it(warn_only):
    torch.use_deterministic_algorithms(True, warn_only=warn_only)
    try:
        assert answer(torch.are_deterministic_algorithms_enabled)["value"] is False
        assert torch.are_deterministic_algorithms_enabled()
        assert torch.is_deterministic_algorithms_warn_only_enabled() is warn_only
    finally:
        torch.use_deterministic_algorithms(False)


def test_gradients_are_on_and_warnings_are_no_errors_whatever_was_left_behind():
    def asks():
        warnings.warn("careful", stacklevel=1)
        return torch.is_grad_enabled() and not torch.is_inference_mode_enabled()

    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("error")
        assert answer(asks)["value"] is True


def test_what_is_missing_or_none_is_told_apart_from_a_function():
    assert answer(harness.MISSING) == answer(None) == {"missing": True}
    assert answer(lambda: None)["value"] is None


def test_arguments_that_can_not_be_loaded_are_the_checks_fault():
    broken = wire.dump_arguments(((1,), {}, value)).replace(b"inside.probes", b"inside.probed")
    found = harness.answer(abs, broken, "cpu")
    assert found["not_loaded"]["type"] in ("ModuleNotFoundError", "RuntimeError")

    class Forwards(Student):
        def call(self, name, question):
            return found

    with pytest.raises(CheckFault, match="its arguments could not be loaded"):
        Answers(Forwards(), None).f(1)
