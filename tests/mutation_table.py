"""How well the checks tell wrong from right, as a table: `make mutation-table`.

Every known misconception is put in a student's place, and every right answer in another style. A
misconception is caught if it loses the points of the check that is about it, is named to the
student, and costs no other function a point; a right answer is accepted if it gets full marks.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from os import cpu_count
from pathlib import Path

import torch
from rich.progress import track

from autograder.grading.assignment import Assignment
from autograder.misconceptions import hint, known_misconceptions
from tests.autograder.checks.test_checks import (
    AT_LEAST,
    RIGHT,
    SEED,
    points,
    verdict_on,
)
from tests.corpus import answers_in, functions_of

TABLE = Path(__file__).resolve().parents[1] / "docs" / "mutation-table.md"
HEAD = """# What the checks catch, and what they accept

Made by `make mutation-table`. Each misconception is a wrong answer known by name; it is *caught* if
it loses the points of the check that is about it and the student is told its name. Each right answer
is another style of solving the question; it is *accepted* if it gets full marks.

| assignment | graded function | misconceptions caught / written | right answers accepted / written |
|---|---|---|---|
"""


def caught(name: str, function: str, number: int) -> tuple[str, str, bool]:
    """Assignment, function, and whether its misconception of that number is caught."""
    torch.set_num_threads(1)
    assignment = Assignment(name)
    wrong = known_misconceptions(name)[function][number]
    checks, scores, _ = verdict_on(assignment, seed=SEED, **{function: wrong})
    check, full = checks[wrong.caught_by], points(assignment)
    named = check.misconception == wrong.__name__ and hint(wrong) in check.message
    others = all(score == full[f] for f, score in scores.items() if f != function)
    return name, function, check.points == 0 and named and others


def accepted(name: str, path: Path) -> list[tuple[str, str, bool]]:
    """Assignment, function, and whether it gets full marks, for all that a submission answers."""
    torch.set_num_threads(1)
    assignment = Assignment(name)
    answered = answers_in(assignment, path)
    _, scores, _ = verdict_on(assignment, **answered)
    full = points(assignment)
    return [(name, function, scores[function] == full[function]) for function in answered]


def main() -> None:
    wrong, right = Counter(), Counter()
    caught_of, accepted_of = Counter(), Counter()
    with ProcessPoolExecutor(cpu_count()) as pool:
        mutants = [
            pool.submit(caught, name, function, number)
            for name in AT_LEAST
            for function, of in known_misconceptions(name).items()
            for number in range(len(of))
        ]
        answers = [pool.submit(accepted, name, path) for name, path in RIGHT]
        for future in track(mutants, "misconceptions"):
            name, function, is_caught = future.result()
            wrong[name, function] += 1
            caught_of[name, function] += is_caught
        for future in track(answers, "right answers"):
            for name, function, is_accepted in future.result():
                right[name, function] += 1
                accepted_of[name, function] += is_accepted
    lines = [
        f"| {name} | `{function}` | {_share(caught_of, wrong, (name, function))} "
        f"| {_share(accepted_of, right, (name, function))} |"
        for name in AT_LEAST
        for function in functions_of(Assignment(name))
    ]
    totals = [f"{sum(part.values())} / {sum(all_.values())}" for part, all_ in
              ((caught_of, wrong), (accepted_of, right))]  # fmt: skip
    lines.append(f"| **all** | | **{totals[0]}** | **{totals[1]}** |")
    TABLE.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    print(TABLE.read_text(encoding="utf-8"))


def _share(good: Counter, written: Counter, key: tuple[str, str]) -> str:
    percent = f"{good[key] / written[key]:.0%}" if written[key] else "none"
    return f"{good[key]} / {written[key]} ({percent})"


if __name__ == "__main__":
    main()
