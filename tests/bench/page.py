"""The figures of a bench as Markdown."""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Iterable

import torch

Rounds = dict[str, list[dict[str, float]]]


def page(rounds: Rounds, arguments: argparse.Namespace) -> str:
    """Medians, with the least and the most of the rounds."""
    totals = [
        {key: sum(found[number][key] for found in rounds.values()) for key in one}
        for number, one in enumerate(next(iter(rounds.values())))
    ]
    everything = {**rounds, "**all**": totals}
    whole = f"whole, {arguments.jobs} at once"
    columns = ["nbgrader", *(["otter"] if arguments.otter else []), "points", "whole, 1 at once"]
    columns += [whole] if whole not in columns else []
    ratios = [("nbgrader", "points"), ("nbgrader", "whole, 1 at once"), ("nbgrader", whole)]
    ratios += [("otter", "points")] if arguments.otter else []
    seconds = _table(
        columns,
        {name: [_column(found, key) for key in columns] for name, found in everything.items()},
    )
    compared = _table(
        [f"{one} / {other}" for one, other in ratios],
        {
            name: [[round_[one] / round_[other] for round_ in found] for one, other in ratios]
            for name, found in everything.items()
        },
    )
    kinds = [key for key in totals[0] if key.startswith("CPU ")]
    effort = _table(
        [key.removeprefix("CPU ") for key in kinds],
        {name: [_column(found, key) for key in kinds] for name, found in rounds.items()},
        digits=2,
    )
    return f"""# How long a class takes

Made by `make bench`: {arguments.rounds} rounds, each grader in turn, torch {torch.__version__}. All submissions are the
reference with its demonstrations. Figures are medians, with the least and the most.

* *nbgrader*: `nbgrader autograde` of 0.9, as it comes: one process, no jail, all cells; its test cells hold the checks that students see.
* *otter*: `otter run` of Otter-Grader 7, which grades one submission without a container: all cells, and the same checks as its tests.
* *points*: the first phase of `autograder grade`, {arguments.students} submissions on {arguments.jobs} processes: the hidden checks, in the jail,
  recorded in the gradebook. The start of the processes is part of it.
* *whole*: both phases, with feedback pages; two submissions for each process.

## Seconds for one submission

{seconds}

## How many times as long

{compared}

## Where the CPU seconds go

For the points of one submission, in a process that has graded some already. *own*: the student's computation alone; *trusted*: of the
process that grades; *jailed*: of the kernel, the student's computation included; *added*: what grading adds to it; *start*: seconds on the
wall from asking for a kernel until it answers.

{effort}
"""


def _column(found: list[dict[str, float]], key: str) -> list[float]:
    return [one[key] for one in found]


def _table(columns: Iterable[str], rows: dict[str, list[list[float]]], digits: int = 1) -> str:
    lines = ["| assignment | " + " | ".join(columns) + " |"]
    lines.append("|---|" + "---:|" * (lines[0].count("|") - 2))
    for name, cells in rows.items():
        lines.append(f"| {name} | " + " | ".join(_said(cell, digits) for cell in cells) + " |")
    return "\n".join(lines)


def _said(values: list[float], digits: int) -> str:
    middle, least, most = (
        f"{value:.{digits}f}" for value in (statistics.median(values), min(values), max(values))
    )
    return f"{middle} ({least} to {most})"
