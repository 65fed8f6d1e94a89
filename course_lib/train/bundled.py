"""`python -m course_lib.train.bundled`: train all bundled classifiers again, one after the other.

They are written to a folder of their own; whoever likes them better than the bundled ones copies
them to `course_lib/weights` and brings their cards up to date: `make evaluate ARGS=--write`.
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
) -> None:
    """Train what is not there yet. An interrupted training goes on where it was."""
    failed = []
    for name, recipe in RECIPES.items():
        if (out / f"{name}.safetensors").exists():
            continue
        command = [sys.executable, "-m", "course_lib.train", name, "--out", str(out)]
        command += ["--work", str(out / "work"), "--device", device]
        if recipe.data != "shapes":
            command += ["--data", photos]
        # A process of its own each, so that one training can't change the random numbers of the next.
        if subprocess.run(command, check=False).returncode:
            failed.append(name)
    if failed:
        typer.secho(f"not trained: {', '.join(failed)}", err=True, fg="red")
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
