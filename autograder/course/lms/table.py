"""The table of what was collected: who, what, and what an instructor should look at."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.course.lms.collect import Collected, Row
from autograder.grading.text import readable

AT_MOST = 30  # names in one line


def print_collected(found: Collected, name: str, console: Console) -> None:
    """Print a row for everybody in the download, what was refused, and who sent nothing."""
    table = Table(title=f"{name}: what was collected", title_justify="left")
    for heading in ("student", "file", "handed in", "note"):
        table.add_column(heading, overflow="fold")
    for row in found.rows:
        style = "" if row.file else "red"
        cells = (row.student, row.file or "none", _time(row), "; ".join(row.notes))
        table.add_row(*(Text(readable(cell), style=style) for cell in cells))
    console.print(table)
    for refused in found.refused:
        console.print(
            Text(f"{readable(refused.path, 200)}: not taken, {refused.reason}."), soft_wrap=True
        )
    taken = sum(bool(row.file) for row in found.rows)
    console.print(Text(f"{taken} collected, {len(found.rows) - taken} not."), soft_wrap=True)
    if found.missing:
        listed = ", ".join(found.missing[:AT_MOST])
        more = f" and {len(found.missing) - AT_MOST} more" if len(found.missing) > AT_MOST else ""
        console.print(
            Text(f"Nothing of {len(found.missing)} on the roster: {listed}{more}."), soft_wrap=True
        )


def _time(row: Row) -> str:
    said = f"{row.time.astimezone():%Y-%m-%d %H:%M}" if row.time else ""
    return f"{said} LATE".strip() if row.is_late else said
