"""A browser shows a feedback page without the network, formulas and all."""

from __future__ import annotations

import nbformat

from autograder.course.self_contained import SelfContainedExporter
from tests.browser import IN_A_BROWSER, open_page

pytestmark = IN_A_BROWSER

TEXT = "Let $s_y$ be a score:\n\n$$\\frac{\\partial s_y}{\\partial I}$$"


def test_formulas_are_drawn_and_nothing_is_asked_for(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(TEXT)])
    html, _ = SelfContainedExporter(template_name="classic").from_notebook_node(notebook)
    path = tmp_path / "page.html"
    path.write_text(html, encoding="utf-8")
    with open_page() as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        assert page.locator("mfrac").bounding_box()["height"] > 25, "two lines and a bar"
        assert [url for url in asked if url.startswith("http")] == []
