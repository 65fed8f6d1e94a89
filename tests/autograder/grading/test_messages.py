"""Of a kernel's messages, what has the right form comes into the notebook, and not too much."""

import nbformat
import pytest

from autograder.grading import messages
from autograder.grading.messages import WIDGET, Outputs

EVIL = "<script>"


def let_through(kind, content):
    return Outputs().let_through(kind, content, cell=0)


def nested(depth):
    value = 0
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("stream", {"name": EVIL, "text": "x"}),
        ("stream", {"name": "stdout", "text": 5}),
        ("stream", ["no dictionary"]),
        ("display_data", {"data": ["no dictionary"]}),
        (
            "display_data",
            {"data": {"text/plain": "0%|   | 0/40", WIDGET: {"model_id": "1"}}},
        ),
        ("error", {"ename": "E", "evalue": "", "traceback": "no list"}),
        ("error", {"ename": 1, "evalue": "", "traceback": []}),
        ("status", {"execution_state": {}}),
        ("comm_open", {"comm_id": "1", "data": {}}),
        ("made up", {}),
        ([], {}),
    ],
)
def test_what_has_no_right_form_is_ignored(kind, content):
    assert let_through(kind, content) is None


def test_a_cell_has_no_number_that_is_none():
    assert let_through("execute_input", {"execution_count": EVIL}) == ("execute_input", {})
    result = {"data": {}, "metadata": {}, "execution_count": EVIL}
    _, content = let_through("execute_result", result)
    assert content["execution_count"] is None


def test_what_is_left_of_a_display_can_be_written_into_a_notebook():
    odd = {"image/png": ["x"], "application/json": nested(250)}
    data = {"text/plain": "x\ud800", "application/vega.v5+json": {"a": [1]}, **odd}
    metadata = {"image/png": {"width": 3, "alt": EVIL}}
    _, content = let_through("display_data", {"data": data, "metadata": metadata})
    assert content["data"] == {"text/plain": "x?", "application/vega.v5+json": {"a": [1]}}
    assert content["metadata"] == {"image/png": {"width": 3}}
    output = nbformat.v4.new_output(
        "display_data", data=content["data"], metadata=content["metadata"]
    )
    nbformat.validate(output, ref="output", version=4)


def test_long_markup_gives_way_to_plain_text():
    data = {"text/html": "<b>" * messages.MAX_MARKUP, "text/plain": "a table"}
    _, content = let_through("display_data", {"data": data, "metadata": {}})
    assert content["data"] == {"text/plain": "a table"}


def printed(text):
    return "stream", {"name": "stdout", "text": text}


def test_what_a_cell_puts_out_is_cut_off_and_it_is_said():
    outputs = Outputs()
    _, content = outputs.let_through(*printed("x" * messages.MAX_CELL * 2), cell=0)
    assert len(content["text"]) < messages.MAX_CELL + 100
    assert "cut off" in content["text"]
    assert outputs.let_through(*printed("more"), cell=0) is None
    assert outputs.let_through(*printed("another cell"), cell=1)


def test_a_picture_that_is_too_large_is_told_of():
    picture = {"data": {"image/png": "x" * messages.MAX_CELL}, "metadata": {}}
    kind, content = let_through("display_data", picture)
    assert kind == "stream" and "cut off" in content["text"]


def test_many_cells_together_have_a_limit_too():
    outputs, half = Outputs(), printed("x" * (messages.MAX_CELL // 2))
    kept = [outputs.let_through(*half, cell) for cell in range(50)]
    assert sum(len(one[1]["text"]) for one in kept if one) < messages.MAX_NOTEBOOK + 50 * 100


def test_an_animation_that_clears_its_frames_is_not_cut_off():
    outputs = Outputs()
    for _ in range(20):
        assert outputs.let_through("clear_output", {"wait": True}, cell=0)
        assert outputs.let_through(*printed("x" * (messages.MAX_CELL // 2)), cell=0)


def shown(kind, text):
    return kind, {"data": {"text/plain": text}, "metadata": {}, "transient": {"display_id": "a"}}


def test_an_update_counts_in_each_place_where_it_stands():
    outputs, update = Outputs(), shown("update_display_data", "x" * (messages.MAX_CELL // 3))
    assert outputs.let_through(*shown("display_data", "x"), cell=0)
    assert outputs.let_through(*update, cell=0)
    for _ in range(10):
        assert outputs.let_through(*shown("display_data", "x"), cell=0)
    assert outputs.let_through(*update, cell=0) is None


def test_updates_leave_room_for_what_comes_after_them():
    outputs = Outputs()
    assert outputs.let_through(*shown("display_data", "0 %"), cell=0)
    for step in range(200_000):
        outputs.let_through(*shown("update_display_data", f"{step}"), cell=0)
    assert outputs.let_through(*printed("the end"), cell=0)
