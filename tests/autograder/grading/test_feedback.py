"""What of a verdict reaches the pages that nbgrader makes."""

import nbformat
import pytest

from autograder.grading.feedback import write_verdict
from autograder.grading.verdict import CellVerdict, CheckResult, Verdict


@pytest.fixture
def outputs() -> list[nbformat.NotebookNode]:
    """The outputs of a graded cell with one check, which failed."""
    cell = nbformat.v4.new_code_cell(metadata={"nbgrader": {"grade_id": "test_f"}})
    notebook = nbformat.v4.new_notebook(cells=[cell])
    check = CheckResult("test_f_of_two", 3, "failed", "f raised <b>Error</b>.")
    cells = [CellVerdict("test_f", 3, [check])]
    write_verdict(notebook, Verdict("maps", "ada", "none", "cpu", 1.0, cells))
    return notebook.cells[-1].outputs


def test_text_from_a_submission_is_escaped(outputs):
    assert "f raised &lt;b&gt;Error&lt;/b&gt;." in outputs[0].data["text/html"]


def test_the_score_is_the_only_result_that_nbgrader_can_read_as_a_number(outputs):
    results = [output for output in outputs if output.output_type == "execute_result"]
    assert [float(output.data["text/plain"]) for output in results] == [0.0]


def test_columns_are_kept_apart_also_where_the_page_gives_cells_no_room(outputs):
    html = outputs[0].data["text/html"]
    assert html.count("<td ") == html.count("padding:3px 16px 3px 0") == 4
