"""The student's functions as a check sees them.

A check calls `student.f(X)` and gets data back, or one of the exceptions below. The function runs in
a jailed kernel (`autograder.grading.session`), or in this process (`LocalStudent`, for references
and corpora). A check can't tell which: both ways `inside.wire` copies the arguments in and the
answer out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import torch

from autograder.grading import arguments
from autograder.grading.advice import advice_on, place_in_cell
from autograder.grading.arguments import CheckFault
from autograder.grading.inside import figures, harness, probes, values, wire
from autograder.grading.inside.helpers import WithHelpers
from autograder.grading.inside.objects import Attribute, Instance, state
from autograder.grading.question import Probe, Question, as_it_is
from autograder.grading.text import readable
from autograder.grading.verdict import Status

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

    status: Status = "error"
    question: Question | None = None  # what the function was asked


class NotAnswered(StudentFault):
    """The function is missing or still a stub."""

    status = "failed"


class Raised(StudentFault):
    """The function `name` raised an exception; `type_name` and `text` say which."""

    def __init__(self, name: str, type_name: str, text: str, where: str = "") -> None:
        self.name, self.type_name, self.text = name, type_name, text
        place = f" ({where})" if where else ""
        advice = f". {advice_on(text)}" if advice_on(text) else ""
        super().__init__(f"{name} raised {type_name}: {text}{place}{advice}")


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

    def call(self, name: str, question: Question) -> dict[str, Any]:
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
    """What a student wrote under one name: call it, and the answer comes back as data.

    Args:
        reference: the right answer under the same name.
        probe: what is asked about a call; by default what the function returns.
        view: what of the answer is compared, on this side; by default all of it.
    """

    def __init__(
        self,
        student: Student,
        name: str,
        reference: Any = None,
        probe: Probe = probes.value,
        view: Callable[[Any], Any] = as_it_is,
    ) -> None:
        self.student, self.reference, self.probe, self.view = student, reference, probe, view
        self.__name__ = name

    def asked(self, probe: Probe) -> StudentFunction:
        """The same function, with another question about each call, see `inside.probes`."""
        return StudentFunction(self.student, self.__name__, self.reference, probe, self.view)

    def with_reference(self, reference: Any) -> StudentFunction:
        """The same question to the student, but another right answer to compare with."""
        return StudentFunction(self.student, self.__name__, reference, self.probe, self.view)

    def with_helpers(self, helpers: tuple[tuple[str, Callable], ...]) -> StudentFunction:
        """The same question, while others take the place of some functions that it calls."""
        probe = WithHelpers(helpers, self.probe)
        return StudentFunction(self.student, self.__name__, self.reference, probe, self.view)

    def seen_as(self, view: Callable[[Any], Any]) -> StudentFunction:
        """The same function, with only a part of its answers compared, or in another form."""
        return type(self)(self.student, self.__name__, self.reference, self.probe, view)

    def constructed(self, *args: Any, **kwargs: Any) -> StudentObject:
        """An object of the student's class, made with these arguments for each question."""
        probe = Instance(args, kwargs)
        return StudentObject(self.student, self.__name__, self.reference, probe, self.view)

    @property
    def value(self) -> StudentFunction:
        """What the notebook keeps under the name, see `inside.values`. Call it without arguments."""
        return self.asked(values.kept)

    @property
    def text(self) -> StudentFunction:
        """What the student wrote into the Markdown cell of that name. Call it without arguments."""
        return self.asked(values.text)

    @property
    def figure(self) -> StudentFunction:
        """The data of the figure that a call draws, see `inside.figures.drawn`."""
        return self.asked(figures.drawn)

    @property
    def changes(self) -> StudentFunction:
        """The same function, asked what it does to its arguments, see `inside.probes.changes`."""
        return self.asked(probes.changes)

    def gradient(self, at: int = 0) -> StudentFunction:
        """The same function, asked for its derivative, see `inside.probes.Gradient`.

        Args:
            at: index of the argument with respect to which.
        """
        return self.asked(probes.Gradient(at))

    def question(self, *args: Any, **kwargs: Any) -> Question:
        """What a call asks."""
        return Question(args, kwargs, self.probe, self.view)

    def expected(self, *args: Any, **kwargs: Any) -> Any:
        """What the reference answers to the same call."""
        return self.question(*args, **kwargs).answer_of(self.reference)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.ask(self.question(*args, **kwargs))

    def ask(self, question: Question) -> Any:
        """The student's answer.

        Raises:
            StudentFault: there is none.
        """
        name = self.__name__
        answer = self.student.call(name, question)
        if not isinstance(answer, dict):
            raise StudentFault(f"{name} sent back something that is not an answer.")
        if "missing" in answer:
            why = place_in_cell(self.student.why_missing(name), name)
            raise NotAnswered(f"{name} is not defined in the notebook.{why}")
        if "error" in answer:
            fault = _as_exception(name, answer["error"])
            fault.question = question
            raise fault
        if "not_loaded" in answer:
            raise CheckFault(
                f"its arguments could not be loaded: {_as_exception(name, answer['not_loaded'])}"
            )
        if self.probe is probes.value:  # the others are about what counts as a side effect here
            self.student.remark(name, answer.get("side_effects"))
        try:
            return self.view(answer["value"])
        except Exception as error:  # the answer may be forged, and of any form
            raise StudentFault(f"{name} sent back something that is not an answer.") from error


