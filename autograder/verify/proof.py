"""What is known about an assignment's checks after `verify`: counts, survivors, problems."""

from __future__ import annotations

from dataclasses import dataclass, field

from autograder.verify.equivalent import Explanation
from autograder.verify.mutants import Mutant

ENOUGH = 0.95  # of a function's mutants, without equivalent ones, are to be killed


@dataclass(frozen=True)
class Trial:
    """What came of one mutant.

    Attributes:
        killed_by: the check that caught it, or another reason; empty when it survived.
        explanation: why it survives, by the author's word.
    """

    mutant: Mutant
    killed_by: str
    explanation: Explanation | None = None

    @property
    def is_equivalent(self) -> bool:
        """Whether no check can catch it."""
        return self.explanation is not None and self.explanation.equivalent

    @property
    def reason(self) -> str:
        """Why it survives; empty when nobody said so."""
        return self.explanation.reason if self.explanation else ""


@dataclass
class FunctionProof:
    """What is known about the checks of one graded function, class or value.

    Attributes:
        misconceptions, caught: how many there are, and how many lose their points by name.
        right_answers, accepted: in how many styles, and how many have full marks.
        trials: of all mutants.
    """

    name: str
    misconceptions: int = 0
    caught: int = 0
    right_answers: int = 0
    accepted: int = 0
    trials: list[Trial] = field(default_factory=list)

    @property
    def killed(self) -> int:
        return sum(bool(trial.killed_by) for trial in self.trials)

    @property
    def survivors(self) -> list[Trial]:
        """The trials of the mutants that no check catches, though it could."""
        return [t for t in self.trials if not t.killed_by and not t.is_equivalent]

    @property
    def equivalents(self) -> list[Trial]:
        """The trials of the mutants that are called equivalent."""
        return [t for t in self.trials if t.is_equivalent]

    @property
    def score(self) -> float | None:
        """The share of the mutants that are killed; None where there is none to kill."""
        mortal = self.killed + len(self.survivors)
        return self.killed / mortal if mortal else None

    @property
    def weakness(self) -> str:
        """A sentence when too few mutants are killed."""
        if self.score is None or self.score >= ENOUGH:
            return ""
        return (
            f"The checks of {self.name} kill {self.killed} of "
            f"{self.killed + len(self.survivors)} mutants ({self.score:.0%}); at least {ENOUGH:.0%} "
            f"are wanted. Catch the survivors by a better check, or say in equivalent_mutants.yaml "
            f"why one is equivalent."
        )


@dataclass
class Proof:
    """What is known about an assignment's checks.

    Attributes:
        seeds: how many times the reference was checked, on inputs drawn afresh.
        with_mutants: whether mutants were generated.
        problems: a sentence for everything that is wrong.
    """

    assignment: str
    seeds: int
    with_mutants: bool
    functions: list[FunctionProof]
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems
