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

from autograder.checks import misconception
from course_lib.ascent import gaussian_blur

Objective = Callable[[Tensor], Tensor]  # an image (1, 3, H, W) -> the scalar to maximise
Settings = dict[str, Any]  # the keyword arguments of create_class_visualization
Move = tuple[int, int]  # rows down, columns to the right


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


@misconception(of="class_visualization_update_step", caught_by="test_one_step")
def steps_downhill(img, model, target_y, l2_reg, learning_rate):
    """This step goes downhill, as for a loss; here the score has to rise."""
    way = _unit(_gradient(_regularised_score(model, target_y, l2_reg), img))
    _add(img, -learning_rate * way)


@misconception(
    of="class_visualization_update_step",
    caught_by="test_the_step_is_as_long_as_the_learning_rate",
)
def gradient_not_normalised(img, model, target_y, l2_reg, learning_rate):
    """The gradient was used with its own length; divide it by its norm, so that the learning rate
    alone is the length of the step.
    """
    _add(img, learning_rate * _gradient(_regularised_score(model, target_y, l2_reg), img))


@misconception(
    of="class_visualization_update_step",
    caught_by="test_the_step_is_as_long_as_the_learning_rate",
)
def divided_by_squared_norm(img, model, target_y, l2_reg, learning_rate):
    """The gradient was divided by the sum of its squares; the norm is the root of that sum."""
    gradient = _gradient(_regularised_score(model, target_y, l2_reg), img)
    _add(img, learning_rate * gradient / gradient.square().sum().clamp_min(1e-30))


@misconception(
    of="class_visualization_update_step",
    caught_by="test_the_step_is_as_long_as_the_learning_rate",
)
def divided_by_sum_of_absolute_values(img, model, target_y, l2_reg, learning_rate):
    """The gradient was divided by the sum of its absolute values, its L1 norm; the question asks
    for the L2 norm.
    """
    gradient = _gradient(_regularised_score(model, target_y, l2_reg), img)
    _add(img, learning_rate * gradient / gradient.abs().sum().clamp_min(1e-30))


@misconception(
    of="class_visualization_update_step",
    caught_by="test_the_step_is_as_long_as_the_learning_rate",
)
def divided_by_largest_value(img, model, target_y, l2_reg, learning_rate):
    """The gradient was divided by its largest absolute value; the question asks for the L2 norm
    over the whole image.
    """
    gradient = _gradient(_regularised_score(model, target_y, l2_reg), img)
    _add(img, learning_rate * gradient / gradient.abs().max().clamp_min(1e-30))


@misconception(
    of="class_visualization_update_step",
    caught_by="test_the_step_is_as_long_as_the_learning_rate",
)
def divided_by_root_mean_square(img, model, target_y, l2_reg, learning_rate):
    """The gradient was divided by its root mean square, so the step grows with the number of
    pixels; the norm is the root of the sum of the squares.
    """
    gradient = _gradient(_regularised_score(model, target_y, l2_reg), img)
    _add(img, learning_rate * gradient / gradient.square().mean().sqrt().clamp_min(1e-30))


@misconception(
    of="class_visualization_update_step",
    caught_by="test_the_step_is_as_long_as_the_learning_rate",
)
def divided_by_standard_deviation(img, model, target_y, l2_reg, learning_rate):
    """The gradient was divided by its standard deviation, so the step grows with the number of
    pixels; the question asks for the L2 norm.
    """
    gradient = _gradient(_regularised_score(model, target_y, l2_reg), img)
    _add(img, learning_rate * gradient / gradient.std().clamp_min(1e-30))


@misconception(
    of="class_visualization_update_step",
    caught_by="test_the_step_is_as_long_as_the_learning_rate",
)
def divided_by_mean_absolute_value(img, model, target_y, l2_reg, learning_rate):
    """The gradient was divided by the mean of its absolute values, so the step grows with the
    number of pixels; the question asks for the L2 norm.
    """
    gradient = _gradient(_regularised_score(model, target_y, l2_reg), img)
    _add(img, learning_rate * gradient / gradient.abs().mean().clamp_min(1e-30))


@misconception(of="class_visualization_update_step", caught_by="test_one_step")
def each_pixel_normalised(img, model, target_y, l2_reg, learning_rate):
    """The norm was taken over the colours of each pixel, the default of `functional.normalize`; the
    question asks for one norm over the whole image.
    """
    gradient = _gradient(_regularised_score(model, target_y, l2_reg), img)
    _add(img, learning_rate * F.normalize(gradient, dim=1))


