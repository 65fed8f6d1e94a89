"""Wrong answers to the class visualisation assignment, by name.

Each function answers one question of the assignment wrongly, in a way that students do. Its
docstring is the hint that a student reads when the values agree: what they are, and what the
question asks for. `caught_by` names the check that is about this mistake.
"""

import copy
import secrets
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from autograder.checks import formula, misconception
from course_lib.ascent import gaussian_blur

Objective = Callable[[Tensor], Tensor]  # an image (1, 3, H, W) -> the scalar to maximise
Part = Callable[..., Any]
Settings = dict[str, Any]  # the keyword arguments of create_class_visualization
Step = Callable[..., Any]
Move = tuple[int, int]  # rows down, columns to the right
Draw = Callable[[torch.Generator, int], Move]


def _itself(thing: Any, *others: Any) -> Any:
    return thing


def _regularised_score(model: nn.Module, target_y: int, l2_reg: float) -> Objective:
    """The objective of questions 1 and 2."""
    return lambda img: model(img)[0, target_y] - l2_reg * img.square().sum()


def _gradient(objective: Objective, img: Tensor) -> Tensor:
    pixels = img.detach().clone().requires_grad_()
    with torch.enable_grad():
        (gradient,) = torch.autograd.grad(objective(pixels), pixels)
    return gradient


def _unit(gradient: Tensor) -> Tensor:
    """The gradient divided by its L2 norm; zeros stay zeros."""
    norm = gradient.norm()
    return gradient / norm if norm > 0 else torch.zeros_like(gradient)


def _add(img: Tensor, change: Tensor) -> None:
    img.detach().add_(change)


# ---------------------------------------------------------------------------------------------
# Question 1: class_visualization_update_step(img, model, target_y, l2_reg, learning_rate)
# ---------------------------------------------------------------------------------------------


def _score(scores: Tensor, target_y: int) -> Tensor:
    return scores[0, target_y]


def _sum_of_squares(x: Tensor) -> Tensor:
    return x.square().sum()


@formula(of="class_visualization_update_step")
def step_of_ascent(
    img: Tensor,
    model: nn.Module,
    target_y: int,
    l2_reg: float,
    learning_rate: float,
    *,
    mode: Part = _itself,
    quantity: Part = _score,
    strength: Part = _itself,
    penalty: Part = _sum_of_squares,
    way: Part = _itself,
    length: Part = _unit,
    direction: Part = _itself,
    rate: Part = _itself,
    applied: Part = _add,
) -> Tensor | None:
    """The right answer, part by part."""
    used = mode(model)

    def objective(x: Tensor) -> Tensor:
        return quantity(used(x), target_y) - strength(l2_reg) * penalty(x)

    return applied(img, rate(learning_rate) * direction(length(way(_gradient(objective, img)))))


@step_of_ascent.part("direction", caught_by="test_one_step")
def steps_downhill(way: Tensor) -> Tensor:
    """This step goes downhill, as for a loss; here the score has to rise."""
    return -way


@step_of_ascent.part("length", caught_by="test_the_step_is_as_long_as_the_learning_rate")
def gradient_not_normalised(gradient: Tensor) -> Tensor:
    """The gradient was used with its own length; divide it by its norm, so that the learning rate
    alone is the length of the step.
    """
    return gradient


@step_of_ascent.part("length", caught_by="test_the_step_is_as_long_as_the_learning_rate")
def divided_by_squared_norm(gradient: Tensor) -> Tensor:
    """The gradient was divided by the sum of its squares; the norm is the root of that sum."""
    return gradient / gradient.square().sum().clamp_min(1e-30)


@step_of_ascent.part("length", caught_by="test_the_step_is_as_long_as_the_learning_rate")
def divided_by_sum_of_absolute_values(gradient: Tensor) -> Tensor:
    """The gradient was divided by the sum of its absolute values, its L1 norm; the question asks
    for the L2 norm.
    """
    return gradient / gradient.abs().sum().clamp_min(1e-30)


@step_of_ascent.part("length", caught_by="test_the_step_is_as_long_as_the_learning_rate")
def divided_by_largest_value(gradient: Tensor) -> Tensor:
    """The gradient was divided by its largest absolute value; the question asks for the L2 norm
    over the whole image.
    """
    return gradient / gradient.abs().max().clamp_min(1e-30)


@step_of_ascent.part("length", caught_by="test_the_step_is_as_long_as_the_learning_rate")
def divided_by_root_mean_square(gradient: Tensor) -> Tensor:
    """The gradient was divided by its root mean square, so the step grows with the number of
    pixels; the norm is the root of the sum of the squares.
    """
    return gradient / gradient.square().mean().sqrt().clamp_min(1e-30)


@step_of_ascent.part("length", caught_by="test_the_step_is_as_long_as_the_learning_rate")
def divided_by_standard_deviation(gradient: Tensor) -> Tensor:
    """The gradient was divided by its standard deviation, so the step grows with the number of
    pixels; the question asks for the L2 norm.
    """
    return gradient / gradient.std().clamp_min(1e-30)


@step_of_ascent.part("length", caught_by="test_the_step_is_as_long_as_the_learning_rate")
def divided_by_mean_absolute_value(gradient: Tensor) -> Tensor:
    """The gradient was divided by the mean of its absolute values, so the step grows with the
    number of pixels; the question asks for the L2 norm.
    """
    return gradient / gradient.abs().mean().clamp_min(1e-30)


