"""A feedback page needs nothing but itself: formulas are MathML, and no text of a student is more."""

from __future__ import annotations

from html.parser import HTMLParser
from xml.etree import ElementTree

import nbformat
import pytest

from autograder.course.formulas import mathml, with_formulas
from autograder.course.self_contained import SelfContainedExporter, self_contained

PAGE = """<!DOCTYPE html>
<html><head><title>$t$</title><script src="https://cdn.example/mathjax.js"></script>
<style>a > b { content: "$c$"; }</style></head>
<body><p title="$x$ &amp; &quot;">Let $a &lt; b$ and \\(c\\); 5 \\$ stay.</p><pre>$p$</pre>
<p>Then $$\\sum_i a_i$$ &mdash; or <code>$q$</code><br/>&#8364;</p>
<img alt="one" src="data:image/png;base64,AAAA"><script>alert("$s$")</script></body></html>"""


class Tags(HTMLParser):
    def __init__(self, html: str):
        super().__init__()
        self.tags, self.names = [], set()
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.names.update(name for name, _ in attributes)


def test_formulas_become_mathml_and_nothing_else_changes():
    html = self_contained(PAGE)
    assert html.count("<math") == 3
    for kept in (
        "<!DOCTYPE html>",
        "<title>$t$</title>",
        'content: "$c$"',
        '<p title="$x$ &amp; &quot;">Let ',
        " stay.</p><pre>$p$</pre>",
        "&mdash; or <code>$q$</code><br/>&#8364;</p>",
        '<img alt="one" src="data:image/png;base64,AAAA">',
    ):
        assert kept in html
    assert "<mo>&lt;</mo>" in html


def test_no_script_is_left_and_the_policy_lets_none_run():
    html = self_contained(PAGE)
    assert "<script" not in html
    assert "alert" not in html
    assert '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';' in html
    assert "script-src" not in html


@pytest.mark.parametrize(
    "formula",
    [
        r"\nabla L = -\bigl(\nabla s_y - \sum_k p_k \nabla s_k\bigr)",
        r"\lVert\nabla_I L\rVert_1 \le \varepsilon",
        r"\begin{cases} a & b \\ c & d \end{cases}",
        r"\underbrace{a}_{\text{two words}} \operatorname{sign}(x)",
    ],
)
def test_a_formula_is_an_element_that_parses(formula):
    element = ElementTree.fromstring(mathml(formula, "block"))
    assert element.tag == "{http://www.w3.org/1998/Math/MathML}math"
    assert "\\" not in "".join(element.itertext())


@pytest.mark.parametrize(
    "formula",
    [
        r"\text{<img src=x onerror=alert(1)>}",
        r"\href{javascript:alert(1)}{x}",
        r"\class{a}{b}\style{color:red}{c}",
        "<script>alert(1)</script>",
        r'\color{"onclick="alert(1)}x',
        r"\mathrm{</math><script>alert(1)</script>}",
        "^^^",
        "{" * 3_000,
        "x" * 6_000,
    ],
)
def test_no_text_of_a_formula_is_html(formula):
    page = Tags(mathml(formula, "inline"))
    assert all(tag.startswith("m") or tag == "code" for tag in page.tags)
    assert not page.names & {"href", "src", "class", "style", "onclick", "onerror"}


def test_what_is_no_formula_stays_as_it_was_typed():
    for text in ("no dollar", r"5 \$ and 6 \$", "a $ alone", r"a \ b"):
        assert with_formulas(text) == text
    assert with_formulas("$^^$") == "<code>^^</code>"


def test_a_macro_that_is_not_known_is_shown_by_its_name():
    assert "arg" in mathml(r"\arg x", "inline")
    assert "\\" not in mathml(r"\arg x", "inline")


def notebook_page() -> str:
    text = "Let $s_y$ be a score:\n\n$$\\frac{\\partial s_y}{\\partial I}$$"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])
    html, _ = SelfContainedExporter(template_name="classic").from_notebook_node(notebook)
    return html


def test_the_exporter_makes_such_a_page():
    html = notebook_page()
    assert "<mfrac>" in html
    assert "cdnjs" not in html
    assert "<script" not in html
