"""Generated mutants: the reference solution with one small mistake in it."""

from __future__ import annotations

import ast
import difflib
import types
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import libcst as cst

from autograder.grading.assignment import Assignment, grade_id
from autograder.verify.leaks import secret_lines
from autograder.verify.operators import is_docstring, operators

# What a mistake in it would not make a wrong answer.
LEFT_ALONE = (cst.Annotation, cst.Raise, cst.Import, cst.ImportFrom, cst.FormattedString)


@dataclass(frozen=True)
class Mutant:
    """The cell of a graded function with one change.

    Attributes:
        operator: what was done.
        original, source: the cell before and after.
    """

    function: str
    operator: str
    original: str
    source: str

    @cached_property
    def lines(self) -> tuple[range, range]:
        """The indices of the changed lines, before and after."""
        old, new = self.original.splitlines(), self.source.splitlines()
        start = _common(old, new)
        end = _common(old[start:][::-1], new[start:][::-1])
        return range(start, len(old) - end), range(start, len(new) - end)

    @property
    def before(self) -> str:
        """The changed lines as they were, stripped: they stay the same when the cell moves."""
        return _stripped(self.original, self.lines[0])

    @property
    def after(self) -> str:
        """What has become of the changed lines, stripped."""
        return _stripped(self.source, self.lines[1])

    @property
    def diff(self) -> str:
        """The change as a unified diff with a line around it, without a head."""
        old, new = self.original.splitlines(), self.source.splitlines()
        return "\n".join(list(difflib.unified_diff(old, new, lineterm="", n=1))[2:])


def mutants_of(assignment: Assignment, function: str) -> list[Mutant]:
    """All mutants of the reference's function, class or value.

    Only what the release leaves out is mutated. Mutants that are no Python, or the same program as
    another one, are left out.
    """
    (cell,) = [cell for cell in assignment.source.cells if grade_id(cell) == function]
    if cell.cell_type != "code":  # a written answer
        return []
    original = cell.source
    modules = {
        name for name, value in assignment.namespace.items() if isinstance(value, types.ModuleType)
    }
    changeable = _changeable_lines(original)
    known, found = {_program(original)}, []
    for operator, source in _mutated(original, modules):
        mutant = Mutant(function, operator, original, source)
        program = _program(source)
        if program is None or program in known or not changeable.issuperset(mutant.lines[0]):
            continue
        known.add(program)
        found.append(mutant)
    return found


def _mutated(source: str, modules: set[str]) -> Iterator[tuple[str, str]]:
    """Operator and code of each mutant, duplicates and all."""
    tree = cst.parse_module(source)
    for operator, mutate in operators(modules).items():
        for node in _nodes(tree):
            for other in mutate(node):
                changed = tree.deep_replace(node, other)
                yield operator, changed.code  # type: ignore[attr-defined]


def _nodes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        if not isinstance(child, LEFT_ALONE) and not is_docstring(child):
            yield from _nodes(child)


def _changeable_lines(source: str) -> set[int]:
    """The indices of the lines that are a student's to write."""
    secret = {index for index, line in enumerate(secret_lines(source)) if line}
    return secret or set(range(len(source.splitlines())))


def _program(source: str) -> str | None:
    """What two mutants have in common that are the same program; None for what is no Python."""
    try:
        tree = compile(source, "mutant", "exec", ast.PyCF_ONLY_AST)
        compile(source, "mutant", "exec")
    except (SyntaxError, ValueError):
        return None
    return ast.dump(tree)


def _common(one: list[str], other: list[str]) -> int:
    """How many lines two texts have in common at their beginning."""
    pairs = enumerate(zip(one, other))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))


def _stripped(source: str, lines: range) -> str:
    return "\n".join(source.splitlines()[index].strip() for index in lines)