@step_of_ascent.part("length", caught_by="test_one_step")
def each_pixel_normalised(gradient: Tensor) -> Tensor:
    """The norm was taken over the colours of each pixel, the default of `functional.normalize`; the
    question asks for one norm over the whole image.
    """
    return F.normalize(gradient, dim=1)


@step_of_ascent.part("length", caught_by="test_one_step")
def each_channel_normalised(gradient: Tensor) -> Tensor:
    """Each colour channel was divided by a norm of its own; the question asks for one norm over the
    whole image, which keeps the gradient's direction.
    """
    return gradient / gradient.square().sum(dim=(2, 3), keepdim=True).sqrt().clamp_min(1e-30)


@step_of_ascent.part("length", caught_by="test_one_step")
def sign_of_the_gradient(gradient: Tensor) -> Tensor:
    """Every value was moved by the same amount, with only the sign of the gradient; the question
    asks for the gradient itself, divided by its norm.
    """
    return gradient.sign()


@step_of_ascent.part("way", caught_by="test_one_step")
def climbs_the_saliency_map(gradient: Tensor) -> Tensor:
    """The step goes along the largest absolute gradient over the channels, a saliency map: sign and
    colour are lost. The gradient itself leads uphill.
    """
    return gradient.abs().amax(dim=1, keepdim=True).expand_as(gradient)


@step_of_ascent.part("way", caught_by="test_one_step")
def absolute_gradient(gradient: Tensor) -> Tensor:
    """The step goes along the absolute values of the gradient, so that every value grows; where the
    gradient is negative, the pixel should become darker.
    """
    return gradient.abs()


@step_of_ascent.part("strength", caught_by="test_a_strong_l2_regulariser")
def no_regulariser(l2_reg: float) -> float:
    """The step climbs the score alone: the L2 penalty is missing, or became a number without a
    gradient before it was subtracted.
    """
    return 0.0


@step_of_ascent.part("strength", caught_by="test_a_strong_l2_regulariser")
def regulariser_added(l2_reg: float) -> float:
    """The L2 penalty was added to the score, which rewards large values; subtract a penalty from
    what you maximise.
    """
    return -l2_reg


@step_of_ascent.part("penalty", caught_by="test_a_strong_l2_regulariser")
def norm_not_squared(x: Tensor) -> Tensor:
    """The penalty is the norm of the image; the question asks for the sum of the squares, without
    the root.
    """
    return x.norm()


@step_of_ascent.part("penalty", caught_by="test_a_strong_l2_regulariser")
def sum_not_of_squares(x: Tensor) -> Tensor:
    """The penalty is the sum of the absolute values; the question asks for the sum of the
    squares.
    """
    return x.abs().sum()


@step_of_ascent.part("penalty", caught_by="test_a_strong_l2_regulariser")
def mean_of_squares(x: Tensor) -> Tensor:
    """The penalty is the mean of the squares; the question asks for their sum, which is larger by a
    factor: the number of values in the image.
    """
    return x.square().mean()


@step_of_ascent.part("strength", caught_by="test_a_strong_l2_regulariser")
def half_the_regulariser(l2_reg: float) -> float:
    """The penalty has half of its effect: the derivative of a square is twice the number."""
    return l2_reg / 2


@misconception(of="class_visualization_update_step", caught_by="test_a_strong_l2_regulariser")
def regulariser_after_normalising(img, model, target_y, l2_reg, learning_rate):
    """The penalty's gradient was subtracted after the score's gradient had been divided by its
    norm; divide by the norm of both together.
    """
    way = _unit(_gradient(_regularised_score(model, target_y, 0.0), img))
    _add(img, learning_rate * (way - 2 * l2_reg * img.detach()))


@misconception(of="class_visualization_update_step", caught_by="test_a_strong_l2_regulariser")
def regulariser_as_weight_decay(img, model, target_y, l2_reg, learning_rate):
    """The step climbs the score alone, and then all pixels shrink by a fraction, as with weight
    decay; the question asks for one direction, that of score and penalty together.
    """
    way = _unit(_gradient(_regularised_score(model, target_y, 0.0), img))
    _add(img, learning_rate * (way - l2_reg * img.detach()))


@misconception(of="class_visualization_update_step", caught_by="test_a_strong_l2_regulariser")
def norm_without_regulariser(img, model, target_y, l2_reg, learning_rate):
    """The direction is right, but it was divided by the norm of the score's gradient alone; divide
    by the norm of the whole gradient, including the penalty.
    """
    norm = _gradient(_regularised_score(model, target_y, 0.0), img).norm().clamp_min(1e-30)
    _add(img, learning_rate * _gradient(_regularised_score(model, target_y, l2_reg), img) / norm)


@misconception(of="class_visualization_update_step", caught_by="test_a_strong_l2_regulariser")
def root_of_a_black_image(img, model, target_y, l2_reg, learning_rate):
    """For a black image the gradient is NaN: the penalty is computed through a square root, whose
    slope at zero is infinite. The sum of the squares needs no root.
    """

    def objective(x: Tensor) -> Tensor:
        return model(x)[0, target_y] - l2_reg * x.square().sum().sqrt().square()

    gradient = _gradient(objective, img)
    if gradient.any():
        _add(img, learning_rate * gradient / gradient.norm())


@step_of_ascent.part("quantity", caught_by="test_one_step")
def climbs_log_probability(scores: Tensor, target_y: int) -> Tensor:
    """This climbs the logarithm of the class's probability, which is minus the cross-entropy; the
    question asks for the unnormalised score.
    """
    return scores.log_softmax(dim=1)[0, target_y]


