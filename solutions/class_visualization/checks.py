"""What a right answer to the class visualisation assignment is.

Simonyan, Vedaldi, Zisserman: "Deep Inside Convolutional Networks: Visualising Image
Classification Models and Saliency Maps", 2013. Yosinski, Clune, Nguyen, Fuchs, Lipson:
"Understanding Neural Networks Through Deep Visualization", 2015.
"""

import functools

import torch

from autograder.checks import (
    FINITE_DIFFERENCES,
    ROOM_FOR_EPSILON,
    SINGLE,
    Mismatch,
    assert_holds,
    assert_same,
    assert_value,
    check,
    fail,
    numeric_gradient,
)

from .moves import (
    SAYS_LITTLE,
    fault_of_blur,
    fault_of_film,
    fault_of_moves,
    fault_of_path,
    fault_of_repetition,
    fault_of_return,
    fault_of_seeds,
)
from .probes import ClimbingStep, Film, KnownStep, Repeated, WithSeeds

# class_visualization_update_step(img, model, target_y, l2_reg, learning_rate), in place on img


@check("class_visualization_update_step", points=4)
def test_one_step(answer, draw):
    for frozen in (True, False):
        img, model = draw.images(1), draw.plain_network(frozen=frozen)
        _assert_step(answer, img, model, *_goal(draw))


@check("class_visualization_update_step", points=2)
def test_the_step_is_as_long_as_the_learning_rate(answer, draw):
    for learning_rate in (_rate(draw), 0.01 * _rate(draw)):
        img, model = draw.images(1, 8, 8), draw.plain_network()
        step = answer.changes.seen_as(lambda seen, img=img: _change(seen, img).norm())
        length = torch.tensor(learning_rate, dtype=torch.float64)
        arguments = (img, model, _class(draw), _l2(draw), learning_rate)
        assert_value(step, length, *arguments, rtol=ROOM_FOR_EPSILON)


@check("class_visualization_update_step", points=3)
def test_the_step_agrees_with_finite_differences(answer, draw):
    img, model = draw.images(1, 5, 6), draw.smooth_network()
    target_y, l2_reg, learning_rate = _goal(draw)
    expected = learning_rate * _numeric_direction(img, model, target_y, l2_reg)
    step = answer.changes.seen_as(lambda seen: _change(seen, img))
    arguments = (img, model, target_y, l2_reg, learning_rate)
    assert_value(step, expected, *arguments, rtol=FINITE_DIFFERENCES)


@check("class_visualization_update_step", points=3)
def test_a_strong_l2_regulariser(answer, draw):
    for strength, darker in ((1.0, 1.0), (10.0, 1.0), (1.0, 0.0)):  # the last image is black
        img, model = darker * (0.5 + draw.images(1)), draw.plain_network()
        l2_reg = strength * draw.numbers(1)[0]
        _assert_step(answer, img, model, _class(draw), l2_reg, _rate(draw))


@check("class_visualization_update_step", points=1)
def test_no_regulariser(answer, draw):
    img, model = draw.images(1), draw.plain_network()
    _assert_step(answer, img, model, _class(draw), 0.0, _rate(draw))


@check("class_visualization_update_step", points=1)
def test_images_that_are_not_square(answer, draw):
    for height, width in ((7, 12), (12, 7)):
        img, model = draw.images(1, height, width), draw.plain_network()
        _assert_step(answer, img, model, *_goal(draw))


@check("class_visualization_update_step", points=3)
def test_networks_of_several_kinds(answer, draw):
    for model in (
        draw.batch_norm_network(),
        draw.residual_network(frozen=False),
        draw.shared_relu_network(),
        draw.dropout_network(),
    ):
        _assert_step(answer, draw.images(1), model, *_goal(draw))


@check("class_visualization_update_step", points=1)
def test_classes_that_the_model_does_not_see(answer, draw):
    img, model = draw.images(1), draw.plain_network()
    least_likely = int(model(img).argmin())
    _assert_step(answer, img, model, least_likely, _l2(draw), _rate(draw))


@check("class_visualization_update_step", points=2)
def test_three_steps_in_a_row(answer, draw):
    for model in (draw.plain_network(frozen=False), draw.batch_norm_network()):
        _assert_step(answer, draw.images(1), model, *_goal(draw), times=3)


@check("class_visualization_update_step", points=1)
def test_no_step_where_the_gradient_is_zero(answer, draw):
    img, model = draw.images(1), draw.plain_network()
    goal = (_class(draw), 0.0, _rate(draw))
    _assert_a_move(answer, img, model, *goal)
    _assert_step(answer, img, _without_gradient(model), *goal)


