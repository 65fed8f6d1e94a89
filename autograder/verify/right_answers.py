"""Claim: right answers in other styles earn all points and pass the visible checks."""

from __future__ import annotations

import ast
import contextlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.course.submissions import code_of
from autograder.errors import CourseError
from autograder.grading.assignment import IMPORTS, TEST, Assignment, grade_id
from autograder.grading.text import parsed, readable
from autograder.verify.scores import first_loss, verdicts


def problem_of_right_answer(assignment: Assignment, path: Path, device: str = "cpu") -> str:
    """What the checks have against a right answer, in sentences; empty when they accept it."""
    return " ".join(filter(None, objections(assignment, path, device).values()))


def objections(assignment: Assignment, path: Path, device: str = "cpu") -> dict[str, str]:
    """What the checks have against each function of a right answer; empty where they accept it.

    Raises:
        CourseError: the file can't be run, or defines none of the functions.
    """
    answered = answers_in(assignment, path)
    if not answered:
        raise CourseError(f"{path} defines none of {', '.join(assignment.functions)}.")
    cells, broken = verdicts(assignment, answered, device, only=list(answered))
    visible = visible_checks(assignment)
    found = {}
    for function in answered:
        lost, refused = first_loss(cells[function]), visible(function, answered)
        lost = lost or " ".join(broken)
        found[function] = " ".join(
            [f"{function} in {path.name} loses points: {lost}"] * bool(lost)
            + [f"{function} in {path.name} is refused by the visible check: {refused}"]
            * bool(refused)
        )
    return found


def answers_in(assignment: Assignment, path: Path) -> dict[str, Callable]:
    """The functions that a submission in text form defines, run in this process.

    Raises:
        CourseError: it can't be run.
    """
    imports = [c.source for c in assignment.source.cells if grade_id(c) == IMPORTS]
    namespace: dict[str, Any] = {}
    script = code_of(path.read_text(encoding="utf-8"))
    try:
        for source, name in [*((source, IMPORTS) for source in imports), (script, str(path))]:
            exec(compile(source, name, "exec"), namespace)
    except Exception as error:  # whatever the script raises
        raise CourseError(
            f"{path} can't be run: {type(error).__name__}: {readable(error)}."
        ) from error
    return {name: namespace[name] for name in assignment.functions if name in namespace}


def visible_checks(assignment: Assignment) -> Callable[[str, dict[str, Callable]], str]:
    """The checks that students see, as a function of a name and of the answers.

    It returns why the released test cell of that name refuses them; empty where it accepts.

    Raises:
        CourseError: there is no release.
    """
    cells = [cell for cell in assignment.release.cells if cell.cell_type == "code"]
    tests = {grade_id(cell): cell.source for cell in cells}
    imports = "\n".join(line for cell in cells for line in _imports(cell.source))

    def refuse(function: str, answered: dict[str, Callable]) -> str:
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                namespace: dict[str, Any] = {"display": lambda *values: None}
                exec(imports, namespace)
                namespace |= {**vars(assignment.reference), **answered}
                exec(tests.get(TEST + function, ""), namespace)
        except Exception as error:  # a check fails by any exception that it likes
            return f"{type(error).__name__}: {readable(error)}"
        return ""

    return refuse


def _imports(source: str) -> list[str]:
    """The import statements of a cell."""
    tree = parsed(source)
    statements = tree.body if tree else []
    return [ast.unparse(s) for s in statements if isinstance(s, (ast.Import, ast.ImportFrom))]