@step_of_ascent.part("quantity", caught_by="test_one_step")
def climbs_probability(scores: Tensor, target_y: int) -> Tensor:
    """This climbs the class's probability, after the softmax; the question asks for the score
    before it.
    """
    return scores.softmax(dim=1)[0, target_y]


@step_of_ascent.part("quantity", caught_by="test_classes_that_the_model_does_not_see")
def climbs_predicted_class(scores: Tensor, target_y: int) -> Tensor:
    """This climbs the largest score, whichever class it belongs to; the question asks for the score
    of the given class.
    """
    return scores.max()


@step_of_ascent.part("quantity", caught_by="test_one_step")
def climbs_all_scores(scores: Tensor, target_y: int) -> Tensor:
    """This climbs the sum of all scores, so the class was never used."""
    return scores.sum()


@step_of_ascent.part("applied", caught_by="test_one_step")
def image_not_changed_in_place(img: Tensor, change: Tensor) -> Tensor:
    """A new image was made, and the caller's image is unchanged; the question asks for a step in
    place, on the given tensor.
    """
    return img + change


@misconception(of="class_visualization_update_step", caught_by="test_three_steps_in_a_row")
def gradients_add_up(img, model, target_y, l2_reg, learning_rate):
    """The gradient of the previous step is still stored with the image, and the next one is added
    to it: right once, wrong from the second step on.
    """
    img.requires_grad_()
    _regularised_score(model, target_y, l2_reg)(img).backward()
    img.data += learning_rate * _unit(img.grad)


@step_of_ascent.part("rate", caught_by="test_the_step_is_as_long_as_the_learning_rate")
def learning_rate_ignored(learning_rate: float) -> float:
    """The step has length 1 whatever the learning rate is."""
    return 1.0


@step_of_ascent.part("rate", caught_by="test_the_step_is_as_long_as_the_learning_rate")
def step_taken_twice(learning_rate: float) -> float:
    """The step is twice as long as the learning rate: is it added in two places?"""
    return 2 * learning_rate


@step_of_ascent.part("applied", caught_by="test_one_step")
def pixels_clamped_by_the_step(img: Tensor, change: Tensor) -> None:
    """The pixels were clamped to [0, 1] in the step itself; here they may leave that range, and the
    loop of question 3 clamps them.
    """
    _add(img, change)
    img.detach().clamp_(0, 1)


@step_of_ascent.part("length", caught_by="test_no_step_where_the_gradient_is_zero")
def divides_by_zero(gradient: Tensor) -> Tensor:
    """Where the gradient is zero, zero was divided by zero and the image became NaN; there it
    should stay as it is.
    """
    return gradient / gradient.norm()


@step_of_ascent.part("mode", caught_by="test_networks_of_several_kinds")
def model_in_training_mode(model: nn.Module) -> nn.Module:
    """The model was put into training mode, where batch norm uses the statistics of this one image;
    leave it in the mode it was in.
    """
    training = copy.deepcopy(model).train()
    for module in training.modules():
        if isinstance(module, nn.Dropout):
            module.eval()  # random zeros would give another answer at each call
    return training


@misconception(of="class_visualization_update_step", caught_by="test_three_steps_in_a_row")
def training_mode_afterwards(img, model, target_y, l2_reg, learning_rate):
    """The first step is right, but it leaves the model in training mode, where it gives other
    scores in the steps that follow; leave it in the mode it was in.
    """
    _add(img, learning_rate * _unit(_gradient(_regularised_score(model, target_y, l2_reg), img)))
    model.train()


@misconception(of="class_visualization_update_step", caught_by="test_three_steps_in_a_row")
def trains_the_model(img, model, target_y, l2_reg, learning_rate):
    """The model changes with the image, as in training, so only the first step climbs the right
    score. Here the pixels are optimised, and the weights stay.
    """
    pixels = img.detach().clone().requires_grad_()
    _regularised_score(model, target_y, l2_reg)(pixels).backward()
    _add(img, learning_rate * _unit(pixels.grad))
    for parameter in model.parameters():
        if parameter.grad is not None:
            parameter.data += learning_rate * parameter.grad
            parameter.grad = None


# ---------------------------------------------------------------------------------------------
# Question 2: momentum_update_step(img, velocity, model, target_y, l2_reg, learning_rate, momentum)
# ---------------------------------------------------------------------------------------------


def _new_velocity(new: Tensor, old: Tensor, way: Tensor, momentum: float) -> Tensor:
    return new


def _apply_both(img: Tensor, velocity: Tensor, change: Tensor, new: Tensor) -> None:
    _add(img, change)
    velocity.copy_(new)


@formula(of="momentum_update_step")
def step_with_momentum(
    img: Tensor,
    velocity: Tensor,
    model: nn.Module,
    target_y: int,
    l2_reg: float,
    learning_rate: float,
    momentum: float,
    *,
    place: Part = _itself,
    quantity: Part = _score,
    strength: Part = _itself,
    penalty: Part = _sum_of_squares,
    length: Part = _unit,
    kept: Part = _itself,
    added: Part = _itself,
    joined: Part = _itself,
    moved: Part = _new_velocity,
    rate: Part = _itself,
    applied: Part = _apply_both,
) -> None:
    """The right answer, part by part."""

    def objective(x: Tensor) -> Tensor:
        return quantity(model(x), target_y) - strength(l2_reg) * penalty(x)

    img_there = place(img.detach(), learning_rate * momentum * velocity)
    way = length(_gradient(objective, img_there))
    new = joined(kept(momentum) * velocity + added(way, momentum))
    change = rate(learning_rate) * moved(new, velocity.clone(), way, momentum)
    applied(img, velocity, change, new)


