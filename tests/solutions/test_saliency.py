"""Is the reference right by sources that are not ours, and is the notebook built as it must be?"""

import re
from pathlib import Path

import jupytext
import pytest
import torch
from captum.attr import LayerGradientXActivation, Saliency
from torch import nn

from course_lib.gradients import numeric_gradient

SOURCE = Path(__file__).parents[2] / "solutions" / "saliency" / "saliency.py"
POINTS = {
    "compute_saliency_maps": 14,
    "normalize_maps": 6,
    "compute_layer_saliency": 10,
    "compute_loss_saliency": 10,
}
EXPERIMENTS = {
    ("experiment_ten_examples", "answer_batch_sum"): 10,
    ("experiment_input_scale", "answer_input_scale"): 20,
    ("experiment_robust_model", "answer_robust_model"): 20,
    ("experiment_labels", "answer_which_quantity"): 10,
}


@pytest.fixture(scope="module")
def cells():
    return jupytext.read(SOURCE).cells


def grading(cell):
    return cell.metadata.get("nbgrader", {})


@pytest.fixture(scope="module")
def reference(cells):
    """The functions alone: the imports and the four solution cells, nothing else."""
    wanted = ["imports", *POINTS]
    namespace = {}
    for cell in cells:
        if grading(cell).get("grade_id") in wanted:
            exec(cell.source, namespace)
    return namespace


@pytest.fixture
def model():
    torch.manual_seed(0)
    layers = [
        nn.Conv2d(3, 6, 3, padding=1),
        nn.BatchNorm2d(6),
        nn.ReLU(inplace=True),
        nn.Conv2d(6, 5, 3, stride=2),
        nn.ReLU(inplace=True),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(20, 4),
    ]
    return nn.Sequential(*layers).double().eval()


@pytest.fixture
def images():
    return torch.rand(3, 3, 9, 11, generator=torch.Generator().manual_seed(1)).double()


y = torch.tensor([3, 0, 2])


def test_saliency_maps_agree_with_captum(reference, model, images):
    theirs = Saliency(model).attribute(images.clone().requires_grad_(), target=y).amax(1)
    torch.testing.assert_close(reference["compute_saliency_maps"](images, y, model), theirs)


def test_saliency_maps_agree_with_finite_differences(reference, model, images):
    maps = reference["compute_saliency_maps"](images, y, model)
    for i in range(3):
        slopes = numeric_gradient(lambda x, i=i: model(x)[0, y[i]], images[i : i + 1])
        torch.testing.assert_close(maps[i], slopes[0].abs().amax(0), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("index", [0, 3])
def test_layer_saliency_agrees_with_captum_before_an_in_place_relu(reference, model, images, index):
    # Captum multiplies the gradient by the activation; dividing by it leaves the gradient. Captum
    # itself asks for ReLUs that don't write over their input.
    plain = nn.Sequential(
        *(nn.ReLU() if isinstance(layer, nn.ReLU) else layer for layer in model)
    ).eval()
    method = LayerGradientXActivation(plain, plain[index], multiply_by_inputs=False)
    theirs = method.attribute(images.clone().requires_grad_(), target=y).abs().amax(1)
    mine = reference["compute_layer_saliency"](images, y, model, model[index])
    torch.testing.assert_close(mine, theirs)


@pytest.mark.parametrize("index", range(6))
def test_layer_saliency_agrees_with_finite_differences(reference, model, images, index):
    outputs = model[: index + 1](images).detach()
    rest = model[index + 1 :]
    maps = reference["compute_layer_saliency"](images, y, model, model[index])
    for i in range(3):
        slopes = numeric_gradient(lambda z, i=i: rest(z)[0, y[i]], outputs[i : i + 1])
        torch.testing.assert_close(maps[i], slopes[0].abs().amax(0), rtol=1e-5, atol=1e-9)


def test_layer_saliency_takes_containers_and_frozen_models(reference, model, images):
    whole = nn.Sequential(model[:3], model[3:]).requires_grad_(False)
    maps = reference["compute_layer_saliency"](images, y, whole, whole[0])
    expected = reference["compute_layer_saliency"](images, y, model, model[2])
    torch.testing.assert_close(maps, expected)


def test_loss_saliency_agrees_with_captum_and_finite_differences(reference, model, images):
    losses = [(0.7, lambda s: s[:, 1] ** 2), (-1.5, lambda s: s.log_softmax(1)[:, 2])]

    def total(x):
        scores = model(x)
        return 0.7 * scores[:, 1] ** 2 - 1.5 * scores.log_softmax(1)[:, 2]

    maps = reference["compute_loss_saliency"](images, losses, model)
    theirs = Saliency(total).attribute(images.clone().requires_grad_()).amax(1)
    torch.testing.assert_close(maps, theirs)
    for i in range(3):
        slopes = numeric_gradient(lambda x: total(x)[0], images[i : i + 1])
        torch.testing.assert_close(maps[i], slopes[0].abs().amax(0), rtol=1e-5, atol=1e-9)


def test_normalised_maps_agree_with_scikit_learn(reference):
    from sklearn.preprocessing import minmax_scale

    maps = torch.randn(4, 5, 6, generator=torch.Generator().manual_seed(2)).double()
    maps[2] = -3.5
    expected = torch.from_numpy(minmax_scale(maps.flatten(1), axis=1)).view(4, 5, 6)
    torch.testing.assert_close(reference["normalize_maps"](maps), expected)
    assert not reference["normalize_maps"](maps)[2].any()


def test_nothing_of_the_caller_s_is_changed(reference, model, images):
    state = {name: value.clone() for name, value in model.state_dict().items()}
    before = images.clone()
    reference["compute_saliency_maps"](images, y, model)
    reference["compute_layer_saliency"](images, y, model, model[0])
    reference["compute_loss_saliency"](images, [(1.0, lambda s: s[:, 0])], model)
    assert torch.equal(images, before) and not images.requires_grad and images.grad is None
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert all(p.grad is None and p.requires_grad for p in model.parameters())


def test_hooks_are_gone_also_after_an_exception(reference, model, images):
    with pytest.raises(RuntimeError):
        reference["compute_layer_saliency"](images[:, :2], y, model, model[0])
    reference["compute_layer_saliency"](images, y, model, model[0])
    assert not model[0]._forward_hooks


def test_the_points_are_those_of_the_course(cells):
    points = {
        grading(cell)["grade_id"]: grading(cell)["points"]
        for cell in cells
        if grading(cell).get("grade")
    }
    assert {name: points.pop(f"test_{name}") for name in POINTS} == POINTS
    assert {pair: sum(points.pop(name) for name in pair) for pair in EXPERIMENTS} == EXPERIMENTS
    assert points == {}


def test_one_line_switches_the_model_and_one_the_images(cells):
    source = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    assert len(re.findall(r"^model = load_classifier\(", source, re.M)) == 1
    assert len(re.findall(r"^samples = sample_images\(", source, re.M)) == 1
