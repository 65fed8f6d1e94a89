"""What a check can ask of a call: its value, what it changes, a derivative."""

from types import SimpleNamespace

import pytest
import torch
from torch import nn

from autograder.checks import Mismatch, assert_same, assert_value
from autograder.grading.inside.spy import Spy
from autograder.grading.student import Answers, LocalStudent, Raised, StudentFault

F = torch.arange(6.0, dtype=torch.float64).view(1, 1, 2, 3)


def answers(functions, **reference):
    """The functions as a check sees them."""
    return Answers(LocalStudent(functions), SimpleNamespace(**reference))


class Doubler(Spy):
    """Doubles an image in place and notes its sum before."""

    def __call__(self, image):
        self.calls.append(float(image.sum()))
        image.mul_(2)


def step_twice(image, step, rate=1.0):
    for _ in range(2):
        step(image)
    image += rate


def weighted(weight, features, rest=()):
    return weight * (features**2).sum() + sum(part.sum() for part in rest)


def test_changes_show_what_became_of_arguments_and_what_a_spy_was_given():
    image = F.clone()
    student = answers({"step_twice": step_twice})
    seen = student.step_twice.changes(image, Doubler(), rate=3.0)
    assert torch.equal(seen["args"][0], 4 * F + 3)
    assert seen["args"][1] == [15.0, 30.0]
    assert seen["value"] is None
    assert torch.equal(image, F)  # the check's own tensor stays as it was
    assert student.step_twice.student.remarks == []


def test_a_view_looks_at_a_part_of_the_answer():
    student = answers({"step_twice": step_twice}, step_twice=step_twice)
    image = student.step_twice.changes.seen_as(lambda seen: seen["args"][0])
    assert_same(image, F, Doubler())
    with pytest.raises(Mismatch, match="6 of 6 values are wrong"):
        assert_value(image, F, F, Doubler())


def test_a_view_that_does_not_fit_a_forged_answer_is_the_students_fault():
    student = answers({"f": lambda: [1]})
    with pytest.raises(StudentFault, match="not an answer"):
        student.f.seen_as(lambda answer: answer["image"])()


def test_gradients_of_one_argument_and_of_a_list():
    student = answers({"weighted": weighted}, weighted=weighted)
    assert torch.equal(student.weighted.gradient(at=1)(3.0, F), 6 * F)
    by_rest = student.weighted.gradient(at=2)(3.0, F, [F, 2 * F])
    assert [torch.equal(part, torch.ones_like(F)) for part in by_rest] == [True, True]
    assert_same(student.weighted.gradient(at=1), 3.0, F)


def test_a_gradient_of_another_function_is_a_mismatch():
    wrong = {"weighted": lambda weight, features: (features**2).sum() + weight}
    student = answers(wrong, weighted=weighted)
    with pytest.raises(Mismatch, match="times 0.333333"):
        assert_same(student.weighted.gradient(at=1), 3.0, F)


def test_an_argument_that_the_result_does_not_depend_on_has_gradient_zero():
    student = answers({"first": lambda features: features[0].sum()})
    gradients = student.first.gradient(at=0)([F, F])
    assert [float(part.sum()) for part in gradients] == [6.0, 0.0]


@pytest.mark.parametrize("forget", [lambda loss: loss.item(), lambda loss: loss.detach()])
def test_a_result_without_gradient_is_said_so(forget):
    student = answers({"weighted": lambda *args: forget(weighted(*args))})
    with pytest.raises(Raised, match="has no gradient: compute it with torch"):
        student.weighted.gradient(at=1)(3.0, F)


def test_a_model_comes_back_as_its_values():
    model = nn.Linear(2, 1)
    sent = answers({"same": lambda model: model}).same(model)
    assert torch.equal(sent["weight"], model.weight) and sent.keys() == {"weight", "bias"}
