"""Finds the mistakes in how an assignment is written, before anything is made from it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import jupytext

from autograder.course.source_structure import source_mistakes
from autograder.course.submissions import code_of
from autograder.errors import CourseError
from autograder.grading.assignment import TEST, Assignment, grade_id
from autograder.grading.checking import collect_checks
from autograder.grading.misconception import hint
from autograder.grading.modules import load_module


def mistakes(assignment: Assignment) -> list[str]:
    """One sentence for each mistake: where it is, what it is, and what to do.

    No check is run: `autograder verify` finds the weak ones.
    """
    found = _name_mistakes(assignment) + source_mistakes(assignment)
    if not found:
        found += _problem(lambda: assignment.reference)
    of_the_source = bool(found)
    found += _problem(lambda: assignment.probes and load_module(assignment.folder, "probes"))
    of_the_checks = _problem(lambda: assignment.checks) or _problem(
        lambda: assignment.misconceptions
    )
    found += of_the_checks
    if of_the_source:  # the rest would repeat what is missing there
        return list(dict.fromkeys(found))
    if not of_the_checks:
        found += _check_mistakes(assignment)
    for path in assignment.right_answers:
        found += [f"{path}: {what}" for what in _right_answer_mistakes(assignment, path)]
    return found


def _name_mistakes(assignment: Assignment) -> list[str]:
    if assignment.name.isidentifier():
        return []
    return [
        f"{assignment.folder}: rename the folder and its source to letters, digits and underscores, "
        "with no digit first."
    ]


def _problem(load: Callable[[], object]) -> list[str]:
    try:
        load()
    except CourseError as error:
        return [str(error)]
    return []


def _check_mistakes(assignment: Assignment) -> list[str]:
    try:
        collected, wrong = collect_checks(assignment)
    except RuntimeError as error:  # pytest could not read them
        return [f"{assignment.folder / 'checks.py'}: {error}"]
    checks = {
        cell.removeprefix(TEST): {check.name.partition("[")[0] for check in results}
        for cell, results in collected.items()
    }
    return [
        *(f"{assignment.folder / 'checks.py'}: {what}" for what in wrong),
        *(
            f"{assignment.folder / 'misconceptions.py'}: {what}"
            for what in _misconception_mistakes(assignment, checks)
        ),
    ]


def _misconception_mistakes(assignment: Assignment, checks: dict[str, set[str]]) -> Iterator[str]:
    """Mistakes in the misconceptions.

    Args:
        checks: names of the checks by function.
    """
    for function, candidates in assignment.misconceptions.items():
        for candidate in candidates:
            name, check = candidate.__name__, candidate.caught_by  # type: ignore[attr-defined]
            if not hint(candidate):
                yield f"{name} has no docstring: write the hint that students read."
            if function not in assignment.functions:
                graded = ", ".join(assignment.functions)
                yield f"{name} is of {function!r}, which is not graded: the source grades {graded}."
            elif not hasattr(assignment.checks, check):
                known = ", ".join(sorted(checks.get(function, ()))) or "none"
                yield (
                    f"{name} is caught by {check!r}, but there is no such check: those of {function} "
                    f"are {known}."
                )
            elif others := [of for of in checks if check in checks[of] and of != function]:
                yield f"{name} is of {function!r}, but {check!r}, which catches it, is of {others[0]!r}."


def _right_answer_mistakes(assignment: Assignment, path: Path) -> Iterator[str]:
    script = path.read_text(encoding="utf-8")
    try:
        ast.parse(code_of(script))
    except SyntaxError as error:
        yield f"it is no Python ({error.msg}: {(error.text or '').strip()!r})."
        return
    cells = jupytext.reads(script, fmt="py:percent").cells
    answered = {name for cell in cells if (name := cell.metadata.get("grade_id"))}
    for name in sorted(answered - {grade_id(cell) for cell in assignment.source.cells}):
        yield f"it answers {name!r}, but the source has no cell of that name."
    if not answered & set(assignment.functions):
        yield (
            'it answers nothing: write # %% grade_id="FUNCTION" above each function, with one of '
            f"{', '.join(assignment.functions)}."
        )
