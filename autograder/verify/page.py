"""Proofs as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from autograder.verify.proof import ENOUGH, Proof
from autograder.verify.table import COLUMNS, cells, totals

TEMPLATES = Path(__file__).parent


def page(proofs: Sequence[Proof]) -> str:
    """The page on some assignments."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("proof.html").render(
        proofs=proofs,
        columns=COLUMNS,
        cells=cells,
        figures=list(zip(COLUMNS, totals(proofs))),
        enough=ENOUGH,
        made=datetime.now(),
    )
