"""Functions of a notebook are called in its kernel, whatever they do to it."""

from __future__ import annotations

import gc

import nbformat
import pytest
import torch

from autograder.grading.session import KernelStudent
from autograder.grading.settings import Settings, Timeouts
from autograder.grading.student import (
    Answers,
    KernelEnded,
    NotAnswered,
    NotCalled,
    Raised,
    StudentFault,
    TimedOut,
)

pytestmark = pytest.mark.jail

NOTEBOOK = """
import os
import numpy as np
FACTOR = 2
===
import torch
def double(X): return FACTOR * X
===
def ends(X): os._exit(0)
def loops(X):
    while True:
        try:
            while True: pass
        except BaseException: pass
def fails(X): raise ValueError("<b>no</b>")
def stub(X): raise NotImplementedError
def quits(X): raise SystemExit
class Odd: pass
def odd(X): return Odd()
def changes(X): X += 1; return X
def huge(X): return torch.zeros(2**25, dtype=torch.float64)
===
print("a demonstration that runs only once:", double(torch.ones(1)))
"""


@pytest.fixture(scope="module")
def student(tmp_path_factory):
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in NOTEBOOK.split("===")]
    settings = Settings(timeouts=Timeouts(call=8))
    notebook = nbformat.v4.new_notebook(cells=cells)
    with KernelStudent(notebook, tmp_path_factory.mktemp("empty"), settings) as student:
        student.run_notebook()
        yield Answers(student, None)


@pytest.fixture
def X():
    return torch.tensor([1.0, 2.0])


def test_a_function_is_called_with_data_and_answers_with_data(student, X):
    assert torch.equal(student.double(X), 2 * X)


def test_a_function_that_ends_its_process_costs_no_other_function_anything(student, X):
    with pytest.raises(KernelEnded):
        student.ends(X)
    assert torch.equal(student.double(X), 2 * X)


def test_a_function_that_never_ends_is_left_behind_and_called_no_more_than_twice(student, X):
    for _ in range(2):
        with pytest.raises(TimedOut, match="did not finish"):
            student.loops(X)
    with pytest.raises(NotCalled):
        student.loops(X)
    assert torch.equal(student.double(X), 2 * X)


def test_an_exception_comes_out_as_words(student, X):
    with pytest.raises(Raised, match="ValueError: <b>no</b>"):
        student.fails(X)
    with pytest.raises(Raised, match="SystemExit"):
        student.quits(X)


def test_a_stub_and_a_missing_function_are_not_answered(student, X):
    with pytest.raises(NotAnswered, match="NotImplementedError"):
        student.stub(X)
    with pytest.raises(NotAnswered, match="not defined"):
        student.nowhere(X)


def test_what_is_not_data_is_refused(student, X):
    with pytest.raises(StudentFault, match="type 'Odd'"):
        student.odd(X)


def test_an_answer_that_is_too_large_is_refused(student, X):
    with pytest.raises(StudentFault, match="too large"):
        student.huge(X)


def test_the_graders_own_tensors_stay_as_they_are_and_the_change_is_remarked_on(student, X):
    assert torch.equal(student.changes(X), torch.tensor([2.0, 3.0]))
    assert torch.equal(X, torch.tensor([1.0, 2.0]))
    assert any(
        "changes changes the tensors" in remark for remark in student.changes.student.remarks
    )


BREAKS_THE_PROTOCOL = """
session = get_ipython().kernel.session
header, parent = (session.pack(part) for part in (session.msg_header("stream"), get_ipython().parent_header["header"]))
parts = [header, parent, b"{}", b"[" * 100_000 + b"]" * 100_000]
get_ipython().kernel.iopub_socket.send_multipart([b"<IDS|MSG>", session.sign(parts), *parts])
"""


def test_a_cell_whose_messages_make_no_sense_leaves_nothing_running_behind_it(tmp_path, caplog):
    cell = nbformat.v4.new_code_cell(BREAKS_THE_PROTOCOL)
    notebook = nbformat.v4.new_notebook(cells=[cell])
    with KernelStudent(notebook, tmp_path, Settings()) as student:
        student.run_notebook()
        assert "made no sense any more" in student.notes[0]
    gc.collect()  # which has a task's exception logged if nobody has looked at it
    assert "never retrieved" not in caplog.text
