"""The preprocessors beyond grading: stubs, markup, and where verdicts go."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.converters import Autograde

from autograder.course.nbgrader_plugin import (
    STUB,
    NameTheQuestion,
    NeutralizeMarkup,
    RecordVerdict,
)
from autograder.grading.verdict import CellVerdict, CheckResult, Verdict
from tests.autograder.course.small import NAME, make_course
from tests.corpus import COURSE, SALIENCY

RESOURCES = {"nbgrader": {"assignment": SALIENCY.name}}


def preprocessor(kind, course=COURSE):
    """A preprocessor as nbgrader makes it: below a converter, which knows the course's folder."""
    return kind(parent=Autograde(coursedir=course.directory, config=course.config))


def neutral(*cells):
    notebook = new_notebook(cells=list(cells))
    return preprocessor(NeutralizeMarkup).preprocess(notebook, RESOURCES)[0].cells


def test_scripts_in_outputs_are_taken_out_and_pictures_stay():
    data = {
        "text/html": "<b>fine</b><script>alert(1)</script><img src=x onerror=alert(1)>",
        "application/javascript": "alert(1)",
        "image/svg+xml": "<svg onload=alert(1)>",
        "image/png": "iVBOR",
    }
    (cell,) = neutral(new_code_cell("x", outputs=[new_output("display_data", data=data)]))
    kept = cell.outputs[0].data
    assert set(kept) == {"text/html", "image/png"}
    assert "<b>fine</b>" in kept["text/html"]
    assert "<script" not in kept["text/html"]
    assert "<img" not in kept["text/html"]


def test_tags_in_a_students_text_become_text_and_formulas_stay():
    (cell,) = neutral(new_markdown_cell("<img src=x onerror=alert(1)> if $a < b$ & $c <= d$"))
    assert cell.source == "&lt;img src=x onerror=alert(1)> if $a < b$ & $c <= d$"


def test_text_that_was_handed_out_stays_as_it_was():
    handed_out = [cell.source for cell in SALIENCY.release.cells if cell.cell_type == "markdown"]
    kept = neutral(*map(new_markdown_cell, handed_out))
    assert [cell.source for cell in kept] == handed_out


def test_a_verdict_goes_into_the_notebook_and_into_the_course_s_folder(tmp_path, monkeypatch):
    course = make_course(tmp_path / "course")
    monkeypatch.chdir(tmp_path)
    cell = CellVerdict("test_total", 3.0, [CheckResult("test_a", 3.0, "passed", "")])
    verdict = Verdict(NAME, "ada", "bubblewrap", "cpu", 1.0, [cell])
    notebook, _ = preprocessor(RecordVerdict, course).preprocess(
        new_notebook(cells=[]), {"autograder": verdict}
    )
    assert "3 of 3 automatic points" in notebook.cells[0].outputs[0].data["text/plain"]
    assert Verdict.read(course.root / "verdicts" / NAME / "ada.json") == verdict


def test_a_stub_names_its_question():
    cell = new_code_cell(f"def f():\n    {STUB}", metadata={"nbgrader": {"grade_id": "f"}})
    cell, _ = NameTheQuestion().preprocess_cell(cell, {}, 0)
    assert 'raise NotImplementedError("f: write your answer here")' in cell.source


PICTURE = {"drawing.png": {"image/png": "iVBORw0KGgo="}}


def test_text_that_shows_a_picture_which_is_not_there_is_shown_as_it_was_typed():
    for text in ("![x](attachment:gone.png)", "![a][b]\n\n[b]: attachment:gone.png"):
        (cell,) = neutral(new_markdown_cell(text))
        assert cell.source.startswith("    ![")
        output = new_output("display_data", data={"text/markdown": text})
        (cell,) = neutral(new_code_cell("x", outputs=[output]))
        assert cell.outputs[0].data == {"text/plain": text}


def test_text_with_its_picture_stays():
    text = "My drawing: ![x](attachment:drawing.png)"
    (cell,) = neutral(new_markdown_cell(text, attachments=PICTURE))
    assert cell.source == text


def test_a_formula_can_not_link_to_a_script():
    (cell,) = neutral(new_markdown_cell(r"$\href{javascript:alert(1)}{x} + \hrefs$"))
    assert cell.source == r"$\text{javascript:alert(1)}{x} + \hrefs$"


SCRIPTS = [
    "[x](javascript:alert(1))",
    "[x](<JaVa\tscript:alert(1)>)",
    "[x](java&#115;cript:alert(1))",
    "[x](vbscript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](files/javascript:alert(1))",  # nbconvert takes `files/` off
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "[x][a]\n\n[a]: javascript:alert(1)",
    "<javascript:alert(1)>",
    "| a |\n|---|\n| [x](javascript:alert(1)) |",
    "> - [x](javascript:alert(1) 'title')",
    "# [x](javascript:alert(1))",
    "[x](javascript:alert(1))\n\xa0\n[x](javascript:alert(1))",
    "$$a$$\n\x0b\n$$b$$ [x](javascript:alert(1))\r\r[x](javascript:alert(1))",
    '<ul>\n<a title="\n\n[x](onmouseover=alert(1)//)">',  # a link in an attribute ends it
    "&#36;\\h&#114;ef{javascript:alert(1)}{x}&#36;",
    r"$\mmlToken{mi}[href='javascript:alert(1)']{x}$",
]


class Links(HTMLParser):
    """What runs when a page is looked at or clicked on: handlers, and addresses with a scheme."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            scheme = "".join((value or "").lower().split()).partition(":")[0]
            leads = name in ("href", "src") and scheme in {"javascript", "vbscript", "data"}
            if name.startswith("on") or leads:
                self.found.append((tag, name, value))

    def handle_data(self, data):
        if self.cdata_elem is None and ("\\href" in data or "\\mmlToken" in data):
            self.found.append(data)


def links(*cells):
    """What the template that nbgrader's feedback and formgrader extend makes of these cells."""
    exporter = HTMLExporter(template_name="classic")
    page, _ = exporter.from_notebook_node(new_notebook(cells=list(cells)))
    return Links(page).found


@pytest.mark.parametrize("text", SCRIPTS)
def test_nothing_that_a_student_writes_or_shows_becomes_a_script(text):
    as_typed = (new_markdown_cell(text), new_code_cell(outputs=[shown({"text/markdown": text})]))
    shown_as_html = new_code_cell(outputs=[shown({"text/html": text})])
    assert links(*neutral(*as_typed, shown_as_html)) == []


def test_these_scripts_would_run_if_nothing_was_done():
    for text in ("[x](javascript:alert(1))", "[x](files/javascript:alert(1))", SCRIPTS[-2]):
        assert len(links(new_markdown_cell(text))) == 1


def test_ordinary_links_and_pictures_stay():
    for text in (
        "[paper](https://arxiv.org/abs/1312.6034) and <b>: https://example.org/a:b?c=d",
        "# 1: see [above](#one:two), [a file](data/cat.png), [post](mailto:a@example.org)",
        "![x](data:image/png;base64,iVBORw0KGgo=)",
    ):
        typed = text.replace("<b>", "&lt;b>")
        outputs = [shown({"text/markdown": text}), shown({"text/html": "<a href='#x'>x</a>"})]
        written, code = neutral(new_markdown_cell(text), new_code_cell(outputs=outputs))
        assert written.source == typed
        assert code.outputs[0].data == {"text/markdown": typed}
        assert code.outputs[1].data == {"text/html": '<a href="#x">x</a>'}


def shown(data):
    return new_output("display_data", data=data)
