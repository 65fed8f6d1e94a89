"""Is the reference right by sources that are not ours?"""

import foolbox
import numpy as np
import pytest
import torch
from scipy.special import softmax
from torch import nn

from course_lib.gradients import numeric_gradient
from tests.corpus import assignment

reference = assignment("fooling_images").reference


@pytest.fixture
def model():
    """Smooth, so that finite differences say what the gradient is."""
    torch.manual_seed(0)
    layers = [
        nn.Conv2d(3, 6, 3, padding=1),
        nn.BatchNorm2d(6),
        nn.Tanh(),
        nn.Conv2d(6, 5, 3, stride=2),
        nn.SiLU(),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(20, 4),
    ]
    return nn.Sequential(*layers).double().eval()


y = torch.tensor([3, 0, 2])


@pytest.mark.parametrize("epsilon", [0.0, 1 / 255, 8 / 255, 0.4])
def test_fgsm_agrees_with_foolbox(model, images, epsilon):
    attack = foolbox.attacks.LinfFastGradientAttack(random_start=False)
    theirs = attack.run(
        foolbox.PyTorchModel(model, bounds=(0, 1), device="cpu"),
        images,
        foolbox.criteria.Misclassification(y),
        epsilon=epsilon,
    )
    torch.testing.assert_close(reference.fgsm_attack(images, y, model, epsilon), theirs)


def test_fgsm_raises_the_loss_as_no_other_signs_do_on_a_linear_model():
    """The linear case by hand: two pixels, two classes, score difference <w, x>."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(3, 2, bias=False).double())
    model[1].weight.data = torch.tensor([[2.0, -1.0, 0.0], [0.0, 0.0, 0.0]]).double()
    X = torch.tensor([0.5, 0.5, 0.5]).double().view(1, 3, 1, 1)
    attacked = reference.fgsm_attack(X, torch.tensor([0]), model, 0.1)
    torch.testing.assert_close(attacked.flatten(), torch.tensor([0.4, 0.6, 0.5]).double())


def steps_by_finite_differences(X, target_y, model, most=100):
    """The steps of the second question without any calculus, and how many there were."""
    image, steps = X.clone(), 0
    while model(image).argmax() != target_y and steps < most:
        slope = numeric_gradient(lambda x: model(x)[0, target_y], image)
        image, steps = image + slope / slope.square().sum().sqrt(), steps + 1
    return image, steps


@pytest.mark.parametrize("lead", [0.02, 0.1, 0.2])
def test_fooling_images_agree_with_finite_differences(model, images, lead):
    X = images[:1, :, :5, :6]
    target = int(model(X).argmin())
    model[-1].bias.data[target] -= lead
    expected, steps = steps_by_finite_differences(X, target, model)
    assert 1 <= steps < 30
    made = reference.make_fooling_image(X, target, model)
    torch.testing.assert_close(made, expected, rtol=1e-5, atol=1e-6)
    assert model(made).argmax() == target


def test_steps_add_up_by_hand_on_a_linear_model():
    """w = (3, 0, 4) has length 5, so a step adds (0.6, 0, 0.8) and 5 to the score; 12 are needed."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(3, 2).double()).requires_grad_(False)
    model[1].weight.copy_(torch.tensor([[0.0, 0.0, 0.0], [3.0, 0.0, 4.0]]))
    model[1].bias.copy_(torch.tensor([12.0, 0.0]))
    X = torch.zeros(1, 3, 1, 1).double()
    made = reference.make_fooling_image(X, 1, model)
    torch.testing.assert_close(made.flatten(), torch.tensor([1.8, 0.0, 2.4]).double())
    model[1].bias[0] = 1e9
    made = reference.make_fooling_image(X, 1, model)
    torch.testing.assert_close(made.flatten(), torch.tensor([60.0, 0.0, 80.0]).double())


def test_report_agrees_with_numpy(model, images):
    X, X_fooling = images[:1], images[:1] + 0.3 * images[1:2] - 0.4 * images[2:]
    report = reference.fooling_report(X, X_fooling, model)
    for when, image in (("before", X), ("after", X_fooling)):
        p = softmax(model(image).detach().numpy()[0])
        assert report[f"class_{when}"] == p.argmax()
        assert report[f"confidence_{when}"] == pytest.approx(p.max())
    change = (X_fooling - X).numpy().ravel()
    assert report["l2"] == pytest.approx(np.linalg.norm(change))
    assert report["linf"] == pytest.approx(np.linalg.norm(change, np.inf))
    assert all(type(value) in (int, float) for value in report.values())


def test_nothing_of_the_caller_s_is_changed(model, images, left_as_it_was):
    with left_as_it_was(model, images):
        reference.fgsm_attack(images, y, model, 0.1)
        X = images[:1]
        made = reference.make_fooling_image(X, int(model(X).argmin()), model)
        reference.fooling_report(X, made, model)
        unchanged = reference.make_fooling_image(X, int(model(X).argmax()), model)
        assert torch.equal(unchanged, X)
        assert unchanged.data_ptr() != X.data_ptr()
