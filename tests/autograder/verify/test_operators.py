"""Each operator makes the programs that it should, and no others."""

from __future__ import annotations

import ast
import textwrap

import libcst as cst
import pytest

from autograder.verify import operators


def mutated(operator, code: str) -> set[str]:
    """All programs that an operator makes of one, in Python's own spelling."""
    tree = cst.parse_module(textwrap.dedent(code))
    nodes, found = [tree], []
    for node in nodes:
        nodes.extend(node.children)
        found += [tree.deep_replace(node, other).code for other in operator(node)]
    return {plain(source) for source in found}


def plain(code: str) -> str:
    return ast.unparse(ast.parse(textwrap.dedent(code)))


@pytest.mark.parametrize(
    ("operator", "code", "expected"),
    [
        (operators.arithmetic, "a + b * c", {"a - b * c", "a + b / c"}),
        (operators.arithmetic, "a @ b ** c", {"a * b ** c", "(a @ b) * c"}),
        (operators.arithmetic, "a += b", {"a -= b"}),
        (operators.comparison, "a < b", {"a <= b", "a >= b"}),
        (operators.comparison, "a is not None", {"a is None"}),
        (operators.comparison, "a in b", {"a not in b"}),
        (operators.boolean, "a and b or c", {"a or b or c", "a and b and c"}),
        (operators.unary, "-a", {"a"}),
        (operators.unary, "not a", {"a"}),
        (operators.constant, "f(1, dim=0)", {"f(2, dim=0)", "f(0, dim=0)", "f(1, dim=1)", "f(1, dim=-1)"}),
        (operators.constant, "x = True", {"x = False"}),
        (operators.constant, "x = None", set()),
        (operators.constant, "x = 'bilinear'", {"x = 'bilinear_'"}),
        (operators.condition, "if a > b: pass", {"if not a > b: pass"}),
        (operators.condition, "a if b or c else d", {"a if not (b or c) else d"}),
        (operators.condition, "[a for a in b if a]", {"[a for a in b if not a]"}),
        (operators.condition, "if not a: pass", set()),  # the removed sign makes the same
        (operators.deleted_argument, "f(a, b=c)", {"f(b=c)", "f(a)"}),
        (operators.swapped_arguments, "f(a, b, c)", {"f(b, a, c)", "f(a, c, b)"}),
        (operators.swapped_arguments, "f(a, b=c)", set()),
    ],
)  # fmt: skip
def test_an_operator_makes_one_change_at_a_time(operator, code, expected):
    assert mutated(operator, code) == {plain(program) for program in expected}


def test_a_call_is_removed_but_not_the_module_that_a_function_lives_in():
    remove = operators.removed_call({"torch"})
    assert mutated(remove, "x.abs().sum(1)") == {"x.abs()", "x.sum(1)"}
    assert mutated(remove, "torch.nn.relu(a + b) * c") == {"(a + b) * c"}
    assert mutated(remove, "blur(image)") == {"image"}
    assert mutated(remove, "zeros()") == set()


def test_statements_are_deleted_but_those_that_everything_hangs_on_stay():
    code = """
        def f(x):
            '''A docstring.'''
            y = x
            for z in x:
                y += z
            return y
    """
    without = "def f(x):\n    '''A docstring.'''\n    {}\n    {}\n    return y"
    loop = "for z in x:\n        {}"
    assert mutated(operators.deleted_statement, code) == {
        plain(without.format("pass", loop.format("y += z"))),
        plain(without.format("y = x", loop.format("pass"))),
        plain(without.format("y = x", "pass")),
    }


def test_neighbouring_statements_are_swapped_in_every_block():
    code = "a = 1\nif a:\n    b = 2\n    c = 3\n"
    assert mutated(operators.swapped_statements, code) == {
        plain("if a:\n    b = 2\n    c = 3\na = 1\n"),
        plain("a = 1\nif a:\n    c = 3\n    b = 2\n"),
    }
