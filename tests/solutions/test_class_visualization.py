"""The reference against independent sources."""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter
from torch import nn

from course_lib import load_classifier
from course_lib.ascent import WithMomentum, gaussian_blur
from tests.corpus import assignment

reference = assignment("class_visualization").reference


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


def test_steps_agree_with_torch_optim(model, img):
    expected = by_torch(img, model, 4, 0.03, 0.2, 0.0)
    for _ in range(4):
        reference.class_visualization_update_step(img, model, 2, 0.03, 0.2)
    torch.testing.assert_close(img, expected)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_momentum_steps_agree_with_torch_optim(model, img, momentum):
    expected = by_torch(img, model, 4, 0.03, 0.2, momentum)
    step = WithMomentum(reference.momentum_update_step, momentum)
    for _ in range(4):
        step(img, model, 2, 0.03, 0.2)
    torch.testing.assert_close(img, expected)


def test_a_step_computed_by_hand():
    """The score is w I, so the gradient is w - 2 l2_reg I = (1, -2, 2) - (1, 0, 0) = (0, -2, 2)."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(3, 2, bias=False).double())
    model[1].weight.data = torch.tensor([[0.0, 0, 0], [1, -2, 2]]).double()
    img = torch.tensor([1.0, 0, 0]).double().view(1, 3, 1, 1)
    reference.class_visualization_update_step(img, model, 1, 0.5, 2.0)
    torch.testing.assert_close(
        img.flatten(), torch.tensor([1.0, -(2**0.5), 2**0.5], dtype=torch.float64)
    )


def test_the_loop_agrees_with_numpy_and_scipy(model, img):
    """With a step that adds the same number everywhere, jitter makes no difference."""

    def brighter(img, model, target_y, l2_reg, learning_rate):
        img += learning_rate

    expected = img.numpy()
    for step in range(1, 8):
        expected = np.clip(expected + 0.1, 0, 1)
        if step in (3, 6):
            expected = gaussian_filter(expected, 0.5, mode="nearest", axes=(2, 3), radius=2)
    before = img.clone()
    image = reference.create_class_visualization(
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


def test_nothing_but_the_image_and_the_velocity_is_changed(model, img, left_as_it_was):
    random_state = torch.random.get_rng_state()
    painted = img.clone()
    with left_as_it_was(model, img):
        reference.momentum_update_step(painted, torch.zeros_like(img), model, 1, 0.1, 0.1, 0.5)
        reference.create_class_visualization(
            1,
            model,
            initial=img,
            steps=2,
            step_fn=reference.class_visualization_update_step,
            l2_reg=0.0,
            learning_rate=0.1,
            blur_every=0,
            max_jitter=2,
            seed=1,
        )
    assert not painted.requires_grad and painted.grad is None
    assert torch.equal(random_state, torch.random.get_rng_state())


def test_drawn_classes_are_recognised_by_other_networks_too():
    """A picture that only its own network recognised would show nothing of the class."""
    painter = load_classifier("shapes_robust")
    noise = 0.5 + 0.2 * torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    settings = {
        "initial": gaussian_blur(noise.clamp(0, 1), sigma=1.0),
        "steps": 100,
        "step_fn": reference.class_visualization_update_step,
        "l2_reg": 1e-4,
        "learning_rate": 0.7,
        "blur_every": 8,
        "max_jitter": 4,
        "seed": 0,
    }
    classes = range(len(painter.class_names))
    pictures = torch.cat(
        [reference.create_class_visualization(y, painter, **settings) for y in classes]
    )
    for name in ("shapes_robust", "shapes_vgg", "shapes_resnet"):
        with torch.no_grad():
            said = load_classifier(name)(pictures).argmax(dim=1).tolist()
        right = sum(a == b for a, b in zip(said, classes))
        assert right >= 8, f"{name} recognises {right} of {len(classes)}"
