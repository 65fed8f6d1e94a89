"""Is the reference right by sources that are not ours, and is the notebook built as it must be?"""

import re
from pathlib import Path

import jupytext
import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from torch import nn

from course_lib import load_classifier
from course_lib.ascent import WithMomentum, gaussian_blur

SOURCE = Path(__file__).parents[2] / "solutions" / "class_visualization" / "class_visualization.py"
POINTS = {
    "class_visualization_update_step": 22,
    "momentum_update_step": 14,
    "create_class_visualization": 24,
}
EXPERIMENTS = {
    ("experiment_initial_image", "answer_saliency_ascent"): 10,
    ("experiment_optimiser", "answer_regularisers"): 10,
    ("experiment_steps",): 10,
    ("experiment_ten_classes",): 10,
}


@pytest.fixture(scope="module")
def cells():
    return jupytext.read(SOURCE).cells


def grading(cell):
    return cell.metadata.get("nbgrader", {})


@pytest.fixture(scope="module")
def reference(cells):
    """The functions alone: the imports and the solution cells, nothing else."""
    wanted, namespace = ["imports", *POINTS], {}
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
def img():
    return torch.rand(1, 3, 9, 11, generator=torch.Generator().manual_seed(1)).double()


def by_torch(img, model, steps, l2_reg, learning_rate, momentum):
    """The same climb by torch.optim.SGD, whose weight decay is the penalty's gradient."""
    img = img.clone().requires_grad_()
    optimiser = torch.optim.SGD([img], lr=learning_rate, momentum=momentum, maximize=True)
    for _ in range(steps):
        optimiser.zero_grad()
        (model(img)[0, 2] - l2_reg * (img**2).sum()).backward()
        img.grad /= np.linalg.norm(img.grad.numpy())
        optimiser.step()
    return img.detach()


def test_steps_agree_with_torch_s_optimiser(reference, model, img):
    expected = by_torch(img, model, 4, 0.03, 0.2, 0.0)
    for _ in range(4):
        reference["class_visualization_update_step"](img, model, 2, 0.03, 0.2)
    torch.testing.assert_close(img, expected)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_momentum_steps_agree_with_torch_s_optimiser(reference, model, img, momentum):
    expected = by_torch(img, model, 4, 0.03, 0.2, momentum)
    step = WithMomentum(reference["momentum_update_step"], momentum)
    for _ in range(4):
        step(img, model, 2, 0.03, 0.2)
    torch.testing.assert_close(img, expected)


def test_a_step_worked_out_by_hand(reference):
    """The score is w I, so the gradient is w - 2 l2_reg I = (1, -2, 2) - (1, 0, 0) = (0, -2, 2)."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(3, 2, bias=False).double())
    model[1].weight.data = torch.tensor([[0.0, 0, 0], [1, -2, 2]]).double()
    img = torch.tensor([1.0, 0, 0]).double().view(1, 3, 1, 1)
    reference["class_visualization_update_step"](img, model, 1, 0.5, 2.0)
    torch.testing.assert_close(
        img.flatten(), torch.tensor([1.0, -(2**0.5), 2**0.5], dtype=torch.float64)
    )


def test_the_loop_agrees_with_numpy_and_scipy(reference, model, img):
    """A step that adds as much everywhere does not care about jitter."""

    def brighter(img, model, target_y, l2_reg, learning_rate):
        img += learning_rate

    expected = img.numpy()
    for step in range(1, 8):
        expected = np.clip(expected + 0.1, 0, 1)
        if step in (3, 6):
            expected = gaussian_filter(expected, 0.5, mode="nearest", axes=(2, 3), radius=2)
    before = img.clone()
    image = reference["create_class_visualization"](
        1,
        model,
        initial=img,
        steps=7,
        step_fn=brighter,
        l2_reg=0.0,
        learning_rate=0.1,
        blur_every=3,
        max_jitter=4,
        seed=5,
    )
    torch.testing.assert_close(image, torch.from_numpy(expected))
    assert torch.equal(img, before)


def test_nothing_but_the_image_and_the_velocity_is_changed(reference, model, img):
    state = {name: value.clone() for name, value in model.state_dict().items()}
    random_state = torch.random.get_rng_state()
    reference["momentum_update_step"](img, torch.zeros_like(img), model, 1, 0.1, 0.1, 0.5)
    reference["create_class_visualization"](
        1,
        model,
        initial=img,
        steps=2,
        step_fn=reference["class_visualization_update_step"],
        l2_reg=0.0,
        learning_rate=0.1,
        blur_every=0,
        max_jitter=2,
        seed=1,
    )
    assert not img.requires_grad and img.grad is None
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert all(p.grad is None and p.requires_grad for p in model.parameters())
    assert torch.equal(random_state, torch.random.get_rng_state())


def test_drawn_classes_are_seen_by_other_networks_too(reference):
    """Pictures that only their own network recognised would show nothing of the class."""
    painter = load_classifier("shapes_robust")
    noise = 0.5 + 0.2 * torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    settings = {
        "initial": gaussian_blur(noise.clamp(0, 1), sigma=1.0),
        "steps": 100,
        "step_fn": reference["class_visualization_update_step"],
        "l2_reg": 1e-4,
        "learning_rate": 0.7,
        "blur_every": 8,
        "max_jitter": 4,
        "seed": 0,
    }
    classes = range(len(painter.class_names))
    pictures = torch.cat(
        [reference["create_class_visualization"](y, painter, **settings) for y in classes]
    )
    for name in ("shapes_robust", "shapes_vgg", "shapes_resnet"):
        with torch.no_grad():
            said = load_classifier(name)(pictures).argmax(dim=1).tolist()
        right = sum(a == b for a, b in zip(said, classes))
        assert right >= 8, f"{name} recognises {right} of {len(classes)}"


def test_the_points_are_those_of_the_course(cells):
    points = {
        grading(cell)["grade_id"]: grading(cell)["points"]
        for cell in cells
        if grading(cell).get("grade")
    }
    assert {name: points.pop(f"test_{name}") for name in POINTS} == POINTS
    assert {names: sum(map(points.pop, names)) for names in EXPERIMENTS} == EXPERIMENTS
    assert points == {}


def test_one_line_switches_the_model_and_one_the_images(cells):
    source = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    assert len(re.findall(r"^model = load_classifier\(", source, re.M)) == 1
    assert len(re.findall(r"^samples = sample_images\(", source, re.M)) == 1
