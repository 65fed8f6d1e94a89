"""What a check asserts about a student's function."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Any, NoReturn

from autograder.grading.compare import EXACT, Mismatch, describe_difference, describe_form
from autograder.grading.inside.values import in_one_form, kept
from autograder.grading.question import Question
from autograder.grading.student import StudentFunction


def assert_same(
    function: StudentFunction, *arguments: Any, rtol: float = EXACT, **keywords: Any
) -> None:
    """Check that `function` answers as its reference does: in values, changes or gradients.

    Args:
        arguments, keywords: of the call.
        rtol: largest relative error.

    Raises:
        Mismatch: the answers differ.
    """
    question = function.question(*arguments, **keywords)
    _compare(function, question, question.answer_of(function.reference), rtol)


def assert_value(
    function: StudentFunction,
    expected: Any,
    *arguments: Any,
    rtol: float = EXACT,
    **keywords: Any,
) -> None:
    """Check that `function` answers `expected`.

    Args:
        expected: a tensor, number or string, or a list, tuple or dict of these.
        arguments, keywords: of the call.
        rtol: largest relative error.

    Raises:
        Mismatch: the answer differs.
    """
    _compare(function, function.question(*arguments, **keywords), expected, rtol)


def _compare(
    function: StudentFunction, question: Question, expected: Any, rtol: float = EXACT
) -> None:
    if function.probe is kept:  # a list, an array and a tensor of the same numbers are equal
        expected = in_one_form(expected)
    actual = function.ask(question)
    if difference := describe_difference(actual, expected, rtol):
        _fail(function, difference, actual, question)


def assert_holds(
    function: StudentFunction,
    fault_of: Callable[[Any], str],
    *arguments: Any,
    vague: Collection[str] = (),
    **keywords: Any,
) -> None:
    """Check a property of an answer whose values are not known: an answer that chance has a part in.

    A property of all runs also holds where there are no runs. So the answer needs the form of the
    reference's answer to the same call, see `describe_form`.

    Args:
        fault_of: takes an answer; returns a sentence, empty when nothing is wrong.
        arguments, keywords: of the call.
        vague: sentences that many different mistakes lead to: they speak for no misconception.

    Raises:
        Mismatch: the property does not hold, or the answer has another form.
    """
    expected = function.expected(*arguments, **keywords)
    judged = function.seen_as(lambda seen: fault_of(seen) or describe_form(seen, expected))
    question = judged.question(*arguments, **keywords)
    if fault := judged.ask(question):
        _fail(judged, fault, fault, question, fault in vague)


def fail(
    function: StudentFunction, sentence: str, actual: Any, *arguments: Any, **keywords: Any
) -> NoReturn:
    """Fail because of a property that is no comparison of values.

    Args:
        sentence: what does not hold.
        actual: what came back; misconceptions are recognised by it.
        arguments, keywords: of the call.

    Raises:
        Mismatch: always.
    """
    _fail(function, sentence, actual, function.question(*arguments, **keywords))


def _fail(
    function: StudentFunction, sentence: str, actual: Any, question: Question, vague: bool = False
) -> NoReturn:
    message = f"{function.__name__}: {sentence}"
    raise Mismatch(message, function.__name__, question, actual, vague)


def assert_mentions(text: StudentFunction, *words: str | tuple[str, ...]) -> None:
    """Check that a written answer has each of some words, in any form that begins with it.

    Args:
        text: `answer.text`.
        words: "gradient" is also found in "Gradients"; of a tuple one is enough.

    Raises:
        Mismatch: a word is missing.
    """
    choices = [(word,) if isinstance(word, str) else word for word in words]

    def missing(written: str) -> list[str]:
        return [" or ".join(choice) for choice in choices if not _has_one(written, choice)]

    seen = text.seen_as(missing)
    if found := seen():
        fail(seen, f"it does not mention {', '.join(found)}.", found)


def _has_one(written: str, choice: tuple[str, ...]) -> bool:
    return any(re.search(rf"\b{re.escape(word)}", written, re.IGNORECASE) for word in choice)
