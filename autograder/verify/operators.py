"""Mutation operators: small changes to a syntax tree that could be a programmer's mistake.

Each takes one node and yields the nodes that could stand in its place. After the operators of
DeMillo, Lipton, Sayward: "Hints on Test Data Selection: Help for the Practicing Programmer", 1978.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

import libcst as cst

ARITHMETIC: dict[type[cst.CSTNode], type[cst.CSTNode]] = {
    cst.Add: cst.Subtract,
    cst.Subtract: cst.Add,
    cst.Multiply: cst.Divide,
    cst.Divide: cst.Multiply,
    cst.FloorDivide: cst.Divide,
    cst.Modulo: cst.FloorDivide,
    cst.Power: cst.Multiply,
    cst.MatrixMultiply: cst.Multiply,
    cst.AddAssign: cst.SubtractAssign,
    cst.SubtractAssign: cst.AddAssign,
    cst.MultiplyAssign: cst.DivideAssign,
    cst.DivideAssign: cst.MultiplyAssign,
}
COMPARISON: dict[type[cst.CSTNode], tuple[type[cst.CSTNode], ...]] = {
    cst.LessThan: (cst.LessThanEqual, cst.GreaterThanEqual),
    cst.LessThanEqual: (cst.LessThan, cst.GreaterThan),
    cst.GreaterThan: (cst.GreaterThanEqual, cst.LessThanEqual),
    cst.GreaterThanEqual: (cst.GreaterThan, cst.LessThan),
    cst.Equal: (cst.NotEqual,),
    cst.NotEqual: (cst.Equal,),
    cst.Is: (cst.IsNot,),
    cst.IsNot: (cst.Is,),
    cst.In: (cst.NotIn,),
    cst.NotIn: (cst.In,),
}
BOOLEAN: dict[type[cst.CSTNode], type[cst.CSTNode]] = {cst.And: cst.Or, cst.Or: cst.And}
NEEDS_PARENTHESES = (
    cst.BinaryOperation,
    cst.BooleanOperation,
    cst.Comparison,
    cst.IfExp,
    cst.Lambda,
    cst.UnaryOperation,
)
CONDITIONAL = (cst.If, cst.While, cst.IfExp, cst.CompIf)
# Without these the code could not be run at all, or would do the same.
NEVER_DELETED = (
    *(cst.Pass, cst.Return, cst.Raise, cst.Import, cst.ImportFrom),
    *(cst.FunctionDef, cst.ClassDef),
)

Operator = Callable[[cst.CSTNode], Iterator[cst.CSTNode]]


def arithmetic(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """a + b to a - b, a * b to a / b, a ** b to a * b, a += b to a -= b, ..."""
    if isinstance(node, (cst.BinaryOperation, cst.AugAssign)):
        other = ARITHMETIC.get(type(node.operator))
        if other:
            yield node.with_changes(operator=other())


def comparison(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """a < b to a <= b and a >= b, a == b to a != b, ..."""
    if isinstance(node, cst.ComparisonTarget):
        for other in COMPARISON.get(type(node.operator), ()):
            yield node.with_changes(operator=other())


def boolean(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """a and b to a or b, and back."""
    if isinstance(node, cst.BooleanOperation):
        yield node.with_changes(operator=BOOLEAN[type(node.operator)]())


def unary(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """-a to a, not a to a."""
    if isinstance(node, cst.UnaryOperation):
        yield node.expression


def constant(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """n to n + 1 and n - 1, True to False, a text to another one."""
    if isinstance(node, (cst.Integer, cst.Float)):
        for other in (node.evaluated_value + 1, node.evaluated_value - 1):
            yield cst.parse_expression(repr(other))
    elif isinstance(node, cst.Name) and node.value in ("True", "False"):
        yield cst.Name("False" if node.value == "True" else "True")
    elif isinstance(node, cst.SimpleString) and isinstance(node.evaluated_value, str):
        yield cst.parse_expression(repr(node.evaluated_value + "_"))


def condition(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """If a to if not a; also in loops, comprehensions and conditional expressions."""
    if isinstance(node, (cst.If, cst.While, cst.IfExp, cst.CompIf)) and not isinstance(
        node.test, cst.UnaryOperation
    ):
        yield node.with_changes(test=cst.UnaryOperation(cst.Not(), _enclosed(node.test)))


def deleted_statement(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A statement, or a whole block with its head, to pass."""
    if isinstance(node, (cst.SimpleStatementLine, cst.BaseCompoundStatement)):
        parts = node.body if isinstance(node, cst.SimpleStatementLine) else [node]
        if not is_docstring(node) and not any(isinstance(p, NEVER_DELETED) for p in parts):
            yield _in_place_of(node, cst.parse_statement("pass"))


