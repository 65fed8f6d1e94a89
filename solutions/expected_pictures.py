"""Make the expected pictures of a notebook: `python solutions/expected_pictures.py saliency`.

Runs the solution and writes the pictures of the cells tagged `expected-NAME` to `expected/NAME.jpg`
beside it. Run it again whenever the bundled classifiers or the pictures of the course change.
"""

from __future__ import annotations

import base64
import io
import sys
from pathlib import Path

import jupytext
from nbclient import NotebookClient
from PIL import Image

WIDTH = 800  # pixels at most: small enough for a notebook, large enough for comparison


def make_expected_pictures(source: Path) -> list[Path]:
    """Write one picture per tagged cell of a jupytext source, with the cell's outputs stacked."""
    notebook = jupytext.read(source)
    NotebookClient(notebook, resources={"metadata": {"path": str(source.parent)}}).execute()
    folder = source.parent / "expected"
    folder.mkdir(exist_ok=True)
    written = []
    for cell in notebook.cells:
        for tag in cell.metadata.get("tags", []):
            if tag.startswith("expected-"):
                path = folder / f"{tag.removeprefix('expected-')}.jpg"
                _stack(_pictures(cell)).save(path, quality=75, optimize=True)
                written.append(path)
    return written


def _pictures(cell: dict) -> list[Image.Image]:
    shown = [output.get("data", {}) for output in cell.outputs]
    encoded = [data[kind] for data in shown for kind in ("image/jpeg", "image/png") if kind in data]
    return [Image.open(io.BytesIO(base64.b64decode(text))).convert("RGB") for text in encoded]


def _stack(pictures: list[Image.Image]) -> Image.Image:
    width = max(picture.width for picture in pictures)
    sheet = Image.new("RGB", (width, sum(picture.height for picture in pictures)), "white")
    top = 0
    for picture in pictures:
        sheet.paste(picture, (0, top))
        top += picture.height
    sheet.thumbnail((WIDTH, 10 * WIDTH))
    return sheet


if __name__ == "__main__":
    for name in sys.argv[1:]:
        for made in make_expected_pictures(Path(__file__).parent / name / f"{name}.py"):
            print(f"{made}: {made.stat().st_size / 1000:.0f} kB")
