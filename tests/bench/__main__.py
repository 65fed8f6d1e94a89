"""How long a class takes: this kit beside stock nbgrader and Otter-Grader, in turns on one machine.

    make bench                                   writes docs/performance.md; hours
    make bench ARGS="--rounds 3 saliency"
    make bench ARGS="--otter /path/to/otter"     in an environment that has this kit's packages, too

Each round's figures are kept in a file, so that a bench that was stopped goes on.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from tests.bench.effort import effort
from tests.bench.graders import default_jobs, nbgrader, otter, ours
from tests.bench.page import page
from tests.corpus import ASSIGNMENTS, ROOT


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", default=ASSIGNMENTS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--students", type=int, default=20, help="of this kit's class")
    parser.add_argument("--jobs", type=int, default=default_jobs())
    parser.add_argument("--otter", type=Path, help="the program of Otter-Grader")
    parser.add_argument("--figures", type=Path, default=Path("bench.json"))
    parser.add_argument("--markdown", type=Path, default=ROOT / "docs" / "performance.md")
    arguments = parser.parse_args()
    figures = arguments.figures
    known = json.loads(figures.read_text()) if figures.exists() else {}
    for number in range(arguments.rounds):
        for name in arguments.names:
            if f"{number} {name}" not in known:
                known[f"{number} {name}"] = measure(name, arguments)
                figures.write_text(json.dumps(known, indent=1))
                print(name, json.dumps(known[f"{number} {name}"]), flush=True)
    rounds = {
        name: [known[f"{number} {name}"] for number in range(arguments.rounds)]
        for name in arguments.names
    }
    arguments.markdown.write_text(page(rounds, arguments), encoding="utf-8")


def measure(name: str, arguments: argparse.Namespace) -> dict[str, float]:
    """Seconds for one submission in each grader, and where ours spends them."""
    students, jobs = arguments.students, arguments.jobs
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        folder = Path(temporary)
        found = {"nbgrader": nbgrader(folder / "nbgrader", name)}
        points = ours(folder / "points", name, students, jobs, "defining")
        found["points"] = points["points"] / students
        if arguments.otter:
            found["otter"] = otter(folder / "otter", name, arguments.otter)
        for workers in dict.fromkeys((1, jobs)):
            whole = ours(folder / f"whole{workers}", name, 2 * workers, workers, "all")
            seconds = whole["points"] + whole["notebooks"]
            found[f"whole, {workers} at once"] = seconds / (2 * workers)
        return found | {
            f"CPU {key}": value for key, value in effort(folder / "effort", name, 8).items()
        }


if __name__ == "__main__":
    main()
