"""Writes a verdict into the notebook, where nbgrader, formgrader and the student read it.

nbgrader takes the first number among a graded cell's outputs as its score, and shows all of them.
All text is escaped: a message can quote the student's own words.
"""

from __future__ import annotations

from html import escape

import nbformat
from nbformat import NotebookNode

from autograder.grading.assignment import grade_id
from autograder.grading.verdict import CellVerdict, CheckResult, Verdict

MARKS = {"passed": "✓", "failed": "✗", "error": "✗", "timeout": "✗", "not_run": "–"}
COLOURS = {"passed": "#1a7f37", "failed": "#b42318", "error": "#b42318", "timeout": "#b42318"}
CELL = "text-align:left;vertical-align:top;padding:3px 16px 3px 0"  # nbgrader's pages leave no room


def write_verdict(notebook: NotebookNode, verdict: Verdict) -> None:
    """Replace the outputs of the graded cells by their score and its reasons."""
    for cell in notebook.cells:
        for judged in verdict.cells:
            if grade_id(cell) == judged.grade_id:
                cell.outputs = _outputs(judged)
    notebook.cells.insert(0, _remarks(verdict))


def reasons(checks: list[CheckResult]) -> list[str]:
    """The message of each check; a message that an earlier check had is not repeated."""
    seen: set[str] = set()
    messages = []
    for check in checks:
        topic = " ".join(check.misconceptions) or check.message
        messages.append("The same again." if topic and topic in seen else check.message)
        seen.add(topic)
    return messages


def _outputs(judged: CellVerdict) -> list[NotebookNode]:
    explanation = nbformat.v4.new_output(
        "display_data", data={"text/plain": _as_text(judged), "text/html": _as_html(judged)}
    )
    score = nbformat.v4.new_output(
        "execute_result", data={"text/plain": f"{judged.score:g}"}, execution_count=1
    )
    return [explanation, score]


def _as_text(judged: CellVerdict) -> str:
    lines = [
        f"{MARKS[check.status]} {check.points:g}/{check.max_points:g} {check.title}"
        + (f": {reason}" if reason else "")
        for check, reason in zip(judged.checks, reasons(judged.checks), strict=True)
    ]
    return "\n".join([*lines, f"{judged.score:g} of {judged.max_score:g} points"])


def _as_html(judged: CellVerdict) -> str:
    rows = "".join(
        f'<tr><td style="{CELL};color:{COLOURS.get(check.status, "#667085")};font-weight:bold">'
        f"{MARKS[check.status]}</td>"
        f'<td style="{CELL};white-space:nowrap">{check.points:g} / {check.max_points:g}</td>'
        f'<td style="{CELL}">{escape(check.title)}</td>'
        f'<td style="{CELL}">{escape(reason)}</td></tr>'
        for check, reason in zip(judged.checks, reasons(judged.checks), strict=True)
    )
    return (
        f"<table><caption>{judged.score:g} of {judged.max_score:g} points</caption>"
        f"<tbody>{rows}</tbody></table>"
    )


def _remarks(verdict: Verdict) -> NotebookNode:
    """The first cell: the total, the jail, the device and the notes."""
    cell = nbformat.v4.new_code_cell(source="# Remarks of the autograder")
    lines = [
        f"{verdict.score:g} of {verdict.max_score:g} automatic points. "
        f"Jail: {verdict.jail}. Device: {verdict.device}.",
        *verdict.notes,
    ]
    html = "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"
    data = {"text/plain": "\n".join(lines), "text/html": html}
    cell.outputs = [nbformat.v4.new_output("display_data", data=data)]
    return cell
