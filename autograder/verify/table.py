"""Proofs as tables: in a terminal, and in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.verify.proof import ENOUGH, FunctionProof, Proof, Trial

INTRODUCTION = f"""# How well the checks tell right from wrong

Made by `autograder verify --all --markdown FILE`.

* *Mutants* are the reference solution with one small change in it: another operator, another
  constant, a statement or an argument deleted or swapped, a call removed. They are generated, so
  their score is the figure that can fall. A mutant is *killed* if it loses a point. An *equivalent*
  one gives right answers: its reason is below. The *score* is the share of the others that are
  killed; at least {ENOUGH:.0%} are wanted of every function.
* *Misconceptions* are wrong answers known by name. They were written together with the checks, so
  all of them should be *caught*: lose the points of the check that is about them, by name.
* *Right answers* are written in other styles. They are *accepted* if they have full marks and pass
  the checks that students see.
"""
COLUMNS = (
    "mutants",
    "killed",
    "equivalent",
    "score",
    "misconceptions",
    "right answers",
)
# The same for a terminal of 80 columns.
NARROW = ("mutants", "killed", "equi-\nvalent", "score", "miscon-\nceptions", "right\nanswers")
STYLES = {"+": "green", "-": "red", "@": "dim"}  # of a diff's lines


def print_proof(proof: Proof, console: Console) -> None:
    """Print the table of one assignment, its survivors, and all that is wrong."""
    verdict = Text("holds", "green") if proof.holds else Text("does not hold", "red")
    title = Text.assemble(f"{proof.assignment}: ", verdict, f", {proof.seconds:.0f} seconds")
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("function", overflow="fold")
    for column in NARROW:
        table.add_column(column, justify="right", no_wrap=True)
    for function in proof.functions:
        style = "red" if function.weakness or not _is_complete(function) else ""
        table.add_row(Text(function.name), *cells(function, proof.with_mutants), style=style)
    console.print(table)
    console.print(f"The reference was checked with {proof.seeds} seeds.")
    for trial in survivors(proof):
        console.print(
            Text(f"{trial.mutant.function}: a mutant survives ({trial.mutant.operator}).")
        )
        for line in trial.mutant.diff.splitlines():
            console.print(Text(f"  {line}", STYLES.get(line[0], "")), soft_wrap=True)
    for problem in proof.problems:
        console.print(Text(f"· {problem}", style="red"), soft_wrap=True)


def markdown(proofs: Sequence[Proof]) -> str:
    """A page with one table of all functions, the equivalent mutants and the survivors."""
    lines = [INTRODUCTION, "| assignment | function | " + " | ".join(COLUMNS) + " |"]
    lines.append("|---|---|" + "---:|" * len(COLUMNS))
    for proof in proofs:
        for function in proof.functions:
            row = [proof.assignment, f"`{function.name}`", *cells(function, proof.with_mutants)]
            lines.append(f"| {' | '.join(row)} |")
    lines.append(f"| **all** | | {' | '.join(f'**{cell}**' for cell in totals(proofs))} |")
    lines += _listed("Survivors", [t for proof in proofs for t in survivors(proof)])
    equivalent = [t for proof in proofs for f in proof.functions for t in f.equivalents]
    lines += _listed("Equivalent mutants", equivalent)
    return "\n".join(lines) + "\n"


def cells(function: FunctionProof, with_mutants: bool) -> tuple[str, ...]:
    """A row's figures, in the order of `COLUMNS`."""
    counts = (len(function.trials), function.killed, len(function.equivalents))
    of_mutants = (*map(str, counts), _percent(function.score))
    return (
        *(of_mutants if with_mutants else [""] * len(of_mutants)),
        f"{function.caught} of {function.misconceptions}",
        f"{function.accepted} of {function.right_answers}",
    )


def totals(proofs: Sequence[Proof]) -> tuple[str, ...]:
    """The figures of all functions together."""
    functions = [function for proof in proofs for function in proof.functions]
    together = FunctionProof(
        "all",
        sum(function.misconceptions for function in functions),
        sum(function.caught for function in functions),
        sum(function.right_answers for function in functions),
        sum(function.accepted for function in functions),
        [trial for function in functions for trial in function.trials],
    )
    return cells(together, any(proof.with_mutants for proof in proofs))


def survivors(proof: Proof) -> list[Trial]:
    """The trials of all mutants that no check catches."""
    return [trial for function in proof.functions for trial in function.survivors]


def _is_complete(function: FunctionProof) -> bool:
    caught_all = function.caught == function.misconceptions
    return caught_all and function.accepted == function.right_answers


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{100 * share:.1f} %"


def _listed(title: str, trials: list[Trial]) -> Iterator[str]:
    if not trials:
        return
    yield f"\n## {title}\n"
    for trial in trials:
        yield f"* `{trial.mutant.function}`: {trial.reason or trial.mutant.operator}\n"
        yield from (
            "  ```diff",
            *(f"  {line}" for line in trial.mutant.diff.splitlines()),
            "  ```\n",
        )