class StudentObject(StudentFunction):
    """An object of a student's class: call it, or ask about a method, see `inside.objects.Instance`.

    `asked`, `gradient`, `changes` and `figure` are about the call of the object or of its method.
    """

    probe: Instance

    def asked(self, probe: Probe) -> StudentObject:
        return self._such(probe=probe)

    def with_weights(self, weights: Mapping[str, torch.Tensor]) -> StudentObject:
        """The object, a torch module, with the weights of a state_dict, in their dtype."""
        return self._such(weights=weights)

    def after(self, *calls: tuple) -> StudentObject:
        """The object after calls of its methods: `.after(("add", 3), ("eval",))`."""
        return self._such(calls=(*self.probe.calls, *calls))

    def method(self, name: str) -> StudentObject:
        """A method of the object."""
        return self._such(method=name)

    def attribute(self, name: str) -> StudentObject:
        """An attribute of the object. Call it without arguments."""
        return self._such(probe=Attribute(name))

    def state(self) -> StudentObject:
        """The object's parameters and buffers by name. Call it without arguments."""
        return self._such(probe=state)

    def _such(self, **changes: Any) -> StudentObject:
        probe = replace(self.probe, **changes)
        return StudentObject(self.student, self.__name__, self.reference, probe, self.view)


class Answers:
    """What a check sees of a submission: `answers.f` is the student's `f`, with its reference."""

    def __init__(self, student: Student, reference: Any) -> None:
        self._student, self._reference = student, reference

    def __getattr__(self, name: str) -> StudentFunction:
        if name.startswith("__"):
            raise AttributeError(name)
        return StudentFunction(self._student, name, getattr(self._reference, name, None))


def _as_exception(name: str, error: Any) -> StudentFault:
    error = error if isinstance(error, dict) else {}
    type_name, text, where = (readable(error.get(key, "")) for key in ("type", "message", "where"))
    if type_name == "NotImplementedError":
        return NotAnswered(f"{name} is not answered yet: it still raises NotImplementedError.")
    return Raised(name, type_name or "an exception", text, where)


class LocalStudent(Student):
    """Functions, classes, values and texts in this process: only for code that is trusted."""

    def __init__(self, functions: Mapping[str, Any], device: str = "cpu") -> None:
        super().__init__()
        self._functions = functions
        self._device = device

    def call(self, name: str, question: Question) -> dict[str, Any]:
        arguments.insist(question.data)
        function = self._functions.get(name, harness.MISSING)
        answer = harness.answer(function, question.data, self._device)
        try:
            return wire.load_answer(wire.dump_answer(answer))
        except wire.NotData as error:
            raise StudentFault(f"{name}: {error}.") from error
