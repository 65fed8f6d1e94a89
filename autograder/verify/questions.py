"""Questions that the checks ask of a function, and the answers of others to the same questions."""

from __future__ import annotations

import contextlib
import copy
import io
import random
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from autograder.grading.assignment import Assignment
from autograder.grading.checking import run_checks
from autograder.grading.diagnosis import same_answer
from autograder.grading.inside import wire
from autograder.grading.inside.probes import Gradient, value
from autograder.grading.question import Question
from autograder.grading.student import LocalStudent
from autograder.grading.text import readable

ARGUMENTS, RANDOM, SETTINGS = "its arguments", "the random numbers", "torch's settings"


@dataclass(frozen=True)
class Answer:
    """What a function answers to one question.

    Attributes:
        value: None when it raised an exception.
        error: type and message of the exception; None when there was none.
        changed: what was no longer as it had been: `ARGUMENTS`, `RANDOM`, `SETTINGS`.
    """

    value: Any
    error: tuple[str, str] | None
    changed: frozenset[str]

    def same_as(self, other: Answer) -> bool:
        """Whether a diagnosis could not tell the two answers apart."""
        if self.error or other.error:
            return self.error == other.error
        return same_answer(self.value, other.value)


class Recorder(LocalStudent):
    """Functions in this process, with a record of what one of them is asked.

    Attributes:
        questions: arguments as they were before the call, and the probe.
    """

    def __init__(self, functions: dict[str, Callable], recorded: str) -> None:
        super().__init__(functions)
        self.questions: list[Question] = []
        self._recorded = recorded

    def call(self, name: str, question: Question) -> dict[str, Any]:
        """Answer, as `LocalStudent` does."""
        if name == self._recorded:
            asked = copy.deepcopy((question.args, question.kwargs))
            self.questions.append(Question(*asked, question.probe))
        return super().call(name, question)


def questions_about(assignment: Assignment, function: str, seed: int) -> list[Question]:
    """All questions that the checks of a function ask the reference."""
    recorder = Recorder(vars(assignment.reference), function)
    run_checks(assignment, recorder, seed=seed, only=[function])
    return recorder.questions


def ask(question: Question, function: Callable) -> Answer:
    """Put a question to a function and note what the call leaves changed.

    Every function is asked with the same random numbers. Afterwards the generators and torch's
    settings are as they were.
    """
    args, kwargs = copy.deepcopy((question.args, question.kwargs))
    with _same_random_numbers(), _quiet():
        before = _state(args, kwargs)
        found, error = None, None
        try:
            found = question.probe(function, args, kwargs)
        except Exception as exception:  # some misconceptions are about what can't be computed
            error = type(exception).__name__, readable(exception)
        after = _state(args, kwargs)
        _restore_settings(before[SETTINGS])
    return Answer(found, error, frozenset(what for what in before if before[what] != after[what]))


def asks_for_values_only(questions: list[Question]) -> bool:
    """Whether no question is about what becomes of the arguments."""
    probes = [question.probe for question in questions]
    return all(probe is value or isinstance(probe, Gradient) for probe in probes)


def _state(args: tuple, kwargs: dict[str, Any]) -> dict[str, Any]:
    return {
        ARGUMENTS: _fingerprint((args, kwargs)),
        RANDOM: (random.getstate(), str(np.random.get_state()), torch.get_rng_state().tolist()),
        SETTINGS: (
            torch.is_grad_enabled(),
            torch.get_default_dtype(),
            torch.are_deterministic_algorithms_enabled(),
        ),
    }


def _fingerprint(arguments: Any) -> bytes:
    """Equal as long as values, flags and hooks stay the same."""
    try:
        return wire.dump_arguments(arguments)
    except Exception:  # a hook that was left behind, for example, can't be pickled
        return b""


def _restore_settings(settings: tuple) -> None:
    gradients, dtype, deterministic = settings
    torch.set_grad_enabled(gradients)
    torch.set_default_dtype(dtype)
    if torch.are_deterministic_algorithms_enabled() != deterministic:  # slow, even for no change
        torch.use_deterministic_algorithms(deterministic)


@contextlib.contextmanager
def _same_random_numbers() -> Iterator[None]:
    python, arrays = random.getstate(), np.random.get_state()
    try:
        with torch.random.fork_rng(devices=[]):
            random.seed(0)
            np.random.seed(0)
            torch.manual_seed(0)
            yield
    finally:
        random.setstate(python)
        np.random.set_state(arrays)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield
