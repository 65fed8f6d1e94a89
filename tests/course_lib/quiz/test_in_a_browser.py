"""Do clicks reach the answer cell, and the file, in JupyterLab and in Notebook 7 as students have them?"""

from __future__ import annotations

import copy
import time

import nbformat
import pytest

from autograder.course.submissions import only_graded_cells
from autograder.grading.assignment import grade_id
from tests.browser import IN_A_BROWSER, PATIENCE, jupyter_server, open_page
from tests.corpus import assignment

pytestmark = IN_A_BROWSER

ANSWERS = "def quiz_answers"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("course")


@pytest.fixture(scope="module")
def server(folder):
    with jupyter_server(folder) as address:
        yield address


@pytest.fixture
def page():
    with open_page() as page:
        yield page


def short_notebook(path, keys):
    """The opening of the release, the buttons of some questions, and the answer cell."""
    release = copy.deepcopy(assignment("lecture_quiz").release)
    graded = only_graded_cells(release).cells
    form = 'from course_lib.quiz import open_quiz\nquiz = open_quiz("lecture_quiz")'
    check = "from course_lib.visible_checks.lecture_quiz import check_quiz_answers"
    cells = [nbformat.v4.new_code_cell(f"{form}\n{check}")]
    cells += [nbformat.v4.new_code_cell(f'quiz.ask("{key}")') for key in keys]
    release.cells = [*cells, *graded]
    nbformat.write(release, path)


def answer_cell(path):
    """The saved answers; nothing while they are being saved."""
    if not (text := path.read_text(encoding="utf-8")):
        return ""
    (cell,) = [c for c in nbformat.reads(text, 4).cells if grade_id(c) == "quiz_answers"]
    return cell.source


@pytest.mark.parametrize("way", ["lab/tree", "notebooks"])
def test_clicks_are_written_into_the_answer_cell_and_saved(way, folder, server, page):
    first, second = assignment("lecture_quiz").quiz.questions[:2]
    path = folder / f"quiz-{way[:3]}.ipynb"
    short_notebook(path, [first.key, second.key])
    page.goto(server.format(f"{way}/{path.name}"))
    editor = page.locator(".jp-CodeCell").filter(has_text=ANSWERS)
    editor.wait_for()
    _run_all(page)

    chosen = {q.key: q.shuffled[2].label for q in (first, second)}
    for label in chosen.values():
        page.get_by_role("button", name=label, exact=True).click()
    page.get_by_text("not in the answer cell yet").nth(1).wait_for()
    editor.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    page.get_by_text("2 of your clicks were written into the cell above").wait_for()
    text = editor.locator(".cm-content").inner_text()
    assert all(f'"{key}": "{label}"' in text for key, label in chosen.items())
    assert page.get_by_text("not in the answer cell yet").count() == 0
    page.keyboard.press("Control+s")
    _until(lambda: all(f'"{key}": "{label}"' in answer_cell(path) for key, label in chosen.items()))

    # Run once more, the cell itself says what the kernel knows.
    editor.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    page.get_by_text("2 of 20 questions are answered in this cell").wait_for()


def _run_all(page):
    idle = page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
    idle.first.wait_for(state="attached")  # keys that come before the kernel are lost
    page.locator(".jp-CodeCell .cm-content").first.click()
    for _ in range(3):
        page.keyboard.press("Shift+Enter")
    page.locator(".widget-toggle-buttons").nth(1).wait_for()


def _until(holds):
    deadline = time.monotonic() + PATIENCE / 1000
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.2)
