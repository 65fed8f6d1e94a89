"""Submissions written as text become the notebooks that they describe."""

from __future__ import annotations

from autograder.course.submissions import (
    description,
    fill_in,
    only_graded_cells,
    solved,
    without_demonstrations,
)
from autograder.grading.assignment import Assignment, grade_id

ASSIGNMENT = Assignment("saliency")
RELEASE = only_graded_cells(ASSIGNMENT.release)
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
