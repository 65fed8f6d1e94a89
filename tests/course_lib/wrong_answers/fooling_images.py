import torch
import torch.nn.functional as F

from tests.course_lib.wrong_answers import wrong


def slope_of_loss(X, y, model):
    x = X.detach().clone().requires_grad_(True)
    F.cross_entropy(model(x), y).backward()
    return x.grad


@wrong(of="fgsm_attack", says="the other way|go up the loss", never="which quantity")
def minus_the_sign(X, y, model, epsilon):
    return torch.clamp(X - epsilon * slope_of_loss(X, y, model).sign(), 0, 1)


@wrong(of="fgsm_attack", says="which the model predicts", never="up or down")
def away_from_the_prediction(X, y, model, epsilon):
    predicted = model(X).argmax(dim=1)
    return torch.clamp(X + epsilon * slope_of_loss(X, predicted, model).sign(), 0, 1)


@wrong(of="fgsm_attack", says="score|cross-entropy", never="up or down")
def score_lowered(X, y, model, epsilon):
    x = X.detach().clone().requires_grad_(True)
    model(x).gather(1, y.view(-1, 1)).sum().backward()
    return (X - epsilon * x.grad.sign()).clamp(0, 1)


@wrong(of="fgsm_attack", says="only its sign")
def step_of_length_epsilon(X, y, model, epsilon):
    g = slope_of_loss(X, y, model)
    return (X + epsilon * g / g.norm()).clamp(0, 1)


@wrong(of="fgsm_attack", says="clamp the image")
def change_clamped_instead_of_image(X, y, model, epsilon):
    change = (epsilon * slope_of_loss(X, y, model).sign()).clamp(-epsilon, epsilon)
    return X + change


def climb(X, target_y, model, *, step, after=lambda image: image, steps=100):
    image = X.detach().clone()
    for _ in range(steps):
        image = image.detach().requires_grad_(True)
        scores = model(image)
        if scores.argmax(dim=1).item() == target_y:
            break
        (g,) = torch.autograd.grad(scores[0, target_y], image)
        image = after(image.detach() + step(g))
    return image.detach()


def unit(g):
    return g / g.norm()


@wrong(of="make_fooling_image", says="clamp|may leave [0, 1]", never="along the gradient")
def clipped_in_each_step(X, target_y, model):
    return climb(X, target_y, model, step=unit, after=lambda image: image.clamp(0, 1))


@wrong(of="make_fooling_image", says="opposite", never="which quantity")
def down_the_score(X, target_y, model):
    return climb(X, target_y, model, step=lambda g: -unit(g))


@wrong(of="make_fooling_image", says="sign", never="up or down")
def steps_of_signs(X, target_y, model):
    return climb(X, target_y, model, step=lambda g: g.sign() / g.numel() ** 0.5)


@wrong(of="make_fooling_image", says="length of a step", never="direction")
def norm_left_out(X, target_y, model):
    return climb(X, target_y, model, step=lambda g: g)


@wrong(of="make_fooling_image", says="cross-entropy", never="up or down")
def descends_the_loss_of_the_target(X, target_y, model):
    image = X.clone()
    for _ in range(100):
        if model(image).argmax().item() == target_y:
            break
        image = image - unit(slope_of_loss(image, torch.tensor([target_y]), model))
    return image


@wrong(of="make_fooling_image", says="length of a step", never="up or down")
def learning_rate_of_ten(X, target_y, model):
    return climb(X, target_y, model, step=lambda g: 10 * unit(g))


@wrong(of="make_fooling_image", says="100 steps")
def a_thousand_steps(X, target_y, model):
    return climb(X, target_y, model, step=unit, steps=1000)


def report(X, X_fooling, model, **changed):
    before, after = model(X).softmax(dim=1)[0], model(X_fooling).softmax(dim=1)[0]
    delta = X_fooling - X
    return {
        "class_before": before.argmax().item(),
        "class_after": after.argmax().item(),
        "confidence_before": before.max().item(),
        "confidence_after": after.max().item(),
        "l2": delta.norm().item(),
        "linf": delta.abs().max().item(),
    } | {key: float(change(before, after, delta)) for key, change in changed.items()}


@wrong(of="fooling_report", says="'linf' should be 0.75 |darker", never="2.079")
def largest_rise(X, X_fooling, model):
    return report(X, X_fooling, model, linf=lambda before, after, delta: delta.max())


@wrong(of="fooling_report", says="'l2' should be|sum", never="mean of")
def root_of_the_mean_square(X, X_fooling, model):
    return report(X, X_fooling, model, l2=lambda before, after, delta: delta.pow(2).mean().sqrt())


@wrong(of="fooling_report", says="'confidence_after' should be|predicted for X_fooling")
def confidence_in_the_first_class(X, X_fooling, model):
    return report(
        X, X_fooling, model, confidence_after=lambda before, after, delta: after[before.argmax()]
    )
