"""The student's functions as a check sees them.

A check calls `student.compute_saliency_maps(X, y, model)` and gets data back, or one of the
exceptions below. Whether the function runs in a jailed kernel (`autograder.grading.session`) or in
this process (`LocalStudent`, for the reference and the test corpora) it can't tell: both ways the
arguments are copied in and the answer is copied out by `inside.wire`.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from autograder.grading.inside import harness, probes, wire
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


Probe = Callable[[Callable, tuple, dict[str, Any]], Any]
"""What is asked of a call, see `inside.probes`."""


class StudentFault(Exception):
    """A call that gave no answer, for a reason on the student's side."""

    status = "error"
    question: Question | None = None  # what the function was asked


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

    def call(self, name: str, args: tuple, kwargs: dict[str, Any], probe: Probe) -> dict[str, Any]:
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


def as_it_is(answer: Any) -> Any:
    """The view of an answer that leaves nothing out."""
    return answer


@dataclass(frozen=True)
class Question:
    """What is asked of a function: arguments, what about the call, and what of the answer."""

    args: tuple
    kwargs: dict[str, Any]
    probe: Probe
    view: Callable[[Any], Any] = as_it_is

    def put_to(self, function: Callable) -> Any:
        """The answer of another function, for example the reference, in this process.

        The arguments are copied first: a function may work in place.
        """
        args, kwargs = copy.deepcopy((self.args, self.kwargs))
        return self.view(self.probe(function, args, kwargs))


class StudentFunction:
    """One function of a student's: call it, and its answer comes back as data.

    Args:
        probe: what is asked about a call; by default what the function returns.
        view: what of the answer is looked at, on this side; by default all of it.
    """

    def __init__(
        self,
        student: Student,
        name: str,
        probe: Probe = probes.value,
        view: Callable[[Any], Any] = as_it_is,
    ) -> None:
        self.student, self.probe, self.view = student, probe, view
        self.__name__ = name

    @property
    def changes(self) -> StudentFunction:
        """The same function, asked what it does to its arguments, see `inside.probes.changes`."""
        return StudentFunction(self.student, self.__name__, probes.changes, self.view)

    def gradient(self, at: int = 0) -> StudentFunction:
        """The same function, asked for its derivative by one argument, see `probes.Gradient`."""
        return StudentFunction(self.student, self.__name__, probes.Gradient(at), self.view)

    def seen_as(self, view: Callable[[Any], Any]) -> StudentFunction:
        """The same function, with only a part of its answers looked at, or in another form."""
        return StudentFunction(self.student, self.__name__, self.probe, view)

    def question(self, *args: Any, **kwargs: Any) -> Question:
        """What a call asks."""
        return Question(args, kwargs, self.probe, self.view)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        name = self.__name__
        answer = self.student.call(name, args, kwargs, self.probe)
        if not isinstance(answer, dict):
            raise StudentFault(f"{name} sent back something that is not an answer.")
        if "missing" in answer:
            why = self.student.why_missing(name)
            raise NotAnswered(f"{name} is not defined in the notebook.{why}")
        if "error" in answer:
            fault = _as_exception(name, answer["error"])
            fault.question = self.question(*args, **kwargs)
            raise fault
        if self.probe is probes.value:  # the others are about what counts as a side effect here
            self.student.remark(name, answer.get("side_effects"))
        try:
            return self.view(answer["value"])
        except Exception as error:  # the answer may be forged, and of any form
            raise StudentFault(f"{name} sent back something that is not an answer.") from error


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

    def call(self, name: str, args: tuple, kwargs: dict[str, Any], probe: Probe) -> dict[str, Any]:
        arguments = wire.dump_arguments((args, kwargs, probe))
        answer = harness.answer(self._functions.get(name), arguments, self._device)
        try:
            return wire.load_answer(wire.dump_answer(answer))
        except wire.NotData as error:
            raise StudentFault(f"{name}: {error}.") from error
