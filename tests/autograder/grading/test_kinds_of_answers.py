"""A class, values, a text and a figure are graded in a real jail, as another course has them."""

from __future__ import annotations

import copy

import nbformat
import pytest

from autograder.course.course import Course
from autograder.course.release import release
from autograder.grading.assignment import grade_id
from autograder.grading.checking import run_checks
from autograder.grading.grade import grade_file
from autograder.grading.student import LocalStudent

pytestmark = pytest.mark.jail

SOURCE = '''# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false}
import matplotlib.pyplot as plt
import torch
from torch import nn

# %% nbgrader={"grade": false, "grade_id": "Tokenizer", "locked": false, "schema_version": 3, "solution": true}
class Tokenizer:
    """Numbers words in the order in which they first occur."""

    def __init__(self, text):
        ### BEGIN SOLUTION
        self.numbers = {}
        for word in text.split():
            self.numbers.setdefault(word, len(self.numbers))
        ### END SOLUTION

    def encode(self, text):
        ### BEGIN SOLUTION
        return [self.numbers[word] for word in text.split()]
        ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_Tokenizer", "locked": true, "points": 2, "schema_version": 3, "solution": false}
Tokenizer("a b").encode("b a")

# %% nbgrader={"grade": false, "grade_id": "Embedding", "locked": false, "schema_version": 3, "solution": true}
class Embedding(nn.Module):
    """Rows of a table."""

    def __init__(self, words, size):
        super().__init__()
        ### BEGIN SOLUTION
        self.table = nn.Parameter(torch.randn(words, size))
        ### END SOLUTION

    def forward(self, numbers):
        ### BEGIN SOLUTION
        return self.table[numbers]
        ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_Embedding", "locked": true, "points": 2, "schema_version": 3, "solution": false}

# %% nbgrader={"grade": false, "grade_id": "curve", "locked": false, "schema_version": 3, "solution": true}
### BEGIN SOLUTION
curve = []
for epoch in range(3):
    curve.append(torch.tensor(0.5) ** epoch)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_curve", "locked": true, "points": 1, "schema_version": 3, "solution": false}

# %% nbgrader={"grade": false, "grade_id": "plot_curve", "locked": false, "schema_version": 3, "solution": true}
def plot_curve(values):
    """A line of the values, on a logarithmic axis."""
    ### BEGIN SOLUTION
    plt.semilogy(values)
    plt.xlabel("epoch")
    plt.show()
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_plot_curve", "locked": true, "points": 1, "schema_version": 3, "solution": false}

# %% [markdown] nbgrader={"grade": true, "grade_id": "why", "locked": false, "points": 3, "schema_version": 3, "solution": true}
# Words that are not in the vocabulary have no number.

# %% nbgrader={"grade": true, "grade_id": "test_why", "locked": true, "points": 1, "schema_version": 3, "solution": false}
'''

CHECKS = """
import torch

from autograder.checks import assert_mentions, assert_same, assert_value, check


@check("Tokenizer", points=1)
def test_numbers(answer, draw):
    words = " ".join(draw.words(9, alphabet="ab"))
    assert_same(answer.constructed(words).method("encode"), words)


@check("Tokenizer", points=1)
def test_vocabulary(answer):
    assert_value(answer.constructed("to be or to be").attribute("numbers"), {"to": 0, "be": 1, "or": 2})


@check("Embedding", points=2)
def test_rows(answer, draw):
    rows = answer.constructed(4, 3).with_weights({"table": draw.tensor(4, 3)})
    assert_same(rows, torch.tensor([2, 0, 2]))


@check("curve", points=1)
def test_halves(answer):
    assert_value(answer.value, [1.0, 0.5, 0.25])


@check("plot_curve", points=1)
def test_axes(answer, draw):
    assert_same(answer.figure, draw.numbers(4))


@check("why", points=1)
def test_words(answer):
    assert_mentions(answer.text, "vocabulary", ("unknown", "not in"))
"""

