"""Claim: every misconception is caught, named, free of side effects, and unlike the others."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from autograder.grading.assignment import Assignment
from autograder.grading.idle import holds
from autograder.grading.misconception import hint
from autograder.verify.questions import (
    ARGUMENTS,
    Answer,
    ask,
    asks_for_values_only,
    questions_about,
)
from autograder.verify.scores import SEED, verdicts


def problem_of_misconception(
    assignment: Assignment, function: str, wrong: Callable, device: str = "cpu"
) -> str:
    """What is wrong when a misconception stands in a student's place; empty when nothing is."""
    cells, broken = verdicts(assignment, {function: wrong}, device, only=[function])
    checks = {check.name: check for check in cells[function].checks}
    name, caught_by = wrong.__name__, wrong.caught_by  # type: ignore[attr-defined]
    if broken:
        return f"The misconception {name}: {broken[0]}"
    if caught_by not in checks:
        known = ", ".join(checks) or "none"
        return f"{caught_by}, which is to catch {name}, is not a check of {function}: they are {known}."
    check = checks[caught_by]
    if holds(check):
        lost = [check.name for check in checks.values() if not holds(check)]
        others = f" It loses points in {', '.join(lost)}." if lost else " It has full marks."
        return f"{name} passes {caught_by}, which is to catch it.{others}"
    if check.misconception != name:
        seen = f"taken for {check.misconception}" if check.misconception else "not recognised"
        return f"{name} loses points in {caught_by}, but is {seen} there ({check.message})"
    if hint(wrong) not in check.message:
        return f"{caught_by} does not tell a student the hint of {name}: {check.message}"
    return ""


def problems_between_misconceptions(assignment: Assignment, function: str) -> list[str]:
    """A sentence for each misconception with side effects, and for each two that can't be told apart."""
    questions = questions_about(assignment, function, SEED)
    answers = {
        wrong.__name__: [ask(question, wrong) for question in questions]
        for wrong in assignment.misconceptions.get(function, [])
    }
    right = getattr(assignment.reference, function)
    allowed = changed_by([ask(question, right) for question in questions])
    if not asks_for_values_only(questions):
        allowed |= {ARGUMENTS}  # to change them may be the mistake
    problems = []
    for name, given in answers.items():
        if changed := changed_by(given) - allowed:
            problems.append(
                f"{name} changes {' and '.join(sorted(changed))}, as the reference does not: let it "
                f"leave them as they were, for a diagnosis calls it beside the checks."
            )
    for (one, mine), (other, theirs) in itertools.combinations(answers.items(), 2):
        if all(map(Answer.same_as, mine, theirs)):
            problems.append(
                f"{one} and {other} answer every question of the checks alike, so neither can be "
                f"told from the other: ask something else in a check, or drop one."
            )
    return problems


def changed_by(answers: list[Answer]) -> frozenset[str]:
    """What is no longer as it was after one of the calls."""
    return frozenset().union(*(answer.changed for answer in answers))
