"""What students receive is enough to work with, and holds no answer."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import zipfile

import pytest
from packaging.requirements import Requirement
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course.handout import KIT, requirements, write_handout
from autograder.grading.assignment import HOME, Assignment, assignment_names

MODULES = {"skimage": "scikit-image", "sklearn": "scikit-learn"}  # imported by another name
COMES_WITH = {"PIL": "torchvision", "IPython": "jupyterlab", "threadpoolctl": "scikit-learn"}


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("handout")
    with zipfile.ZipFile(write_handout(["gradcam", "saliency"], folder / "out.zip")) as archive:
        archive.extractall(folder)
    return folder / KIT


def test_it_holds_the_notebooks_and_course_lib_and_nothing_else(unpacked):
    assert {path.name for path in unpacked.iterdir()} == {
        "README.md", "pyproject.toml", "course_lib", "gradcam", "saliency",
    }  # fmt: skip
    kinds = {path.suffix for path in (unpacked / "course_lib").rglob("*") if path.is_file()}
    assert kinds == {".py", ".json", ".safetensors"}
    for name in ("gradcam", "saliency"):
        made = (unpacked / name / f"{name}.ipynb").read_text(encoding="utf-8")
        assert made.strip() == Assignment(name).release_path.read_text(encoding="utf-8").strip()


def test_it_installs_and_runs_without_the_kit(unpacked, tmp_path):
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", tmp_path / "site", unpacked], check=True)
    code = (
        "import course_lib, sys; from course_lib import load_classifier, sample_images\n"
        "load_classifier('shapes_cnn')(sample_images('shapes', n=1, seed=0).images)\n"
        "assert 'autograder' not in sys.modules\n"
        "print(course_lib.__file__)"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(tmp_path / "site" / "course_lib" / "__init__.py")


def test_it_requires_all_that_is_imported():
    sources = [path.read_text(encoding="utf-8") for path in (HOME / "course_lib").rglob("*.py")]
    for name in assignment_names():
        cells = Assignment(name).release.cells
        sources += [c.source for c in cells if c.cell_type == "code" and "import" in c.source]
    imported = set()
    for node in (node for source in sources for node in ast.walk(ast.parse(source))):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module.split(".")[0])
    imported -= {*sys.stdlib_module_names, "course_lib"}
    required = {Requirement(line).name for line in requirements()}
    assert {COMES_WITH.get(name, MODULES.get(name, name)) for name in imported} <= required
    assert not required & {"nbgrader", "pytest"}


def test_what_can_not_be_written_leaves_nothing(tmp_path):
    done = CliRunner().invoke(app, ["handout", "saliency", "--to", str(tmp_path / "no" / "x.zip")])
    assert done.exit_code == 1 and "x.zip can't be written: No such file" in done.output
    done = CliRunner().invoke(app, ["handout", "nonsense", "--to", str(tmp_path / "x.zip")])
    assert done.exit_code == 1 and "no assignment 'nonsense'" in done.output
    assert list(tmp_path.iterdir()) == []
