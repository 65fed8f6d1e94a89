"""Does the whole notebook run on real photographs, through an ImageNet classifier?"""

import os
import re
from pathlib import Path

import jupytext
import pytest
from nbclient import NotebookClient

SOURCE = Path(__file__).parents[2] / "solutions" / "gradcam" / "gradcam.py"
SWITCHES = {
    r"^model = load_classifier\(.*$": 'model = load_classifier("squeezenet1_1")',
    r"^samples = sample_images\(.*$": "samples = folder_images({folder!r}, model, n=5, seed=3)",
}


@pytest.fixture(scope="module")
def photographs():
    folder = Path(__file__).resolve().parents[3] / "shared" / "data"
    if not (folder / "photos").is_dir() or not (folder / "torch_home").is_dir():
        pytest.skip("needs photographs and ImageNet weights in ../shared/data")
    return folder


@pytest.fixture(scope="module")
def executed(photographs):
    """The solution with its two switches turned and nothing else, run from top to bottom."""
    source = SOURCE.read_text(encoding="utf-8")
    for line, other in SWITCHES.items():
        other = other.format(folder=str(photographs / "photos"))
        source, count = re.subn(line, lambda match, other=other: other, source, flags=re.M)
        assert count == 1
    notebook = jupytext.reads(source, fmt="py:percent")
    environment = {**os.environ, "TORCH_HOME": str(photographs / "torch_home")}
    environment.pop("MPLBACKEND", None)  # pictures are to be shown, as in a student's notebook
    NotebookClient(notebook, timeout=300).execute(env=environment, cwd=str(SOURCE.parent))
    return notebook


def outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def text(notebook):
    return "".join(output.get("text", "") for output in outputs(notebook))


def test_nothing_is_written_to_stderr(executed):
    assert [o.text for o in outputs(executed) if o.get("name") == "stderr"] == []


def test_the_visible_checks_pass_and_captum_agrees(executed):
    assert text(executed).count("✓ ") >= 15
    found = dict(re.findall(r"^(\w+) +largest difference: (\S+),", text(executed), re.M))
    assert float(found.pop("LayerConductance")) <= 1  # it is another method
    assert set(found) == {"GuidedBackprop", "LayerGradCam", "GuidedGradCam"}
    assert all(float(difference) < 1e-4 for difference in found.values())


def test_every_cell_that_draws_shows_a_picture(executed):
    for cell in executed.cells:
        if cell.cell_type == "code" and re.search(r"^(\w+ = )?show_|plt\.show", cell.source, re.M):
            kinds = {kind for output in cell.outputs for kind in output.get("data", {})}
            assert kinds & {"image/jpeg", "image/png"}, cell.source


def test_the_notebook_stays_small_enough_to_hand_in(executed):
    size = sum(len(str(output)) for output in outputs(executed))
    assert size < 5_000_000
