"""Claim: the release's stubs run, raise NotImplementedError, and earn nothing."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

from autograder.grading.assignment import IMPORTS, Assignment, grade_id
from autograder.grading.checking import run_checks
from autograder.grading.idle import holds
from autograder.grading.student import LocalStudent
from autograder.grading.text import readable

WANTED = "it should raise NotImplementedError with the name {name!r} in its message"


def problems_of_stubs(assignment: Assignment) -> list[str]:
    """A sentence for each stub that does not do what it should.

    Raises:
        CourseError: there is no release.
    """
    namespace: dict[str, Any] = {}
    problems = []
    for cell in assignment.release.cells:
        name = grade_id(cell)
        if cell.cell_type != "code" or name not in (IMPORTS, *assignment.functions):
            continue
        try:
            exec(compile(cell.source, f"{assignment.name}: {name}", "exec"), namespace)
        except NotImplementedError as error:  # the stub of a value
            problems += _unnamed(name, error)
        except Exception as error:  # whatever is in the cell
            problems.append(
                f"The cell {name!r} of the release can't be run after the imports alone: "
                f"{type(error).__name__}: {readable(error)}."
            )
        else:
            problems += [] if name == IMPORTS else _problems_of_stub(name, namespace)
    return problems + _points_for_nothing(assignment, namespace)


def _problems_of_stub(name: str, namespace: dict[str, Any]) -> list[str]:
    if not callable(namespace.get(name)):
        return [f"The stub of {name} in the release defines no {name}, and raises nothing."]
    raised: list[str] = []
    for call in _calls(namespace[name]):
        try:
            call()
        except NotImplementedError as error:
            return _unnamed(name, error)
        except Exception as error:  # whatever is written around the stub
            raised.append(f"{type(error).__name__}: {readable(error)}")
    seen = f"it raises {raised[0]}" if raised else "it raises nothing"
    return [f"The stub of {name} in the release: {seen}, but {WANTED.format(name=name)}."]


def _calls(stub: Callable) -> Iterator[Callable[[], Any]]:
    """Calls of a function with None for every argument; of a class, of its methods, too."""
    yield functools.partial(stub, *_nothing(stub)[0], **_nothing(stub)[1])
    if isinstance(stub, type):
        blank: Any = object.__new__(stub)
        for method in vars(stub).values():
            if inspect.isfunction(method):
                args, keywords = _nothing(method)
                yield functools.partial(method, blank, *args[1:], **keywords)


def _nothing(function: Callable) -> tuple[list[None], dict[str, None]]:
    """None for every argument that has to be given."""
    parameters = inspect.signature(function).parameters.values()
    wanted = [p for p in parameters if p.default is p.empty]
    positional = [p for p in wanted if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    keywords = {p.name: None for p in wanted if p.kind is p.KEYWORD_ONLY}
    return [None] * len(positional), keywords


def _unnamed(name: str, error: NotImplementedError) -> list[str]:
    if name in str(error):
        return []
    return [
        f"The stub of {name} in the release raises NotImplementedError({readable(error)!r}), but "
        f"{WANTED.format(name=name)}."
    ]


def _points_for_nothing(assignment: Assignment, namespace: dict[str, Any]) -> list[str]:
    stubs = {name: namespace[name] for name in assignment.functions if name in namespace}
    cells, _ = run_checks(assignment, LocalStudent(stubs), seed=0)
    return [
        f"The stub passes {check.name}, which is worth {check.max_points:g} points: let the check "
        f"fail when nothing is answered."
        for cell in cells
        for check in cell.checks
        if holds(check)
    ]
