r"""Formulas as MathML, which browsers show without a script and without the network.

What students wrote becomes an element here: a few tags with a few attributes, and text. So nothing
of it can be a link, a script or other HTML.
"""

from __future__ import annotations

import re
from html import escape, unescape
from xml.etree import ElementTree

from latex2mathml.converter import convert_to_element

from autograder.grading.text import readable

LONGEST = 5_000
FORMULA = re.compile(
    r"(?<!\\)\$\$(?P<display>.+?)(?<!\\)\$\$"
    r"|(?<!\\)\$(?P<inline>[^$]+?)(?<!\\)\$"
    r"|\\\[(?P<brackets>.+?)\\\]|\\\((?P<parentheses>.+?)\\\)"
    r"|(?P<environment>\\begin\{(?P<name>[a-z]+\*?)\}.+?\\end\{(?P=name)\})",
    re.DOTALL,
)
TAG = re.compile(r"m[a-z]+")
ATTRIBUTES = frozenset(
    [
        "display",
        "xmlns",
        "stretchy",
        "fence",
        "separator",
        "form",
        "accent",
        "minsize",
        "maxsize",
        "width",
        "height",
        "depth",
        "lspace",
        "rspace",
        "mathvariant",
        "linethickness",
        "movablelimits",
        "displaystyle",
        "scriptlevel",
        "columnalign",
        "columnspacing",
        "rowspacing",
    ]
)
VALUE = re.compile(r"[\w.%:/ -]*")
UNKNOWN = re.compile(r"\\([A-Za-z]+)")  # a macro that is shown by its name


def with_formulas(text: str) -> str:
    """The text of a page, as HTML writes it, with its formulas as MathML."""
    return FORMULA.sub(_replaced, text) if "$" in text or "\\" in text else text


def mathml(formula: str, display: str) -> str:
    r"""A formula as MathML; as it was typed where it can't be read.

    Args:
        display: "inline" or "block".
    """
    try:
        if len(formula) > LONGEST:
            raise ValueError("too long")
        element = convert_to_element(formula, display=display)
        _clean(element)
        return ElementTree.tostring(element, encoding="unicode")
    except Exception:  # of its many kinds: the formula is a student's
        return f"<code>{escape(readable(formula, LONGEST))}</code>"


def _replaced(match: re.Match[str]) -> str:
    said = match.groupdict()
    formula = next(
        said[name]
        for name in ("display", "inline", "brackets", "parentheses", "environment")
        if said[name] is not None
    )
    is_inline = said["inline"] or said["parentheses"]
    return mathml(unescape(formula), "inline" if is_inline else "block")


def _clean(element: ElementTree.Element) -> None:
    """Leave plain MathML of an element and those in it."""
    for one in element.iter():
        if not TAG.fullmatch(one.tag):
            raise ValueError(f"no tag of MathML: {one.tag}")
        for name, value in list(one.attrib.items()):
            if name not in ATTRIBUTES or not VALUE.fullmatch(value):
                del one.attrib[name]
        # The converter writes letters as references, for a text that is not escaped again.
        one.text = UNKNOWN.sub(r"\1", unescape(one.text)) if one.text else one.text
        one.tail = unescape(one.tail) if one.tail else one.tail