@misconception(of="class_visualization_update_step", caught_by="test_one_step")
def each_channel_normalised(img, model, target_y, l2_reg, learning_rate):
    """Each colour channel was divided by a norm of its own; the question asks for one norm over the
    whole image, which keeps the gradient's direction.
    """
    gradient = _gradient(_regularised_score(model, target_y, l2_reg), img)
    norms = gradient.square().sum(dim=(2, 3), keepdim=True).sqrt().clamp_min(1e-30)
    _add(img, learning_rate * gradient / norms)


@misconception(of="class_visualization_update_step", caught_by="test_one_step")
def sign_of_the_gradient(img, model, target_y, l2_reg, learning_rate):
    """Every value was moved by the same amount, with only the sign of the gradient; the question
    asks for the gradient itself, divided by its norm.
    """
    gradient = _gradient(_regularised_score(model, target_y, l2_reg), img)
    _add(img, learning_rate * gradient.sign())


@misconception(of="class_visualization_update_step", caught_by="test_one_step")
def climbs_the_saliency_map(img, model, target_y, l2_reg, learning_rate):
    """The step goes along the largest absolute gradient over the channels, a saliency map: sign and
    colour are lost. The gradient itself leads uphill.
    """
    gradient = _gradient(_regularised_score(model, target_y, l2_reg), img)
    way = gradient.abs().amax(dim=1, keepdim=True).expand_as(gradient)
    _add(img, learning_rate * _unit(way))


@misconception(of="class_visualization_update_step", caught_by="test_one_step")
def absolute_gradient(img, model, target_y, l2_reg, learning_rate):
    """The step goes along the absolute values of the gradient, so that every value grows; where the
    gradient is negative, the pixel should become darker.
    """
    gradient = _gradient(_regularised_score(model, target_y, l2_reg), img)
    _add(img, learning_rate * _unit(gradient.abs()))


@misconception(of="class_visualization_update_step", caught_by="test_a_strong_l2_regulariser")
def no_regulariser(img, model, target_y, l2_reg, learning_rate):
    """The step climbs the score alone: the L2 penalty is missing, or became a number without a
    gradient before it was subtracted.
    """
    _add(img, learning_rate * _unit(_gradient(_regularised_score(model, target_y, 0.0), img)))


@misconception(of="class_visualization_update_step", caught_by="test_a_strong_l2_regulariser")
def regulariser_added(img, model, target_y, l2_reg, learning_rate):
    """The L2 penalty was added to the score, which rewards large values; subtract a penalty from
    what you maximise.
    """
    way = _unit(_gradient(_regularised_score(model, target_y, -l2_reg), img))
    _add(img, learning_rate * way)


@misconception(of="class_visualization_update_step", caught_by="test_a_strong_l2_regulariser")
def norm_not_squared(img, model, target_y, l2_reg, learning_rate):
    """The penalty is the norm of the image; the question asks for the sum of the squares, without
    the root.
    """
    way = _gradient(lambda x: model(x)[0, target_y] - l2_reg * x.norm(), img)
    _add(img, learning_rate * _unit(way))


@misconception(of="class_visualization_update_step", caught_by="test_a_strong_l2_regulariser")
def sum_not_of_squares(img, model, target_y, l2_reg, learning_rate):
    """The penalty is the sum of the absolute values; the question asks for the sum of the
    squares.
    """
    way = _gradient(lambda x: model(x)[0, target_y] - l2_reg * x.abs().sum(), img)
    _add(img, learning_rate * _unit(way))


@misconception(of="class_visualization_update_step", caught_by="test_a_strong_l2_regulariser")
def mean_of_squares(img, model, target_y, l2_reg, learning_rate):
    """The penalty is the mean of the squares; the question asks for their sum, which is larger by a
    factor: the number of values in the image.
    """
    way = _gradient(_regularised_score(model, target_y, l2_reg / img.numel()), img)
    _add(img, learning_rate * _unit(way))


@misconception(of="class_visualization_update_step", caught_by="test_a_strong_l2_regulariser")
def half_the_regulariser(img, model, target_y, l2_reg, learning_rate):
    """The penalty has half of its effect: the derivative of a square is twice the number."""
    _add(
        img, learning_rate * _unit(_gradient(_regularised_score(model, target_y, l2_reg / 2), img))
    )


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


@misconception(of="class_visualization_update_step", caught_by="test_one_step")
def climbs_log_probability(img, model, target_y, l2_reg, learning_rate):
    """This climbs the logarithm of the class's probability, which is minus the cross-entropy; the
    question asks for the unnormalised score.
    """

    def objective(x: Tensor) -> Tensor:
        return model(x).log_softmax(dim=1)[0, target_y] - l2_reg * x.square().sum()

    _add(img, learning_rate * _unit(_gradient(objective, img)))


