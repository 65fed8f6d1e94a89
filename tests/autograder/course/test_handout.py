"""What students receive is enough to work with, and holds no answer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile

import nbformat
import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course.course import Course
from autograder.course.handout import write_handout
from autograder.course.init import init_course
from autograder.course.new import new_assignment
from autograder.course.release import release
from tests.corpus import COURSE, ROOT, assignment

KIT = "looking-inside-classifiers"


def unpack(course: Course, names: list[str], folder) -> list:
    """The names of the files of a handout, which is unpacked into a folder."""
    with zipfile.ZipFile(write_handout(course, names, folder / "out.zip")) as archive:
        archive.extractall(folder)
        return archive.namelist()


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("handout")
    unpack(COURSE, ["gradcam", "saliency"], folder)
    return folder / KIT


@pytest.fixture
def course(tmp_path):
    """A course with one assignment and two packages of its own, a folder and a module."""
    root = tmp_path / "physics"
    init_course(root, empty=True)
    with (root / "nbgrader_config.py").open("a") as config:
        config.write("c.Course.packages = ['waves', 'tools/units.py']\n")
    for left in ("__pycache__", "build", "waves.egg-info", ".git", "data"):
        (root / "waves" / left).mkdir(parents=True)
        (root / "waves" / left / "file").touch()
    (root / "waves" / "__init__.py").write_text("SPEED = 3e8\n")
    (root / "tools").mkdir()
    (root / "tools" / "units.py").write_text("METRE = 1\n")
    made = Course(root)
    new_assignment(made, "norms")
    release(made.assignment("norms"), made)
    return made


def test_it_holds_the_notebooks_and_course_lib_and_nothing_else(unpacked):
    assert {path.name for path in unpacked.iterdir()} == {
        "README.md", "course_lib", "gradcam.ipynb", "saliency.ipynb",
    }  # fmt: skip
    ours = {path for path in (ROOT / "course_lib").rglob("*") if path.is_file()}
    ours = {path.relative_to(ROOT) for path in ours if path.suffix != ".pyc"}
    theirs = {path for path in (unpacked / "course_lib").rglob("*") if path.is_file()}
    assert {path.relative_to(unpacked) for path in theirs} == ours
    for name in ("gradcam", "saliency"):
        made = nbformat.read(unpacked / f"{name}.ipynb", as_version=4)
        assert made == assignment(name).release


def test_it_installs_and_runs_without_the_kit(unpacked, tmp_path):
    readme = (unpacked / "README.md").read_text()
    assert "pip install ./course_lib jupyterlab" in readme
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
    handout = shutil.copytree(unpacked, tmp_path / "handout")  # pip leaves files in it
    subprocess.run([*pip, "--target", tmp_path / "site", "./course_lib"], cwd=handout, check=True)
    code = (
        "import course_lib, sys; from course_lib import load_classifier, sample_images\n"
        "import course_lib.visible_checks.saliency, course_lib.quiz, course_lib.train\n"
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


def test_packages_without_metadata_lie_beside_the_notebooks(course, tmp_path):
    assert sorted(unpack(course, ["norms"], tmp_path)) == [
        "physics/README.md", "physics/norms.ipynb", "physics/units.py",
        "physics/waves/__init__.py", "physics/waves/data/file",
    ]  # fmt: skip
    readme = (tmp_path / "physics" / "README.md").read_text()
    assert "pip install jupyterlab" in readme
    assert readme.startswith("# physics\n")


def test_a_course_without_packages_hands_out_its_notebooks(course, tmp_path):
    course.packages = []
    assert unpack(course, ["norms"], tmp_path) == ["physics/norms.ipynb", "physics/README.md"]


def test_packages_of_some_assignments_come_with_these(course, tmp_path):
    course.overrides = {"norms": {"packages": ["waves"]}}
    assert "physics/units.py" not in unpack(course, ["norms"], tmp_path)


def test_what_can_not_be_written_leaves_nothing(tmp_path):
    root = ["--course", str(ROOT)]
    no_folder = ["handout", "saliency", "--to", str(tmp_path / "no" / "x.zip"), *root]
    done = CliRunner().invoke(app, no_folder)
    assert done.exit_code == 1
    assert "x.zip can't be written: No such file" in done.output
    done = CliRunner().invoke(app, ["handout", "nonsense", "--to", str(tmp_path / "x.zip"), *root])
    assert done.exit_code == 1
    assert "no assignment 'nonsense'" in done.output
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_released_is_not_handed_out(course, tmp_path):
    new_assignment(course, "angles")
    done = CliRunner().invoke(
        app, ["handout", "--to", str(tmp_path / "x.zip"), "--course", str(course.root)]
    )
    assert done.exit_code == 1
    assert "angles is not released yet" in done.output
    assert not (tmp_path / "x.zip").exists()
