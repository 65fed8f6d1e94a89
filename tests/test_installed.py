"""The built wheel is enough: courses are made, released, graded and reported with it alone.

The wheel is unpacked into a folder that Python searches first, and the clone is taken off the path:
what the wheel lacks can't be found anywhere else.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from autograder.course.submissions import fill_in, solved
from autograder.grading.assignment import Assignment
from tests.corpus import ASSIGNMENTS, ROOT, assignment

BUILT_FROM = ("autograder", "course_lib", "solutions", "pyproject.toml", "README.md", "LICENSE")
NOT_BUILT = shutil.ignore_patterns("__pycache__", "build", "*.egg-info", ".*")
# An editable install finds the clone by a finder that asks after all others.
WITHOUT_CLONE = """\
import sys

sys.meta_path[:] = [f for f in sys.meta_path if not f.__module__.startswith("__editable__")]
"""
COMMANDS = """\
import shlex
import sys

from autograder.cli import app

for line in sys.argv[1:]:
    app(shlex.split(line), standalone_mode=False)
"""
MEAN_SQUARE = """\
# %% grade_id="root_mean_square"
def root_mean_square(numbers):
    return sum(number**2 for number in numbers) / len(numbers)
"""
ONLY_POSITIVE = """\
# %% grade_id="root_mean_square"
def root_mean_square(numbers):
    return (sum(number**2 for number in numbers if number > 0) / len(numbers)) ** 0.5
"""
SNOOP = """\
# %% grade_id="root_mean_square"
import pathlib
import sys

found = [str(path) for path in pathlib.Path({site!r}).rglob("checks.py")]
for path in {secrets!r}:
    if pathlib.Path(path).exists():
        found.append(path)

def root_mean_square(numbers):
    raise ValueError(f"found {{found}}")
