"""Which cells of a notebook its graded answers depend on: only these need to run for the points.

A cell is needed if it answers a question, or if it binds or changes a name that a needed cell reads.
Magic commands and star imports may bind anything, so cells with them are needed, too. What this
does not see, such as a file that a demonstration writes, makes an answer wrong in a way that nobody
knows; then the whole notebook runs (`grade.py`).
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
        defined: of those, the names of functions.
        changed: names whose object it may change: by a call of its methods, or as an argument.
        read: names that it reads, in functions too.
        any: whether it may bind any name.
    """

    imported: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset()
    defined: frozenset[str] = frozenset()
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
    # To call a function of a module is not to change the module, nor to pass on a function to change it.
    fixed = frozenset[str]().union(*(found.imported | found.defined for found in names.values()))
    needed = {
        index
        for index, found in names.items()
        if found.any or f"{TEST}{grade_id(cells[index])}" in graded
    }
    answers = {name.removeprefix(TEST) for name in graded if name.startswith(TEST)}
    while True:
        wanted = answers | {name for index in needed for name in names[index].read}
        more = {
            index
            for index in names.keys() - needed
            if names[index].bound & wanted or (names[index].changed - fixed) & wanted
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
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return _Names(
        imported,
        defined=frozenset(node.name for node in ast.walk(tree) if isinstance(node, functions)),
        bound=imported | bound | frozenset(_assigned_to(tree)),
        changed=frozenset(_changed(tree)),
        read=frozenset(read),
    )


def _scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _scopes(child)


def _imported(tree: ast.AST) -> Iterable[str]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                yield alias.asname or alias.name.partition(".")[0]


def _assigned_to(tree: ast.Module) -> Iterator[str]:
    """The names of objects of which an attribute or an item is assigned or deleted."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            yield from _base(node)


def _changed(tree: ast.Module) -> Iterator[str]:
    """The names of objects that a call gets: as its arguments, or as what has the method."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _base(node.func)
            for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                yield from _base(argument, itself=True)


def _base(node: ast.expr, itself: bool = False) -> Iterator[str]:
    """The name that a chain of attributes and items begins with."""
    if isinstance(node, ast.Name) and itself:
        yield node.id
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
        node = node.value
        if isinstance(node, ast.Name):
            yield node.id
