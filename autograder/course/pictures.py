"""Pictures that the text of a notebook shows from the folder of its source."""

from __future__ import annotations

import base64
import mimetypes
import re
from pathlib import Path

from nbformat import NotebookNode

SHOWN = re.compile(r"!\[[^\]]*\]\(([^):]+)\)")  # no address: that has a colon


def shown_in(cell: NotebookNode) -> list[str]:
    """The paths of the pictures that a cell shows, relative to the source's folder."""
    return SHOWN.findall(cell.source) if cell.cell_type == "markdown" else []


def attach_pictures(notebook: NotebookNode, folder: Path) -> None:
    """Attach the pictures that the text shows from a folder: students get one file."""
    for cell in notebook.cells:
        for path in shown_in(cell):
            name, kind = path.replace("/", "-"), mimetypes.guess_type(path)[0]
            data = base64.b64encode((folder / path).read_bytes()).decode()
            cell.setdefault("attachments", {})[name] = {kind: data}
            cell.source = cell.source.replace(f"({path})", f"(attachment:{name})")