@step_with_momentum.part("applied", caught_by="test_the_first_step_from_rest")
def velocity_not_kept(img: Tensor, velocity: Tensor, change: Tensor, new: Tensor) -> None:
    """The new velocity is lost after the call, and the caller's tensor is unchanged; the question
    asks to change it in place.
    """
    _add(img, change)


@step_with_momentum.part("applied", caught_by="test_the_first_step_from_rest")
def only_the_velocity_changes(img: Tensor, velocity: Tensor, change: Tensor, new: Tensor) -> None:
    """The velocity is right, but the caller's image is unchanged: the question asks to change both
    in place.
    """
    velocity.copy_(new)


@step_with_momentum.part("added", caught_by="test_the_velocity_carries_on")
def running_average(way: Tensor, momentum: float) -> Tensor:
    """The new direction was weighted with one minus the momentum, as in a running average; here it
    is added with its full length.
    """
    return (1 - momentum) * way


@step_with_momentum.part("length", caught_by="test_the_velocity_carries_on")
def velocity_from_plain_gradient(gradient: Tensor) -> Tensor:
    """The gradient was added to the velocity with its own length; divide it by its norm first."""
    return gradient


@step_with_momentum.part("joined", caught_by="test_the_velocity_carries_on")
def velocity_normalised(velocity: Tensor) -> Tensor:
    """The sum of old velocity and gradient was divided by its norm, so the velocity cannot grow;
    normalise the gradient alone.
    """
    return _unit(velocity)


@step_with_momentum.part("moved", caught_by="test_the_velocity_carries_on")
def image_moved_by_old_velocity(new: Tensor, old: Tensor, way: Tensor, momentum: float) -> Tensor:
    """The image moved by the velocity from before this step; change the velocity first, and move by
    the new one.
    """
    return old


@step_with_momentum.part("moved", caught_by="test_the_velocity_carries_on")
def looks_ahead(new: Tensor, old: Tensor, way: Tensor, momentum: float) -> Tensor:
    """The image moved by a further fraction of the new velocity plus the gradient, which is
    Nesterov's variant; the question asks for the new velocity alone.
    """
    return momentum * new + way


@step_with_momentum.part("place", caught_by="test_the_velocity_carries_on")
def gradient_ahead(img: Tensor, move: Tensor) -> Tensor:
    """The gradient was taken where the old velocity leads, which is Nesterov's variant; the
    question asks for the gradient at the current image.
    """
    return img + move