@misconception(of="class_visualization_update_step", caught_by="test_one_step")
def climbs_probability(img, model, target_y, l2_reg, learning_rate):
    """This climbs the class's probability, after the softmax; the question asks for the score
    before it.
    """

    def objective(x: Tensor) -> Tensor:
        return model(x).softmax(dim=1)[0, target_y] - l2_reg * x.square().sum()

    _add(img, learning_rate * _unit(_gradient(objective, img)))


@misconception(
    of="class_visualization_update_step",
    caught_by="test_classes_that_the_model_does_not_see",
)
def climbs_predicted_class(img, model, target_y, l2_reg, learning_rate):
    """This climbs the largest score, whichever class it belongs to; the question asks for the score
    of the given class.
    """

    def objective(x: Tensor) -> Tensor:
        return model(x).max() - l2_reg * x.square().sum()

    _add(img, learning_rate * _unit(_gradient(objective, img)))


@misconception(of="class_visualization_update_step", caught_by="test_one_step")
def climbs_all_scores(img, model, target_y, l2_reg, learning_rate):
    """This climbs the sum of all scores, so the class was never used."""

    def objective(x: Tensor) -> Tensor:
        return model(x).sum() - l2_reg * x.square().sum()

    _add(img, learning_rate * _unit(_gradient(objective, img)))


@misconception(of="class_visualization_update_step", caught_by="test_one_step")
def image_not_changed_in_place(img, model, target_y, l2_reg, learning_rate):
    """A new image was made, and the caller's image is unchanged; the question asks for a step in
    place, on the given tensor.
    """
    return img + learning_rate * _unit(_gradient(_regularised_score(model, target_y, l2_reg), img))


@misconception(of="class_visualization_update_step", caught_by="test_three_steps_in_a_row")
def gradients_add_up(img, model, target_y, l2_reg, learning_rate):
    """The gradient of the previous step is still stored with the image, and the next one is added
    to it: right once, wrong from the second step on.
    """
    img.requires_grad_()
    _regularised_score(model, target_y, l2_reg)(img).backward()
    img.data += learning_rate * _unit(img.grad)


@misconception(
    of="class_visualization_update_step",
    caught_by="test_the_step_is_as_long_as_the_learning_rate",
)
def learning_rate_ignored(img, model, target_y, l2_reg, learning_rate):
    """The step has length 1 whatever the learning rate is."""
    _add(img, _unit(_gradient(_regularised_score(model, target_y, l2_reg), img)))


@misconception(
    of="class_visualization_update_step",
    caught_by="test_the_step_is_as_long_as_the_learning_rate",
)
def step_taken_twice(img, model, target_y, l2_reg, learning_rate):
    """The step is twice as long as the learning rate: is it added in two places?"""
    _add(
        img, 2 * learning_rate * _unit(_gradient(_regularised_score(model, target_y, l2_reg), img))
    )


@misconception(of="class_visualization_update_step", caught_by="test_one_step")
def pixels_clamped_by_the_step(img, model, target_y, l2_reg, learning_rate):
    """The pixels were clamped to [0, 1] in the step itself; here they may leave that range, and the
    loop of question 3 clamps them.
    """
    way = _unit(_gradient(_regularised_score(model, target_y, l2_reg), img))
    _add(img, learning_rate * way)
    img.detach().clamp_(0, 1)


@misconception(
    of="class_visualization_update_step",
    caught_by="test_no_step_where_the_gradient_is_zero",
)
def divides_by_zero(img, model, target_y, l2_reg, learning_rate):
    """Where the gradient is zero, zero was divided by zero and the image became NaN; there it
    should stay as it is.
    """
    gradient = _gradient(_regularised_score(model, target_y, l2_reg), img)
    _add(img, learning_rate * gradient / gradient.norm())


@misconception(of="class_visualization_update_step", caught_by="test_networks_of_several_kinds")
def model_in_training_mode(img, model, target_y, l2_reg, learning_rate):
    """The model was put into training mode, where batch norm uses the statistics of this one image;
    leave it in the mode it was in.
    """
    training = copy.deepcopy(model).train()
    for module in training.modules():
        if isinstance(module, nn.Dropout):
            module.eval()  # random zeros would give another answer at each call
    way = _unit(_gradient(_regularised_score(training, target_y, l2_reg), img))
    _add(img, learning_rate * way)


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


