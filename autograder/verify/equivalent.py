"""Mutants that an author calls equivalent: no check can catch them, for a reason on record.

    - function: normalize_maps
      before: return a / b
      after: return a / +b
      reason: a sign that changes nothing

They are in `equivalent_mutants.yaml` of an assignment's folder. A mutant is recognised by its
changed lines, stripped, so that an entry outlives moves of the code around it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields

import yaml

from autograder.errors import CourseError
from autograder.grading.assignment import Assignment
from autograder.verify.mutants import Mutant

FILE = "equivalent_mutants.yaml"


@dataclass(frozen=True)
class Equivalent:
    """An entry of the file."""

    function: str
    before: str
    after: str
    reason: str

    def is_about(self, mutant: Mutant) -> bool:
        """Whether this is the entry of a mutant."""
        theirs = (mutant.function, mutant.before, mutant.after)
        return (self.function, self.before.strip(), self.after.strip()) == theirs


def equivalents_of(assignment: Assignment) -> list[Equivalent]:
    """The entries of an assignment's file; none if there is no file.

    Raises:
        CourseError: it can't be read, or an entry is incomplete.
    """
    path = assignment.folder / FILE
    if not path.is_file():
        return []
    wanted = [field.name for field in fields(Equivalent)]
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8")) or []
        found = [Equivalent(**entry) for entry in entries]
    except (yaml.YAMLError, TypeError) as error:
        raise CourseError(
            f"{path} can't be read: it should be a list of entries with {', '.join(wanted)} ({error})."
        ) from error
    for entry in found:
        if not all(isinstance(text, str) and text.strip() for text in astuple(entry)):
            raise CourseError(f"{path}: an entry about {entry.function!r} lacks a text: {entry}.")
    return found


def stale(equivalents: Iterable[Equivalent], survivors: Iterable[Mutant]) -> list[Equivalent]:
    """The entries that are about no survivor."""
    survivors = list(survivors)
    return [entry for entry in equivalents if not any(map(entry.is_about, survivors))]
