"""What a notebook keeps under a name is compared as data, whichever library made it."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from autograder.checks import assert_mentions, assert_same, assert_value
from autograder.grading.compare import Mismatch
from autograder.grading.diagnosis import explanations
from autograder.grading.student import Answers, LocalStudent, NotAnswered, Raised, StudentFault

CURVE = [0.0, 0.5, 2.0]
CURVES = [
    CURVE,
    tuple(CURVE),
    np.array(CURVE),
    np.array(CURVE, dtype=np.float32),
    torch.tensor(CURVE),
    torch.tensor(CURVE, requires_grad=True),
    [torch.tensor(x) for x in CURVE],
    [np.float64(x) for x in CURVE],
    [0, 0.5, 2],
]


def answer_of(student, reference=None):
    return Answers(LocalStudent(student), SimpleNamespace(curve=reference)).curve


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: type(curve).__name__)
@pytest.mark.parametrize("expected", [CURVE, torch.tensor(CURVE), np.array(CURVE)], ids=type)
def test_a_curve_is_right_in_every_form(curve, expected):
    assert_value(answer_of({"curve": curve}).value, expected)
    assert_same(answer_of({"curve": curve}, expected).value)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ([0.0, 0.5, 2.1], "1 of 3 values are wrong"),
        ([0.0, 0.5], r"shape \(2,\)"),
        (None, "returned None"),
        ("0, 0.5, 2", "a str; a tensor of shape"),
        ({"a": 1}, "a dict of 1"),
    ],
)
def test_a_wrong_curve_is_described(wrong, words):
    with pytest.raises(Mismatch, match=f"curve: .*{words}"):
        assert_value(answer_of({"curve": wrong}).value, CURVE)


def test_tables_texts_and_single_numbers():
    right = {"name": "vgg", "accuracy": 0.5, "counts": [[1, 2], [3, 4]], "done": True}
    mine = {
        "name": "vgg",
        "accuracy": np.float32(0.5),
        "counts": np.array([[1, 2], [3, 4]]),
        "done": np.bool_(True),
    }
    assert_value(answer_of({"curve": mine}).value, right)
    with pytest.raises(Mismatch, match="'accuracy': the value is the right one times 0.5"):
        assert_value(answer_of({"curve": {**mine, "accuracy": 0.25}}).value, right)
    with pytest.raises(Mismatch, match="'name': 'cnn' is not right"):
        assert_value(answer_of({"curve": {**mine, "name": "cnn"}}).value, right)


def test_a_table_of_pandas_is_a_dict_of_its_columns():
    class Table:  # has what in_one_form uses of pandas.DataFrame
        columns = ["model", "accuracy"]

        def to_dict(self, orient):
            assert orient == "list"
            return {"model": ["a", "b"], "accuracy": [0.5, 1.0]}

    expected = {"model": ["a", "b"], "accuracy": [0.5, 1.0]}
    assert_value(answer_of({"curve": Table()}).value, expected)


def test_what_no_cell_defined_is_missing_and_none_is_a_wrong_value():
    with pytest.raises(NotAnswered, match="curve is not defined in the notebook"):
        answer_of({}).value()
    assert answer_of({"curve": None}).value() is None
    with pytest.raises(NotAnswered, match="curve is not defined in the notebook"):
        answer_of({"curve": None})(1)


def test_a_value_that_is_no_data_is_refused():
    with pytest.raises(StudentFault, match="type 'object'"):
        answer_of({"curve": object()}).value()


def test_a_function_without_arguments_stands_for_its_value():
    assert answer_of({"curve": lambda: 3}).value() == 3
    with pytest.raises(Raised, match="ZeroDivisionError"):
        answer_of({"curve": lambda: 1 / 0}).value()


def test_a_wrong_value_is_recognised():
    def starts_at_one():
        return [1.0, 0.5, 2.0]

    with pytest.raises(Mismatch) as failure:
        assert_same(answer_of({"curve": np.array([1.0, 0.5, 2.0])}, CURVE).value)
    assert explanations(failure.value, [lambda: CURVE, starts_at_one]) == ["starts_at_one"]


def test_a_text_is_read_and_its_missing_words_are_named():
    said = answer_of({"curve": "The Gradients of a score,\nby the pixels."})
    assert said.text() == "The Gradients of a score,\nby the pixels."
    assert_mentions(said.text, "gradient", ("input", "pixel"))
    with pytest.raises(Mismatch, match="curve: it does not mention ascore, loss or risk"):
        assert_mentions(said.text, "score", "ascore", ("loss", "risk"))


def test_a_wrong_text_is_recognised_by_the_words_that_it_lacks():
    with pytest.raises(Mismatch) as failure:
        assert_mentions(answer_of({"curve": "The slope of the loss."}).text, "gradient", "score")

    def about_the_loss():
        return "It is the loss."

    def about_the_gradient():
        return "It is the gradient of something."

    found = explanations(failure.value, [about_the_gradient, about_the_loss])
    assert found == ["about_the_loss"]
