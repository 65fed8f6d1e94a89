"""Do real photographs fool an ImageNet classifier, and does the whole notebook run on them?"""

import os
import re
import shutil
from pathlib import Path

import jupytext
import pytest
import torch
from nbclient import NotebookClient

from autograder.grading.assignment import Assignment
from course_lib.classifiers import load_classifier
from course_lib.image_sources import folder_images

SOURCE = Path(__file__).parents[2] / "solutions" / "fooling_images" / "fooling_images.py"
SWITCHES = {
    r"^model = load_classifier\(.*$": 'model = load_classifier("squeezenet1_1")',
    r"^samples = sample_images\(.*$": "samples = folder_images({folder!r}, model, n=7, seed=1)",
}
STINGRAY = 6


@pytest.fixture(scope="module")
def data():
    folder = Path(__file__).resolve().parents[3] / "shared" / "data"
    if not (folder / "photos").is_dir() or not (folder / "torch_home").is_dir():
        pytest.skip("needs photographs and ImageNet weights in ../shared/data")
    return folder


def test_hay_becomes_a_stingray_by_a_change_that_nobody_sees(data, tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(data / "torch_home"))
    shutil.copy(data / "photos" / "958_hay.jpg", tmp_path)
    model = load_classifier("squeezenet1_1")
    hay = folder_images(tmp_path, model, n=1)
    functions = Assignment("fooling_images").reference
    fooling = functions.make_fooling_image(hay.images, STINGRAY, model)
    report = functions.fooling_report(hay.images, fooling, model)
    assert model.class_names[report["class_before"]] == "hay"
    assert model.class_names[report["class_after"]] == "stingray"
    assert report["confidence_before"] > 0.5 and report["confidence_after"] > 0.3
    assert report["l2"] < 0.02 * hay.images.norm()
    assert (fooling - hay.images).abs().mean() < 1 / 255
    assert torch.equal(hay.images, folder_images(tmp_path, model, n=1).images)


@pytest.fixture(scope="module")
def executed(data):
    """The solution with its two switches turned and nothing else, run from top to bottom."""
    source = SOURCE.read_text(encoding="utf-8")
    for line, other in SWITCHES.items():
        other = other.format(folder=str(data / "photos"))
        source, count = re.subn(line, lambda match, other=other: other, source, flags=re.M)
        assert count == 1
    notebook = jupytext.reads(source, fmt="py:percent")
    environment = {**os.environ, "TORCH_HOME": str(data / "torch_home")}
    environment.pop("MPLBACKEND", None)  # pictures are to be shown, as in a student's notebook
    NotebookClient(notebook, timeout=600).execute(env=environment, cwd=str(SOURCE.parent))
    return notebook


def test_the_notebook_runs_on_photographs_without_a_warning(executed):
    outputs = [output for cell in executed.cells for output in cell.get("outputs", [])]
    assert [o.text for o in outputs if o.get("name") == "stderr" and o.text.strip()] == []
    assert sum(len(str(output)) for output in outputs) < 5_000_000


def test_every_cell_that_draws_shows_a_picture(executed):
    for cell in executed.cells:
        if cell.cell_type == "code" and re.search(r"^show_|plt\.show", cell.source, re.M):
            kinds = {kind for output in cell.outputs for kind in output.get("data", {})}
            assert kinds & {"image/jpeg", "image/png"}, cell.source
