"""nbgrader with this autograder in it: put `configure(get_config())` into nbgrader_config.py.

`nbgrader autograde`, formgrader's button and `autograder grade` then take the same way, and come
to the same grades. nbgrader itself stays as released: these are its own extension points.
"""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors.sanitize import SanitizeHTML
from nbformat import NotebookNode
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LimitOutput,
    LockCells,
    NbGraderPreprocessor,
    OverwriteCells,
    SaveAutoGrades,
    SaveCells,
)
from traitlets import Unicode
from traitlets.config import Config

from autograder.grading import feedback, prepared
from autograder.grading.assignment import Assignment, grade_id
from autograder.grading.grade import grade_notebook
from autograder.grading.kernel import KernelOptions
from autograder.grading.repair import Repaired, read_submission, repair
from autograder.grading.verdict import Verdict

NOTES = "autograder_notes"  # notebook metadata: what was repaired, on its way to the verdict
STUB = "# NOT ANSWERED YET"  # what nbgrader leaves where a solution was
VERDICTS = "verdicts"  # folder in the course


def configure(config: Config) -> None:
    """Make nbgrader grade with this autograder."""
    config.CourseDirectory.course_id = "looking-inside-classifiers"
    config.ClearSolutions.code_stub = {"python": STUB}
    config.ClearSolutions.text_stub = "*Write your answer here.*"
    config.GenerateAssignment.preprocessors = [
        LockCells,
        ClearSolutions,
        NameTheQuestion,
        ClearOutput,
        CheckCellMetadata,
        ComputeChecksums,
        SaveCells,
        ClearHiddenTests,
        ClearMarkScheme,
        ComputeChecksums,
        CheckCellMetadata,
    ]
    config.Autograde.exporter_class = SubmissionExporter
    config.Autograde.sanitize_preprocessors = [OverwriteCells, CheckCellMetadata]
    config.Autograde.autograde_preprocessors = [
        RunAndCheck,
        NeutralizeMarkup,
        LimitOutput,
        RecordVerdict,
        SaveAutoGrades,
        AssignLatePenalties,
        CheckCellMetadata,
    ]


class NameTheQuestion(NbGraderPreprocessor):
    """Makes the stub of each answer say which question it is."""

    def preprocess_cell(self, cell: NotebookNode, resources: dict, cell_index: int):
        if cell.cell_type == "code" and STUB in cell.source:
            error = f'raise NotImplementedError("{grade_id(cell)}: write your answer here")'
            cell.source = cell.source.replace(STUB, error)
        return cell, resources


class SubmissionExporter(NotebookExporter):
    """Reads what a student handed in, and repairs it; reads any other notebook as usual."""

    def from_filename(self, filename: str, resources: dict | None = None, **kwargs: Any):
        course = self.parent.coursedir
        ids = (resources or {}).get("nbgrader", {})
        handed_in = course.format_path(
            course.submitted_directory, ids.get("student", ""), ids.get("assignment", "")
        )
        if Path(filename).resolve().parent != Path(handed_in).resolve():
            return super().from_filename(filename, resources=resources, **kwargs)
        repaired = repair(read_submission(Path(filename)), Assignment(ids["assignment"]).release)
        repaired.notebook.metadata[NOTES] = repaired.notes
        return self.from_notebook_node(repaired.notebook, resources=resources, **kwargs)


class RunAndCheck(NbGraderPreprocessor):
    """Runs the notebook in a jailed kernel and checks its functions."""

    jail = Unicode("bubblewrap", help='"bubblewrap", or "none" for code that you trust.').tag(
        config=True
    )
    device = Unicode("auto", help='"cpu", "cuda" or "auto".').tag(config=True)
    folder = Unicode(help="Where results lie that were made ready beforehand.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        ids = resources["nbgrader"]
        ready = prepared.take(Path(self.folder), ids["student"], nb) if self.folder else None
        if ready is None:
            ready = self._grade(nb, ids["assignment"], ids["student"], resources)
        resources["autograder"], nb = ready
        return nb, resources

    def _grade(
        self, nb: NotebookNode, assignment: str, student: str, resources: dict
    ) -> tuple[Verdict, NotebookNode]:
        notes = [str(note) for note in nb.metadata.pop(NOTES, [])]
        verdict = grade_notebook(
            Repaired(nb, notes),
            Assignment(assignment),
            Path(resources.get("metadata", {}).get("path") or "."),
            KernelOptions(jail=self.jail, device=self.device),
            student,
        )
        return verdict, nb


class NeutralizeMarkup(SanitizeHTML, NbGraderPreprocessor):
    """Makes what students show fit to be looked at: no scripts, and nothing that can't be rendered.

    Outputs go through bleach. Of the students' own text only tags are made harmless: bleach would
    also touch the formulas. Text that nbconvert can't render, such as one that shows a picture
    which is not attached, would cost the student the whole page: it is shown as it was typed.
    """

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        handed_out = {
            cell.source for cell in Assignment(resources["nbgrader"]["assignment"]).release.cells
        }
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.outputs = self.sanitize_code_outputs(cell.outputs)
                for output in cell.outputs:
                    _keep_text_that_renders(output.get("data", {}))
            elif cell.source not in handed_out:
                cell.source = re.sub(r"<(?=[A-Za-z/!?])", "&lt;", _without_links(cell.source))
                if not _renders(cell.source, cell.get("attachments", {})):
                    cell.source = textwrap.indent(cell.source, "    ")
        return nb, resources


def _without_links(formulas: str) -> str:
    """MathJax would follow a \\href to a script."""
    return re.sub(r"\\(href|require)\b", r"\\text", formulas)


def _keep_text_that_renders(data: dict) -> None:
    for kind in ("text/latex", "text/markdown", "text/html"):
        if kind in data:
            data[kind] = _without_links(data[kind])
    text = data.get("text/markdown")
    if text is not None and not _renders(text, {}):
        data.setdefault("text/plain", text)
        del data["text/markdown"]


def _renders(text: str, attachments: dict) -> bool:
    """Whether nbconvert can show this markdown."""
    try:
        renderer = IPythonRenderer(escape=False, attachments=attachments)
        MarkdownWithMath(renderer=renderer).render(text)
    except Exception:  # it raises what its parsers raise
        return False
    return True


class RecordVerdict(NbGraderPreprocessor):
    """Writes the verdict into the notebook and beside it."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        verdict: Verdict = resources["autograder"]
        feedback.write_verdict(nb, verdict)
        # nbgrader works in the course's folder.
        path = Path(VERDICTS) / verdict.assignment / f"{verdict.submission}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(verdict.to_json(), encoding="utf-8")
        return nb, resources
