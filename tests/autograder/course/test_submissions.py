"""Submissions written as text become the notebooks that they describe."""

from __future__ import annotations

import nbformat
import pytest

from autograder.course.submissions import (
    description,
    fill_in,
    only_graded_cells,
    solved,
    without_demonstrations,
)
from autograder.errors import CourseError
from autograder.grading.assignment import grade_id
from tests.corpus import RELEASE
from tests.corpus import SALIENCY as ASSIGNMENT

SCRIPT = '''"""Somebody\'s
notebook."""

# %%
x = 1

# %% grade_id="normalize_maps"
def normalize_maps(maps): ...

# %% grade_id="normalize_maps"
def normalize_maps(maps): return maps

# %% grade_id="test_normalize_maps" delete=true

# %% [markdown]
# A word.
'''


def names(notebook):
    return [grade_id(cell) for cell in notebook.cells]


def test_cells_are_replaced_doubled_deleted_and_put_in():
    notebook = fill_in(RELEASE, SCRIPT)
    sources = [cell.source for cell in notebook.cells]
    assert names(notebook).count("normalize_maps") == 2
    assert "test_normalize_maps" not in names(notebook)
    assert sources[names(notebook).index("imports") + 1] == "x = 1"
    last = len(names(notebook)) - 1 - names(notebook)[::-1].index("normalize_maps")
    assert sources[last] == "def normalize_maps(maps): return maps"
    assert sources[last + 1] == "A word."
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


def test_the_release_itself_stays_as_it_was():
    before = names(RELEASE)
    fill_in(RELEASE, SCRIPT)
    assert names(RELEASE) == before


def test_a_cell_that_was_not_handed_out_is_named():
    with pytest.raises(CourseError, match="a cell 'no_such_cell', which the release does not have"):
        fill_in(RELEASE, '# %% grade_id="no_such_cell"\nx = 1\n')


def test_without_imports_and_questions_a_cell_comes_first():
    """An assignment may import nothing, and ask for nothing yet."""
    plain = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("Welcome.")])
    sources = [cell.source for cell in fill_in(plain, "# %%\nx = 1\n").cells]
    assert sources == ["x = 1", "Welcome."]
    assert without_demonstrations(plain) == plain
    assert only_graded_cells(plain).cells == []


def test_the_docstring_is_the_description():
    assert description(SCRIPT) == "Somebody's notebook."


def test_a_solved_notebook_shows_answers_and_neither_marks_nor_rubrics():
    text = "\n".join(cell.source for cell in solved(ASSIGNMENT).cells)
    assert "NotImplementedError(" not in text
    for word in ("SOLUTION", "Rubric", "Model answer"):
        assert word not in text


def test_a_short_notebook_has_all_graded_cells_and_what_they_need():
    short = without_demonstrations(ASSIGNMENT.release)
    graded = [name for name in names(ASSIGNMENT.release) if name]
    assert [name for name in names(short) if name] == graded
    assert len(short.cells) < len(ASSIGNMENT.release.cells)
    assert any("load_classifier" in cell.source for cell in short.cells)
