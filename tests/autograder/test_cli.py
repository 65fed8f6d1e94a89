"""Wrong use gets one clear sentence and a non-zero exit code."""

from __future__ import annotations

import json

import pytest
import torch
from typer.testing import CliRunner

from autograder.cli import app
from autograder.grading.assignment import HOME, Assignment

RELEASE = Assignment("saliency").release_path


def run(*arguments):
    return CliRunner().invoke(app, [str(word) for word in arguments])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("check", "nonsense", RELEASE), "no assignment 'nonsense'. The assignments are: "),
        (("check", "../saliency", RELEASE), "no assignment"),
        (("check", "saliency", "missing.ipynb"), "missing.ipynb can't be read: No such file"),
        (("check", "saliency", HOME), "can't be read"),
        (
            ("check", "saliency", RELEASE, "--jail", "paper"),
            "--jail paper: it can be bubblewrap, none",
        ),
        (
            ("check", "saliency", RELEASE, "--device", "tpu"),
            "--device tpu: it can be cpu, cuda, auto",
        ),
        (("grade", "saliency", "--course", "/tmp"), "not a course folder"),
        (("release", "nonsense", "--course", HOME), "no assignment 'nonsense'"),
        (("report", "nonsense", "--course", HOME), "nonsense"),
    ],
)
def test_wrong_use_gets_a_sentence(arguments, words):
    done = run(*arguments)
    assert done.exit_code == 1
    assert words in done.output
    assert "Traceback" not in done.output
    assert len(done.output.strip().splitlines()) == 1


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU on this machine")
def test_a_gpu_that_is_not_there_is_said():
    done = run("check", "saliency", RELEASE, "--device", "cuda")
    assert done.exit_code == 1
    assert "there is no GPU here that torch can use; say --device cpu" in done.output


def test_no_submissions_is_said(tmp_path):
    (tmp_path / "nbgrader_config.py").write_text((HOME / "nbgrader_config.py").read_text())
    for arguments in (("grade", "saliency"), ("grade", "saliency", "--student", "ada")):
        done = run(*arguments, "--course", tmp_path)
        assert done.exit_code == 1
        assert "no submissions to saliency" in done.output


def test_check_prints_a_table_and_writes_json(tmp_path):
    saved = tmp_path / "verdict.json"
    done = run("check", "saliency", RELEASE, "--json", saved)
    assert done.exit_code == 0
    assert "0 of 40 points" in done.output
    verdict = json.loads(saved.read_text())
    assert list(verdict) == [
        "assignment",
        "submission",
        "score",
        "max_score",
        "jail",
        "device",
        "seconds",
        "cells",
        "notes",
    ]
    assert verdict["jail"] == "bubblewrap"
    assert list(verdict["cells"][0]) == ["grade_id", "score", "max_score", "checks"]
    assert list(verdict["cells"][0]["checks"][0]) == [
        "name",
        "status",
        "points",
        "max_points",
        "message",
        "misconception",
    ]


def test_a_place_that_can_not_be_written_to_is_said_before_any_work(tmp_path):
    done = run("check", "saliency", RELEASE, "--json", tmp_path / "nowhere" / "verdict.json")
    assert done.exit_code == 1
    assert "can't be written" in done.output
