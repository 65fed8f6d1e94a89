"""Says a student's grade at the top of the feedback page, as the gradebook has it when it is written.

nbgrader gives its page the sum alone, and the notebook below says what the checks gave. A person may
have changed that, answers may still wait, and there may be extra credit or a penalty.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import GetGrades
from sqlalchemy.orm import Session

from autograder.course.grades import Grade, read_grades
from autograder.grading.assignment import is_test


class TellTheGrade(GetGrades):
    """nbgrader's step that reads the points of each cell, and a first cell with their sum."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        nb, resources = super().preprocess(nb, resources)
        ids = resources["nbgrader"]
        checked = {cell.metadata.nbgrader.grade_id for cell in nb.cells if is_test(cell)}
        engine = self.gradebook.engine
        try:
            with Session(engine) as session:
                grades = read_grades(session, ids["assignment"], checked, student=ids["student"])
        finally:
            engine.dispose()
        grade = grades[ids["student"]]
        ids["score"] = grade.score  # never below 0
        nb.cells.insert(0, _cell(list(lines(grade))))
        return nb, resources


def lines(grade: Grade) -> Iterator[str]:
    """The grade in words: the sum first, then what a reader could not guess from the cells."""
    yield f"{grade.score:g} of {grade.max_score:g} points."
    if grade.waiting:
        what = "one answer waits" if grade.waiting == 1 else f"{grade.waiting} answers wait"
        yield f"This is not final: {what} for a person to grade."
    for cell in grade.cells:
        if cell.is_overridden:
            was = f"{cell.auto_score:g}" if cell.auto_score is not None else "none"
            yield f"{cell.question}: a person gave {cell.manual_score:g} points instead of {was}."
    if grade.extra_credit:
        yield f"Extra credit: {grade.extra_credit:g} points."
    if grade.penalty:
        yield f"Late by {grade.seconds_late / 3600:.1f} hours: {grade.penalty:g} points less."


def _cell(sentences: list[str]) -> NotebookNode:
    cell = nbformat.v4.new_code_cell(source="# Your grade")
    html = "<ul>" + "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences) + "</ul>"
    data = {"text/plain": "\n".join(sentences), "text/html": html}
    cell.outputs = [nbformat.v4.new_output("display_data", data=data)]
    return cell
