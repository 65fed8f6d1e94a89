"""The command line: wrong use gets one clear sentence and a non-zero exit code."""

from __future__ import annotations

import json

import pytest
import torch
from typer.testing import CliRunner

from autograder.cli import app
from autograder.course.course import CONFIG
from autograder.course.release import release
from tests.autograder.course.small import NAME, make_course


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The folder of a released course."""
    root = tmp_path_factory.mktemp("course")
    course = make_course(root, eve='"""Handed in what was handed out."""\n')
    release(course.assignment(NAME), course)
    return root


@pytest.fixture
def run(course, monkeypatch):
    """The command line in the course's folder."""
    monkeypatch.chdir(course)
    return lambda *arguments: CliRunner().invoke(app, [str(word) for word in arguments])


RELEASE = f"release/{NAME}/{NAME}.ipynb"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("check", "nonsense", RELEASE), "no assignment 'nonsense' in "),
        (("check", "../counting", RELEASE), "no assignment"),
        (("check", "conting", RELEASE), "Did you mean 'counting'? The assignments are: counting."),
        (("check", NAME, "missing.ipynb"), "missing.ipynb can't be read: No such file"),
        (("check", NAME, "release"), "can't be read"),
        (("check", NAME, RELEASE, "--jail", "paper"), "jail 'paper': it can be bubblewrap, none"),
        (("check", NAME, RELEASE, "--device", "tpu"), "device 'tpu': it can be cpu, cuda, auto"),
        (("grade", NAME, "--course", "/tmp"), f"not a course folder: there is no {CONFIG} in it"),
        (("grade", NAME), "no submissions to counting: they belong in "),
        (("grade", NAME, "--student", "ada"), "no submissions to counting: they belong in "),
        (("feedback", NAME), "Nothing of counting is graded yet: run `autograder grade counting`"),
        (("release", "nonsense"), "no assignment 'nonsense'"),
        (("report", "nonsense"), "no assignment 'nonsense'"),
        (("report", NAME), "There are no verdicts in "),
        (("demo", "demo", "--assignment", "nonsense"), "no assignment 'nonsense'"),
        (("demo", "solutions"), "was not made by a demo and would be lost"),
    ],
)
def test_wrong_use_gets_a_sentence(run, arguments, words):
    done = run(*arguments)
    assert done.exit_code == 1
    assert words in done.output
    assert "Traceback" not in done.output
    assert len(done.output.strip().splitlines()) == 1


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU on this machine")
def test_a_gpu_that_is_not_there_is_said(run):
    done = run("check", NAME, RELEASE, "--device", "cuda")
    assert done.exit_code == 1
    assert "there is no GPU here that torch can use; say --device cpu" in done.output


def test_a_place_that_can_not_be_written_to_is_said_before_any_work(run):
    done = run("check", NAME, RELEASE, "--json", "nowhere/verdict.json")
    assert done.exit_code == 1
    assert "can't be written" in done.output


@pytest.mark.jail
def test_check_prints_a_table_and_writes_json(run, tmp_path):
    saved = tmp_path / "verdict.json"
    done = run("check", NAME, RELEASE, "--json", saved)
    assert done.exit_code == 0
    assert "0 of 8 points" in done.output
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
        "ran",
        "digest",
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


@pytest.mark.jail
def test_demo_grades_a_class_and_says_where_to_look(run, course, tmp_path):
    done = run("demo", tmp_path / "demo")
    assert done.exit_code == 0, done.output
    assert "Who got what, and why" in done.output
    assert "8/8" in done.output
    assert "not answered: dozens, total" in done.output
    assert f"The report:   {tmp_path}/demo/reports/{NAME}.html" in done.output
    for page in (f"reports/{NAME}.html", f"feedback/eve/{NAME}/{NAME}.html"):
        assert (tmp_path / "demo" / page).is_file()
    assert not any((course / made).exists() for made in ("submitted", "verdicts", "reports"))