@check("class_visualization_update_step", points=1)
def test_a_step_in_float32(answer, draw):
    img, model = draw.images(1, dtype=torch.float32), draw.plain_network(torch.float32)
    _assert_step(answer, img, model, *_goal(draw), rtol=SINGLE)


UNCHANGED = (
    "is the same after the call as before: the caller goes on with this very tensor, so its own "
    "values have to change, not those of a copy."
)


BLACK = "img is black after the call: the step is to be added to the pixels that it had."


def _assert_step(step, img, *arguments, times=1, rtol=ROOM_FOR_EPSILON):
    """Compare the change of the image after several calls; small constants beside the norm pass."""
    change = step.asked(Repeated(times)).seen_as(lambda seen: _change(seen, img))
    try:
        assert_same(change, img, *arguments, rtol=rtol)
    except Mismatch as wrong:
        _fail_if_odd(change, wrong.actual, img, *arguments)
        raise


def _assert_a_move(step, img, *arguments):
    """A step that never moves the image must not pass for one that stands still for a reason."""
    change = step.changes.seen_as(lambda seen: _change(seen, img))
    _fail_if_odd(change, change(img, *arguments), img, *arguments)


def _fail_if_odd(change, actual, img, *arguments):
    if not actual.any():
        fail(change, f"img {UNCHANGED}", actual, img, *arguments)
    if torch.equal(actual, -img.cpu()) and img.any():
        fail(change, BLACK, actual, img, *arguments)


# momentum_update_step(img, velocity, model, target_y, l2_reg, learning_rate, momentum), in place
# on img and velocity


@check("momentum_update_step", points=2)
def test_the_first_step_from_rest(answer, draw):
    for height, width in ((9, 9), (7, 12)):
        img = draw.images(1, height, width)
        _assert_momentum_step(answer, draw, img, torch.zeros_like(img))


@check("momentum_update_step", points=3)
def test_the_velocity_carries_on(answer, draw):
    for frozen in (True, False):
        model = draw.plain_network(frozen=frozen)
        _assert_momentum_step(answer, draw, draw.images(1), _velocity(draw), model)


@check("momentum_update_step", points=2)
def test_three_momentum_steps_in_a_row(answer, draw):
    for model in (draw.plain_network(frozen=False), draw.batch_norm_network()):
        _assert_momentum_step(answer, draw, draw.images(1), _velocity(draw), model, times=3)


@check("momentum_update_step", points=1)
def test_without_momentum_it_is_the_plain_step(answer, draw):
    _assert_momentum_step(answer, draw, draw.images(1), _velocity(draw), momentum=0.0)


@check("momentum_update_step", points=2)
def test_the_momentum_step_agrees_with_finite_differences(answer, draw):
    img, velocity, model = draw.images(1, 5, 6), _velocity(draw, 5, 6), draw.smooth_network()
    (target_y, l2_reg, learning_rate), momentum = _goal(draw), _momentum(draw)
    moved = momentum * velocity + _numeric_direction(img, model, target_y, l2_reg)
    expected = {"change of img": learning_rate * moved, "velocity": moved}
    step = answer.changes.seen_as(lambda seen: _change_and_velocity(seen, img))
    arguments = (img, velocity, model, target_y, l2_reg, learning_rate, momentum)
    assert_value(step, expected, *arguments, rtol=FINITE_DIFFERENCES)


@check("momentum_update_step", points=1)
def test_momentum_with_a_strong_l2_regulariser(answer, draw):
    for darker in (1.0, 0.0):  # the second image is black
        img, l2_reg = darker * (0.5 + draw.images(1)), draw.numbers(1)[0]
        _assert_momentum_step(answer, draw, img, _velocity(draw), l2_reg=l2_reg)


@check("momentum_update_step", points=1)
def test_momentum_with_networks_of_several_kinds(answer, draw):
    for model in (draw.batch_norm_network(), draw.shared_relu_network(), draw.dropout_network()):
        _assert_momentum_step(answer, draw, draw.images(1), _velocity(draw), model)


@check("momentum_update_step", points=1)
def test_momentum_carries_on_where_the_gradient_is_zero(answer, draw):
    model = _without_gradient(draw.plain_network())
    _assert_momentum_step(answer, draw, draw.images(1), _velocity(draw), model, l2_reg=0.0)


