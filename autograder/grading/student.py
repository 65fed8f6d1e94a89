"""The student's functions as a check sees them.

A check calls `student.compute_saliency_maps(X, y, model)` and gets data back, or one of the
exceptions below. Whether the function runs in a jailed kernel (`autograder.grading.session`) or in
this process (`LocalStudent`, for the reference and the test corpora) it can't tell: both ways the
arguments are copied in and the answer is copied out by `inside.wire`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograder.grading.inside import harness, wire
from autograder.grading.text import readable

SIDE_EFFECTS = {
    "input_changed": "{name} changes the tensors that it is given: work on a copy.",
    "input_keeps_gradient": (
        "{name} leaves a gradient on the caller's input: called again with the same tensor, "
        "backward() would add to it."
    ),
    "model_mode_changed": "{name} leaves the model in another mode (train or eval) than it came in.",
    "hooks_left": "{name} leaves its hooks on the model: they go on running in every later call.",
    "requires_grad_changed": "{name} changes requires_grad of the model's parameters.",
    "model_values_changed": "{name} changes the model's parameters or buffers.",
}


class StudentFault(Exception):
    """A call that gave no answer, for a reason on the student's side."""

    status = "error"
    arguments: tuple = ()  # what the function was called with


class NotAnswered(StudentFault):
    """The function is missing or still a stub."""

    status = "failed"


class Raised(StudentFault):
    """The function `name` raised an exception; `type_name` and `text` say which."""

    def __init__(self, name: str, type_name: str, text: str, where: str = "") -> None:
        self.name, self.type_name, self.text = name, type_name, text
        place = f" ({where})" if where else ""
        super().__init__(f"{name} raised {type_name}: {text}{place}")


class TimedOut(StudentFault):
    """The function did not finish in time."""

    status = "timeout"


class KernelEnded(StudentFault):
    """The function ended the process that it ran in."""


class NotCalled(StudentFault):
    """The function was not called, because earlier calls ended badly."""

    status = "not_run"


class Student:
    """The functions of one submission, by name. Subclasses say how one is called."""

    def __init__(self) -> None:
        self.remarks: list[str] = []

    def __getattr__(self, name: str) -> StudentFunction:
        if name.startswith("__"):
            raise AttributeError(name)
        return StudentFunction(self, name)

    def call(self, name: str, args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
        """The answer of `inside.harness`, as data. Raises StudentFault when there is none."""
        raise NotImplementedError

    def why_missing(self, name: str) -> str:
        """What is known about a function that is not there, as a sentence to append."""
        return ""

    def remark(self, name: str, side_effects: Any) -> None:
        """Note side effects once each. They cost no points: they are evidence, not proof."""
        for effect in side_effects if isinstance(side_effects, list) else []:
            sentence = SIDE_EFFECTS.get(str(effect), "").format(name=name)
            if sentence and sentence not in self.remarks:
                self.remarks.append(sentence)


class StudentFunction:
    """One function of a student's: call it, and its answer comes back as data."""

    def __init__(self, student: Student, name: str) -> None:
        self.student = student
        self.__name__ = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        name = self.__name__
        answer = self.student.call(name, args, kwargs)
        if not isinstance(answer, dict):
            raise StudentFault(f"{name} sent back something that is not an answer.")
        if "missing" in answer:
            why = self.student.why_missing(name)
            raise NotAnswered(f"{name} is not defined in the notebook.{why}")
        if "error" in answer:
            fault = _as_exception(name, answer["error"])
            fault.arguments = args
            raise fault
        self.student.remark(name, answer.get("side_effects"))
        if "value" not in answer:
            raise StudentFault(f"{name} sent back something that is not an answer.")
        return answer["value"]


def _as_exception(name: str, error: Any) -> StudentFault:
    error = error if isinstance(error, dict) else {}
    type_name, text, where = (readable(error.get(key, "")) for key in ("type", "message", "where"))
    if type_name == "NotImplementedError":
        return NotAnswered(f"{name} is not answered yet: it still raises NotImplementedError.")
    return Raised(name, type_name or "an exception", text, where)


class LocalStudent(Student):
    """Functions in this process: only for code that is trusted."""

    def __init__(self, functions: dict[str, Callable], device: str = "cpu") -> None:
        super().__init__()
        self._functions = functions
        self._device = device

    def call(self, name: str, args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
        arguments = wire.dump_arguments((args, kwargs))
        answer = harness.answer(self._functions.get(name), arguments, self._device)
        try:
            return wire.load_answer(wire.dump_answer(answer))
        except wire.NotData as error:
            raise StudentFault(f"{name}: {error}.") from error