@misconception(of="momentum_update_step", caught_by="test_the_first_step_from_rest")
def velocity_not_kept(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    """The new velocity is lost after the call, and the caller's tensor is unchanged; the question
    asks to change it in place.
    """
    way = _unit(_gradient(_regularised_score(model, target_y, l2_reg), img))
    _add(img, learning_rate * (momentum * velocity + way))


@misconception(of="momentum_update_step", caught_by="test_the_first_step_from_rest")
def only_the_velocity_changes(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    """The velocity is right, but the caller's image is unchanged: the question asks to change both
    in place.
    """
    way = _unit(_gradient(_regularised_score(model, target_y, l2_reg), img))
    velocity.mul_(momentum).add_(way)


@misconception(of="momentum_update_step", caught_by="test_the_velocity_carries_on")
def running_average(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    """The new direction was weighted with one minus the momentum, as in a running average; here it
    is added with its full length.
    """
    way = _unit(_gradient(_regularised_score(model, target_y, l2_reg), img))
    velocity.mul_(momentum).add_((1 - momentum) * way)
    _add(img, learning_rate * velocity)


@misconception(of="momentum_update_step", caught_by="test_the_velocity_carries_on")
def velocity_from_plain_gradient(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    """The gradient was added to the velocity with its own length; divide it by its norm first."""
    velocity.mul_(momentum).add_(_gradient(_regularised_score(model, target_y, l2_reg), img))
    _add(img, learning_rate * velocity)


@misconception(of="momentum_update_step", caught_by="test_the_velocity_carries_on")
def velocity_normalised(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    """The sum of old velocity and gradient was divided by its norm, so the velocity cannot grow;
    normalise the gradient alone.
    """
    gradient = _gradient(_regularised_score(model, target_y, l2_reg), img)
    velocity.copy_(_unit(momentum * velocity + gradient))
    _add(img, learning_rate * velocity)


@misconception(of="momentum_update_step", caught_by="test_the_velocity_carries_on")
def image_moved_by_old_velocity(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    """The image moved by the velocity from before this step; change the velocity first, and move by
    the new one.
    """
    way = _unit(_gradient(_regularised_score(model, target_y, l2_reg), img))
    _add(img, learning_rate * velocity)
    velocity.mul_(momentum).add_(way)


@misconception(of="momentum_update_step", caught_by="test_the_velocity_carries_on")
def looks_ahead(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    """The image moved by a further fraction of the new velocity plus the gradient, which is
    Nesterov's variant; the question asks for the new velocity alone.
    """
    way = _unit(_gradient(_regularised_score(model, target_y, l2_reg), img))
    velocity.mul_(momentum).add_(way)
    _add(img, learning_rate * (momentum * velocity + way))


@misconception(of="momentum_update_step", caught_by="test_the_velocity_carries_on")
def gradient_ahead(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    """The gradient was taken where the old velocity leads, which is Nesterov's variant; the
    question asks for the gradient at the current image.
    """
    ahead = img.detach() + learning_rate * momentum * velocity
    way = _unit(_gradient(_regularised_score(model, target_y, l2_reg), ahead))
    velocity.mul_(momentum).add_(way)
    _add(img, learning_rate * velocity)


@misconception(of="momentum_update_step", caught_by="test_the_velocity_carries_on")
def velocity_shrinks_too_late(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    """The velocity was multiplied by the momentum after the step, including the new direction;
    multiply the old velocity, before the new direction is added.
    """
    velocity.add_(_unit(_gradient(_regularised_score(model, target_y, l2_reg), img)))
    _add(img, learning_rate * velocity)
    velocity.mul_(momentum)


@misconception(of="momentum_update_step", caught_by="test_the_velocity_carries_on")
def momentum_ignored(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    """The whole old velocity is kept; the momentum says which fraction of it to keep."""
    velocity.add_(_unit(_gradient(_regularised_score(model, target_y, l2_reg), img)))
    _add(img, learning_rate * velocity)


@misconception(of="momentum_update_step", caught_by="test_the_velocity_carries_on")
def old_velocity_dropped(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    """The old velocity plays no part: this is the step without momentum."""
    velocity.copy_(_unit(_gradient(_regularised_score(model, target_y, l2_reg), img)))
    _add(img, learning_rate * velocity)


@misconception(of="momentum_update_step", caught_by="test_the_velocity_carries_on")
def learning_rate_in_the_velocity(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    """The learning rate became part of the velocity; multiply by it only when the image moves."""
    way = _unit(_gradient(_regularised_score(model, target_y, l2_reg), img))
    velocity.mul_(momentum).add_(learning_rate * way)
    _add(img, velocity)


@misconception(of="momentum_update_step", caught_by="test_the_first_step_from_rest")
def learning_rate_left_out(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    """The velocity is right, but the image moves by all of it, whatever the learning rate is."""
    velocity.mul_(momentum).add_(_unit(_gradient(_regularised_score(model, target_y, l2_reg), img)))
    _add(img, velocity)


@misconception(of="momentum_update_step", caught_by="test_the_velocity_carries_on")
def momentum_subtracted(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    """The image moved against the velocity, as for a loss; here the score has to rise."""
    velocity.mul_(momentum).add_(_unit(_gradient(_regularised_score(model, target_y, l2_reg), img)))
    _add(img, -learning_rate * velocity)


@misconception(of="momentum_update_step", caught_by="test_the_velocity_carries_on")
def velocity_downhill(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    """The direction was subtracted from the velocity, as for a loss; here the score has to rise."""
    way = _unit(_gradient(_regularised_score(model, target_y, l2_reg), img))
    velocity.mul_(momentum).sub_(way)
    _add(img, learning_rate * velocity)


@misconception(of="momentum_update_step", caught_by="test_the_velocity_carries_on")
def gradient_added_twice(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    """The image moved by the new velocity and once more by the gradient, which is already a part of
    the velocity.
    """
    way = _unit(_gradient(_regularised_score(model, target_y, l2_reg), img))
    velocity.mul_(momentum).add_(way)
    _add(img, learning_rate * (velocity + way))


@misconception(of="momentum_update_step", caught_by="test_momentum_with_a_strong_l2_regulariser")
def momentum_without_regulariser(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    """The L2 penalty is missing in what you maximise, or has no gradient."""
    velocity.mul_(momentum).add_(_unit(_gradient(_regularised_score(model, target_y, 0.0), img)))
    _add(img, learning_rate * velocity)


@misconception(of="momentum_update_step", caught_by="test_momentum_with_a_strong_l2_regulariser")
def momentum_with_regulariser_added(
    img, velocity, model, target_y, l2_reg, learning_rate, momentum
):
    """The L2 penalty was added to the score, which rewards large values; subtract a penalty from
    what you maximise.
    """
    way = _unit(_gradient(_regularised_score(model, target_y, -l2_reg), img))
    velocity.mul_(momentum).add_(way)
    _add(img, learning_rate * velocity)


@misconception(of="momentum_update_step", caught_by="test_momentum_with_a_strong_l2_regulariser")
def momentum_with_norm_not_squared(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    """The penalty is the norm of the image; the question asks for the sum of the squares, without
    the root.
    """
    way = _unit(_gradient(lambda x: model(x)[0, target_y] - l2_reg * x.norm(), img))
    velocity.mul_(momentum).add_(way)
    _add(img, learning_rate * velocity)


@misconception(of="momentum_update_step", caught_by="test_the_velocity_carries_on")
def momentum_on_log_probability(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    """This climbs the logarithm of the class's probability; the question asks for the unnormalised
    score.
    """

    def objective(x: Tensor) -> Tensor:
        return model(x).log_softmax(dim=1)[0, target_y] - l2_reg * x.square().sum()

    velocity.mul_(momentum).add_(_unit(_gradient(objective, img)))
    _add(img, learning_rate * velocity)


@misconception(of="momentum_update_step", caught_by="test_three_momentum_steps_in_a_row")
def momentum_and_gradients_add_up(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    """The gradient of the previous step is still stored with the image, and the next one is added
    to it, besides the momentum: right once, wrong from the second step on.
    """
    img.requires_grad_()
    _regularised_score(model, target_y, l2_reg)(img).backward()
    velocity.mul_(momentum).add_(_unit(img.grad))
    img.data += learning_rate * velocity


@misconception(
    of="momentum_update_step",
    caught_by="test_momentum_carries_on_where_the_gradient_is_zero",
)
def velocity_divided_by_zero(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    """Where the gradient is zero, zero was divided by zero and everything became NaN; there the
    direction counts as zeros.
    """
    gradient = _gradient(_regularised_score(model, target_y, l2_reg), img)
    velocity.mul_(momentum).add_(gradient / gradient.norm())
    _add(img, learning_rate * velocity)


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


@misconception(of="create_class_visualization", caught_by="test_the_seed_decides")
def seed_ignored(target_y, model, **settings):
    """Two calls with the same seed draw different moves: pass the seed to the source of the random
    numbers.
    """
    anew = secrets.randbits(31)
    return _climb(target_y, model, {**settings, "seed": anew})


@misconception(of="create_class_visualization", caught_by="test_the_seed_decides")
def always_the_same_seed(target_y, model, **settings):
    """Two calls with different seeds draw the same moves: the source of the random numbers gets
    another seed than the given one.
    """
    return _climb(target_y, model, {**settings, "seed": 0})


@misconception(of="create_class_visualization", caught_by="test_the_seed_decides")
def seed_zero_ignored(target_y, model, **settings):
    """Two calls with the seed 0 draw different moves: 0 counts as False in a condition, but here it
    is a seed like any other.
    """
    return _climb(target_y, model, {**settings, "seed": settings["seed"] or secrets.randbits(31)})


@misconception(
    of="create_class_visualization",
    caught_by="test_jitter_moves_rows_and_columns_within_range",
)
def no_jitter(target_y, model, **settings):
    """The image is never moved before a step, although `max_jitter` is not zero."""
    return _climb(target_y, model, {**settings, "max_jitter": 0})


@misconception(
    of="create_class_visualization",
    caught_by="test_jitter_moves_rows_and_columns_within_range",
)
def columns_never_move(target_y, model, **settings):
    """The image is moved up and down only; the question asks to move columns too."""
    return _climb(target_y, model, settings, draw=lambda g, n: (_rows_and_columns(g, n)[0], 0))


@misconception(
    of="create_class_visualization",
    caught_by="test_jitter_moves_rows_and_columns_within_range",
)
def rows_never_move(target_y, model, **settings):
    """The image is moved left and right only; the question asks to move rows too."""
    return _climb(target_y, model, settings, draw=lambda g, n: (0, _rows_and_columns(g, n)[1]))


@misconception(
    of="create_class_visualization",
    caught_by="test_jitter_moves_rows_and_columns_within_range",
)
def one_number_for_both_axes(target_y, model, **settings):
    """Rows and columns are moved by the same number; draw one for each."""
    return _climb(target_y, model, settings, draw=lambda g, n: _rows_and_columns(g, n)[:1] * 2)


@misconception(
    of="create_class_visualization",
    caught_by="test_jitter_moves_rows_and_columns_within_range",
)
def moved_too_far(target_y, model, **settings):
    """The image is moved by up to twice `max_jitter` pixels; `max_jitter` is the limit in each
    direction, not the width of the range.
    """
    return _climb(target_y, model, settings, draw=lambda g, n: _rows_and_columns(g, 2 * n))


@misconception(
    of="create_class_visualization",
    caught_by="test_jitter_moves_rows_and_columns_within_range",
)
def move_drawn_once(target_y, model, **settings):
    """One move is drawn before the loop and used in every step; draw new numbers for each step."""
    seed = settings["seed"]
    once = _rows_and_columns(torch.Generator().manual_seed(seed), settings["max_jitter"])
    return _climb(target_y, model, settings, draw=lambda g, n: once)


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


@misconception(
    of="create_class_visualization",
    caught_by="test_jitter_moves_rows_and_columns_within_range",
)
def column_drawn_once(target_y, model, **settings):
    """The number of columns is drawn once and used in every step; draw a new one for each step, as
    for the rows.
    """
    once: list[int] = []

    def draw(generator: torch.Generator, reach: int) -> Move:
        down, right = _rows_and_columns(generator, reach)
        once.append(right)
        return down, once[0]

    return _climb(target_y, model, settings, draw=draw)


@misconception(
    of="create_class_visualization",
    caught_by="test_jitter_moves_rows_and_columns_within_range",
)
def row_drawn_once(target_y, model, **settings):
    """The number of rows is drawn once and used in every step; draw a new one for each step, as for
    the columns.
    """
    once: list[int] = []

    def draw(generator: torch.Generator, reach: int) -> Move:
        down, right = _rows_and_columns(generator, reach)
        once.append(down)
        return once[0], right

    return _climb(target_y, model, settings, draw=draw)


@misconception(of="create_class_visualization", caught_by="test_as_many_steps_as_asked_for")
def range_without_numbers(target_y, model, **settings):
    """The moves are drawn from a range that is empty where `max_jitter` is 0: its upper end does
    not belong to it.
    """

    def draw(generator: torch.Generator, reach: int) -> Move:
        return tuple(torch.randint(-reach, reach, (2,), generator=generator).tolist())

    return _climb(target_y, model, settings, draw=draw)


@misconception(of="create_class_visualization", caught_by="test_as_many_steps_as_asked_for")
def numpy_range_without_numbers(target_y, model, **settings):
    """The moves are drawn from a range that is empty where `max_jitter` is 0: its upper end does
    not belong to it.
    """
    numbers = np.random.default_rng(settings["seed"])

    def draw(generator: torch.Generator, reach: int) -> Move:
        return tuple(numbers.integers(-reach, reach, 2).tolist())

    return _climb(target_y, model, settings, draw=draw)


@misconception(of="create_class_visualization", caught_by="test_jitter_is_undone_after_each_step")
def not_moved_back(target_y, model, **settings):
    """The image is not moved back after the step, so it wanders off."""
    return _climb(target_y, model, settings, back=lambda img, move: img)


@misconception(of="create_class_visualization", caught_by="test_jitter_is_undone_after_each_step")
def moved_on_instead_of_back(target_y, model, **settings):
    """After the step the image is moved by the same numbers once more; the way back takes the
    opposite ones.
    """
    return _climb(target_y, model, settings, back=_roll)


@misconception(of="create_class_visualization", caught_by="test_jitter_is_undone_after_each_step")
def axes_swapped_on_the_way_back(target_y, model, **settings):
    """On the way back rows are moved by the number of the columns, and columns by that of the
    rows.
    """
    return _climb(
        target_y, model, settings, back=lambda img, move: _roll_back(img, (move[1], move[0]))
    )


@misconception(of="create_class_visualization", caught_by="test_as_many_steps_as_asked_for")
def step_on_a_copy(target_y, model, **settings):
    """The step changes a copy that is then discarded: the last image is still the first one."""

    def on_a_copy(img: Tensor, *arguments: Any) -> None:
        settings["step_fn"](img.clone(), *arguments)

    return _climb(target_y, model, {**settings, "step_fn": on_a_copy})


@misconception(of="create_class_visualization", caught_by="test_the_step_gets_what_it_needs")
def step_of_question_1(target_y, model, **settings):
    """The loop calls the step of question 1 whatever step it is given; the step to call is an
    argument.
    """

    def always_this_one(img: Tensor, *arguments: Any) -> None:
        right = _unit(_gradient(_regularised_score(model, target_y, settings["l2_reg"]), img))
        _add(img, settings["learning_rate"] * right)

    return _climb(target_y, model, {**settings, "step_fn": always_this_one})


@misconception(of="create_class_visualization", caught_by="test_as_many_steps_as_asked_for")
def one_step_too_few(target_y, model, **settings):
    """The loop ends one step too early: does it count from 1 to the number of steps, or from 1 to
    one less?
    """
    return _climb(target_y, model, {**settings, "steps": settings["steps"] - 1})


@misconception(of="create_class_visualization", caught_by="test_as_many_steps_as_asked_for")
def one_step_too_many(target_y, model, **settings):
    """There is one step more than was asked for."""
    return _climb(target_y, model, {**settings, "steps": settings["steps"] + 1})


@misconception(of="create_class_visualization", caught_by="test_as_many_steps_as_asked_for")
def begins_with_grey(target_y, model, **settings):
    """The first step gets a grey image, whatever the initial one is."""
    grey = torch.full_like(settings["initial"], 0.5)
    return _climb(target_y, model, {**settings, "initial": grey})


@misconception(of="create_class_visualization", caught_by="test_the_step_gets_what_it_needs")
def penalty_and_rate_swapped(target_y, model, **settings):
    """The step gets the learning rate as the weight of the penalty and vice versa: check the order
    of its arguments.
    """
    swapped = {"l2_reg": settings["learning_rate"], "learning_rate": settings["l2_reg"]}
    return _climb(target_y, model, {**settings, **swapped})


@misconception(of="create_class_visualization", caught_by="test_the_step_gets_what_it_needs")
def steps_in_training_mode(target_y, model, **settings):
    """The steps get the model in training mode, where batch norm uses the statistics of this one
    image; leave it in the mode it was in.
    """
    return _climb(target_y, model.train(), settings)


@misconception(of="create_class_visualization", caught_by="test_the_step_gets_what_it_needs")
def learning_rate_decays(target_y, model, **settings):
    """The learning rate shrinks from step to step; use the same one in each step."""
    rates = iter(settings["learning_rate"] * 0.9**k for k in range(settings["steps"]))

    def decaying(img: Tensor, model: nn.Module, target_y: int, l2_reg: float, rate: float) -> None:
        settings["step_fn"](img, model, target_y, l2_reg, next(rates))

    return _climb(target_y, model, {**settings, "step_fn": decaying})


@misconception(
    of="create_class_visualization", caught_by="test_pixels_stay_in_range_after_each_step"
)
def never_clamped(target_y, model, **settings):
    """The pixels leave the range from 0 to 1 and are never clamped to it."""
    return _climb(target_y, model, settings, finish=_blur_when_due)


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


@misconception(
    of="create_class_visualization", caught_by="test_pixels_stay_in_range_after_each_step"
)
def clamped_to_minus_one(target_y, model, **settings):
    """The pixels are clamped to the range from -1 to 1; here black is 0."""

    def finish(img: Tensor, step: int, settings: Settings) -> Tensor:
        return _blur_when_due(img.clamp(-1, 1), step, settings)

    return _climb(target_y, model, settings, finish=finish)


@misconception(
    of="create_class_visualization", caught_by="test_pixels_stay_in_range_after_each_step"
)
def stretched_instead_of_clamped(target_y, model, **settings):
    """The image was stretched, its smallest value to 0 and its largest to 1; clamping changes only
    the pixels out of range.
    """

    def finish(img: Tensor, step: int, settings: Settings) -> Tensor:
        stretched = (img - img.min()) / (img.max() - img.min())
        return _blur_when_due(stretched, step, settings)

    return _climb(target_y, model, settings, finish=finish)


@misconception(of="create_class_visualization", caught_by="test_blurred_after_every_so_many_steps")
def never_blurred(target_y, model, **settings):
    """The image is never blurred, or its blurred copy is discarded."""
    return _climb(target_y, model, {**settings, "blur_every": 0})


@misconception(of="create_class_visualization", caught_by="test_blurred_after_every_so_many_steps")
def blurred_one_step_late(target_y, model, **settings):
    """The steps are counted from 0, so the first one is already followed by a blur, and each later
    blur comes a step late; the question counts from 1.
    """

    def finish(img: Tensor, step: int, settings: Settings) -> Tensor:
        return _blur_when_due(_clamp(img), step - 1, settings)

    return _climb(target_y, model, settings, finish=finish)


@misconception(of="create_class_visualization", caught_by="test_blurred_after_every_so_many_steps")
def blurred_after_each_step(target_y, model, **settings):
    """The image is blurred after every single step."""

    def finish(img: Tensor, step: int, settings: Settings) -> Tensor:
        return gaussian_blur(_clamp(img)) if settings["blur_every"] <= step else _clamp(img)

    return _climb(target_y, model, settings, finish=finish)


@misconception(of="create_class_visualization", caught_by="test_blurred_after_every_so_many_steps")
def blurred_before_clamping(target_y, model, **settings):
    """The image is blurred before it is clamped, so values out of range leak into their neighbours;
    clamp first.
    """

    def finish(img: Tensor, step: int, settings: Settings) -> Tensor:
        return _clamp(_blur_when_due(img, step, settings))

    return _climb(target_y, model, settings, finish=finish)


@misconception(of="create_class_visualization", caught_by="test_blurred_after_every_so_many_steps")
def blurred_too_strongly(target_y, model, **settings):
    """The blur is stronger than it should be: use the course's blur with its default strength."""

    def finish(img: Tensor, step: int, settings: Settings) -> Tensor:
        due = _is_time(step, settings["blur_every"])
        return gaussian_blur(_clamp(img), sigma=1.0) if due else _clamp(img)

    return _climb(target_y, model, settings, finish=finish)


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


@misconception(of="create_class_visualization", caught_by="test_never_blurred_with_zero")
def divides_the_step_by_zero(target_y, model, **settings):
    """A step number was divided by `blur_every`, which may be 0 and then means never."""

    def finish(img: Tensor, step: int, settings: Settings) -> Tensor:
        return gaussian_blur(_clamp(img)) if step % settings["blur_every"] == 0 else _clamp(img)

    return _climb(target_y, model, settings, finish=finish)


@misconception(of="create_class_visualization", caught_by="test_the_callback_sees_every_step")
def callback_counts_from_zero(target_y, model, **settings):
    """The callback gets step 0 first; the question counts from 1."""
    return _climb(
        target_y, model, settings, tell=lambda callback, step, img: _tell(callback, step - 1, img)
    )


@misconception(of="create_class_visualization", caught_by="test_the_callback_sees_every_step")
def callback_never_called(target_y, model, **settings):
    """The callback is never called; call it after each step."""
    return _climb(target_y, model, {**settings, "callback": None})


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


@misconception(of="create_class_visualization", caught_by="test_the_initial_image_stays_as_it_was")
def initial_image_overwritten(target_y, model, **settings):
    """The first step writes into the initial image, which the caller still needs; start with a copy
    of it.
    """
    img = _climb(target_y, model, settings)
    settings["initial"].copy_(img)
    return img


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


@misconception(
    of="create_class_visualization",
    caught_by="test_a_step_may_use_autograd_and_return_anything",
)
def goes_on_with_what_the_step_returns(target_y, model, **settings):
    """The loop goes on with the value that the step returned; the question says to ignore it, as
    the image has been changed in place.
    """

    def returned(img: Tensor, *arguments: Any) -> None:
        img.copy_(settings["step_fn"](img, *arguments))

    return _climb(target_y, model, {**settings, "step_fn": returned})


@misconception(
    of="create_class_visualization",
    caught_by="test_a_step_may_use_autograd_and_return_anything",
)
def autograd_switched_off(target_y, model, **settings):
    """The whole loop runs with autograd switched off, so a step that needs a gradient gets none."""
    with torch.no_grad():
        return _climb(target_y, model, settings)