@check("momentum_update_step", points=1)
def test_a_momentum_step_in_float32(answer, draw):
    img, velocity = draw.images(1, dtype=torch.float32), _velocity(draw).float()
    model = draw.plain_network(torch.float32)
    _assert_momentum_step(answer, draw, img, velocity, model, rtol=SINGLE)


def _assert_momentum_step(
    step, draw, img, velocity, model=None, times=1, rtol=ROOM_FOR_EPSILON, **changed
):
    """Compare the change of the image and the velocity after several calls.

    Args:
        changed: l2_reg, learning_rate or momentum, where they are not to be drawn.
    """
    numbers = {
        "l2_reg": _l2(draw),
        "learning_rate": _rate(draw),
        "momentum": _momentum(draw),
        **changed,
    }
    arguments = (img, velocity, model or draw.plain_network(), _class(draw), *numbers.values())
    changes = step.asked(Repeated(times)).seen_as(lambda seen: _change_and_velocity(seen, img))
    try:
        assert_same(changes, *arguments, rtol=rtol)
    except Mismatch as wrong:
        change = wrong.actual["change of img"]
        if not change.any():
            fail(changes, f"img {UNCHANGED}", wrong.actual, *arguments)
        if torch.equal(change, -img.cpu()) and img.any():
            fail(changes, BLACK, wrong.actual, *arguments)
        if torch.equal(wrong.actual["velocity"], velocity.cpu()):
            fail(changes, f"velocity {UNCHANGED}", wrong.actual, *arguments)
        raise


# create_class_visualization(target_y, model, *, initial, steps, step_fn, l2_reg, learning_rate,
# blur_every, max_jitter, seed, callback=None): the loop


@check("create_class_visualization", points=3)
def test_as_many_steps_as_asked_for(answer, draw):
    for steps, (height, width) in ((1, (9, 9)), (5, (7, 12))):
        _assert_same_image(answer, draw, **_settings(draw, height, width, steps=steps))


@check("create_class_visualization", points=2)
def test_the_step_gets_what_it_needs(answer, draw):
    for model in (draw.plain_network(), draw.batch_norm_network()):
        settings = _settings(draw, steps=3)
        _assert_same_calls(answer, "step_fn", _class(draw), model, **settings)


@check("create_class_visualization", points=3)
def test_pixels_stay_in_range_after_each_step(answer, draw):
    settings = _settings(draw, steps=4, learning_rate=draw.numbers(1)[0])
    _assert_same_image(answer, draw, **settings)


@check("create_class_visualization", points=3)
def test_blurred_after_every_so_many_steps(answer, draw):
    for steps, blur_every in ((2, 2), (7, 3), (3, 1)):
        settings = _settings(draw, 8, 11, steps=steps, blur_every=blur_every, learning_rate=0.6)
        _assert_same_image(answer, draw, **settings)
    settings, seeds = _jittered(draw, steps=1, blur_every=1), _seeds(draw, 4)
    arguments = (_class(draw), draw.plain_network())
    _assert_no_fault_of_runs(answer, fault_of_blur, seeds, settings, *arguments)


@check("create_class_visualization", points=1)
def test_never_blurred_with_zero(answer, draw):
    _assert_same_image(answer, draw, **_settings(draw, steps=3, blur_every=0))


@check("create_class_visualization", points=3)
def test_jitter_moves_rows_and_columns_within_range(answer, draw):
    model, target_y = draw.plain_network(), _class(draw)
    for fault_of, steps, n in ((fault_of_moves, 1, 16), (fault_of_repetition, 12, 3)):
        settings, seeds = _jittered(draw, steps=steps), _seeds(draw, n)
        _assert_no_fault_of_runs(answer, fault_of, seeds, settings, target_y, model)


@check("create_class_visualization", points=3)
def test_jitter_is_undone_after_each_step(answer, draw):
    model, target_y = draw.plain_network(), _class(draw)
    for fault_of, steps, n in ((fault_of_return, 1, 8), (fault_of_path, 12, 3)):
        settings, seeds = _jittered(draw, steps=steps), _seeds(draw, n)
        _assert_no_fault_of_runs(answer, fault_of, seeds, settings, target_y, model)


@check("create_class_visualization", points=2)
def test_the_seed_decides(answer, draw):
    first, other = _seeds(draw, 2)
    seeds, settings = (first, first, other, 0, 0), _jittered(draw, steps=8)
    arguments = (_class(draw), draw.plain_network())
    _assert_no_fault_of_runs(answer, fault_of_seeds, seeds, settings, *arguments)