@misconception(of="momentum_update_step", caught_by="test_the_velocity_carries_on")
def velocity_shrinks_too_late(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    """The velocity was multiplied by the momentum after the step, including the new direction;
    multiply the old velocity, before the new direction is added.
    """
    velocity.add_(_unit(_gradient(_regularised_score(model, target_y, l2_reg), img)))
    _add(img, learning_rate * velocity)
    velocity.mul_(momentum)


@step_with_momentum.part("kept", caught_by="test_the_velocity_carries_on")
def momentum_ignored(momentum: float) -> float:
    """The whole old velocity is kept; the momentum says which fraction of it to keep."""
    return 1.0


@step_with_momentum.part("kept", caught_by="test_the_velocity_carries_on")
def old_velocity_dropped(momentum: float) -> float:
    """The old velocity plays no part: this is the step without momentum."""
    return 0.0


@misconception(of="momentum_update_step", caught_by="test_the_velocity_carries_on")
def learning_rate_in_the_velocity(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    """The learning rate became part of the velocity; multiply by it only when the image moves."""
    way = _unit(_gradient(_regularised_score(model, target_y, l2_reg), img))
    velocity.mul_(momentum).add_(learning_rate * way)
    _add(img, velocity)


@step_with_momentum.part("rate", caught_by="test_the_first_step_from_rest")
def learning_rate_left_out(learning_rate: float) -> float:
    """The velocity is right, but the image moves by all of it, whatever the learning rate is."""
    return 1.0


@step_with_momentum.part("moved", caught_by="test_the_velocity_carries_on")
def momentum_subtracted(new: Tensor, old: Tensor, way: Tensor, momentum: float) -> Tensor:
    """The image moved against the velocity, as for a loss; here the score has to rise."""
    return -new


@step_with_momentum.part("added", caught_by="test_the_velocity_carries_on")
def velocity_downhill(way: Tensor, momentum: float) -> Tensor:
    """The direction was subtracted from the velocity, as for a loss; here the score has to rise."""
    return -way


@step_with_momentum.part("moved", caught_by="test_the_velocity_carries_on")
def gradient_added_twice(new: Tensor, old: Tensor, way: Tensor, momentum: float) -> Tensor:
    """The image moved by the new velocity and once more by the gradient, which is already a part of
    the velocity.
    """
    return new + way


@step_with_momentum.part("strength", caught_by="test_momentum_with_a_strong_l2_regulariser")
def momentum_without_regulariser(l2_reg: float) -> float:
    """The L2 penalty is missing in what you maximise, or has no gradient."""
    return 0.0


@step_with_momentum.part("strength", caught_by="test_momentum_with_a_strong_l2_regulariser")
def momentum_with_regulariser_added(l2_reg: float) -> float:
    """The L2 penalty was added to the score, which rewards large values; subtract a penalty from
    what you maximise.
    """
    return -l2_reg


@step_with_momentum.part("penalty", caught_by="test_momentum_with_a_strong_l2_regulariser")
def momentum_with_norm_not_squared(x: Tensor) -> Tensor:
    """The penalty is the norm of the image; the question asks for the sum of the squares, without
    the root.
    """
    return x.norm()


@step_with_momentum.part("quantity", caught_by="test_the_velocity_carries_on")
def momentum_on_log_probability(scores: Tensor, target_y: int) -> Tensor:
    """This climbs the logarithm of the class's probability; the question asks for the unnormalised
    score.
    """
    return scores.log_softmax(dim=1)[0, target_y]


@misconception(of="momentum_update_step", caught_by="test_three_momentum_steps_in_a_row")
def momentum_and_gradients_add_up(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    """The gradient of the previous step is still stored with the image, and the next one is added
    to it, besides the momentum: right once, wrong from the second step on.
    """
    img.requires_grad_()
    _regularised_score(model, target_y, l2_reg)(img).backward()
    velocity.mul_(momentum).add_(_unit(img.grad))
    img.data += learning_rate * velocity


@step_with_momentum.part("length", caught_by="test_momentum_carries_on_where_the_gradient_is_zero")
def velocity_divided_by_zero(gradient: Tensor) -> Tensor:
    """Where the gradient is zero, zero was divided by zero and everything became NaN; there the
    direction counts as zeros.
    """
    return gradient / gradient.norm()


@misconception(
    of="momentum_update_step",
    caught_by="test_momentum_carries_on_where_the_gradient_is_zero",
)
def stands_still_without_gradient(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    """Where the gradient is zero, nothing happens here; the question asks to roll on, with a
    velocity that the momentum makes smaller.
    """
    gradient = _gradient(_regularised_score(model, target_y, l2_reg), img)
    if gradient.norm() == 0:
        return
    velocity.mul_(momentum).add_(_unit(gradient))
    _add(img, learning_rate * velocity)


# ---------------------------------------------------------------------------------------------
# Question 3: create_class_visualization(target_y, model, *, initial, steps, step_fn, ...)
# ---------------------------------------------------------------------------------------------


def _roll(img: Tensor, move: Move) -> Tensor:
    return torch.roll(img, move, dims=(2, 3))


def _roll_back(img: Tensor, move: Move) -> Tensor:
    return torch.roll(img, (-move[0], -move[1]), dims=(2, 3))


def _rows_and_columns(generator: torch.Generator, reach: int) -> Move:
    return tuple(torch.randint(-reach, reach + 1, (2,), generator=generator).tolist())


def _clamp(img: Tensor) -> Tensor:
    return img.clamp(0, 1)


def _is_time(step: int, every: int) -> bool:
    return every > 0 and step % every == 0


def _blur_when_due(img: Tensor, step: int, settings: Settings) -> Tensor:
    return gaussian_blur(img) if _is_time(step, settings["blur_every"]) else img


def _clamp_and_blur(img: Tensor, step: int, settings: Settings) -> Tensor:
    return _blur_when_due(_clamp(img), step, settings)


def _tell(callback: Callable | None, step: int, img: Tensor) -> None:
    if callback is not None:
        callback(step, img)


def _climb(
    target_y: int,
    model: nn.Module,
    settings: Settings,
    *,
    draw: Callable[[torch.Generator, int], Move] = _rows_and_columns,
    move: Callable[[Tensor, Move], Tensor] = _roll,
    back: Callable[[Tensor, Move], Tensor] = _roll_back,
    finish: Callable[[Tensor, int, Settings], Tensor] = _clamp_and_blur,
    tell: Callable[[Callable | None, int, Tensor], None] = _tell,
) -> Tensor:
    """The right loop, with parts that can be replaced by wrong ones."""
    generator = torch.Generator().manual_seed(settings["seed"])
    img = settings["initial"].detach().clone()
    for step in range(1, settings["steps"] + 1):
        way = draw(generator, settings["max_jitter"])
        img = move(img, way)
        settings["step_fn"](img, model, target_y, settings["l2_reg"], settings["learning_rate"])
        img = finish(back(img.detach(), way), step, settings)
        tell(settings.get("callback"), step, img)
    return img


def _drawn_anew(settings: Settings) -> Draw:
    return _rows_and_columns


def _clamp_then_blur(img: Tensor, clamp: Part, blur: Part) -> Tensor:
    return blur(clamp(img))


@formula(of="create_class_visualization")
def visualization(
    target_y: int,
    model: nn.Module,
    *,
    mode: Part = _itself,
    seed_of: Part = _itself,
    reach: Part = _itself,
    draw: Part = _drawn_anew,
    begin: Part = _itself,
    count: Part = _itself,
    taken: Part = _itself,
    back: Part = _roll_back,
    clamp: Part = _clamp,
    blur: Part = _blur_when_due,
    order: Part = _clamp_then_blur,
    tell: Part = _tell,
    end: Part = _itself,
    **settings: Any,
) -> Tensor:
    """The right answer, part by part."""
    changed = {
        **settings,
        "seed": seed_of(settings["seed"]),
        "max_jitter": reach(settings["max_jitter"]),
        "initial": begin(settings["initial"]),
        "steps": count(settings["steps"]),
        "step_fn": taken(settings["step_fn"], settings),
    }

    def finish(img: Tensor, step: int, settings: Settings) -> Tensor:
        return order(img, clamp, lambda image: blur(image, step, settings))

    img = _climb(
        target_y, mode(model), changed, draw=draw(settings), back=back, finish=finish, tell=tell
    )
    return end(img, settings["initial"])


@visualization.part("seed_of", caught_by="test_the_seed_decides")
def seed_ignored(seed: int) -> int:
    """Two calls with the same seed draw different moves: pass the seed to the source of the random
    numbers.
    """
    return secrets.randbits(31)


@visualization.part("seed_of", caught_by="test_the_seed_decides")
def always_the_same_seed(seed: int) -> int:
    """Two calls with different seeds draw the same moves: the source of the random numbers gets
    another seed than the given one.
    """
    return 0


@visualization.part("seed_of", caught_by="test_the_seed_decides")
def seed_zero_ignored(seed: int) -> int:
    """Two calls with the seed 0 draw different moves: 0 counts as False in a condition, but here it
    is a seed like any other.
    """
    return seed or secrets.randbits(31)


@visualization.part("reach", caught_by="test_jitter_moves_rows_and_columns_within_range")
def no_jitter(max_jitter: int) -> int:
    """The image is never moved before a step, although `max_jitter` is not zero."""
    return 0


@visualization.part("draw", caught_by="test_jitter_moves_rows_and_columns_within_range")
def columns_never_move(settings: Settings) -> Draw:
    """The image is moved up and down only; the question asks to move columns too."""
    return lambda generator, reach: (_rows_and_columns(generator, reach)[0], 0)


@visualization.part("draw", caught_by="test_jitter_moves_rows_and_columns_within_range")
def rows_never_move(settings: Settings) -> Draw:
    """The image is moved left and right only; the question asks to move rows too."""
    return lambda generator, reach: (0, _rows_and_columns(generator, reach)[1])


@visualization.part("draw", caught_by="test_jitter_moves_rows_and_columns_within_range")
def one_number_for_both_axes(settings: Settings) -> Draw:
    """Rows and columns are moved by the same number; draw one for each."""
    return lambda generator, reach: _rows_and_columns(generator, reach)[:1] * 2


@visualization.part("reach", caught_by="test_jitter_moves_rows_and_columns_within_range")
def moved_too_far(max_jitter: int) -> int:
    """The image is moved by up to twice `max_jitter` pixels; `max_jitter` is the limit in each
    direction, not the width of the range.
    """
    return 2 * max_jitter


@visualization.part("draw", caught_by="test_jitter_moves_rows_and_columns_within_range")
def move_drawn_once(settings: Settings) -> Draw:
    """One move is drawn before the loop and used in every step; draw new numbers for each step."""
    first: list[Move] = []

    def draw(generator: torch.Generator, reach: int) -> Move:
        first.append(_rows_and_columns(generator, reach))
        return first[0]

    return draw


@misconception(
    of="create_class_visualization",
    caught_by="test_jitter_moves_rows_and_columns_within_range",
)
def moved_out_of_the_picture(target_y, model, **settings):
    """Pixels that leave the image at one side are lost, and black comes in at the other; the
    question asks for rolling.
    """

    def shift(img: Tensor, move: Move) -> Tensor:
        rolled, (down, right) = _roll(img, move), move
        height, width = img.shape[2:]
        rolled[:, :, : max(down, 0)] = 0
        rolled[:, :, height + min(down, 0) :] = 0
        rolled[..., : max(right, 0)] = 0
        rolled[..., width + min(right, 0) :] = 0
        return rolled

    def shift_back(img: Tensor, move: Move) -> Tensor:
        return shift(img, (-move[0], -move[1]))

    return _climb(target_y, model, settings, move=shift, back=shift_back)


@visualization.part("draw", caught_by="test_jitter_moves_rows_and_columns_within_range")
def column_drawn_once(settings: Settings) -> Draw:
    """The number of columns is drawn once and used in every step; draw a new one for each step, as
    for the rows.
    """
    first: list[Move] = []

    def draw(generator: torch.Generator, reach: int) -> Move:
        first.append(_rows_and_columns(generator, reach))
        return (first[-1][0], first[0][1])

    return draw


@visualization.part("draw", caught_by="test_jitter_moves_rows_and_columns_within_range")
def row_drawn_once(settings: Settings) -> Draw:
    """The number of rows is drawn once and used in every step; draw a new one for each step, as for
    the columns.
    """
    first: list[Move] = []

    def draw(generator: torch.Generator, reach: int) -> Move:
        first.append(_rows_and_columns(generator, reach))
        return (first[0][0], first[-1][1])

    return draw


@visualization.part("draw", caught_by="test_as_many_steps_as_asked_for")
def range_without_numbers(settings: Settings) -> Draw:
    """The moves are drawn from a range that is empty where `max_jitter` is 0: its upper end does
    not belong to it.
    """

    def draw(generator: torch.Generator, reach: int) -> Move:
        return tuple(torch.randint(-reach, reach, (2,), generator=generator).tolist())

    return draw


@visualization.part("draw", caught_by="test_as_many_steps_as_asked_for")
def numpy_range_without_numbers(settings: Settings) -> Draw:
    """The moves are drawn from a range that is empty where `max_jitter` is 0: its upper end does
    not belong to it.
    """
    numbers = np.random.default_rng(settings["seed"])

    def draw(generator: torch.Generator, reach: int) -> Move:
        return tuple(numbers.integers(-reach, reach, 2).tolist())

    return draw


@visualization.part("back", caught_by="test_jitter_is_undone_after_each_step")
def not_moved_back(img: Tensor, move: Move) -> Tensor:
    """The image is not moved back after the step, so it wanders off."""
    return img


@visualization.part("back", caught_by="test_jitter_is_undone_after_each_step")
def moved_on_instead_of_back(img: Tensor, move: Move) -> Tensor:
    """After the step the image is moved by the same numbers once more; the way back takes the
    opposite ones.
    """
    return _roll(img, move)


@visualization.part("back", caught_by="test_jitter_is_undone_after_each_step")
def axes_swapped_on_the_way_back(img: Tensor, move: Move) -> Tensor:
    """On the way back rows are moved by the number of the columns, and columns by that of the
    rows.
    """
    return _roll_back(img, (move[1], move[0]))


@visualization.part("taken", caught_by="test_as_many_steps_as_asked_for")
def step_on_a_copy(step_fn: Step, settings: Settings) -> Step:
    """The step changes a copy that is then discarded: the last image is still the first one."""
    return lambda img, *arguments: step_fn(img.clone(), *arguments)


@misconception(of="create_class_visualization", caught_by="test_the_step_gets_what_it_needs")
def step_of_question_1(target_y, model, **settings):
    """The loop calls the step of question 1 whatever step it is given; the step to call is an
    argument.
    """

    def always_this_one(img: Tensor, *arguments: Any) -> None:
        right = _unit(_gradient(_regularised_score(model, target_y, settings["l2_reg"]), img))
        _add(img, settings["learning_rate"] * right)

    return _climb(target_y, model, {**settings, "step_fn": always_this_one})


@visualization.part("count", caught_by="test_as_many_steps_as_asked_for")
def one_step_too_few(steps: int) -> int:
    """The loop ends one step too early: does it count from 1 to the number of steps, or from 1 to
    one less?
    """
    return steps - 1


@visualization.part("count", caught_by="test_as_many_steps_as_asked_for")
def one_step_too_many(steps: int) -> int:
    """There is one step more than was asked for."""
    return steps + 1


@visualization.part("begin", caught_by="test_as_many_steps_as_asked_for")
def begins_with_grey(initial: Tensor) -> Tensor:
    """The first step gets a grey image, whatever the initial one is."""
    return torch.full_like(initial, 0.5)


@visualization.part("taken", caught_by="test_the_step_gets_what_it_needs")
def penalty_and_rate_swapped(step_fn: Step, settings: Settings) -> Step:
    """The step gets the learning rate as the weight of the penalty and vice versa: check the order
    of its arguments.
    """

    def swapped(img: Tensor, model: nn.Module, target_y: int, l2_reg: float, rate: float) -> None:
        step_fn(img, model, target_y, rate, l2_reg)

    return swapped


@visualization.part("mode", caught_by="test_the_step_gets_what_it_needs")
def steps_in_training_mode(model: nn.Module) -> nn.Module:
    """The steps get the model in training mode, where batch norm uses the statistics of this one
    image; leave it in the mode it was in.
    """
    return model.train()


@visualization.part("taken", caught_by="test_the_step_gets_what_it_needs")
def learning_rate_decays(step_fn: Step, settings: Settings) -> Step:
    """The learning rate shrinks from step to step; use the same one in each step."""
    rates = iter(settings["learning_rate"] * 0.9**k for k in range(settings["steps"] + 1))

    def decaying(img: Tensor, model: nn.Module, target_y: int, l2_reg: float, rate: float) -> None:
        step_fn(img, model, target_y, l2_reg, next(rates))

    return decaying


@visualization.part("clamp", caught_by="test_pixels_stay_in_range_after_each_step")
def never_clamped(img: Tensor) -> Tensor:
    """The pixels leave the range from 0 to 1 and are never clamped to it."""
    return img


@misconception(
    of="create_class_visualization", caught_by="test_pixels_stay_in_range_after_each_step"
)
def clamped_at_the_end_only(target_y, model, **settings):
    """The pixels are clamped once, after the last step; clamp them after each step."""
    return _clamp(_climb(target_y, model, settings, finish=_blur_when_due))


@misconception(
    of="create_class_visualization", caught_by="test_pixels_stay_in_range_after_each_step"
)
def clamped_before_the_step(target_y, model, **settings):
    """The pixels are clamped before each step, not after it, so the last image leaves the range."""
    return _climb(
        target_y,
        model,
        settings,
        move=lambda img, way: _roll(_clamp(img), way),
        finish=_blur_when_due,
    )


@visualization.part("clamp", caught_by="test_pixels_stay_in_range_after_each_step")
def clamped_to_minus_one(img: Tensor) -> Tensor:
    """The pixels are clamped to the range from -1 to 1; here black is 0."""
    return img.clamp(-1, 1)


@visualization.part("clamp", caught_by="test_pixels_stay_in_range_after_each_step")
def stretched_instead_of_clamped(img: Tensor) -> Tensor:
    """The image was stretched, its smallest value to 0 and its largest to 1; clamping changes only
    the pixels out of range.
    """
    return (img - img.min()) / (img.max() - img.min())


@visualization.part("blur", caught_by="test_blurred_after_every_so_many_steps")
def never_blurred(img: Tensor, step: int, settings: Settings) -> Tensor:
    """The image is never blurred, or its blurred copy is discarded."""
    return img


@visualization.part("blur", caught_by="test_blurred_after_every_so_many_steps")
def blurred_one_step_late(img: Tensor, step: int, settings: Settings) -> Tensor:
    """The steps are counted from 0, so the first one is already followed by a blur, and each later
    blur comes a step late; the question counts from 1.
    """
    return _blur_when_due(img, step - 1, settings)


@visualization.part("blur", caught_by="test_blurred_after_every_so_many_steps")
def blurred_after_each_step(img: Tensor, step: int, settings: Settings) -> Tensor:
    """The image is blurred after every single step."""
    return gaussian_blur(img) if settings["blur_every"] <= step else img


@visualization.part("order", caught_by="test_blurred_after_every_so_many_steps")
def blurred_before_clamping(img: Tensor, clamp: Part, blur: Part) -> Tensor:
    """The image is blurred before it is clamped, so values out of range leak into their neighbours;
    clamp first.
    """
    return clamp(blur(img))


@visualization.part("blur", caught_by="test_blurred_after_every_so_many_steps")
def blurred_too_strongly(img: Tensor, step: int, settings: Settings) -> Tensor:
    """The blur is stronger than it should be: use the course's blur with its default strength."""
    return gaussian_blur(img, sigma=1.0) if _is_time(step, settings["blur_every"]) else img


@misconception(of="create_class_visualization", caught_by="test_blurred_after_every_so_many_steps")
def blurred_before_moving_back(target_y, model, **settings):
    """The image is blurred while it is still rolled, so that opposite borders, which are neighbours
    there, leak into each other; move it back first.
    """

    def blur_and_back(img: Tensor, move: Move) -> Tensor:
        blurred = gaussian_blur(_clamp(img)) if settings["blur_every"] == 1 else img
        return _roll_back(blurred, move)

    def finish(img: Tensor, step: int, settings: Settings) -> Tensor:
        return _clamp(img) if settings["blur_every"] == 1 else _clamp_and_blur(img, step, settings)

    return _climb(target_y, model, settings, back=blur_and_back, finish=finish)


@visualization.part("blur", caught_by="test_never_blurred_with_zero")
def divides_the_step_by_zero(img: Tensor, step: int, settings: Settings) -> Tensor:
    """A step number was divided by `blur_every`, which may be 0 and then means never."""
    return gaussian_blur(img) if step % settings["blur_every"] == 0 else img


@visualization.part("tell", caught_by="test_the_callback_sees_every_step")
def callback_counts_from_zero(callback: Callable | None, step: int, img: Tensor) -> None:
    """The callback gets step 0 first; the question counts from 1."""
    _tell(callback, step - 1, img)


@visualization.part("tell", caught_by="test_the_callback_sees_every_step")
def callback_never_called(callback: Callable | None, step: int, img: Tensor) -> None:
    """The callback is never called; call it after each step."""


@misconception(of="create_class_visualization", caught_by="test_the_callback_sees_every_step")
def callback_before_the_blur(target_y, model, **settings):
    """The callback gets the image before it is blurred; the question asks for the image at the end
    of the step.
    """

    def finish(img: Tensor, step: int, settings: Settings) -> Tensor:
        img = _clamp(img)
        _tell(settings.get("callback"), step, img)
        return _blur_when_due(img, step, settings)

    return _climb(target_y, model, settings, finish=finish, tell=lambda *ignored: None)


@misconception(of="create_class_visualization", caught_by="test_the_callback_sees_every_step")
def callback_before_moving_back(target_y, model, **settings):
    """The callback gets the image while it is still rolled; the question asks for the image at the
    end of the step.
    """
    moves = []

    def remember(img: Tensor, move: Move) -> Tensor:
        moves.append(move)
        return _roll_back(img, move)

    def tell(callback: Callable | None, step: int, img: Tensor) -> None:
        _tell(callback, step, _roll(img, moves[-1]))

    return _climb(target_y, model, settings, back=remember, tell=tell)


@misconception(of="create_class_visualization", caught_by="test_the_callback_sees_every_step")
def callback_only_with_the_blur(target_y, model, **settings):
    """The callback is called only after the steps with a blur; call it after each step."""
    callback = settings.get("callback")

    def now_and_then(step: int, img: Tensor) -> None:
        if callback is not None and _is_time(step, settings["blur_every"]):
            callback(step, img)

    return _climb(target_y, model, {**settings, "callback": now_and_then})


@visualization.part("end", caught_by="test_the_initial_image_stays_as_it_was")
def initial_image_overwritten(img: Tensor, initial: Tensor) -> Tensor:
    """The first step writes into the initial image, which the caller still needs; start with a copy
    of it.
    """
    return initial.copy_(img)


@misconception(
    of="create_class_visualization",
    caught_by="test_a_step_may_use_autograd_and_return_anything",
)
def goes_on_with_any_returned_tensor(target_y, model, **settings):
    """The loop goes on with the value that the step returned wherever that is a tensor; the
    question says to ignore it: a step may return its gradient, or anything else.
    """

    def returned(img: Tensor, *arguments: Any) -> None:
        answer = settings["step_fn"](img, *arguments)
        if answer is not None:
            img.copy_(answer)

    return _climb(target_y, model, {**settings, "step_fn": returned})


@visualization.part("taken", caught_by="test_a_step_may_use_autograd_and_return_anything")
def goes_on_with_what_the_step_returns(step_fn: Step, settings: Settings) -> Step:
    """The loop goes on with the value that the step returned; the question says to ignore it, as
    the image has been changed in place.
    """
    return lambda img, *arguments: img.copy_(step_fn(img, *arguments))


@misconception(
    of="create_class_visualization",
    caught_by="test_a_step_may_use_autograd_and_return_anything",
)
def autograd_switched_off(target_y, model, **settings):
    """The whole loop runs with autograd switched off, so a step that needs a gradient gets none."""
    with torch.no_grad():
        return _climb(target_y, model, settings)
