"""Do the visible checks on fooling images accept right answers, and say what is wrong with others?"""

import pytest
import torch
import torch.nn.functional as F

from course_lib.visible_checks import CheckFailed
from course_lib.visible_checks.fooling_images import (
    check_fgsm_attack,
    check_fooling_report,
    check_make_fooling_image,
)

CHECKS = {
    "fgsm_attack": check_fgsm_attack,
    "make_fooling_image": check_make_fooling_image,
    "fooling_report": check_fooling_report,
}


def slope(X, quantity):
    X = X.detach().clone().requires_grad_()
    quantity(X).sum().backward()
    return X.grad


def loss_slope(X, y, model):
    return slope(X, lambda x: F.cross_entropy(model(x), y))


def fgsm(X, y, model, epsilon):
    return (X + epsilon * loss_slope(X, y, model).sign()).clamp(0, 1)


def fooling(X, target_y, model, step=lambda g: g / g.norm(), most=100, first=0, up=1):
    image = X.clone()
    for count in range(most):
        if count >= first and model(image).argmax() == target_y:
            break
        image = image + up * step(slope(image, lambda x: model(x)[:, target_y]))
    return image


def report(X, X_fooling, model):
    (before, after), change = model(torch.cat([X, X_fooling])).softmax(1), X_fooling - X
    return {
        "class_before": before.argmax(),
        "class_after": after.argmax(),
        "confidence_before": before.max(),
        "confidence_after": after.max().detach().numpy(),
        "l2": change.norm().view(1),
        "linf": float(change.abs().max()),
    }


RIGHT = {"fgsm_attack": fgsm, "make_fooling_image": fooling, "fooling_report": report}


@pytest.mark.parametrize("name", CHECKS)
def test_a_right_answer_passes_with_one_line_a_property(name, capsys):
    CHECKS[name](RIGHT[name])
    out, err = capsys.readouterr()
    assert len(out.splitlines()) >= 3
    assert all(line.startswith("✓ ") for line in out.splitlines())
    assert err == ""


@pytest.mark.parametrize("name", CHECKS)
def test_a_stub_keeps_its_own_error(name):
    def stub(*arguments):
        raise NotImplementedError(f"{name}: not written yet")

    with pytest.raises(NotImplementedError, match=name):
        CHECKS[name](stub)


@pytest.mark.parametrize("name", CHECKS)
def test_a_forgotten_return_is_named_as_such(name):
    with pytest.raises(CheckFailed, match=rf"{name} \(question \d\).*(return|NoneType)"):
        CHECKS[name](lambda *arguments: None)


def overwriting_fgsm(X, y, model, epsilon):
    X.data.copy_(fgsm(X, y, model, epsilon))
    return X


WRONG_FGSM = {
    "down": (lambda X, y, m, e: fgsm(X, y, m, -e), "only 0% of the pixels"),
    "no sign": (lambda X, y, m, e: X + e * loss_slope(X, y, m), "only its sign counts"),
    "no clamp": (lambda X, y, m, e: X + e * loss_slope(X, y, m).sign(), "clamp the image"),
    "other labels": (lambda X, y, m, e: fgsm(X, y.flip(0), m, e), "only .* of the pixels"),
    "zero counts": (
        lambda X, y, m, e: (X + torch.where(loss_slope(X, y, m) >= 0, e, -e)).clamp(0, 1),
        "sign of zero",
    ),
    "squeezed": (lambda X, y, m, e: fgsm(X, y, m, e).squeeze(), r"shape \(1, 3, 4, 5\)"),
    "X overwritten": (overwriting_fgsm, "not what it was before"),
    "epsilon 0 ignored": (lambda X, y, m, e: fgsm(X, y, m, e or 0.01), "epsilon = 0"),
}


@pytest.mark.parametrize("case", WRONG_FGSM)
def test_wrong_attacks_are_caught(case):
    wrong, advice = WRONG_FGSM[case]
    with pytest.raises(CheckFailed, match=advice):
        check_fgsm_attack(wrong)


def same_gradient_again(X, target_y, model):
    g = slope(X, lambda x: model(x)[:, target_y])
    return fooling(X, target_y, model, step=lambda _: g / g.norm())


def overwriting_fooling(X, target_y, model):
    X.copy_(fooling(X, target_y, model))
    return X


WRONG_FOOLING = {
    "first step in any case": (
        lambda *a: fooling(*a, first=1),
        "come back as it is; ask the model before",
    ),
    "down": (lambda *a: fooling(*a, up=-1), "along the gradient"),
    "signs": (
        lambda *a: fooling(*a, step=lambda g: g.sign() / g.numel() ** 0.5),
        "along the gradient",
    ),
    "twice as far": (lambda *a: fooling(*a, up=2), "change of length 2;"),
    "one step": (lambda *a: fooling(*a, most=1), "after 3 steps of length 1 gets a change"),
    "no step": (lambda *a: fooling(*a, most=0), "comes back unchanged"),
    "one gradient": (same_gradient_again, "second step"),
    "99 steps": (lambda *a: fooling(*a, most=99), "100 steps.* the length 99"),
    "X overwritten": (overwriting_fooling, "makes no copy"),
}


@pytest.mark.parametrize("case", WRONG_FOOLING)
def test_wrong_fooling_images_are_caught(case):
    wrong, advice = WRONG_FOOLING[case]
    with pytest.raises(CheckFailed, match=advice):
        check_make_fooling_image(wrong)


@pytest.mark.parametrize(
    "key", report(torch.zeros(1, 3, 1, 1), torch.ones(1, 3, 1, 1), lambda x: x[..., 0, 0])
)
def test_wrong_missing_and_strange_entries_of_a_report_are_caught(key):
    def changed(value):
        return lambda *arguments: {**report(*arguments), key: value}

    with pytest.raises(CheckFailed, match=f"'{key}' should be .* but is -7"):
        check_fooling_report(changed(-7))
    with pytest.raises(CheckFailed, match=f"'{key}' should be one number, but is Tensor"):
        check_fooling_report(changed(torch.ones(2)))
    with pytest.raises(CheckFailed, match=f"no '{key}'"):
        check_fooling_report(lambda *a: {k: v for k, v in report(*a).items() if k != key})