def swapped_statements(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A statement and the next one in the other order."""
    if isinstance(node, (cst.IndentedBlock, cst.Module)):
        for i, (one, other) in enumerate(zip(node.body, node.body[1:])):
            swapped = [_in_place_of(one, other), _in_place_of(other, one)]
            yield node.with_changes(body=[*node.body[:i], *swapped, *node.body[i + 2 :]])


def deleted_argument(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """f(a, b=c) to f(b=c) and f(a)."""
    if isinstance(node, cst.Call):
        for i in range(len(node.args)):
            yield node.with_changes(args=_separated([*node.args[:i], *node.args[i + 1 :]]))


def swapped_arguments(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """f(a, b) to f(b, a): neighbours without a keyword."""
    if isinstance(node, cst.Call):
        for i, pair in enumerate(zip(node.args, node.args[1:])):
            if not any(argument.keyword or argument.star for argument in pair):
                args = [*node.args[:i], *reversed(pair), *node.args[i + 2 :]]
                yield node.with_changes(args=_separated(args))


def removed_call(modules: Collection[str]) -> Operator:
    """x.f(a) to x, and f(x, a) to x.

    Args:
        modules: names that stand for modules: m.f(x) is a function's call, not a method's.
    """

    def remove(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        if not isinstance(node, cst.Call):
            return
        if isinstance(node.func, cst.Attribute) and _root(node.func) not in modules:
            yield node.func.value
        elif node.args and not node.args[0].keyword and not node.args[0].star:
            yield _enclosed(node.args[0].value)

    return remove


def operators(modules: Collection[str]) -> dict[str, Operator]:
    """All operators by what they do.

    Args:
        modules: names that stand for modules in the code to be mutated.
    """
    return {
        "another arithmetic operator": arithmetic,
        "another comparison": comparison,
        "and instead of or": boolean,
        "a sign or a negation removed": unary,
        "another constant": constant,
        "a condition negated": condition,
        "a statement deleted": deleted_statement,
        "two statements swapped": swapped_statements,
        "an argument deleted": deleted_argument,
        "two arguments swapped": swapped_arguments,
        "a call removed": removed_call(modules),
    }


def is_docstring(node: cst.CSTNode) -> bool:
    """Whether a statement is a text and nothing else."""
    return (
        isinstance(node, cst.SimpleStatementLine)
        and isinstance(node.body[0], cst.Expr)
        and isinstance(node.body[0].value, (cst.SimpleString, cst.ConcatenatedString))
    )


def _in_place_of(statement: Any, other: Any) -> cst.CSTNode:
    """Another statement below the comments of the first: one of them may begin the solution."""
    return other.with_changes(leading_lines=statement.leading_lines)


def _enclosed(node: cst.BaseExpression) -> cst.BaseExpression:
    """An expression that stays one wherever it is put."""
    if node.lpar or not isinstance(node, NEEDS_PARENTHESES):
        return node
    return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def _separated(arguments: list[cst.Arg]) -> list[cst.Arg]:
    """Arguments with the commas that they need in this order."""
    return [argument.with_changes(comma=cst.MaybeSentinel.DEFAULT) for argument in arguments]


def _root(node: cst.BaseExpression) -> str:
    """The name that a chain of attributes begins with; empty when it begins with something else."""
    while isinstance(node, cst.Attribute):
        node = node.value
    return node.value if isinstance(node, cst.Name) else ""
