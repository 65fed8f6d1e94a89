"""Train all bundled classifiers again: `python -m course_lib.train.bundled`.

They are written to a folder of their own. To replace the bundled ones, copy them to
`course_lib/weights` and update their cards with `make evaluate ARGS=--write`.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from course_lib.train.recipes import RECIPES


def main(
    photos: Annotated[
        str, typer.Option(help="folder or zip file with the photographs of the petit family")
    ] = "petit20",
    out: Annotated[Path, typer.Option(help="folder for the weights")] = Path("classifiers"),
    device: Annotated[str, typer.Option(help="cpu | cuda | auto")] = "auto",
    fresh: Annotated[int, typer.Option(help="measure on this many drawn images", min=1)] = 2000,
) -> None:
    """Train the classifiers that are missing in `--out`; interrupted ones are resumed."""
    failed = []
    for name, recipe in RECIPES.items():
        if (out / f"{name}.safetensors").exists():
            continue
        command = [sys.executable, "-m", "course_lib.train", name, "--out", str(out)]
        command += ["--work", str(out / "work"), "--device", device]
        command += ["--fresh", str(fresh)]
        if recipe.data != "shapes":
            command += ["--data", photos]
        # Each in its own process, so that no training changes the random numbers of the next.
        if subprocess.run(command, check=False).returncode:
            failed.append(name)
    if failed:
        typer.secho(f"not trained: {', '.join(failed)}", err=True, fg="red")
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
