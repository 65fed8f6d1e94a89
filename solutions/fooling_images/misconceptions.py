"""Wrong answers to the assignment on fooling images, by name.

Each function here answers one question of the assignment wrongly, in a way that students do. Its
docstring is the hint that a student reads when the values agree: what they are, and what the
question asks for. `caught_by` names the check that is about this mistake.
"""

import copy
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from autograder.checks import misconception
from course_lib.losses import Lead

Quantity = Callable[[Tensor], Tensor]  # scores (N, C) -> what is differentiated, any shape
MOST_STEPS = 100


def _slope(X: Tensor, model: nn.Module, quantity: Quantity) -> Tensor:
    """d sum(quantity(scores)) / d X, (N, 3, H, W)."""
    pixels = X.detach().clone().requires_grad_()
    with torch.enable_grad():
        (slope,) = torch.autograd.grad(quantity(model(pixels)).sum(), pixels)
    return slope


def _loss_slope(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    return _slope(X, model, _cross_entropy(y))


def _cross_entropy(y: Tensor) -> Quantity:
    return lambda scores: F.cross_entropy(scores, y, reduction="sum")


def _score(y: Tensor) -> Quantity:
    return lambda scores: scores.gather(1, y[:, None])


def _in_training(model: nn.Module) -> nn.Module:
    """A copy whose batch norm takes the statistics of the batch."""
    training = copy.deepcopy(model).train()
    for module in training.modules():
        if isinstance(module, nn.Dropout):
            module.eval()  # its random zeros could not be told from any others
    return training


def _prediction(X: Tensor, model: nn.Module) -> int:
    with torch.no_grad():
        return int(model(X).argmax(dim=1)[0])


# ---------------------------------------------------------------------------------------------
# Question 1: fgsm_attack(X, y, model, epsilon)
# ---------------------------------------------------------------------------------------------


@misconception(of="fgsm_attack", caught_by="test_attack_on_one_image")
def step_down_the_loss(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """This step lowers the loss, as in training, so that the model does better than before; the
    question asks for the step that raises it.
    """
    return (X - epsilon * _loss_slope(X, y, model).sign()).clamp(0, 1)


@misconception(of="fgsm_attack", caught_by="test_attack_on_one_image")
def step_up_the_score(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """This step raises the score of class y, which strengthens the right class; the question raises
    its cross-entropy.
    """
    return (X + epsilon * _slope(X, model, _score(y)).sign()).clamp(0, 1)


@misconception(of="fgsm_attack", caught_by="test_attack_on_one_image")
def step_down_the_score(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """This step lowers the score of class y and ignores the other classes; the question raises the
    cross-entropy, which depends on all scores.
    """
    return (X - epsilon * _slope(X, model, _score(y)).sign()).clamp(0, 1)


@misconception(of="fgsm_attack", caught_by="test_attack_on_a_batch")
def loss_of_probabilities(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """The cross-entropy was computed from probabilities, so that softmax was applied twice; cross-
    entropy takes the unnormalised scores.
    """

    def quantity(scores: Tensor) -> Tensor:
        return _cross_entropy(y)(scores.softmax(dim=1))

    return (X + epsilon * _slope(X, model, quantity).sign()).clamp(0, 1)


@misconception(of="fgsm_attack", caught_by="test_attack_on_one_image")
def slope_without_sign(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """This adds the gradient itself, scaled by epsilon; the question takes its sign, so that each
    pixel moves equally far.
    """
    return (X + epsilon * _loss_slope(X, y, model)).clamp(0, 1)


@misconception(of="fgsm_attack", caught_by="test_attack_on_one_image")
def unit_step_instead_of_sign(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """Here the gradient was divided by its length; the question takes its sign, so that each pixel
    moves equally far.
    """
    slope = _loss_slope(X, y, model)
    return (X + epsilon * slope / slope.flatten(1).norm(dim=1).view(-1, 1, 1, 1)).clamp(0, 1)


@misconception(of="fgsm_attack", caught_by="test_attack_on_one_image")
def slope_over_largest(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """The gradient was divided by its largest value, so that only one pixel moves by all of
    epsilon; the question takes its sign, and each pixel moves equally far.
    """
    slope = _loss_slope(X, y, model)
    return (X + epsilon * slope / slope.abs().flatten(1).amax(dim=1).view(-1, 1, 1, 1)).clamp(0, 1)


@misconception(of="fgsm_attack", caught_by="test_attacked_pixels_stay_between_zero_and_one")
def not_clamped(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """Some pixels left the range from 0 to 1; the question asks for them to be clamped to it."""
    return X + epsilon * _loss_slope(X, y, model).sign()


@misconception(of="fgsm_attack", caught_by="test_attacked_pixels_stay_between_zero_and_one")
def clamped_below_only(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """Pixels below 0 were cut off, those above 1 were not; the question clamps at both ends."""
    return (X + epsilon * _loss_slope(X, y, model).sign()).clamp(min=0)


@misconception(of="fgsm_attack", caught_by="test_attacked_pixels_stay_between_zero_and_one")
def clamped_above_only(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """Pixels above 1 were cut off, those below 0 were not; the question clamps at both ends."""
    return (X + epsilon * _loss_slope(X, y, model).sign()).clamp(max=1)


@misconception(of="fgsm_attack", caught_by="test_attacked_pixels_stay_between_zero_and_one")
def clamped_to_minus_one_and_one(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """The pixels were clamped to the range from -1 to 1; theirs is from 0 to 1."""
    return (X + epsilon * _loss_slope(X, y, model).sign()).clamp(-1, 1)


@misconception(of="fgsm_attack", caught_by="test_attack_on_one_image")
def change_clamped(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """Here the change was clamped to the range from 0 to 1, so that no pixel got darker; the
    question clamps the image after the change.
    """
    return X + (epsilon * _loss_slope(X, y, model).sign()).clamp(0, 1)


@misconception(of="fgsm_attack", caught_by="test_attack_on_one_image")
def stretched_to_full_range(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """The image was stretched so that it runs from 0 to 1, which changes all its pixels; clamping
    only cuts off what lies outside.
    """
    attacked = X + epsilon * _loss_slope(X, y, model).sign()
    return (attacked - attacked.min()) / (attacked.max() - attacked.min())


@misconception(of="fgsm_attack", caught_by="test_attack_on_one_image")
def change_without_image(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """This is the change alone; the question asks for the image with the change in it."""
    return epsilon * _loss_slope(X, y, model).sign()


@misconception(of="fgsm_attack", caught_by="test_attack_on_one_image")
def step_twice(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """The pixels moved by twice epsilon, as if the step had been taken twice; the question asks for
    one step.
    """
    return (X + 2 * epsilon * _loss_slope(X, y, model).sign()).clamp(0, 1)


@misconception(of="fgsm_attack", caught_by="test_attack_on_one_image")
def epsilon_in_255ths(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """Epsilon was divided by 255; it already is in the units of the pixels, from 0 to 1."""
    return (X + epsilon / 255 * _loss_slope(X, y, model).sign()).clamp(0, 1)


@misconception(of="fgsm_attack", caught_by="test_attack_on_one_image")
def ten_small_steps(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """These are ten steps of a tenth of epsilon, with a new gradient for each: another attack, and
    a stronger one; the question asks for one step.
    """
    attacked = X
    for _ in range(10):
        attacked = attacked + epsilon / 10 * _loss_slope(attacked, y, model).sign()
    return attacked.clamp(0, 1)


@misconception(of="fgsm_attack", caught_by="test_small_and_large_steps")
def steps_until_it_is_missed(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """Where one step was not enough, others followed; the question asks for one, whether it fools
    the model or not.
    """
    attacked = X
    for _ in range(10):
        attacked = (attacked + epsilon * _loss_slope(attacked, y, model).sign()).clamp(0, 1)
        with torch.no_grad():
            if bool((model(attacked).argmax(dim=1) != y).all()):
                break
    return attacked


@misconception(of="fgsm_attack", caught_by="test_attack_on_classes_that_are_not_predicted")
def loss_of_predicted_class(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """This raises the loss of the class that the model predicts, so y was never used; the question
    asks for the classes in y.
    """
    with torch.no_grad():
        predicted = model(X).argmax(dim=1)
    return (X + epsilon * _loss_slope(X, predicted, model).sign()).clamp(0, 1)


@misconception(of="fgsm_attack", caught_by="test_attack_on_one_image")
def label_off_by_one(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """This raises the loss of the class just before y; classes are counted from 0, and y already
    does so.
    """

    def quantity(scores: Tensor) -> Tensor:
        return _cross_entropy((y - 1) % scores.shape[1])(scores)

    return (X + epsilon * _slope(X, model, quantity).sign()).clamp(0, 1)


@misconception(of="fgsm_attack", caught_by="test_attack_on_a_batch")
def label_of_first_image_for_all(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """All images were attacked with the label of the first one; each has its own in y."""
    return (X + epsilon * _loss_slope(X, y[:1].expand_as(y), model).sign()).clamp(0, 1)


@misconception(of="fgsm_attack", caught_by="test_attack_on_a_batch")
def one_change_for_all_images(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """All images got the same change, by the sum of their gradients; the question changes each
    image by its own gradient.
    """
    common = _loss_slope(X, y, model).sum(dim=0, keepdim=True)
    return (X + epsilon * common.sign()).clamp(0, 1)


@misconception(of="fgsm_attack", caught_by="test_attack_on_a_batch")
def only_first_image_attacked(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """Only the first image of the batch was changed; the question asks for all of them."""
    step = epsilon * _loss_slope(X, y, model).sign()
    step[1:] = 0
    return (X + step).clamp(0, 1)


@misconception(of="fgsm_attack", caught_by="test_attack_on_one_image")
def channels_step_together(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """The three channels were added up before the sign was taken, so that they all move alike; the
    question takes the sign of each number of the image.
    """
    common = _loss_slope(X, y, model).sum(dim=1, keepdim=True)
    return (X + epsilon * common.sign()).clamp(0, 1)


@misconception(of="fgsm_attack", caught_by="test_attack_on_one_image")
def only_upwards(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """Pixels with a negative slope stayed as they were; the question lowers them."""
    return (X + epsilon * _loss_slope(X, y, model).sign().relu()).clamp(0, 1)


@misconception(of="fgsm_attack", caught_by="test_pixels_without_influence_stay")
def zero_counts_as_up(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """Pixels whose slope is zero were made brighter; the sign of zero is zero, so the question
    leaves them alone.
    """
    step = torch.where(_loss_slope(X, y, model) >= 0, epsilon, -epsilon)
    return (X + step).clamp(0, 1)


@misconception(of="fgsm_attack", caught_by="test_pixels_without_influence_stay")
def zero_counts_as_down(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """Pixels whose slope is zero were made darker; the sign of zero is zero, so the question leaves
    them alone.
    """
    step = torch.where(_loss_slope(X, y, model) > 0, epsilon, -epsilon)
    return (X + step).clamp(0, 1)


@misconception(of="fgsm_attack", caught_by="test_pixels_without_influence_stay")
def slope_over_its_size(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """The slope was divided by its absolute value, so that pixels without a slope became NaN, zero
    divided by zero; the sign of zero is zero.
    """
    slope = _loss_slope(X, y, model)
    return (X + epsilon * slope / slope.abs()).clamp(0, 1)


@misconception(of="fgsm_attack", caught_by="test_attack_on_networks_of_all_kinds")
def model_in_training_mode(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """The model was put into training mode, where batch norm mixes the images of a batch; it should
    stay in the mode that it was in.
    """
    return (X + epsilon * _loss_slope(X, y, _in_training(model)).sign()).clamp(0, 1)


@misconception(of="fgsm_attack", caught_by="test_attack_on_one_image")
def single_image_squeezed(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """A batch of one image lost its first axis, as squeeze() without an axis does; the question
    asks for (N, 3, H, W) for every N, including 1.
    """
    return (X + epsilon * _loss_slope(X, y, model).sign()).clamp(0, 1).squeeze()


@misconception(of="fgsm_attack", caught_by="test_attack_on_one_image")
def image_left_unchanged(X: Tensor, y: Tensor, model: nn.Module, epsilon: float) -> Tensor:
    """These are the images that were passed in; has the step been added to what is returned?"""
    return X.detach().clone()


# ---------------------------------------------------------------------------------------------
# Question 2: make_fooling_image(X, target_y, model)
# ---------------------------------------------------------------------------------------------

# Mistakes that show in few checks come first: there, a coarser one can give the same values.

Step = Callable[[Tensor], Tensor]  # slope (1, 3, H, W) -> what is added to the image


def _unit(slope: Tensor) -> Tensor:
    return slope / slope.norm()


def _walk(
    X: Tensor,
    target_y: int,
    model: nn.Module,
    *,
    step: Step = _unit,
    quantity: Quantity | None = None,
    stop: Callable[[Tensor], bool] | None = None,
    most_steps: int = MOST_STEPS,
) -> Tensor:
    """The right answer, with a part of it replaced.

    step: what becomes of a slope; quantity: what is climbed; stop: of the scores (1, C)
    """
    quantity = quantity or (lambda scores: scores[:, target_y])
    stop = stop or (lambda scores: int(scores.argmax()) == target_y)
    image = X.detach().clone()
    with torch.enable_grad():
        for _ in range(most_steps):
            scores = model(image.requires_grad_())
            if stop(scores.detach()):
                break
            (slope,) = torch.autograd.grad(quantity(scores).sum(), image)
            image = image.detach() + step(slope)
    return image.detach()


@misconception(
    of="make_fooling_image",
    caught_by="test_an_image_already_classified_so_comes_back_unchanged",
)
def first_step_in_any_case(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """The first step was taken before the model was asked; an image that the model already
    classifies as the target comes back unchanged.
    """
    image = X.detach().clone()
    for _ in range(MOST_STEPS):
        image = image + _unit(_slope(image, model, lambda scores: scores[:, target_y]))
        if _prediction(image, model) == target_y:
            break
    return image


@misconception(of="make_fooling_image", caught_by="test_no_more_than_100_steps")
def ninety_nine_steps(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """It gave up after 99 steps; the question allows 100. Where does your count begin, and when do
    you check it?
    """
    return _walk(X, target_y, model, most_steps=MOST_STEPS - 1)


@misconception(of="make_fooling_image", caught_by="test_no_more_than_100_steps")
def hundred_and_one_steps(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """It gave up after 101 steps; the question allows 100. Where does your count begin, and when do
    you check it?
    """
    return _walk(X, target_y, model, most_steps=MOST_STEPS + 1)


@misconception(of="make_fooling_image", caught_by="test_no_more_than_100_steps")
def gives_up_after_ten_steps(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """It gave up after 10 steps; the question allows 100."""
    return _walk(X, target_y, model, most_steps=10)


@misconception(of="make_fooling_image", caught_by="test_another_class_on_the_way_is_no_stop")
def stops_above_the_first_class(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """The steps ended when the target's score was above that of the class that the model predicted
    first; a third class may be higher still, and the question goes on until the target is the
    highest.
    """
    first = _prediction(X, model)
    if first == target_y:
        return X.detach().clone()
    return _walk(
        X, target_y, model, stop=lambda scores: bool(scores[0, target_y] > scores[0, first])
    )


@misconception(of="make_fooling_image", caught_by="test_the_stop")
def stops_at_positive_score(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """The steps ended when the target's score was above zero; the question stops when it is the
    highest of all scores.
    """
    return _walk(X, target_y, model, stop=lambda scores: bool(scores[0, target_y] > 0))


@misconception(of="make_fooling_image", caught_by="test_the_stop")
def stops_when_sure(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """The steps went on until the target had a probability above one half; the question stops when
    the target is the most probable class, whatever its probability.
    """

    def stop(scores: Tensor) -> bool:
        return bool(scores.softmax(dim=1)[0, target_y] > 0.5)

    return _walk(X, target_y, model, stop=stop)


@misconception(of="make_fooling_image", caught_by="test_the_stop")
def stops_among_the_best_two(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """The steps ended when the target was among the two highest scores; the question stops when it
    is the highest.
    """

    def stop(scores: Tensor) -> bool:
        return target_y in scores[0].topk(2).indices.tolist()

    return _walk(X, target_y, model, stop=stop)


@misconception(of="make_fooling_image", caught_by="test_the_gradient_is_taken_anew_at_each_step")
def gradient_never_zeroed(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """The gradients of earlier steps were added to each new one, because backward() adds to what is
    there; clear them before each step.
    """
    total = torch.zeros_like(X)

    def step(slope: Tensor) -> Tensor:
        total.add_(slope)
        return _unit(total)

    return _walk(X, target_y, model, step=step)


@misconception(of="make_fooling_image", caught_by="test_the_gradient_is_taken_anew_at_each_step")
def gradient_of_first_step_kept(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """All steps went in the direction of the first one; the gradient differs from place to place
    and has to be computed again for each step.
    """
    first: list[Tensor] = []

    def step(slope: Tensor) -> Tensor:
        first.append(_unit(slope))
        return first[0]

    return _walk(X, target_y, model, step=step)


@misconception(of="make_fooling_image", caught_by="test_the_length_of_a_step")
def each_step_taken_twice(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """Each step has the length 2, as if it had been added twice; the question asks for steps of
    length 1.
    """
    return _walk(X, target_y, model, step=lambda slope: 2 * _unit(slope))


@misconception(of="make_fooling_image", caught_by="test_the_length_of_a_step")
def steps_of_a_tenth(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """These steps have the length 0.1; the question asks for steps of length 1."""
    return _walk(X, target_y, model, step=lambda slope: 0.1 * _unit(slope))


@misconception(of="make_fooling_image", caught_by="test_the_length_of_a_step")
def gradient_not_normalised(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """The gradient was added as it is, so that each step has another length; the question divides
    the gradient by its norm.
    """
    return _walk(X, target_y, model, step=lambda slope: slope)


@misconception(of="make_fooling_image", caught_by="test_the_length_of_a_step")
def divided_by_squared_norm(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """The gradient was divided by the square of its norm, so that steps are long where the slope is
    small; the question divides by the norm.
    """
    return _walk(X, target_y, model, step=lambda slope: slope / slope.square().sum())


@misconception(of="make_fooling_image", caught_by="test_the_length_of_a_step")
def divided_by_largest(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """The gradient was divided by its largest absolute value; the norm of the question is the
    square root of the sum of squares over all pixels.
    """
    return _walk(X, target_y, model, step=lambda slope: slope / slope.abs().max())


@misconception(of="make_fooling_image", caught_by="test_the_length_of_a_step")
def divided_by_standard_deviation(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """The gradient was divided by its standard deviation, so that a step grows with the number of
    pixels; the norm of the question is the square root of the sum of squares over all pixels.
    """
    return _walk(X, target_y, model, step=lambda slope: slope / slope.std())


@misconception(of="make_fooling_image", caught_by="test_the_length_of_a_step")
def divided_by_root_mean_square(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """The gradient was divided by the root of the mean of its squares, so that a step grows with
    the number of pixels; the norm of the question is the root of their sum.
    """
    return _walk(X, target_y, model, step=lambda slope: slope / slope.square().mean().sqrt())


@misconception(of="make_fooling_image", caught_by="test_the_length_of_a_step")
def divided_by_sum_of_sizes(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """The gradient was divided by the sum of its absolute values; the norm of the question is the
    square root of the sum of squares over all pixels.
    """
    return _walk(X, target_y, model, step=lambda slope: slope / slope.abs().sum())


@misconception(of="make_fooling_image", caught_by="test_the_direction_of_a_step")
def each_channel_normalised(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """Each channel was divided by a norm of its own, so that the step has another direction and the
    square root of 3 as its length; the question takes one norm over the whole image.
    """
    return _walk(
        X, target_y, model, step=lambda slope: slope / slope.norm(dim=(2, 3), keepdim=True)
    )


@misconception(of="make_fooling_image", caught_by="test_the_direction_of_a_step")
def each_row_normalised(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """Each row of pixels was divided by a norm of its own, as functional.normalize does along one
    axis; the question takes one norm over the whole image.
    """
    return _walk(X, target_y, model, step=lambda slope: F.normalize(slope, dim=3))


@misconception(of="make_fooling_image", caught_by="test_the_direction_of_a_step")
def each_pixel_normalised(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """The norm was taken over the channels of each pixel, so that all pixels move by 1; the
    question takes one norm over the whole image.
    """
    return _walk(X, target_y, model, step=lambda slope: F.normalize(slope, dim=1))


@misconception(of="make_fooling_image", caught_by="test_the_direction_of_a_step")
def steps_along_signs(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """These steps go along the signs of the gradient, as in the first question; this one takes the
    gradient itself, divided by its norm.
    """
    return _walk(X, target_y, model, step=lambda slope: _unit(slope.sign()))


@misconception(of="make_fooling_image", caught_by="test_the_direction_of_a_step")
def steps_along_saliency(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """The absolute values of the gradient were added, so that pixels only get brighter; the signs
    of the gradient say which way the score goes up.
    """
    return _walk(X, target_y, model, step=lambda slope: _unit(slope.abs()))


@misconception(of="make_fooling_image", caught_by="test_the_direction_of_a_step")
def down_the_target_score(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """These steps go down the score of the target, away from the goal; the question climbs it."""
    return _walk(X, target_y, model, step=lambda slope: -_unit(slope))


@misconception(of="make_fooling_image", caught_by="test_the_direction_of_a_step")
def down_the_first_class(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """These steps lower the score of the class that the model predicted first, and the target has
    no part in their direction; the question climbs the target's score.
    """
    first = _prediction(X, model)
    return _walk(X, target_y, model, quantity=lambda scores: -scores[:, first])


@misconception(of="make_fooling_image", caught_by="test_the_direction_of_a_step")
def up_the_predicted_class(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """These steps climb the highest score, so that the model becomes surer of its prediction; the
    question climbs the score of the target.
    """
    return _walk(X, target_y, model, quantity=lambda scores: scores.amax(dim=1))


@misconception(of="make_fooling_image", caught_by="test_the_direction_of_a_step")
def down_the_cross_entropy(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """These steps lower the cross-entropy of the target, which depends on all scores; the question
    climbs the target's unnormalised score alone.
    """

    def quantity(scores: Tensor) -> Tensor:
        return scores.log_softmax(dim=1)[:, target_y]

    return _walk(X, target_y, model, quantity=quantity)


@misconception(of="make_fooling_image", caught_by="test_the_direction_of_a_step")
def up_the_margin(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """These steps climb the target's score minus the highest other one; the question climbs the
    target's score alone.
    """
    return _walk(X, target_y, model, quantity=Lead(target_y))


@misconception(of="make_fooling_image", caught_by="test_the_direction_of_a_step")
def up_all_scores(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """These steps climb the sum of all the scores; the question climbs that of the target."""
    return _walk(X, target_y, model, quantity=lambda scores: scores.sum())


@misconception(of="make_fooling_image", caught_by="test_the_direction_of_a_step")
def target_off_by_one(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """These steps climb the score of the class just before the target; classes are counted from 0,
    and target_y already does so.
    """
    return _walk(X, target_y, model, quantity=lambda scores: scores[:, target_y - 1])


@misconception(of="make_fooling_image", caught_by="test_the_stop")
def one_step_too_many(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """One step too many: the model was asked before the step, but the loop ended only after it; an
    image that is classified as the target gets no further step.
    """
    image = X.detach().clone()
    for _ in range(MOST_STEPS):
        done = _prediction(image, model) == target_y
        image = image + _unit(_slope(image, model, lambda scores: scores[:, target_y]))
        if done:
            break
    return image


@misconception(of="make_fooling_image", caught_by="test_the_stop")
def last_step_not_returned(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """The image from before the last step came back, which the model does not classify as the
    target yet; the question asks for the one after it.
    """
    image = before = X.detach().clone()
    for _ in range(MOST_STEPS):
        if _prediction(image, model) == target_y:
            break
        before, image = (
            image,
            image + _unit(_slope(image, model, lambda scores: scores[:, target_y])),
        )
    return before


@misconception(of="make_fooling_image", caught_by="test_the_stop")
def never_stops(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """All 100 steps were taken, whatever the model predicted; the question stops as soon as it
    predicts the target.
    """
    return _walk(X, target_y, model, stop=lambda scores: False)


@misconception(of="make_fooling_image", caught_by="test_the_gradient_is_taken_anew_at_each_step")
def a_single_step(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """It stopped after one step, whatever the model predicted; the question goes on until the model
    predicts the target. Is there a return inside the loop?
    """
    return _walk(X, target_y, model, most_steps=1)


@misconception(of="make_fooling_image", caught_by="test_another_class_on_the_way_is_no_stop")
def stops_at_any_other_class(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """The steps ended as soon as the model predicted another class than at first; the question goes
    on until it predicts the target.
    """
    first = _prediction(X, model)
    if first == target_y:
        return X.detach().clone()
    return _walk(X, target_y, model, stop=lambda scores: int(scores.argmax()) != first)


@misconception(of="make_fooling_image", caught_by="test_fooling_networks_of_all_kinds")
def fooled_in_training_mode(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """The model was put into training mode, where batch norm uses the statistics of this one image;
    it should stay in the mode that it was in.
    """
    return _walk(X, target_y, _in_training(model))


@misconception(of="make_fooling_image", caught_by="test_no_more_than_100_steps")
def goes_back_to_start_when_it_fails(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """The image came back unchanged where 100 steps were not enough; the question returns the image
    after these steps.
    """
    image = _walk(X, target_y, model)
    return image if _prediction(image, model) == target_y else X.detach().clone()


@misconception(of="make_fooling_image", caught_by="test_the_input_stays_as_it_was")
def input_written_over(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """The steps were added to the caller's image, which is lost; the question asks for a new image
    and leaves X as it was. (Assigning X to another name makes no copy.)
    """
    X.data.copy_(_walk(X, target_y, model))
    return X


@misconception(of="make_fooling_image", caught_by="test_pixels_may_leave_zero_to_one")
def clamped_after_each_step(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """The pixels were clamped to the range from 0 to 1 after each step, which makes the steps
    shorter than 1; the question leaves them as they are.
    """
    image = X.detach().clone()
    for _ in range(MOST_STEPS):
        if _prediction(image, model) == target_y:
            break
        step = _unit(_slope(image, model, lambda scores: scores[:, target_y]))
        image = (image + step).clamp(0, 1)
    return image


@misconception(of="make_fooling_image", caught_by="test_pixels_may_leave_zero_to_one")
def clamped_at_the_end(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """The pixels were clamped to the range from 0 to 1 at the end, and the model may now predict
    another class; the question leaves them as they are.
    """
    return _walk(X, target_y, model).clamp(0, 1)


@misconception(of="make_fooling_image", caught_by="test_the_direction_of_a_step")
def change_alone(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """This is the change alone; the question asks for the image with the change in it."""
    return _walk(X, target_y, model) - X


@misconception(of="make_fooling_image", caught_by="test_the_direction_of_a_step")
def starts_from_black(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """The steps began at a black image; the question begins at X and stays near it."""
    return _walk(torch.zeros_like(X), target_y, model)


@misconception(of="make_fooling_image", caught_by="test_the_length_of_a_step")
def batch_axis_lost(X: Tensor, target_y: int, model: nn.Module) -> Tensor:
    """The image lost its first axis; the question asks for (1, 3, H, W), the shape of X."""
    return _walk(X, target_y, model)[0]


# ---------------------------------------------------------------------------------------------
# Question 3: fooling_report(X, X_fooling, model)
# ---------------------------------------------------------------------------------------------

Report = dict[str, float]


def _right_report(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    with torch.no_grad():
        confidence, said = model(torch.cat([X, X_fooling])).softmax(dim=1).max(dim=1)
    change = X_fooling - X
    return {
        "class_before": said[0].item(),
        "class_after": said[1].item(),
        "confidence_before": confidence[0].item(),
        "confidence_after": confidence[1].item(),
        "l2": change.norm().item(),
        "linf": change.abs().max().item(),
    }


def _with_confidences(
    X: Tensor, X_fooling: Tensor, model: nn.Module, of: Callable[[Tensor], Tensor]
) -> Report:
    """The right report, but for confidences that are made of the scores (2, C) in another way."""
    with torch.no_grad():
        before, after = of(model(torch.cat([X, X_fooling]))).tolist()
    right = _right_report(X, X_fooling, model)
    return {**right, "confidence_before": before, "confidence_after": after}


@misconception(of="fooling_report", caught_by="test_confidences_before_and_after")
def confidence_is_score(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """These confidences are unnormalised scores; the question asks for softmax probabilities."""
    return _with_confidences(X, X_fooling, model, lambda scores: scores.amax(dim=1))


@misconception(of="fooling_report", caught_by="test_confidences_before_and_after")
def confidence_is_log_probability(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """These confidences are logarithms of probabilities; the question asks for probabilities."""
    return _with_confidences(
        X, X_fooling, model, lambda scores: scores.log_softmax(dim=1).amax(dim=1)
    )


@misconception(of="fooling_report", caught_by="test_confidences_before_and_after")
def confidence_by_sigmoid(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """These confidences were computed from one score each, by a sigmoid; the classes exclude each
    other, so the question takes the softmax of all scores.
    """
    return _with_confidences(X, X_fooling, model, lambda scores: scores.sigmoid().amax(dim=1))


@misconception(of="fooling_report", caught_by="test_confidences_before_and_after")
def softmax_over_images(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """The softmax was taken over images instead of classes, which gives 1 for a single image; take
    it over the classes.
    """
    return _with_confidences(X, X_fooling, model, lambda scores: torch.ones(2))


@misconception(of="fooling_report", caught_by="test_confidences_before_and_after")
def softmax_taken_twice(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """The softmax was applied twice, which makes the probabilities nearly equal; once is enough."""
    return _with_confidences(
        X, X_fooling, model, lambda scores: scores.softmax(dim=1).softmax(dim=1).amax(dim=1)
    )


@misconception(of="fooling_report", caught_by="test_confidences_before_and_after")
def confidence_in_per_cent(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """These confidences are per cent; the question asks for probabilities from 0 to 1."""
    return _with_confidences(
        X, X_fooling, model, lambda scores: 100 * scores.softmax(dim=1).amax(dim=1)
    )


@misconception(of="fooling_report", caught_by="test_confidences_before_and_after")
def confidence_of_the_first_class(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """The second confidence is the new probability of the class that was predicted before; the
    question asks for that of the class that is predicted after.
    """

    def of(scores: Tensor) -> Tensor:
        return scores.softmax(dim=1)[:, int(scores[0].argmax())]

    return _with_confidences(X, X_fooling, model, of)


@misconception(of="fooling_report", caught_by="test_confidences_before_and_after")
def confidence_of_the_last_class(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """The first confidence is that of the class that is predicted after; the question asks for the
    probability of the class that was predicted before.
    """

    def of(scores: Tensor) -> Tensor:
        return scores.softmax(dim=1)[:, int(scores[1].argmax())]

    return _with_confidences(X, X_fooling, model, of)


@misconception(of="fooling_report", caught_by="test_confidences_before_and_after")
def rounded_to_two_digits(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """These numbers were rounded to two digits; the question asks for them as they are: round only
    when you print them.
    """
    right = _right_report(X, X_fooling, model)
    return {key: round(number, 2) for key, number in right.items()}


@misconception(of="fooling_report", caught_by="test_confidences_before_and_after")
def rounded_to_four_digits(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """These numbers were rounded to four digits; the question asks for them as they are: round only
    when you print them.
    """
    right = _right_report(X, X_fooling, model)
    return {key: round(number, 4) for key, number in right.items()}


@misconception(of="fooling_report", caught_by="test_confidences_before_and_after")
def confidence_of_a_clamped_image(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """The fooling image was clamped before it was given to the model; the question uses it as it
    is.
    """
    right = _right_report(X, X_fooling, model)
    clamped = _right_report(X, X_fooling.clamp(0, 1), model)
    return {**clamped, "l2": right["l2"], "linf": right["linf"]}


@misconception(of="fooling_report", caught_by="test_confidences_before_and_after")
def asked_in_training_mode(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """The model was put into training mode, where batch norm uses the statistics of the images that
    it gets; it should stay in the mode that it was in.
    """
    training = _in_training(model)
    report = _right_report(X, X_fooling, model)
    for when, image in (("before", X), ("after", X_fooling)):
        alone = _right_report(image, image, training)
        report[f"class_{when}"] = alone["class_before"]
        report[f"confidence_{when}"] = alone["confidence_before"]
    return report


@misconception(of="fooling_report", caught_by="test_classes_before_and_after")
def before_and_after_swapped(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """The predictions before and after are swapped: X is before, X_fooling after."""
    return _right_report(X_fooling, X, model)


@misconception(of="fooling_report", caught_by="test_classes_before_and_after")
def model_asked_about_one_image(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """Class and confidence after equal those before, as if X had been given to the model twice; the
    second time it should be X_fooling.
    """
    right, before = _right_report(X, X_fooling, model), _right_report(X, X, model)
    return {**before, "l2": right["l2"], "linf": right["linf"]}


@misconception(of="fooling_report", caught_by="test_classes_before_and_after")
def least_likely_class(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """These are the classes with the lowest scores; what a model predicts is the class with the
    highest.
    """
    with torch.no_grad():
        before, after = model(torch.cat([X, X_fooling])).argmin(dim=1).tolist()
    return {**_right_report(X, X_fooling, model), "class_before": before, "class_after": after}


def _with_sizes(X: Tensor, X_fooling: Tensor, model: nn.Module, **sizes: Tensor) -> Report:
    right = _right_report(X, X_fooling, model)
    return {**right, **{key: size.item() for key, size in sizes.items()}}


@misconception(of="fooling_report", caught_by="test_l2_size_of_the_change")
def l2_squared(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """This l2 is the sum of the squares; its square root is missing."""
    return _with_sizes(X, X_fooling, model, l2=(X_fooling - X).square().sum())


@misconception(of="fooling_report", caught_by="test_l2_size_of_the_change")
def l2_of_the_mean_square(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """This l2 is the root of the mean square; the L2 norm is the root of the sum of the squares."""
    return _with_sizes(X, X_fooling, model, l2=(X_fooling - X).square().mean().sqrt())


@misconception(of="fooling_report", caught_by="test_l2_size_of_the_change")
def l2_is_mean_square(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """This l2 is the mean of the squares; the L2 norm is the square root of their sum."""
    return _with_sizes(X, X_fooling, model, l2=(X_fooling - X).square().mean())


@misconception(of="fooling_report", caught_by="test_l2_size_of_the_change")
def l2_is_sum_of_sizes(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """This l2 is the sum of the absolute changes, which is the L1 norm; the L2 norm is the square
    root of the sum of their squares.
    """
    return _with_sizes(X, X_fooling, model, l2=(X_fooling - X).abs().sum())


@misconception(of="fooling_report", caught_by="test_l2_size_of_the_change")
def l2_relative_to_image(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """This l2 was divided by the norm of the image; the question asks for the norm of the change
    itself.
    """
    return _with_sizes(X, X_fooling, model, l2=(X_fooling - X).norm() / X.norm())


@misconception(of="fooling_report", caught_by="test_l2_size_of_the_change")
def l2_is_difference_of_norms(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """This l2 is the norm of one image minus that of the other; the question asks for the norm of
    their difference.
    """
    return _with_sizes(X, X_fooling, model, l2=(X_fooling.norm() - X.norm()).abs())


@misconception(of="fooling_report", caught_by="test_linf_size_of_the_change")
def linf_without_absolute_value(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """This linf is the largest increase of a pixel; one that got darker counts as well, by the
    absolute value of its change.
    """
    return _with_sizes(X, X_fooling, model, linf=(X_fooling - X).max())


@misconception(of="fooling_report", caught_by="test_linf_size_of_the_change")
def linf_of_darker_pixels(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """This linf is the largest decrease of a pixel; one that got brighter counts as well, by the
    absolute value of its change.
    """
    return _with_sizes(X, X_fooling, model, linf=(X - X_fooling).max())


@misconception(of="fooling_report", caught_by="test_linf_size_of_the_change")
def linf_is_range(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """This linf is the distance from the lowest to the highest change; the question asks for the
    largest absolute one.
    """
    change = X_fooling - X
    return _with_sizes(X, X_fooling, model, linf=change.max() - change.min())


@misconception(of="fooling_report", caught_by="test_linf_size_of_the_change")
def linf_is_mean(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """This linf is the mean of the absolute changes; the question asks for the largest."""
    return _with_sizes(X, X_fooling, model, linf=(X_fooling - X).abs().mean())


@misconception(of="fooling_report", caught_by="test_linf_size_of_the_change")
def linf_summed_over_channels(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """This linf adds up the changes of a pixel's three channels; the question takes the largest of
    all the numbers.
    """
    pixels = (X_fooling - X).abs().sum(dim=1)
    return _with_sizes(X, X_fooling, model, linf=pixels.max())


@misconception(of="fooling_report", caught_by="test_linf_size_of_the_change")
def linf_is_difference_of_maxima(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """This linf is the largest value of one image minus that of the other; the question asks for
    the largest value of their difference.
    """
    return _with_sizes(X, X_fooling, model, linf=(X_fooling.max() - X.max()).abs())


@misconception(of="fooling_report", caught_by="test_linf_size_of_the_change")
def linf_of_rows(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """This linf is a norm of matrices, the largest sum over a row of pixels; the question asks for
    the largest absolute change of a single one.
    """
    rows = torch.linalg.matrix_norm(X_fooling - X, ord=torch.inf)
    return _with_sizes(X, X_fooling, model, linf=rows.max())


@misconception(of="fooling_report", caught_by="test_l2_size_of_the_change")
def sizes_swapped(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """The two sizes are swapped: l2 is the root of the sum of squares, linf the largest change."""
    change = X_fooling - X
    return _with_sizes(X, X_fooling, model, l2=change.abs().max(), linf=change.norm())


@misconception(of="fooling_report", caught_by="test_l2_size_of_the_change")
def sizes_in_255ths(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """The sizes were multiplied by 255; the question asks for them in the units of the pixels,
    which run from 0 to 1.
    """
    change = 255 * (X_fooling - X)
    return _with_sizes(X, X_fooling, model, l2=change.norm(), linf=change.abs().max())


@misconception(of="fooling_report", caught_by="test_l2_size_of_the_change")
def l2_of_clamped_image(X: Tensor, X_fooling: Tensor, model: nn.Module) -> Report:
    """The fooling image was clamped before its difference was taken; the question measures it as it
    is.
    """
    change = X_fooling.clamp(0, 1) - X
    return _with_sizes(X, X_fooling, model, l2=change.norm(), linf=change.abs().max())