"""

Run = Callable[..., str]


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """The folder that the wheel is installed into."""
    work = tmp_path_factory.mktemp("wheel")
    clone = work / "clone"  # setuptools leaves files where it builds, and builds again with them
    clone.mkdir()
    for name in BUILT_FROM:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, clone / name, ignore=NOT_BUILT)
        else:
            shutil.copy(ROOT / name, clone)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "wheel", "--no-deps", "--no-build-isolation", "-w", work, clone], check=True
    )
    (wheel,) = work.glob("*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", work / "site", wheel], check=True)
    shutil.rmtree(clone)
    (work / "site" / "sitecustomize.py").write_text(WITHOUT_CLONE)
    return work / "site"


@pytest.fixture
def run(site, tmp_path) -> Run:
    """Runs commands of the installed autograder in a fresh folder; returns what they print."""

    def commands(*lines: str) -> str:
        done = python("-c", COMMANDS, *lines, site=site, folder=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return commands


def python(*words: object, site: Path, folder: Path) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHONPATH": str(site), "COLUMNS": "300"}
    return subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )


def hand_in(course: Path, student: str, name: str, notebook: nbformat.NotebookNode) -> None:
    path = course / "submitted" / student / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)


def released(course: Path, name: str) -> Assignment:
    """An assignment of a course, to fill in notebooks from its release."""
    return Assignment(course / "solutions" / name, course / "release" / name / f"{name}.ipynb")


def scores(course: Path, name: str) -> dict[str, float]:
    """The scores that the verdicts tell, by student."""
    verdicts = (json.loads(p.read_text()) for p in (course / "verdicts" / name).glob("*.json"))
    return {verdict["submission"]: verdict["score"] for verdict in verdicts}


def test_nothing_of_the_clone_is_found(site, tmp_path):
    code = (
        "import importlib, sys\n"
        "for name in ('autograder', 'course_lib', 'looking_inside_classifiers'):\n"
        "    print(importlib.import_module(name).__file__)\n"
        "from importlib.metadata import version; print(version('looking-inside-classifiers'))\n"
        f"print([p for p in sys.path if p.startswith({str(ROOT)!r}) and '.venv' not in p])"
    )
    done = python("-c", code, site=site, folder=tmp_path)
    *modules, version, found = done.stdout.splitlines()
    assert len(modules) == 3
    assert all(module.startswith(str(site)) for module in modules)
    assert f'version = "{version}"' in (ROOT / "pyproject.toml").read_text()
    assert found == "[]"


@pytest.mark.parametrize("folder", ["autograder", "course_lib", "solutions"])
def test_the_wheel_holds_every_file(site, folder):
    ours = [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    ignored = {"__pycache__", "build", ".ipynb_checkpoints"}
    expected = {
        path.relative_to(ROOT / folder)
        for path in ours
        if not ignored & {*path.parts} and "egg-info" not in str(path)
    }
    installed = site / folder.replace("solutions", "looking_inside_classifiers")
    found = {path.relative_to(installed) for path in installed.rglob("*") if path.is_file()}
    assert {path for path in found if path.suffix != ".pyc"} == expected


@pytest.mark.slow
def test_a_course_of_the_installed_assignments_is_released_and_handed_out(run, tmp_path):
    said = run("init kit", "release --course kit", "handout --course kit --to out.zip")
    assert ", ".join(ASSIGNMENTS) in said
    for name in ASSIGNMENTS:
        made = tmp_path / "kit" / "release" / name / f"{name}.ipynb"
        assert made.read_bytes() == assignment(name).release_path.read_bytes()
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        names = {name.partition("/")[2] for name in archive.namelist()}
    assert {f"{name}.ipynb" for name in ASSIGNMENTS} <= names
    assert {"README.md", "course_lib/pyproject.toml", "course_lib/__init__.py"} <= names
    assert not [name for name in names if name.startswith(("solutions", "autograder"))]


@pytest.mark.slow
@pytest.mark.jail
def test_a_class_is_graded_and_reported(run, tmp_path):
    run("init kit", "release saliency --course kit")
    course = tmp_path / "kit"
    made = released(course, "saliency")
    hand_in(course, "ada", "saliency", solved(made))
    hand_in(course, "bela", "saliency", made.release)
    nbformat.write(solved(made), tmp_path / "solved.ipynb")
    said = run(
        "check saliency solved.ipynb --course kit --device cpu",
        "grade saliency --course kit --device cpu --cells defining",
        "report saliency --course kit",
    )
    for line in ("saliency: 40 of 40 points", "Jail: bubblewrap", "reports/saliency.html"):
        assert line in said
    assert scores(course, "saliency") == {"ada": 40, "bela": 0}
    assert "ada" in (course / "reports" / "saliency.html").read_text()
    assert (course / "feedback" / "ada" / "saliency" / "saliency.html").is_file()


@pytest.mark.slow
@pytest.mark.jail
def test_a_new_assignment_in_a_course_of_its_own_is_graded(run, site, tmp_path):
    run("init physics --empty", "new norms --course physics", "release --course physics")
    course = tmp_path / "physics"
    made = released(course, "norms")
    secrets = [site / "autograder" / "checks", site / "looking_inside_classifiers" / "saliency"]
    secrets = [str(path) for path in (*secrets, course / "solutions", course / "submitted")]
    snoop = SNOOP.format(site=str(site), secrets=secrets)
    hand_in(course, "ada", "norms", solved(made))
    hand_in(course, "bela", "norms", made.release)
    hand_in(course, "carmen", "norms", fill_in(made.release, MEAN_SQUARE))
    hand_in(course, "mallory", "norms", fill_in(made.release, snoop))
    run("grade norms --course physics", "report norms --course physics")
    assert scores(course, "norms") == {"ada": 5, "bela": 0, "carmen": 0, "mallory": 0}
    verdicts = course / "verdicts" / "norms"
    assert "forgot_the_root" in (verdicts / "carmen.json").read_text()
    assert "found []" in (verdicts / "mallory.json").read_text()
    assert "forgot the root" in (course / "reports" / "norms.html").read_text()


@pytest.mark.slow
@pytest.mark.jail
def test_each_of_two_terms_is_graded_by_its_own_release(run, tmp_path):
    """In the later term the written question is gone, and one check is worth more."""
    run("init spring --empty", "new norms --course spring")
    shutil.copytree(tmp_path / "spring", tmp_path / "autumn")
    folder = tmp_path / "autumn" / "solutions" / "norms"
    source = (folder / "norms.py").read_text()
    kept = source[: source.index("# %% [markdown] nbgrader=")]
    (folder / "norms.py").write_text(kept.replace('"points": 5', '"points": 7'))
    checks = (folder / "checks.py").read_text()
    (folder / "checks.py").write_text(checks.replace("points=2", "points=4"))
    run("release norms --course spring", "release norms --course autumn")
    for term in ("spring", "autumn"):
        made = released(tmp_path / term, "norms")
        hand_in(tmp_path / term, "ada", "norms", solved(made))
        hand_in(tmp_path / term, "bela", "norms", fill_in(made.release, ONLY_POSITIVE))
    run("grade norms --course spring", "grade norms --course autumn")
    assert scores(tmp_path / "spring", "norms") == {"ada": 5, "bela": 3}
    assert scores(tmp_path / "autumn", "norms") == {"ada": 7, "bela": 3}
    graded = {
        term: nbformat.read(tmp_path / term / "autograded/ada/norms/norms.ipynb", as_version=4)
        for term in ("spring", "autumn")
    }
    assert "Written question 1" in str(graded["spring"])
    assert "Written question 1" not in str(graded["autumn"])