MISCONCEPTIONS = '''
from autograder.checks import misconception


@misconception(of="Tokenizer", caught_by="test_numbers")
class CountsFromOne:
    """The first number is 0, as all indices in Python."""

    def __init__(self, text):
        self.numbers = {}
        for word in text.split():
            self.numbers.setdefault(word, len(self.numbers) + 1)

    def encode(self, text):
        return [self.numbers[word] for word in text.split()]


@misconception(of="curve", caught_by="test_halves")
def without_the_start():
    """The curve begins before the first epoch."""
    return [0.5, 0.25, 0.125]
'''

WRONG = {
    "Tokenizer": MISCONCEPTIONS.split("\n\n\n")[1]
    .split("\n", 1)[1]
    .replace("CountsFromOne", "Tokenizer"),
    "Embedding": "class Embedding:\n    def __init__(self, *sizes):\n        import os; os._exit(0)",
    "curve": "curve = []\nfor epoch in (1, 2, 3):\n    curve.append(0.5 ** epoch)",
    "plot_curve": "def plot_curve(values):\n    plt.plot(values)\n    plt.xlabel('epoch')",
    "why": "I don't know.",
}


@pytest.fixture(scope="module")
def assignment(tmp_path_factory):
    root = tmp_path_factory.mktemp("course")
    (root / "nbgrader_config.py").write_text(
        "from autograder.course.nbgrader_plugin import configure\n"
        "c = get_config()\nconfigure(c)\nc.Course.device = 'cpu'\n"
    )
    folder = root / "solutions" / "words"
    folder.mkdir(parents=True)
    (folder / "words.py").write_text(SOURCE)
    (folder / "checks.py").write_text(CHECKS)
    (folder / "misconceptions.py").write_text(MISCONCEPTIONS)
    course = Course(root)
    made = course.assignment("words")
    release(made, course)
    return made


def graded(assignment, answers, tmp_path):
    notebook = copy.deepcopy(assignment.release)
    for cell in notebook.cells:
        cell.source = answers.get(grade_id(cell), cell.source)
    path = tmp_path / "words.ipynb"
    nbformat.write(notebook, path)
    verdict, _ = grade_file(path, assignment)
    return verdict, {check.name: check for cell in verdict.cells for check in cell.checks}


def test_right_answers_of_every_kind_get_full_marks(assignment, tmp_path):
    right = {grade_id(cell): cell.source for cell in assignment.source.cells if grade_id(cell)}
    verdict, checks = graded(assignment, right, tmp_path)
    assert [check.message for check in checks.values() if check.status != "passed"] == []
    assert verdict.score == verdict.max_score == 7 and verdict.jail == "bubblewrap"


def test_wrong_answers_of_every_kind_are_described_after_a_kernel_that_ended(assignment, tmp_path):
    verdict, checks = graded(assignment, WRONG, tmp_path)
    assert verdict.score == 0
    assert checks["test_numbers"].misconception == "CountsFromOne"
    assert "'to': 1 is not right" in checks["test_vocabulary"].message
    assert "It ended the process" in checks["test_rows"].message
    assert checks["test_halves"].misconception == "without_the_start"
    assert "'yscale': 'linear' is not right" in checks["test_axes"].message
    assert "why: it does not mention vocabulary" in checks["test_words"].message


def test_what_students_receive_earns_nothing_and_says_why(assignment, tmp_path):
    verdict, checks = graded(assignment, {}, tmp_path)
    assert verdict.score == 0
    assert "Tokenizer is not answered yet" in checks["test_numbers"].message
    assert "curve is not defined in the notebook" in checks["test_halves"].message
    assert "curve: write your answer here" in checks["test_halves"].message


def test_the_reference_and_misconceptions_answer_without_a_jail_in_the_same_way(assignment):
    def points(**changes):
        student = LocalStudent({**vars(assignment.reference), **changes})
        return [cell.score for cell in run_checks(assignment, student)[0]]

    assert points() == [2, 2, 1, 1, 1]
    for function, wrong in (
        (of, wrong) for of, all_ in assignment.misconceptions.items() for wrong in all_
    ):
        assert sum(points(**{function: wrong})) < 7
