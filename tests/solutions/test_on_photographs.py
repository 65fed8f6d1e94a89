"""Do whole notebooks run on real photographs, through an ImageNet classifier?"""

import os
import re
import shutil

import jupytext
import pytest
import torch
from nbclient import NotebookClient

from course_lib.classifiers import load_classifier
from course_lib.image_sources import folder_images
from tests.corpus import assignment

MODEL = 'model = load_classifier("squeezenet1_1")'
CHOICES = {"saliency": "n=7, seed=1", "fooling_images": "n=7, seed=1", "gradcam": "n=5, seed=3"}
STINGRAY = 6


@pytest.fixture(scope="module", params=CHOICES)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def executed(name, shared_data):
    """The solution with its two switches turned and nothing else, run from top to bottom."""
    path = assignment(name).source_path
    source = path.read_text(encoding="utf-8")
    samples = f"samples = folder_images({str(shared_data / 'photos')!r}, model, {CHOICES[name]})"
    for start, other in (("model = load_classifier", MODEL), ("samples = sample_images", samples)):
        line = rf"^{start}\(.*$"
        source, count = re.subn(line, lambda match, other=other: other, source, flags=re.M)
        assert count == 1
    notebook = jupytext.reads(source, fmt="py:percent")
    environment = {**os.environ, "TORCH_HOME": str(shared_data / "torch_home")}
    environment.pop("MPLBACKEND", None)  # pictures are to be shown, as in a student's notebook
    NotebookClient(notebook, timeout=600).execute(env=environment, cwd=str(path.parent))
    return notebook


def outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def text(notebook):
    return "".join(output.get("text", "") for output in outputs(notebook))


@pytest.mark.slow
def test_nothing_is_written_to_stderr(executed):
    said = [o.text for o in outputs(executed) if o.get("name") == "stderr" and o.text.strip()]
    assert said == []


@pytest.mark.slow
def test_the_visible_checks_pass_and_captum_agrees(executed, name):
    assert text(executed).count("✓ ") >= 10
    found = dict(re.findall(r"^(\w+).*largest difference: (\S+),", text(executed), re.M))
    if name == "gradcam":
        assert float(found.pop("LayerConductance")) <= 1  # it is another method
        assert set(found) == {"GuidedBackprop", "LayerGradCam", "GuidedGradCam"}
    if name == "saliency":
        found = dict(re.findall(r"(largest) difference: (\S+),", text(executed)))
        assert found
    assert all(float(difference) < 1e-4 for difference in found.values())


@pytest.mark.slow
def test_every_cell_that_draws_shows_a_picture(executed):
    for cell in executed.cells:
        if cell.cell_type == "code" and re.search(r"^(\w+ = )?show_|plt\.show", cell.source, re.M):
            kinds = {kind for output in cell.outputs for kind in output.get("data", {})}
            assert kinds & {"image/jpeg", "image/png"}, cell.source


@pytest.mark.slow
def test_the_notebook_stays_small_enough_to_hand_in(executed):
    assert sum(len(str(output)) for output in outputs(executed)) < 5_000_000


def test_hay_becomes_a_stingray_by_a_change_that_nobody_sees(shared_data, torch_home, tmp_path):
    shutil.copy(shared_data / "photos" / "958_hay.jpg", tmp_path)
    model = load_classifier("squeezenet1_1")
    hay = folder_images(tmp_path, model, n=1)
    functions = assignment("fooling_images").reference
    fooling = functions.make_fooling_image(hay.images, STINGRAY, model)
    report = functions.fooling_report(hay.images, fooling, model)
    assert model.class_names[report["class_before"]] == "hay"
    assert model.class_names[report["class_after"]] == "stingray"
    assert report["confidence_before"] > 0.5 and report["confidence_after"] > 0.3
    assert report["l2"] < 0.02 * hay.images.norm()
    assert (fooling - hay.images).abs().mean() < 1 / 255
    assert torch.equal(hay.images, folder_images(tmp_path, model, n=1).images)
