"""A verdict adds up its checks, and is read only from what is one."""

from __future__ import annotations

import json

import pytest

from autograder.errors import CourseError
from autograder.grading.verdict import CellVerdict, CheckResult, Verdict

CHECKS = [
    CheckResult("test_one_thing", 2.5, "passed", ""),
    CheckResult("test_another", 1.5, "failed", "Off by one.", "counts_from_one"),
    CheckResult("test_a_third", 1.0),
]
VERDICT = Verdict(
    assignment="counting",
    submission="ada",
    jail="bubblewrap",
    device="cpu",
    seconds=1.25,
    cells=[CellVerdict("test_count", 5.0, CHECKS), CellVerdict("test_sum", 3.0, [])],
    notes=["A cell was restored."],
)


def test_a_check_earns_all_of_its_points_or_none():
    assert [check.points for check in CHECKS] == [2.5, 0, 0]
    assert (VERDICT.score, VERDICT.max_score) == (2.5, 8.0)
    assert [check.name for check in VERDICT.lost] == ["test_another", "test_a_third"]


def test_a_cell_goes_by_its_function_and_a_check_by_its_title():
    assert VERDICT.cell("count").function == "count"
    assert VERDICT.cell("count").checks[0].title == "one thing"
    with pytest.raises(KeyError):
        VERDICT.cell("nothing")


def test_a_cell_gives_no_more_than_its_points():
    assert CellVerdict("test_count", 2.0, CHECKS).score == 2.0


def test_the_stored_form():
    """Verdicts of earlier terms have to stay readable: fields and their order are fixed."""
    stored = json.loads(VERDICT.to_json())
    assert stored["cells"][1] == {
        "grade_id": "test_sum",
        "score": 0,
        "max_score": 3.0,
        "checks": [],
    }
    assert list(stored) == [
        "assignment", "submission", "score", "max_score", "jail", "device", "seconds", "cells",
        "notes", "ran", "digest",
    ]  # fmt: skip
    assert list(stored["cells"][0]["checks"][1].items()) == [
        ("name", "test_another"),
        ("status", "failed"),
        ("points", 0.0),
        ("max_points", 1.5),
        ("message", "Off by one."),
        ("misconception", "counts_from_one"),
    ]


def test_a_stored_verdict_is_read_as_it_was():
    assert Verdict.from_json(VERDICT.to_json()) == VERDICT


def test_several_mistakes_in_one_answer_are_stored_and_read():
    check = CheckResult("test_sums", 1.0, "failed", "Two.", "counts_from_one", ["forgets_last"])
    assert check.misconceptions == ["counts_from_one", "forgets_last"]
    verdict = Verdict("counting", "ada", "none", "cpu", 1.0, [CellVerdict("test_f", 1.0, [check])])
    assert Verdict.from_json(verdict.to_json()) == verdict
    assert CHECKS[1].misconceptions == ["counts_from_one"] and CHECKS[0].misconceptions == []


def without(field, of=lambda data: data):
    data = VERDICT.as_dict()
    del of(data)[field]
    return json.dumps(data)


def with_value(field, value, of=lambda data: data):
    data = VERDICT.as_dict()
    of(data)[field] = value
    return json.dumps(data)


def second_check(data):
    return data["cells"][0]["checks"][1]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Expecting value"),
        ("[]", "the document is not an object"),
        (without("cells"), "cells is missing"),
        (without("status", second_check), "cells[0].checks[1].status is missing"),
        (with_value("status", "won", second_check), "cells[0].checks[1].status is not one of pass"),
        (with_value("status", [], second_check), "cells[0].checks[1].status is not a string"),
        (with_value("cells", {}), "cells is not a list"),
        (with_value("cells", ["a"]), "cells[0] is not an object"),
        (with_value("notes", [1]), "notes is not a list of strings"),
        (with_value("seconds", "1.5"), "seconds is not a number"),
        (with_value("seconds", True), "seconds is not a number"),
        (with_value("max_points", float("nan"), second_check), "max_points is not a number"),
        (with_value("misconception", 0, second_check), "misconception is not a string or null"),
    ],
)
def test_what_is_no_verdict_is_said_with_its_field(tmp_path, text, reason):
    path = tmp_path / "ada.json"
    path.write_text(text)
    with pytest.raises(CourseError) as error:
        Verdict.read(path)
    assert str(error.value).startswith(f"{path} is not a verdict: ")
    assert reason in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_a_file_that_can_not_be_read_is_said(tmp_path):
    with pytest.raises(CourseError, match="nothing.json can't be read: No such file"):
        Verdict.read(tmp_path / "nothing.json")
    (tmp_path / "latin.json").write_bytes(b"\xe4")
    with pytest.raises(CourseError, match="latin.json is not a verdict"):
        Verdict.read(tmp_path / "latin.json")
