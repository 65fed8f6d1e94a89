"""Feedback as one page that needs nothing else: no network, no script, no file beside it."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from nbconvert import HTMLExporter
from nbformat import NotebookNode

from autograder.course.formulas import with_formulas

# Of what a page may load, only what it holds itself. So no script runs, whoever wrote it.
POLICY = (
    "default-src 'none'; img-src data:; media-src data:; font-src data:; style-src 'unsafe-inline'"
)
TYPED = {"code", "pre", "style", "textarea", "title", "math"}  # no formulas in these
HEAD = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'


class SelfContainedExporter(HTMLExporter):
    """nbconvert's page, made self-contained."""

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict | None = None, **kw: Any
    ) -> tuple[Any, dict]:
        html, resources = super().from_notebook_node(nb, resources=resources, **kw)
        return self_contained(html), resources


def self_contained(html: str) -> str:
    """The page without its scripts, with MathML for its formulas and a policy that loads nothing."""
    page = _Page()
    page.feed(html)
    page.close()
    return page.html


class _Page(HTMLParser):
    """Writes a page again as it is read."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self._written: list[str] = []
        self._text: list[str] = []
        self._open: list[str] = []  # tags in which text stays as it is

    @property
    def html(self) -> str:
        self._flush()
        return "".join(self._written)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._flush()
        if tag == "script" or tag in TYPED:
            self._open.append(tag)
        if tag != "script":
            self._written.append(self.get_starttag_text() or "")
        if tag == "head":
            self._written.append(HEAD)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._flush()
        if tag != "script":
            self._written.append(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        self._flush()
        if tag in self._open:
            while self._open.pop() != tag:
                pass
        if tag != "script":
            self._written.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def handle_entityref(self, name: str) -> None:
        self._text.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._text.append(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        self._flush()
        self._written.append(f"<!{decl}>")

    def _flush(self) -> None:
        text, self._text = "".join(self._text), []
        if "script" not in self._open:
            self._written.append(text if self._open else with_formulas(text))
