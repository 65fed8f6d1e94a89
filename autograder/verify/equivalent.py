"""Surviving mutants that an author explains: mostly, because they are equivalent to the reference.

    - function: normalize_maps
      before: return a / b
      after: return a / +b
      reason: a sign that changes nothing

They are in `equivalent_mutants.yaml` of an assignment's folder. A mutant is recognised by its
changed lines, stripped, so that an entry outlives moves of the code around it. With
`equivalent: false` the mutant is wrong and left alive for the reason given: it counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import yaml

from autograder.errors import CourseError
from autograder.grading.assignment import Assignment
from autograder.verify.mutants import Mutant

FILE = "equivalent_mutants.yaml"
TEXTS = ("function", "before", "after", "reason")


@dataclass(frozen=True)
class Explanation:
    """An entry of the file.

    Attributes:
        equivalent: whether the mutant gives right answers, so that no check can catch it.
    """

    function: str
    before: str
    after: str
    reason: str
    equivalent: bool = True

    def is_about(self, mutant: Mutant) -> bool:
        """Whether this is the entry of a mutant."""
        theirs = (mutant.function, mutant.before, mutant.after)
        return (self.function, self.before.strip(), self.after.strip()) == theirs


def explanations_of(assignment: Assignment) -> list[Explanation]:
    """The entries of an assignment's file; none if there is no file.

    Raises:
        CourseError: it can't be read, or an entry is incomplete.
    """
    path = assignment.folder / FILE
    if not path.is_file():
        return []
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8")) or []
        found = [Explanation(**entry) for entry in entries]
    except (yaml.YAMLError, TypeError) as error:
        raise CourseError(
            f"{path} can't be read: it should be a list of entries with {', '.join(TEXTS)} ({error})."
        ) from error
    for entry in found:
        texts = {name: getattr(entry, name) for name in TEXTS}
        for name, text in texts.items():
            if not isinstance(text, str) or not text.strip():
                raise CourseError(
                    f"{path}: the {name} of an entry is {text!r}; a text was expected: {texts}."
                )
    return found


def stale(explanations: Iterable[Explanation], survivors: Iterable[Mutant]) -> list[Explanation]:
    """The entries that are about no survivor."""
    survivors = list(survivors)
    return [entry for entry in explanations if not any(map(entry.is_about, survivors))]
