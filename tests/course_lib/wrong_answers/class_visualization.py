import random

import torch
import torch.nn.functional as F

from course_lib.ascent import gaussian_blur
from tests.course_lib.wrong_answers import wrong

STEP = "class_visualization_update_step"
MOMENTUM = "momentum_update_step"
LOOP = "create_class_visualization"


def gradient_of(img, model, target_y, l2_reg):
    x = img.detach().clone().requires_grad_(True)
    score = model(x)[0, target_y] - l2_reg * (x**2).sum()
    score.backward()
    return x.grad


@wrong(of=STEP, says="downhill", never="which quantity")
def downhill_as_in_training(img, model, target_y, l2_reg, learning_rate):
    g = gradient_of(img, model, target_y, l2_reg)
    img -= learning_rate * g / g.norm()


@wrong(of=STEP, says="cross-entropy", never="direction")
def descends_the_loss(img, model, target_y, l2_reg, learning_rate):
    x = img.detach().clone().requires_grad_(True)
    loss = F.cross_entropy(model(x), torch.tensor([target_y])) + l2_reg * (x**2).sum()
    loss.backward()
    img -= learning_rate * x.grad / x.grad.norm()


@wrong(of=STEP, says="norm", never="direction")
def plain_gradient(img, model, target_y, l2_reg, learning_rate):
    img += learning_rate * gradient_of(img, model, target_y, l2_reg)


@wrong(of=STEP, says="penalty|factor 2", never="three steps")
def slope_of_the_square_without_its_two(img, model, target_y, l2_reg, learning_rate):
    g = gradient_of(img, model, target_y, 0.0) - l2_reg * img
    img += learning_rate * g / g.norm()


@wrong(of=STEP, says="which the model predicts", never="direction")
def score_of_the_best_class(img, model, target_y, l2_reg, learning_rate):
    x = img.detach().clone().requires_grad_(True)
    (model(x).max() - l2_reg * (x**2).sum()).backward()
    img += learning_rate * x.grad / x.grad.norm()


@wrong(of=STEP, says="clamp", never="which quantity")
def clamped_in_the_step(img, model, target_y, l2_reg, learning_rate):
    g = gradient_of(img, model, target_y, l2_reg)
    img += learning_rate * g / g.norm()
    img.clamp_(0, 1)


@wrong(of=MOMENTUM, says="(1 - momentum)", never="learning rate")
def average_of_gradients(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    g = gradient_of(img, model, target_y, l2_reg)
    velocity.mul_(momentum).add_((1 - momentum) * g / g.norm())
    img += learning_rate * velocity


@wrong(of=MOMENTUM, says="learning rate", never="(1 - momentum)")
def rate_inside(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    g = gradient_of(img, model, target_y, l2_reg)
    velocity.mul_(momentum).add_(learning_rate * g / g.norm())
    img += velocity


@wrong(of=MOMENTUM, says="norm", never="learning rate")
def norm_forgotten(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    g = gradient_of(img, model, target_y, l2_reg)
    velocity.mul_(momentum).add_(g)
    img += learning_rate * velocity


@wrong(of=MOMENTUM, says="downhill", never="learning rate")
def descends_with_momentum(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    g = gradient_of(img, model, target_y, l2_reg)
    velocity.mul_(momentum).sub_(g / g.norm())
    img += learning_rate * velocity


@wrong(of=MOMENTUM, says="own values", never="norm")
def velocity_gets_a_new_name(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    g = gradient_of(img, model, target_y, l2_reg)
    velocity = momentum * velocity + g / g.norm()
    img += learning_rate * velocity


@wrong(of=MOMENTUM, says="new velocity", never="nothing else")
def nesterov(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    g = gradient_of(img, model, target_y, l2_reg)
    velocity.mul_(momentum).add_(g / g.norm())
    img += learning_rate * (g / g.norm() + momentum * velocity)


def loop(change):
    """A loop in the docstring's order, with some of its parts replaced."""

    def create(
        target_y,
        model,
        *,
        initial,
        steps,
        step_fn,
        l2_reg,
        learning_rate,
        blur_every,
        max_jitter,
        seed,
        callback=None,
    ):
        rng = random.Random(seed)
        img = initial.clone()
        once = [rng.randint(-max_jitter, max_jitter) for _ in range(2)]
        for t in range(1, steps + 1):
            move = [rng.randint(-max_jitter, max_jitter) for _ in range(2)]
            if change == "same move in all steps":
                move = once
            if change == "one number for both axes":
                move[1] = move[0]
            img = torch.roll(img, move, (2, 3))
            step_fn(img, model, target_y, l2_reg, learning_rate)
            back = move if change == "rolled on" else [-move[0], -move[1]]
            img = torch.roll(img, back, (2, 3))
            blur_now = blur_every and t % blur_every == 0
            if change == "counted from 0":
                blur_now = blur_every and (t - 1) % blur_every == 0
            if change == "blur before clamp" and blur_now:
                img = gaussian_blur(img)
            if change == "callback too early" and callback:
                callback(t, img)
            if change == "clamped to -1 ... 1":
                img = img.clamp(-1, 1)
            elif change != "clamp forgotten":
                img = img.clamp(0, 1)
            if change not in ("blur before clamp", "blur forgotten") and blur_now:
                img = gaussian_blur(img)
            if change != "callback too early" and callback:
                callback(t, img)
        return img

    return create


@wrong(of=LOOP, says="clamp", never="order")
def clamp_forgotten(*arguments, **settings):
    return loop("clamp forgotten")(*arguments, **settings)


@wrong(of=LOOP, says="clamp", never="order")
def clamped_to_minus_one(*arguments, **settings):
    return loop("clamped to -1 ... 1")(*arguments, **settings)


@wrong(of=LOOP, says="same move, (", never="{")
def same_move_in_all_steps(*arguments, **settings):
    return loop("same move in all steps")(*arguments, **settings)


@wrong(of=LOOP, says="another one for the columns", never="order")
def one_number_for_both_axes(*arguments, **settings):
    return loop("one number for both axes")(*arguments, **settings)


@wrong(of=LOOP, says="roll it back|both signs", never="clamp|blur")
def rolled_on(*arguments, **settings):
    return loop("rolled on")(*arguments, **settings)


@wrong(of=LOOP, says="clamp|before the blur", never="jitter")
def blur_before_clamp(*arguments, **settings):
    return loop("blur before clamp")(*arguments, **settings)


@wrong(of=LOOP, says="counted from 1", never="clamp")
def blur_counted_from_zero(*arguments, **settings):
    return loop("counted from 0")(*arguments, **settings)


@wrong(of=LOOP, says="never blurred", never="order|clamp")
def blur_forgotten(*arguments, **settings):
    return loop("blur forgotten")(*arguments, **settings)


@wrong(of=LOOP, says="very end of each step", never="seed")
def callback_too_early(*arguments, **settings):
    return loop("callback too early")(*arguments, **settings)
