"""pyproject.toml, environment.yml, constraints.txt, the Makefile and the README agree."""

import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
CONDA_NAMES = {"torch": "pytorch"}  # where conda-forge calls it something else
PYTHONS = ["3.10", "3.11", "3.12", "3.13"]


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


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
                needs = SpecifierSet(installed["Requires-Python"] or "")
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


def test_continuous_integration_runs_the_tests_and_nothing_else():
    script = (ROOT / ".ci" / "run").read_text()
    assert re.findall(r"^(?!#|set |cd )\S.*", script, re.MULTILINE) == ["make test </dev/null"]


def test_the_readme_counts_the_corpora_as_they_are():
    """The table's last column says how each number is counted; here it is counted in the same way."""
    submissions = ROOT / "tests" / "submissions"
    misconceptions = [
        path.read_text() for path in (ROOT / "autograder" / "misconceptions").glob("*.py")
    ]
    counted = {
        "right answers": len(list(submissions.glob("*/right/*.py"))),
        "misconceptions": sum(text.count("\n@misc") for text in misconceptions),
        "honest notebooks": len(list((submissions / "saliency" / "broken").glob("*.py"))),
        "damaged notebooks": (submissions / "damage.py").read_text().count("\n@expects"),
        "attacks": len(list((ROOT / "tests" / "attacks" / "saliency").glob("*.py"))),
    }
    rows = re.findall(
        r"^\| ([a-z ]+).*?\| (\d+) \|", (ROOT / "README.md").read_text(), re.MULTILINE
    )
    told = {what: int(number) for what, number in rows}
    assert {what: told[next(t for t in told if t.startswith(what))] for what in counted} == counted


def test_the_mutation_table_is_about_the_corpora_as_they_are_and_reads_100_percent():
    table = (ROOT / "docs" / "mutation-table.md").read_text()
    written = sum(
        path.read_text().count("\n@misc")
        for path in (ROOT / "autograder" / "misconceptions").glob("*.py")
    )
    assert f"| **{written} / {written}** |" in table, "run make mutation-table"
    shares = re.findall(r"\((\d+)%\)", table)
    assert len(shares) > 30 and set(shares) == {"100"}
