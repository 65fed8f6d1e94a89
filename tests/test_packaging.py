"""The files that say what is installed agree, with each other and with what is imported."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tests.corpus import ASSIGNMENTS, ROOT, assignment

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CONDA_NAMES = {"torch": "pytorch"}  # where conda-forge calls it something else
DISTRIBUTIONS = {"skimage": "scikit-image", "sklearn": "scikit-learn"}  # imported by another name
COMES_WITH = {"PIL": "torchvision", "IPython": "jupyterlab", "threadpoolctl": "scikit-learn"}
PYTHONS = ["3.10", "3.11", "3.12", "3.13"]


def toml(file: str) -> dict:
    return tomllib.loads((ROOT / file).read_text())


def project() -> dict:
    return toml("pyproject.toml")["project"]


def direct_requirements() -> list[Requirement]:
    extras = project()["optional-dependencies"]
    lines = project()["dependencies"] + [line for extra in extras.values() for line in extra]
    return [Requirement(line) for line in lines]


def constraints() -> list[Requirement]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


def makefile_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):(?!=)", (ROOT / "Makefile").read_text(), re.MULTILINE))


def tracked_files() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("needs a git clone to know which files are part of the kit")
    names = output_of("git", "ls-files", "-z").split("\0")
    return [path for name in names if name and (path := ROOT / name).is_file()]


def output_of(*command: str) -> str:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_conda_and_pip_are_asked_for_the_same_packages():
    entries = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    conda = {Requirement(entry) for entry in entries if isinstance(entry, str)}
    pip = {
        Requirement(f"{CONDA_NAMES.get(canonicalize_name(r.name), r.name)}{r.specifier}")
        for r in direct_requirements()
    }
    python = Requirement("python" + project()["requires-python"])
    assert conda == pip | {python, Requirement("pip")}
    assert {"pip": ["-e ."]} in entries


@pytest.mark.parametrize("python", PYTHONS)
def test_every_direct_requirement_has_one_tried_version_that_it_admits(python):
    tried = {}
    for constraint in constraints():
        if constraint.marker is None or constraint.marker.evaluate({"python_version": python}):
            name = canonicalize_name(constraint.name)
            assert name not in tried, f"{name} is pinned twice for Python {python}"
            tried[name] = constraint.specifier
    for requirement in direct_requirements():
        pin = tried.get(canonicalize_name(requirement.name))
        assert pin is not None, f"no tried version of {requirement.name} for Python {python}"
        (version,) = [specifier.version for specifier in pin]
        assert requirement.specifier.contains(version), f"{requirement} does not admit {version}"


def test_tried_versions_run_on_the_first_release_of_this_python():
    """Distributions stay on an early patch release for years; a newer package may refuse it."""
    first = "{}.{}.0".format(*sys.version_info)
    for constraint in constraints():
        if constraint.marker is None or constraint.marker.evaluate():
            try:
                installed = metadata(constraint.name)
            except PackageNotFoundError:
                continue  # for other systems
            if constraint.specifier.contains(installed["Version"]):
                needs = SpecifierSet(installed.get("Requires-Python") or "")
                assert needs.contains(first), f"{constraint} needs Python {needs}"


def test_constraints_are_exact_versions_and_no_addresses():
    for constraint in constraints():
        assert constraint.url is None
        assert [specifier.operator for specifier in constraint.specifier] == ["=="], constraint


def test_no_file_names_a_package_registry():
    hosts = ["pypi", "pythonhosted", "npmjs", "anaconda", "debian"]
    address = re.compile(r"\b(" + "|".join(hosts) + r")\.(org|com)\b", re.IGNORECASE)
    assert address.search(f"files.{hosts[1]}.org"), "the pattern finds what it is for"
    for path in tracked_files():
        found = address.search(path.read_bytes().decode("utf-8", errors="replace"))
        assert not found, f"{path.relative_to(ROOT)} names {found.group()}"


def test_the_commands_in_the_readme_are_targets_of_the_makefile():
    named = set(re.findall(r"\bmake ([a-z-]+)", "\n".join(code_in_readme())))
    assert {"demo", "test"} <= named
    assert named <= makefile_targets()


def code_in_readme() -> list[str]:
    """Inline code and fenced blocks, so that "make sure" in a sentence is no command."""
    readme = (ROOT / "README.md").read_text()
    fences = re.findall(r"^ *```.*?\n(.*?)^ *```", readme, re.MULTILINE | re.DOTALL)
    return fences + re.findall(r"`([^`\n]+)`", readme)


def test_make_help_lists_every_target_with_what_it_does():
    lines = [line.split() for line in output_of("make", "-s", "help").splitlines()]
    listed = {target for _, target, *_ in lines}
    assert {"help", "setup", "demo", "test", "release", "clean"} <= listed <= makefile_targets()
    assert all(len(text) > 2 for _, _, *text in lines)


def test_continuous_integration_runs_the_quick_tests_and_then_some_in_the_jail():
    script = (ROOT / ".ci" / "run").read_text()
    commands = re.findall(r"^\s*make (.*?) </dev/null$", script, re.MULTILINE)
    assert [command.split()[0] for command in commands] == ["check", "test"]
    assert "-m jail " in commands[1]


@pytest.mark.parametrize("file", ["pyproject.toml", "course_lib/pyproject.toml"])
def test_every_package_is_listed(file):
    """setuptools leaves out a package that is not, and says nothing."""
    setuptools = toml(file)["tool"]["setuptools"]
    folders = setuptools["package-dir"]
    home = (ROOT / file).parent
    roots = {name: folders.get(name, name) for name in setuptools["packages"] if "." not in name}
    found = {
        ".".join([name, *init.parent.relative_to(home / folder).parts])
        for name, folder in roots.items()
        for init in (home / folder).rglob("__init__.py")
    }
    assert found == {*setuptools["packages"]}
    assert len(setuptools["packages"]) == len(found) > 4


def test_course_lib_asks_for_what_the_kit_asks_for():
    kit, course_lib = toml("pyproject.toml"), toml("course_lib/pyproject.toml")
    assert {*course_lib["project"]["dependencies"]} < {*kit["project"]["dependencies"]}
    for key in ("version", "license", "requires-python"):
        assert course_lib["project"][key] == kit["project"][key]
    assert course_lib["build-system"] == kit["build-system"]
    (data,) = course_lib["tool"]["setuptools"]["package-data"].values()
    assert data == kit["tool"]["setuptools"]["package-data"]["course_lib"]


def test_course_lib_asks_for_all_that_it_and_the_notebooks_import_and_for_no_more():
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "course_lib").rglob("*.py")]
    for name in ASSIGNMENTS:
        cells = assignment(name).release.cells
        sources += [cell.source for cell in cells if cell.cell_type == "code"]
    imported = {name for source in sources for name in imported_by(source)}
    imported -= {*sys.stdlib_module_names, "course_lib"}
    needed = {COMES_WITH.get(name, DISTRIBUTIONS.get(name, name)) for name in imported}
    asked = {
        Requirement(line).name
        for line in toml("course_lib/pyproject.toml")["project"]["dependencies"]
    }
    assert needed == asked


def imported_by(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.split(".")[0]


def test_the_packages_with_assignments_are_those_that_the_kit_installs():
    points = toml("pyproject.toml")["project"]["entry-points"]["autograder.courses"]
    assert {*points.values()} <= {*toml("pyproject.toml")["tool"]["setuptools"]["packages"]}
