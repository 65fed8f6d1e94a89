"""nbgrader with this autograder in it: put `configure(get_config())` into nbgrader_config.py.

`nbgrader autograde`, formgrader's button and `autograder grade` then take the same way, and come
to the same grades. nbgrader itself stays as released: these are its own extension points.
"""

from __future__ import annotations

import re
import textwrap
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.filters.strings import strip_files_prefix
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbconvert.preprocessors.sanitize import SanitizeHTML
from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
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
from traitlets import Unicode, default
from traitlets.config import Config, Configurable

from autograder.course import prepared, verdicts
from autograder.course.course import Course
from autograder.course.self_contained import SelfContainedExporter
from autograder.course.told_grade import TellTheGrade
from autograder.grading import feedback
from autograder.grading.assignment import Assignment, grade_id
from autograder.grading.grade import grade_notebook
from autograder.grading.handed_in import read_handed_in, read_notebook
from autograder.grading.repair import Repaired, repair
from autograder.grading.verdict import Verdict

NOTES = "autograder_notes"  # notebook metadata: what was repaired, on its way to the verdict
STUB = "# NOT ANSWERED YET"  # what nbgrader leaves where a solution was
ADDRESSES = ("href", "src")
IMAGES = ("image/png", "image/jpeg")
# MathJax makes links of these; a macro's name ends where its letters end.
LINKING_MACRO = re.compile(r"\\(href|require|mmlToken)(?![A-Za-z])")
# An address with a scheme known to be harmless, or without one: then no colon comes before a slash.
HARMLESS = re.compile(
    r"(https?|mailto|tel|ftp):|data:image/(png|jpeg|gif|webp);|[^:/?#]*([/?#]|$)", re.IGNORECASE
)


def configure(config: Config) -> None:
    """Make nbgrader grade with this autograder."""
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
    config.GenerateFeedback.exporter_class = SelfContainedExporter
    config.GenerateFeedback.preprocessors = [TellTheGrade, CSSHTMLHeaderPreprocessor]


