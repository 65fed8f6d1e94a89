"""The layers of the kit: imports go downwards only, and the engine names no assignment."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ASSIGNMENTS = sorted(folder.name for folder in (ROOT / "solutions").iterdir() if folder.is_dir())
ASSIGNMENTS = [name for name in ASSIGNMENTS if not name.startswith((".", "_"))]

# (layer, packages that it may not import)
FORBIDDEN = [
    (
        "autograder/grading",
        [f"autograder.{layer}" for layer in ("checks", "course", "quiz", "verify", "cli")],
    ),
    (
        "autograder/checks",
        [f"autograder.{layer}" for layer in ("course", "quiz", "verify", "cli")],
    ),
    ("autograder/quiz", ["autograder.course", "autograder.verify", "autograder.cli"]),
    ("autograder/course", ["autograder.verify", "autograder.cli"]),
    ("autograder", ["course_lib", "looking_inside_classifiers", "solutions"]),
    ("course_lib", ["autograder", "looking_inside_classifiers", "solutions", "tests"]),
]


def sources(folder: str, ending: str = "*.py") -> list[Path]:
    return [path for path in sorted((ROOT / folder).rglob(ending)) if path.is_file()]


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path, root: Path = ROOT) -> Iterator[str]:
    """All that a file imports, inside functions as well: modules, and `module.name` of names."""
    package = path.relative_to(root).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def graph(package: str) -> dict[str, set[str]]:
    """The modules of a package, and for each one the modules of the package that it imports."""
    modules = {module_name(path): path for path in sources(package)}
    edges = {}
    for name, path in modules.items():
        imported = set(imports(path))
        # `package.module.name` stands for `package.module`.
        parents = {target.rpartition(".")[0] for target in imported - modules.keys()}
        edges[name] = (imported | parents) & modules.keys() - {name}
    return edges


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def circle(edges: dict[str, set[str]]) -> list[str]:
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_imports_inside_functions_and_relative_ones_are_seen(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.py").write_text(
        "import torch.nn\ndef f():\n    from . import c\n    from .d import e\n    from x import y\n"
    )
    assert {*imports(tmp_path / "a" / "b.py", tmp_path)} == {"torch.nn", "a.c", "a.d.e", "x.y"}


def test_a_circle_is_seen():
    assert {*circle({"a": {"b"}, "b": {"c"}, "c": {"a"}})} == {"a", "b", "c"}
    assert graph("course_lib")["course_lib.shapes.scene"] == {
        "course_lib.shapes.outlines",
        "course_lib.shapes.surfaces",
    }


def test_course_lib_has_no_import_circle():
    assert circle(graph("course_lib")) == []


@pytest.mark.parametrize(("layer", "packages"), FORBIDDEN, ids=[layer for layer, _ in FORBIDDEN])
def test_a_layer_imports_nothing_from_above(layer, packages):
    assert sources(layer)
    upward = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources(layer)
        for name in imports(path)
        if any(within(name, package) for package in packages)
    }
    assert upward == set()


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_engine_names_no_assignment(assignment):
    named = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources("autograder", "*")
        if "__pycache__" not in path.parts
        for number, line in enumerate(
            f"{path.name}\n{path.read_text(encoding='utf-8')}".lower().splitlines()
        )
        if assignment in line
    ]
    assert named == []


@pytest.mark.parametrize("words", ["unittest.mock", "from unittest import mock", "logging.disable"])
def test_test_doubles_and_silenced_logs_stay_in_tests(words):
    files = [*sources("autograder"), *sources("course_lib"), *sources("solutions")]
    used = [
        str(path.relative_to(ROOT))
        for path in files
        if words in path.read_text(encoding="utf-8")
        and path.parent.name not in ("right", "demo")  # written as students write
    ]
    assert used == []
