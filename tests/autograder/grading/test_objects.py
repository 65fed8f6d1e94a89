"""Classes are graded by fresh objects: made, loaded, used and asked in one call."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from autograder.checks import assert_same, assert_value
from autograder.grading.compare import Mismatch
from autograder.grading.diagnosis import explanations
from autograder.grading.misconception import misconception
from autograder.grading.student import Answers, LocalStudent, NotAnswered, Raised


class Counter:
    """Counts what it is given."""

    def __init__(self, start=0, step=1):
        self.total, self.step = start, step
        self.seen = []

    def add(self, n):
        self.total += n * self.step
        self.seen.append(n)
        return self.total

    def __call__(self):
        return self.total


class Block(nn.Module):
    """A linear layer with a scale."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.linear = nn.Linear(inputs, outputs)
        self.register_buffer("scale", torch.tensor(2.0))

    def forward(self, x):
        return self.scale * self.linear(x)

    def encode(self, x):
        return self.linear(x)


def answer_of(student, reference):
    """The check's view of a student's class, or of whatever takes its place."""
    answers = Answers(LocalStudent({"it": student}), SimpleNamespace(it=reference))
    return answers.it


def test_an_object_is_made_for_each_question():
    counter = answer_of(Counter, Counter).constructed(3, step=2)
    add = counter.method("add")
    assert [add(4), add(4)] == [11, 11]
    assert_same(add, 4)
    assert counter() == 3


def test_calls_of_methods_come_before_the_question_in_their_order():
    counter = answer_of(Counter, Counter).constructed().after(("add", 3), ("add", 4))
    assert counter() == 7
    assert counter.attribute("seen")() == [3, 4]
    assert counter.after(("add", 5)).attribute("seen")() == [3, 4, 5]
    assert counter.method("add")(1) == 8


def test_the_reference_is_asked_in_the_same_way():
    class CountsTwice(Counter):
        def add(self, n):
            return super().add(2 * n)

    counter = answer_of(CountsTwice, Counter).constructed(1).after(("add", 3))
    with pytest.raises(Mismatch, match="it: 7 is not right"):
        assert_same(counter)


def test_a_state_is_loaded_in_its_own_precision():
    weights = {
        "linear.weight": torch.tensor([[1.0, 10.0]], dtype=torch.float64),
        "linear.bias": torch.tensor([0.5], dtype=torch.float64),
        "scale": torch.tensor(3.0, dtype=torch.float64),
    }
    block = answer_of(Block, Block).constructed(2, 1).with_weights(weights)
    x = torch.tensor([[1.0, 2.0]], dtype=torch.float64)
    assert block(x).tolist() == [[64.5]]  # 3 * (1 + 20 + 0.5)
    assert block.method("encode")(x).tolist() == [[21.5]]
    assert block.gradient()(x).tolist() == [[3.0, 30.0]]
    assert block.method("encode").gradient()(x).tolist() == [[1.0, 10.0]]
    assert block(x).dtype == torch.float64
    assert_same(block, x)


def test_names_and_shapes_of_parameters_can_be_compared_without_their_random_values():
    state = answer_of(Block, Block).constructed(2, 1).state()
    shapes = state.seen_as(lambda found: {name: list(t.shape) for name, t in found.items()})
    assert_value(shapes, {"linear.weight": [1, 2], "linear.bias": [1], "scale": []})


def test_weights_that_do_not_fit_are_named():
    block = answer_of(nn.Linear, Block).constructed(2, 1).with_weights(Block(2, 1).state_dict())
    with pytest.raises(Raised, match=r"Missing key\(s\) in state_dict"):
        block(torch.ones(1, 2))


def test_weights_of_what_is_no_module_are_refused_in_words():
    counter = answer_of(Counter, Counter).constructed().with_weights({})
    with pytest.raises(Raised, match="a Counter is not a torch.nn.Module"):
        counter()


def test_arguments_of_the_constructor_are_not_changed_between_questions():
    class Grabs:
        def __init__(self, words):
            words.append("mine")
            self.words = words

    words = ["a"]
    grabbed = answer_of(Grabs, Grabs).constructed(words).attribute("words")
    for _ in range(2):
        assert_value(grabbed, ["a", "mine"])
        assert grabbed.expected() == ["a", "mine"]
    assert words == ["a"]


@pytest.mark.parametrize(
    ("student", "fault", "words"),
    [
        (5, Raised, "'int' object is not callable"),
        (None, NotAnswered, "it is not defined"),
        (object, Raised, "takes no arguments"),
    ],
)
def test_what_is_no_such_class_is_the_students_fault(student, fault, words):
    with pytest.raises(fault, match=words):
        answer_of(student, Counter).constructed(3)()


def test_a_missing_method_is_named():
    with pytest.raises(Raised, match="'Counter' object has no attribute 'reset'"):
        answer_of(Counter, Counter).constructed().method("reset")()


def test_a_method_that_is_still_a_stub_is_not_answered():
    class Stub(Counter):
        def add(self, n):
            raise NotImplementedError("it: write your answer here")

    with pytest.raises(NotAnswered, match="not answered yet"):
        answer_of(Stub, Counter).constructed().method("add")(3)


def test_a_wrong_class_is_recognised():
    @misconception(of="it", caught_by="test_add")
    class IgnoresTheStep(Counter):
        def add(self, n):
            self.total += n
            return self.total

    class Mine(IgnoresTheStep):
        pass

    add = answer_of(Mine, Counter).constructed(0, step=3).method("add")
    with pytest.raises(Mismatch) as failure:
        assert_same(add, 2)
    assert explanations(failure.value, [Counter, IgnoresTheStep]) == ["IgnoresTheStep"]


def test_helpers_of_a_class_can_be_replaced():
    names = {}
    exec("def helper(x): return x\nclass It:\n    def __call__(self, x): return helper(x)\n", names)
    it = answer_of(names["It"], names["It"]).constructed().with_helpers((("helper", abs),))
    assert it(-3) == 3 and names["helper"](-3) == -3