class NameTheQuestion(NbGraderPreprocessor):
    """Makes the stub of each answer say which question it is."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict, cell_index: int
    ) -> tuple[NotebookNode, dict]:
        if cell.cell_type == "code" and STUB in cell.source:
            error = f'raise NotImplementedError("{grade_id(cell)}: write your answer here")'
            cell.source = cell.source.replace(STUB, error)
        return cell, resources


class SubmissionExporter(NotebookExporter):
    """Reads what a student handed in, and repairs it; reads any other notebook as usual."""

    def from_filename(
        self, filename: str, resources: dict | None = None, **kwargs: Any
    ) -> tuple[Any, dict]:
        directory, resources = _directory(self), resources or {}
        ids = resources.get("nbgrader", {})
        handed_in = directory.format_path(
            directory.submitted_directory, ids.get("student", ""), ids.get("assignment", "")
        )
        if Path(filename).resolve().parent != Path(handed_in).resolve():
            return super().from_filename(filename, resources=resources, **kwargs)
        assignment = _assignment(self, resources)
        repaired = repair(read_notebook(Path(filename)), assignment.release)
        repaired.notebook.metadata[NOTES] = repaired.notes
        return self.from_notebook_node(repaired.notebook, resources=resources, **kwargs)


class RunAndCheck(NbGraderPreprocessor):
    """Runs the notebook in a jailed kernel and checks its functions."""

    prepared = Unicode(help="The folder with results that were made beforehand.").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        student = resources["nbgrader"]["student"]
        ready = prepared.take(Path(self.prepared), student, nb) if self.prepared else None
        resources["autograder"], nb = ready or self._grade(nb, student, resources)
        return nb, resources

    def _grade(
        self, nb: NotebookNode, student: str, resources: dict
    ) -> tuple[Verdict, NotebookNode]:
        notes = [str(note) for note in nb.metadata.pop(NOTES, [])]
        folder = Path(resources.get("metadata", {}).get("path") or ".")
        assignment, directory = _assignment(self, resources), _directory(self)
        submitted = directory.format_path(directory.submitted_directory, student, assignment.name)
        verdict = grade_notebook(Repaired(nb, notes), assignment, folder, student)
        verdict.digest = read_handed_in(Path(submitted), assignment.name, student).digest
        return verdict, nb


class NeutralizeMarkup(SanitizeHTML, NbGraderPreprocessor):
    """Makes what students show fit to be looked at: no scripts, and nothing that can't be rendered.

    HTML in outputs goes through bleach. Of Markdown, in text cells and in outputs, only tags are
    made harmless beforehand: bleach would also touch the formulas. What counts is the page that
    comes out of it: text that would link to a script there, or that nbconvert can't render, such
    as one that shows a picture which is not attached, is shown as it was typed.
    """

    @default("safe_output_keys")
    def _safe_output_keys(self) -> set[str]:
        return {*IMAGES, "application/json", "text/plain", "text/latex", "text/markdown"}

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        handed_out = {cell.source for cell in _assignment(self, resources).release.cells}
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.outputs = self.sanitize_code_outputs(cell.outputs)
                for output in cell.outputs:
                    _keep_what_is_harmless(output.get("data", {}))
            elif cell.source not in handed_out:
                cell.source = _without_tags(_without_links(cell.source))
                if not _is_harmless(_rendered(cell.source, cell.get("attachments", {}))):
                    cell.source = textwrap.indent(cell.source, "    ", lambda line: True)
        return nb, resources


def _keep_what_is_harmless(data: dict) -> None:
    """Of an output in several forms, those that can be shown; as plain text where there is no other."""
    for kind in data.keys() & {"text/latex", "text/markdown", "text/html"}:
        data[kind] = _without_links(data[kind])
    if "text/markdown" in data:
        data["text/markdown"] = _without_tags(data["text/markdown"])
    for kind, render in (("text/markdown", _rendered), ("text/html", str)):
        if kind in data and not _is_harmless(render(data[kind])):
            typed = data.pop(kind)
            data.setdefault("text/plain", typed)


def _without_tags(text: str) -> str:
    return re.sub(r"<(?=[A-Za-z/!?])", "&lt;", text)


def _without_links(formulas: str) -> str:
    """The text without the macros by which MathJax would follow a link to a script."""
    return LINKING_MACRO.sub(r"\\text", formulas)


def _rendered(markdown: str, attachments: dict | None = None) -> str | None:
    """The HTML that the feedback and formgrader show; None when nbconvert can't render it."""
    renderer = IPythonRenderer(escape=False, attachments=attachments or {})
    try:
        return strip_files_prefix(MarkdownWithMath(renderer=renderer).render(markdown))
    except Exception:  # it raises what its parsers raise
        return None


def _is_harmless(html: str | None) -> bool:
    """Whether a page can hold this without running a script when it is looked at or clicked on."""
    if html is None:
        return False
    page = _Page(html)
    return (
        not LINKING_MACRO.search("".join(page.texts))
        and not any(name.startswith("on") for name, _ in page.attributes)
        and all(HARMLESS.match(url or "") for name, url in page.attributes if name in ADDRESSES)
    )


class _Page(HTMLParser):
    """The texts and the attributes of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(html)
        self.close()

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += attrs


class RecordVerdict(NbGraderPreprocessor):
    """Writes the verdict into the notebook, and into the course's folder."""

    def preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        verdict: Verdict = resources["autograder"]
        feedback.write_verdict(nb, verdict)
        verdicts.write_verdict(Path(_directory(self).root), verdict)
        return nb, resources


def _assignment(component: Configurable, resources: dict) -> Assignment:
    """The assignment that nbgrader is at, in the course whose configuration a component has."""
    course = Course(Path(_directory(component).root), component.config)
    return course.assignment(resources["nbgrader"]["assignment"])


def _directory(component: Any) -> CourseDirectory:
    """nbgrader's paths: a converter has them, and the components below it do not."""
    while not hasattr(component, "coursedir"):
        component = component.parent
    return component.coursedir
