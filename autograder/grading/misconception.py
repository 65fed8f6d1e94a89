"""Wrong answers known by name.

A misconception is a small function with the signature of the graded function. Its docstring is the
hint that a student reads whose values agree with it, and its decorator names the check that must
fail. An assignment has them in `misconceptions.py`.

Where the right answer is a formula, its mistakes are independent choices, and students make two at
once. A `formula` is the right answer with its parts as keyword arguments. A wrong part is a
misconception, and so are two or three wrong parts together.

    @formula(of="mean_loss")
    def loss_of_words(scores, y, *, loss=cross_entropy, reduce=torch.mean): ...

    @loss_of_words.part("reduce", caught_by="test_several_words")
    def sums(losses):
        \"\"\"A sum was taken over the words: the question asks for the mean.\"\"\"
        return losses.sum()
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable)


def misconception(*, of: str, caught_by: str) -> Callable[[Function], Function]:
    """Mark a function as a known wrong answer.

    Args:
        of: name of the graded function that it answers wrongly.
        caught_by: name of the check that is about this mistake.
    """

    def mark(function: Function) -> Function:
        function.of = of  # type: ignore[attr-defined]
        function.caught_by = caught_by  # type: ignore[attr-defined]
        return function

    return mark


class Formula:
    """The right answer to a question, with parts that can be replaced by wrong ones.

    Args:
        of: name of the graded function.
        answer: has the arguments of the graded function, and a keyword argument for each part.
    """

    def __init__(self, of: str, answer: Callable) -> None:
        self.of, self.answer = of, answer
        self._together: dict[tuple[WrongParts, ...], WrongParts] = {}

    def part(self, name: str, *, caught_by: str) -> Callable[[Callable], WrongParts]:
        """Mark a function as a wrong part; it becomes the misconception with the same docstring.

        Args:
            name: the keyword argument of the formula that it takes the place of.
            caught_by: name of the check that is about this mistake.
        """

        def mark(wrong: Callable) -> WrongParts:
            return WrongParts(self, {name: wrong}, caught_by)

        return mark

    def together(self, wrong: tuple[WrongParts, ...]) -> WrongParts:
        """The formula with several wrong parts: the same object for the same ones."""
        if wrong not in self._together:
            parts = {name: part for one in wrong for name, part in one.parts.items()}
            self._together[wrong] = WrongParts(self, parts, wrong[0].caught_by)
        return self._together[wrong]


class WrongParts:
    """A misconception: a formula with one wrong part, or with several.

    Attributes:
        parts: the wrong parts by the names of the right ones.
        caught_by: the check that is about it.
    """

    def __init__(self, formula: Formula, parts: dict[str, Callable], caught_by: str) -> None:
        self.formula, self.parts, self.caught_by = formula, parts, caught_by
        self.of = formula.of
        self.__name__ = " and ".join(part.__name__ for part in parts.values())
        self.__doc__ = next(iter(parts.values())).__doc__

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.formula.answer(*args, **kwargs, **self.parts)


def formula(*, of: str) -> Callable[[Callable], Formula]:
    """Mark a function as the right answer with replaceable parts, see `Formula`.

    Args:
        of: name of the graded function.
    """
    return lambda answer: Formula(of, answer)


def misconceptions_in(module: ModuleType) -> dict[str, list[Callable]]:
    """The misconceptions of a module, in its order, by graded function."""
    by_function: dict[str, list[Callable]] = {}
    for candidate in vars(module).values():
        if hasattr(candidate, "caught_by"):
            by_function.setdefault(candidate.of, []).append(candidate)
    return by_function


def several_at_once(
    candidates: Sequence[Callable], number: int
) -> Iterator[tuple[Callable, tuple[Callable, ...]]]:
    """Each combination of so many misconceptions that are about different parts of one formula.

    Returns:
        The wrong answer that makes all these mistakes, and the mistakes.
    """
    wrong_parts = [candidate for candidate in candidates if isinstance(candidate, WrongParts)]
    for chosen in itertools.combinations(wrong_parts, number):
        of_one_formula = len({id(one.formula) for one in chosen}) == 1
        if of_one_formula and len({name for one in chosen for name in one.parts}) == number:
            yield chosen[0].formula.together(chosen), chosen


def hint(function: Callable) -> str:
    """The docstring of a misconception in one line: what a student is told."""
    return " ".join((inspect.getdoc(function) or "").split())
