"""Which cells of a notebook its graded answers depend on: only these need to run for the points.

A cell is needed if it answers a question, or if it binds or changes a name that a needed cell reads.
Magic commands and star imports may bind anything, so cells with them are needed, too. What this
does not see, such as a name that is bound by `exec`, shows as a NameError; then the whole notebook
runs (`grade.py`).
"""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from nbformat import NotebookNode

from autograder.grading.assignment import TEST, grade_id
from autograder.grading.text import parsed


@dataclass(frozen=True)
class _Names:
    """What a cell does to the names of the notebook.

    Attributes:
        imported: names that it binds by an import; they are bound, too.
        bound: names that it binds.
        changed: names whose object it changes, by an assignment or a call of a method.
        read: names that it reads, in functions too.
        any: whether it may bind any name.
    """

    imported: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    read: frozenset[str] = frozenset()
    any: bool = False


def needed_cells(cells: Sequence[NotebookNode]) -> set[int]:
    """The indexes of the code cells that graded answers depend on."""
    graded = {grade_id(cell) or "" for cell in cells}
    names = {
        index: _names(cell.source)
        for index, cell in enumerate(cells)
        if cell.cell_type == "code" and cell.source.strip()
    }
    imported = frozenset[str]().union(*(found.imported for found in names.values()))
    needed = {
        index
        for index, found in names.items()
        if found.any or f"{TEST}{grade_id(cells[index])}" in graded
    }
    answers = {name.removeprefix(TEST) for name in graded if name.startswith(TEST)}
    while True:
        wanted = answers | {name for index in needed for name in names[index].read}
        # To call a function of a module is not to change the module.
        objects = wanted - imported
        more = {
            index
            for index in names.keys() - needed
            if names[index].bound & wanted or names[index].changed & objects
        }
        if not more:
            return needed
        needed |= more


def _names(source: str) -> _Names:
    tree = parsed(source)
    try:
        scopes = list(_scopes(symtable.symtable(source, "cell", "exec"))) if tree else []
    except (SyntaxError, RecursionError, MemoryError):  # `nonlocal` at the top; nested too deeply
        tree = None
    if tree is None or any(name == "*" for name in _imported(tree)):
        return _Names(any=True)
    imported = frozenset(_imported(tree))
    bound = {
        symbol.get_name()
        for scope in scopes
        for symbol in scope.get_symbols()
        if symbol.is_assigned() and (scope is scopes[0] or symbol.is_declared_global())
    }
    read = {
        symbol.get_name()
        for scope in scopes
        for symbol in scope.get_symbols()
        if symbol.is_referenced() and (scope is scopes[0] or symbol.is_global())
    }
    return _Names(imported, imported | bound, frozenset(_changed(tree)), frozenset(read))


def _scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _scopes(child)


def _imported(tree: ast.AST) -> Iterable[str]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                yield alias.asname or alias.name.partition(".")[0]


def _changed(tree: ast.Module) -> Iterator[str]:
    """The names of objects of which something is assigned, deleted, or called for its effect."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            yield from _base(node)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            yield from _base(node.value.func)


def _base(node: ast.expr) -> Iterator[str]:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
        if isinstance(node, ast.Name):
            yield node.id
