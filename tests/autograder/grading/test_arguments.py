"""What can't be imported in the jail is refused before it is sent, as the check's own fault."""

from __future__ import annotations

import collections
import importlib.util
import math
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from autograder.checks.draw import Draw
from autograder.grading import arguments
from autograder.grading.arguments import CheckFault
from autograder.grading.assignment import Assignment
from autograder.grading.checking import run_checks
from autograder.grading.inside import harness, wire
from autograder.grading.inside.blocks import Scaled
from autograder.grading.inside.objects import Instance
from autograder.grading.modules import load_module
from autograder.grading.student import LocalStudent

COURSE_LIB = [Path("course_lib")]
ALLOWED = {
    "data": (1, 2.5, "a", None, [1], {"a": (1,)}),
    "standard library": (collections.OrderedDict(a=1), math.sqrt, collections.UserList([1]), range),
    "torch and numpy": (torch.ones(2), np.ones(2), nn.Sequential(nn.Linear(1, 1)), np.float64(1)),
    "inside": (Scaled(0.5, 0.2), Instance((1,)), harness.call),
}


@pytest.mark.parametrize("value", ALLOWED.values(), ids=ALLOWED)
@pytest.mark.parametrize("packages", [None, []], ids=["local", "jailed"])
def test_what_is_there_is_sent(value, packages):
    data = wire.dump_arguments(value)
    arguments.insist(data, packages)
    assert wire.load_arguments(data) is not None


@pytest.mark.parametrize("packages", [None, COURSE_LIB], ids=["local", "jailed"])
def test_the_autograder_is_not_there_but_for_what_is_inside(packages):
    with pytest.raises(CheckFault, match="made with Draw of autograder.checks.draw"):
        arguments.insist(wire.dump_arguments([Draw(1, "a")]), packages)


def test_a_package_is_there_if_the_course_says_so(tmp_path, monkeypatch):
    (tmp_path / "our_nets.py").write_text("class Net:\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    net = importlib.import_module("our_nets").Net()
    arguments.insist(wire.dump_arguments(net), [tmp_path / "our_nets.py"])
    with pytest.raises(CheckFault, match="Net of our_nets, which can't be imported"):
        arguments.insist(wire.dump_arguments(net), COURSE_LIB)


def test_the_main_module_is_another_one_there(monkeypatch):
    class Local:
        pass

    Local.__module__, Local.__qualname__ = "__main__", "Local"
    monkeypatch.setattr(sys.modules["__main__"], "Local", Local, raising=False)
    for packages in (None, []):
        with pytest.raises(CheckFault, match="Local of __main__"):
            arguments.insist(wire.dump_arguments(Local()), packages)


@pytest.fixture
def assignment(tmp_path):
    """An assignment whose check sends objects of its own classes."""
    folder = tmp_path / "sends"
    folder.mkdir()
    (folder / "sends.py").write_text(
        textwrap.dedent(
            """
            # %% nbgrader={"grade": false, "grade_id": "f", "locked": false, "schema_version": 3, "solution": true}
            def f(x): return x.n

            # %% nbgrader={"grade": true, "grade_id": "test_f", "locked": true, "points": 2, "schema_version": 3, "solution": false}
            """
        )
    )
    (folder / "probes.py").write_text("class Thing:\n    n = 3\n")
    (folder / "checks.py").write_text(
        textwrap.dedent(
            """
            from autograder.checks import assert_same, check
            from .probes import Thing

            class Own:
                n = 3

            @check("f", points=1)
            def test_probe(answer):
                assert_same(answer, Thing())

            @check("f", points=1)
            def test_own(answer):
                assert_same(answer, Own())
            """
        )
    )
    return Assignment(folder, tmp_path / "none.ipynb")


def test_a_class_of_the_checks_is_the_instructors_fault_and_one_of_the_probes_is_sent(assignment):
    (cell,), notes = run_checks(assignment, LocalStudent({"f": lambda x: x.n}))
    probe, own = cell.checks
    assert probe.status == "passed"
    assert own.status == "error" and "The check itself broke down" in own.message
    (note,) = [note for note in notes if "broke down" in note]
    assert "test_own: CheckFault" in note and "Own of sends_" in note
    assert "move Own to the assignment's probes.py" in note


def test_the_probes_of_an_assignment_are_there_and_its_checks_are_not(assignment):
    arguments.insist(wire.dump_arguments(load_module(assignment.folder, "probes").Thing()), [])
    with pytest.raises(CheckFault, match=r"Own of sends_\w+\.checks"):
        arguments.insist(wire.dump_arguments(assignment.checks.Own()), [])


def test_names_are_read_without_loading_anything():
    data = wire.dump_arguments({"a": collections.OrderedDict(), "b": torch.ones(1)})
    assert ("collections", "OrderedDict") in wire.names_in(data)
    assert {module.partition(".")[0] for module, _ in wire.names_in(data)} == {
        "collections",
        "torch",
    }
