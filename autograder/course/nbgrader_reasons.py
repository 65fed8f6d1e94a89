"""The reason why nbgrader or its database failed, as one sentence that says what to do."""

from __future__ import annotations

import re

from autograder.grading.text import readable

# The last line of a traceback, which logs indent: the kind of the exception, and what it says.
EXCEPTION = re.compile(r"^ {0,4}(?:[a-z_]\w*\.)*(?P<kind>[A-Z]\w*): (?P<what>.+)$", re.MULTILINE)
ERROR = re.compile(r"^\[(?:ERROR|CRITICAL)\] (?P<what>(?!Traceback).+)$", re.MULTILINE)
OF_SQL = re.compile(r"^\((?:\w+\.)*\w+\) ")  # SQLAlchemy repeats the driver's exception
NO_REASON = "NbGraderException"  # says that there is a traceback above

KNOWN = (
    (
        r"No space left on device|database or disk is full|Disk quota exceeded",
        "there is no space left on the disk: make some, and run this again",
    ),
    (
        r"database is locked|database table is locked",
        "the gradebook is locked: another program writes to it. Wait until that is done, or end it, "
        "and run this again",
    ),
    (
        r"attempt to write a readonly database",
        "the gradebook can only be read: make its file and its folder writable",
    ),
    (
        r"unable to open database file",
        "the gradebook's file can't be opened: its folder has to exist, and you need the right to "
        "write there",
    ),
    (
        r"No module named '(psycopg\w*)'",
        r"the driver \1 is not installed: run `pip install 'psycopg[binary]'`, and begin the "
        "address with postgresql+psycopg://",
    ),
    (
        r"file is not a database",
        "its file is not a gradebook: name another one, or restore it from a copy",
    ),
    (
        r"no such column|no such table|UndefinedColumn|UndefinedTable",
        "the gradebook was made by another version of nbgrader: copy it to a safe place, and then "
        "run `nbgrader db upgrade`",
    ),
    (
        r"Duplicate grade id: (\S+)",
        r"two cells have the grade_id '\1': give each a name of its own",
    ),
)


def reason_in(log: str) -> str:
    """The reason in a log of nbgrader's, without a full stop."""
    found = [match for match in EXCEPTION.finditer(log) if match["kind"] != NO_REASON]
    if found:
        return reason(f"{found[-1]['kind']}: {found[-1]['what']}")
    errors = [match["what"] for match in ERROR.finditer(log)]
    return reason(errors[0] if errors else "it did not say why")


def reason(message: str) -> str:
    """The message of an error, reworded where it is a known one; without a full stop."""
    for pattern, words in KNOWN:
        if found := re.search(pattern, message):
            return found.expand(words)
    kind, colon, what = message.partition(": ")
    what = OF_SQL.sub("", what if colon else kind)
    return readable(f"{kind}: {what}" if colon else what).rstrip(". ")
