"""What holds for the source of every notebook with functions to write."""

import re

import pytest

from autograder.grading.assignment import Assignment
from tests.corpus import ASSIGNMENTS

on_all = pytest.mark.parametrize("name", [name for name in ASSIGNMENTS if name != "lecture_quiz"])


def grading(cell):
    return cell.metadata.get("nbgrader", {})


def cells_of(name):
    return Assignment(name).source.cells


def functions_of(name):
    return [cell.grade_id.removeprefix("test_") for cell in Assignment(name).graded_cells]


@on_all
def test_every_graded_cell_is_the_one_line_of_visible_checks_below_its_stub(name):
    cells = cells_of(name)
    ids = [grading(cell).get("grade_id") for cell in cells]
    for function in functions_of(name):
        check = cells[ids.index(f"test_{function}")]
        assert check.source == f"check_{function}({function})"
        assert grading(check)["locked"] and not grading(check)["solution"]
        assert ids[ids.index(f"test_{function}") - 1] == function


@on_all
def test_every_answer_has_a_rubric_that_never_reaches_students(name):
    for cell in cells_of(name):
        if grading(cell).get("solution"):
            outside = re.sub(r"### BEGIN SOLUTION.*### END SOLUTION", "", cell.source, flags=re.S)
            assert outside != cell.source
            assert "rubric" not in outside.lower() and "model answer" not in outside.lower()
            if grading(cell)["grade"]:
                assert "rubric" in cell.source.lower()
        else:
            assert "SOLUTION" not in cell.source


@on_all
def test_the_rubrics_add_up_to_the_points(name):
    for cell in cells_of(name):
        if grading(cell).get("grade") and grading(cell).get("solution"):
            rubric = cell.source[cell.source.index("Rubric") :]
            code = cell.cell_type == "code"
            item = r"^(?:# )?(?:Rubric:|#) +(\d) " if code else r"(?<=\s)(\d):\s"
            numbers = re.findall(item, rubric, re.M)
            assert sum(map(int, numbers)) == grading(cell)["points"], grading(cell)["grade_id"]


@on_all
def test_hints_and_expected_pictures_are_folded_away(name):
    text = "\n".join(cell.source for cell in cells_of(name) if cell.cell_type == "markdown")
    assert text.count("<details>") == text.count("</details>") >= 8
    pictures = re.findall(r"\]\((expected/[^)]+)\)", text)
    assert len(pictures) >= 2
    for picture in pictures:
        file = Assignment(name).source_path.parent / picture
        assert file.exists(), f"{picture}: run solutions/expected_pictures.py {name}"
        folded = text[: text.index(picture)]
        assert folded.count("<details>") > folded.count("</details>")
