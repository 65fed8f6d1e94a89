"""Training all bundled classifiers again: what is there is left alone, what fails is named."""

import pytest
import typer

from course_lib import load_classifier
from course_lib.train.bundled import main
from course_lib.train.recipes import RECIPES


@pytest.mark.slow  # two processes that import torch
def test_what_is_missing_is_trained_and_what_cannot_be_is_named(tmp_path, capsys):
    missing = {"shapes_untrained", "petit_vgg"}  # the one takes no epoch, the other no photographs
    for name in RECIPES.keys() - missing:
        (tmp_path / f"{name}.safetensors").write_bytes(b"trained before")
    with pytest.raises(typer.Exit) as ended:
        main(photos=str(tmp_path / "nothing.zip"), out=tmp_path, device="cpu", fresh=24)
    assert ended.value.exit_code == 1
    assert capsys.readouterr().err.strip() == "not trained: petit_vgg"
    assert len(load_classifier(str(tmp_path / "shapes_untrained.safetensors")).class_names) == 12
    assert (tmp_path / "shapes_cnn.safetensors").read_bytes() == b"trained before"