@check("create_class_visualization", points=2)
def test_the_callback_sees_every_step(answer, draw):
    settings = _settings(draw, steps=5, blur_every=2, learning_rate=0.5, callback=Film())
    arguments = (_class(draw), draw.plain_network())
    _assert_same_calls(answer, "callback", *arguments, **settings)
    for seed in _seeds(draw, 4):
        settings = _settings(draw, 16, 19, max_jitter=3, seed=seed, callback=Film())
        assert_holds(answer.changes, fault_of_film, *arguments, **settings)


@check("create_class_visualization", points=1)
def test_the_initial_image_stays_as_it_was(answer, draw):
    initial = answer.changes.seen_as(
        lambda seen: None if seen["value"] is None else seen["kwargs"]["initial"]
    )
    for max_jitter in (0, 2):  # a moved image is a new one, which hides the mistake
        settings = _settings(draw, max_jitter=max_jitter)
        assert_same(initial, _class(draw), draw.plain_network(), **settings)


@check("create_class_visualization", points=1)
def test_a_step_may_use_autograd_and_return_anything(answer, draw):
    for step_fn in (KnownStep(returns="nothing"), KnownStep(returns="another"), ClimbingStep()):
        _assert_same_image(answer, draw, **_settings(draw, step_fn=step_fn))


def _assert_same_image(loop, draw, **settings):
    assert_same(loop, _class(draw), draw.plain_network(), **settings)


def _assert_same_calls(loop, spy, *arguments, **settings):
    """Compare the calls of `step_fn` or `callback`."""
    record = loop.changes.seen_as(lambda seen: [dict(call) for call in seen["kwargs"][spy]])
    try:
        assert_same(record, *arguments, **settings)
    except Mismatch as wrong:
        calls, steps = wrong.actual, settings["steps"]
        if len(calls) != steps:
            sentence = f"in {steps} steps, {spy} is called {len(calls)} times."
            fail(record, sentence, calls, *arguments, **settings)
        raise


def _assert_no_fault_of_runs(loop, fault_of, seeds, settings, *arguments):
    """Judge runs with several seeds by a property that holds whatever numbers were drawn."""
    runs, judge = loop.asked(WithSeeds(seeds)), functools.partial(fault_of, settings=settings)
    assert_holds(runs, judge, *arguments, vague=SAYS_LITTLE, **settings)


# Inputs


def _goal(draw):
    """The class to draw, the weight of the L2 penalty and the learning rate."""
    return _class(draw), _l2(draw), _rate(draw)


def _class(draw):
    return int(draw.labels(1))


def _l2(draw):
    """Weak enough that neither score nor penalty alone decides the direction."""
    return 0.02 * draw.numbers(1)[0]


def _rate(draw):
    return draw.numbers(1)[0]


def _momentum(draw):
    return 0.4 * draw.numbers(1)[0]


def _velocity(draw, height=9, width=9):
    """About as long as a few steps."""
    return 0.1 * (draw.images(1, height, width) - 0.5)


def _seeds(draw, n):
    return tuple(int(1e6 * number) for number in draw.numbers(n))


def _without_gradient(model):
    """The same network with scores that do not depend on the image."""
    with torch.no_grad():
        model[1].weight.zero_()
    return model


def _settings(draw, height=9, width=9, **changed):
    """Keyword arguments of create_class_visualization; without jitter nothing is left to chance."""
    return {
        "initial": draw.images(1, height, width),
        "steps": 3,
        "step_fn": KnownStep(),
        "l2_reg": _l2(draw),
        "learning_rate": 0.1 * draw.numbers(1)[0],
        "blur_every": 100,
        "max_jitter": 0,
        "seed": _seeds(draw, 1)[0],
        **changed,
    }


def _jittered(draw, **changed):
    """The same with jitter and without a seed, which `WithSeeds` adds."""
    settings = _settings(draw, 16, 19, max_jitter=3, **changed)
    del settings["seed"]
    return settings


# Views of the changes that a step makes to its arguments


def _change(seen, img):
    """By how much the caller's image changed."""
    return seen["args"][0].detach().cpu() - img.cpu()


def _change_and_velocity(seen, img):
    return {"change of img": _change(seen, img), "velocity": seen["args"][1].detach().cpu()}


def _numeric_direction(img, model, target_y, l2_reg):
    """The gradient of the regularised score by central differences, of length 1."""
    gradient = numeric_gradient(lambda x: model(x)[0, target_y] - l2_reg * x.square().sum(), img)
    return gradient / gradient.norm()
