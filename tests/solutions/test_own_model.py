"""Do whole notebooks run with a network of one's own, loaded by name, and a data set by name?

It is the hardest case: a vision transformer, so no ReLUs, tokens, one size of images, and ten
classes of grey digits.
"""

import os
import re
from pathlib import Path

import jupytext
import pytest
import torch
from nbclient import NotebookClient
from torch import nn

from course_lib.classifiers import Classifier, save_classifier
from tests.corpus import ROOT, assignment
from tests.solutions.test_notebooks import POINTS

NETWORK = """
from torchvision.models.vision_transformer import VisionTransformer

class TinyViT(VisionTransformer):
    def __init__(self, classes, size):
        super().__init__(size, 8, 3, 2, hidden_dim=16, mlp_dim=32, num_classes=classes)
"""
SWITCHES = {
    "model = load_classifier": 'model = load_classifier("my_vit")',
    "samples = sample_images": "from course_lib import dataset_images; "
    'samples = dataset_images("digits", model)',
}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with a network in `my_nets.py` and its random weights in `classifiers/`."""
    home = tmp_path_factory.mktemp("home")
    (home / "my_nets.py").write_text(NETWORK)
    namespace: dict = {}
    exec(NETWORK, namespace)
    torch.manual_seed(0)
    network = namespace["TinyViT"](10, size=32)
    nn.init.normal_(network.heads.head.weight)
    card = {"network": "my_nets:TinyViT", "options": {"size": 32}}
    classifier = Classifier(network, [str(digit) for digit in range(10)])
    save_classifier(classifier, home / "classifiers" / "my_vit.safetensors", card)
    return home


@pytest.mark.slow
@pytest.mark.parametrize("name", POINTS)
def test_a_notebook_runs_from_top_to_bottom(name, home: Path):
    source = assignment(name).source_path.read_text(encoding="utf-8")
    for start, other in SWITCHES.items():
        source = re.sub(rf"^{start}\(.*$", lambda match, other=other: other, source, flags=re.M)
    notebook = jupytext.reads(source, fmt="py:percent")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("MPLBACKEND", None)  # pictures are to be shown, as in a student's notebook
    NotebookClient(notebook, timeout=900).execute(env=environment, cwd=str(home))
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    printed = "".join(output.get("text", "") for output in outputs)
    assert printed.count("✓ ") >= 10
    if name in ("gradcam", "sanity_checks"):
        assert printed.count("guided backpropagation does not apply") == 1
