"""What a right answer to the class visualisation assignment is.

Simonyan, Vedaldi, Zisserman: "Deep Inside Convolutional Networks: Visualising Image
Classification Models and Saliency Maps", 2013. Yosinski, Clune, Nguyen, Fuchs, Lipson:
"Understanding Neural Networks Through Deep Visualization", 2015.
"""

import pytest
import torch

from autograder.grading.compare import SINGLE, Mismatch, assert_same, assert_value, fail
from autograder.grading.inside.stand_ins_class_visualization import (
    ClimbingStep,
    Film,
    KnownStep,
    Repeated,
    WithSeeds,
)
from autograder.grading.student import StudentFunction
from course_lib.ascent import gaussian_blur
from course_lib.gradients import numeric_gradient

# Compared is the change of the image, which leaves room for a small constant beside the norm.
ROOM_FOR_EPSILON = 1e-4
FINITE_DIFFERENCES = 1e-4  # relative error of central differences with a step of 1e-6, and room

cell, points = pytest.mark.cell, pytest.mark.points


# class_visualization_update_step(img, model, target_y, l2_reg, learning_rate), in place on img


@cell("test_class_visualization_update_step")
@points(4)
def test_one_step(student, reference, draw):
    for frozen in (True, False):
        img, model = draw.images(1), draw.plain_network(frozen=frozen)
        _assert_step(student, reference, img, model, _class(draw), _l2(draw), _rate(draw))


@cell("test_class_visualization_update_step")
@points(2)
def test_the_step_is_as_long_as_the_learning_rate(student, draw):
    for learning_rate in (_rate(draw), 0.01 * _rate(draw)):
        img, model = draw.images(1, 8, 8), draw.plain_network()
        step = student.class_visualization_update_step.changes.seen_as(
            lambda seen, before=img: _change(seen, 0, before).norm()
        )
        length = torch.tensor(learning_rate, dtype=torch.float64)
        arguments = (img, model, _class(draw), _l2(draw), learning_rate)
        assert_value(step, length, *arguments, rtol=ROOM_FOR_EPSILON)


@cell("test_class_visualization_update_step")
@points(3)
def test_the_step_agrees_with_finite_differences(student, draw):
    img, model, target_y = draw.images(1, 5, 6), draw.smooth_network(), _class(draw)
    l2_reg, learning_rate = _l2(draw), _rate(draw)
    direction = _numeric_direction(img, model, target_y, l2_reg)
    step = student.class_visualization_update_step.changes.seen_as(
        lambda seen: _change(seen, 0, img)
    )
    arguments = (img, model, target_y, l2_reg, learning_rate)
    assert_value(step, (learning_rate * direction).cpu(), *arguments, rtol=FINITE_DIFFERENCES)


@cell("test_class_visualization_update_step")
@points(3)
def test_a_strong_l2_regulariser(student, reference, draw):
    for strength, darker in ((1.0, 1.0), (10.0, 1.0), (1.0, 0.0)):  # the last image is black
        img, model = darker * (0.5 + draw.images(1)), draw.plain_network()
        l2_reg = strength * draw.numbers(1)[0]
        _assert_step(student, reference, img, model, _class(draw), l2_reg, _rate(draw))


@cell("test_class_visualization_update_step")
@points(1)
def test_no_regulariser(student, reference, draw):
    img, model = draw.images(1), draw.plain_network()
    _assert_step(student, reference, img, model, _class(draw), 0.0, _rate(draw))


@cell("test_class_visualization_update_step")
@points(1)
def test_images_that_are_not_square(student, reference, draw):
    for height, width in ((7, 12), (12, 7)):
        img, model = draw.images(1, height, width), draw.plain_network()
        _assert_step(student, reference, img, model, _class(draw), _l2(draw), _rate(draw))


@cell("test_class_visualization_update_step")
@points(3)
def test_networks_of_several_kinds(student, reference, draw):
    for model in (
        draw.batch_norm_network(),
        draw.residual_network(frozen=False),
        draw.shared_relu_network(),
        draw.dropout_network(),
    ):
        _assert_step(
            student, reference, draw.images(1), model, _class(draw), _l2(draw), _rate(draw)
        )


@cell("test_class_visualization_update_step")
@points(1)
def test_classes_that_the_model_does_not_see(student, reference, draw):
    img, model = draw.images(1), draw.plain_network()
    least_likely = int(model(img).argmin())
    _assert_step(student, reference, img, model, least_likely, _l2(draw), _rate(draw))


@cell("test_class_visualization_update_step")
@points(2)
def test_three_steps_in_a_row(student, reference, draw):
    for model in (draw.plain_network(frozen=False), draw.batch_norm_network()):
        arguments = (draw.images(1), model, _class(draw), _l2(draw), _rate(draw))
        _assert_step(student, reference, *arguments, probe=Repeated(3))


@cell("test_class_visualization_update_step")
@points(1)
def test_no_step_where_the_gradient_is_zero(student, reference, draw):
    img, model, rest = draw.images(1), draw.plain_network(), (_class(draw), 0.0, _rate(draw))
    _assert_a_move(student.class_visualization_update_step, img, model, *rest)
    _assert_step(student, reference, img, _numb(model), *rest)


@cell("test_class_visualization_update_step")
@points(1)
def test_a_step_in_float32(student, reference, draw):
    img, model = draw.images(1, dtype=torch.float32), draw.plain_network(torch.float32)
    arguments = (img, model, _class(draw), _l2(draw), _rate(draw))
    _assert_step(student, reference, *arguments, rtol=SINGLE)


# momentum_update_step(img, velocity, model, target_y, l2_reg, learning_rate, momentum), in place
# on img and velocity


@cell("test_momentum_update_step")
@points(2)
def test_the_first_step_from_rest(student, reference, draw):
    for height, width in ((9, 9), (7, 12)):
        img = draw.images(1, height, width)
        _assert_momentum_step(student, reference, img, torch.zeros_like(img), draw)


@cell("test_momentum_update_step")
@points(3)
def test_the_velocity_carries_on(student, reference, draw):
    for frozen in (True, False):
        model = draw.plain_network(frozen=frozen)
        _assert_momentum_step(student, reference, draw.images(1), _velocity(draw), draw, model)


@cell("test_momentum_update_step")
@points(2)
def test_three_momentum_steps_in_a_row(student, reference, draw):
    for model in (draw.plain_network(frozen=False), draw.batch_norm_network()):
        arguments = (student, reference, draw.images(1), _velocity(draw), draw, model)
        _assert_momentum_step(*arguments, probe=Repeated(3))


@cell("test_momentum_update_step")
@points(1)
def test_without_momentum_it_is_the_plain_step(student, reference, draw):
    _assert_momentum_step(student, reference, draw.images(1), _velocity(draw), draw, momentum=0.0)


@cell("test_momentum_update_step")
@points(2)
def test_the_momentum_step_agrees_with_finite_differences(student, draw):
    img, velocity, model = draw.images(1, 5, 6), _velocity(draw, 5, 6), draw.smooth_network()
    target_y, l2_reg, learning_rate, momentum = (
        _class(draw),
        _l2(draw),
        _rate(draw),
        _momentum(draw),
    )
    direction = _numeric_direction(img, model, target_y, l2_reg)
    moved = momentum * velocity + direction
    expected = {"change of img": (learning_rate * moved).cpu(), "velocity": moved.cpu()}
    step = student.momentum_update_step.changes.seen_as(lambda seen: _both(seen, img))
    arguments = (img, velocity, model, target_y, l2_reg, learning_rate, momentum)
    assert_value(step, expected, *arguments, rtol=FINITE_DIFFERENCES)


@cell("test_momentum_update_step")
@points(1)
def test_momentum_with_a_strong_l2_regulariser(student, reference, draw):
    for darker in (1.0, 0.0):  # the second image is black
        img, l2_reg = darker * (0.5 + draw.images(1)), draw.numbers(1)[0]
        _assert_momentum_step(student, reference, img, _velocity(draw), draw, l2_reg=l2_reg)


@cell("test_momentum_update_step")
@points(1)
def test_momentum_with_networks_of_several_kinds(student, reference, draw):
    for model in (draw.batch_norm_network(), draw.shared_relu_network(), draw.dropout_network()):
        _assert_momentum_step(student, reference, draw.images(1), _velocity(draw), draw, model)


@cell("test_momentum_update_step")
@points(1)
def test_momentum_carries_on_where_the_gradient_is_zero(student, reference, draw):
    model = _numb(draw.plain_network())
    arguments = (student, reference, draw.images(1), _velocity(draw), draw, model)
    _assert_momentum_step(*arguments, l2_reg=0.0)


@cell("test_momentum_update_step")
@points(1)
def test_a_momentum_step_in_float32(student, reference, draw):
    img, velocity = draw.images(1, dtype=torch.float32), _velocity(draw).float()
    model = draw.plain_network(torch.float32)
    _assert_momentum_step(student, reference, img, velocity, draw, model, rtol=SINGLE)


# create_class_visualization(target_y, model, *, initial, steps, step_fn, l2_reg, learning_rate,
# blur_every, max_jitter, seed, callback=None): the loop


@cell("test_create_class_visualization")
@points(3)
def test_as_many_steps_as_asked_for(student, reference, draw):
    for steps, (height, width) in ((1, (9, 9)), (5, (7, 12))):
        settings = _settings(draw, height, width, steps=steps)
        _assert_same_image(student, reference, draw, **settings)


@cell("test_create_class_visualization")
@points(2)
def test_the_step_gets_what_it_needs(student, reference, draw):
    loop = student.create_class_visualization.changes.seen_as(
        lambda seen: [dict(call) for call in seen["kwargs"]["step_fn"]]
    )
    for model in (draw.plain_network(), draw.batch_norm_network()):
        settings = _settings(draw, steps=3)
        _assert_same_calls("step_fn", loop, reference, _class(draw), model, **settings)


@cell("test_create_class_visualization")
@points(3)
def test_pixels_stay_in_range_after_each_step(student, reference, draw):
    settings = _settings(draw, steps=4, learning_rate=draw.numbers(1)[0])
    _assert_same_image(student, reference, draw, **settings)


@cell("test_create_class_visualization")
@points(3)
def test_blurred_after_every_so_many_steps(student, reference, draw):
    for steps, blur_every in ((2, 2), (7, 3), (3, 1)):
        settings = _settings(draw, 8, 11, steps=steps, blur_every=blur_every, learning_rate=0.6)
        _assert_same_image(student, reference, draw, **settings)
    settings = _settings(draw, 16, 19, steps=1, blur_every=1, max_jitter=3)
    del settings["seed"]
    loop = _ask(student.create_class_visualization, WithSeeds(_seeds(draw, 4)))
    loop = loop.seen_as(lambda runs: _fault_of_blur(runs, settings))
    _assert_no_fault(loop, _class(draw), draw.plain_network(), **settings)


@cell("test_create_class_visualization")
@points(1)
def test_never_blurred_with_zero(student, reference, draw):
    _assert_same_image(student, reference, draw, **_settings(draw, steps=3, blur_every=0))


@cell("test_create_class_visualization")
@points(3)
def test_jitter_moves_rows_and_columns_within_range(student, draw):
    model, target_y = draw.plain_network(), _class(draw)
    for view, steps, seeds in ((_fault_of_moves, 1, 16), (_fault_of_repetition, 12, 3)):
        settings = _settings(draw, 16, 19, steps=steps, max_jitter=3)
        del settings["seed"]
        loop = _ask(student.create_class_visualization, WithSeeds(_seeds(draw, seeds)))
        loop = loop.seen_as(lambda runs, view=view, settings=settings: view(runs, settings))
        _assert_no_fault(loop, target_y, model, **settings)


@cell("test_create_class_visualization")
@points(3)
def test_jitter_is_undone_after_each_step(student, draw):
    model, target_y = draw.plain_network(), _class(draw)
    for view, steps, seeds in ((_fault_of_last_image, 1, 8), (_fault_of_way, 12, 3)):
        settings = _settings(draw, 16, 19, steps=steps, max_jitter=3)
        del settings["seed"]
        loop = _ask(student.create_class_visualization, WithSeeds(_seeds(draw, seeds)))
        loop = loop.seen_as(lambda runs, view=view, settings=settings: view(runs, settings))
        _assert_no_fault(loop, target_y, model, **settings)


@cell("test_create_class_visualization")
@points(2)
def test_the_seed_decides(student, draw):
    first, other = _seeds(draw, 2)
    settings = _settings(draw, 16, 19, steps=8, max_jitter=3)
    del settings["seed"]
    loop = _ask(student.create_class_visualization, WithSeeds((first, first, other, 0, 0)))
    loop = loop.seen_as(_fault_of_seeds)
    _assert_no_fault(loop, _class(draw), draw.plain_network(), **settings)


@cell("test_create_class_visualization")
@points(2)
def test_the_callback_sees_every_step(student, reference, draw):
    loop = student.create_class_visualization.changes.seen_as(
        lambda seen: [dict(call) for call in seen["kwargs"]["callback"]]
    )
    settings = _settings(draw, steps=5, blur_every=2, learning_rate=0.5, callback=Film())
    arguments = (_class(draw), draw.plain_network())
    _assert_same_calls("the callback", loop, reference, *arguments, **settings)
    loop = student.create_class_visualization.changes.seen_as(_fault_of_film)
    for seed in _seeds(draw, 4):
        settings = _settings(draw, 16, 19, max_jitter=3, seed=seed, callback=Film())
        _assert_no_fault(loop, *arguments, **settings)


@cell("test_create_class_visualization")
@points(1)
def test_the_initial_image_stays_as_it_was(student, reference, draw):
    for max_jitter in (0, 2):  # a moved image is a new one, which hides the mistake
        settings = _settings(draw, max_jitter=max_jitter)
        loop = student.create_class_visualization.changes.seen_as(
            lambda seen: None if seen["value"] is None else seen["kwargs"]["initial"]
        )
        arguments = (_class(draw), draw.plain_network())
        assert_same(loop, reference.create_class_visualization, *arguments, **settings)


@cell("test_create_class_visualization")
@points(1)
def test_a_step_may_use_autograd_and_return_anything(student, reference, draw):
    for step_fn in (KnownStep(returns="nothing"), KnownStep(returns="another"), ClimbingStep()):
        _assert_same_image(student, reference, draw, **_settings(draw, step_fn=step_fn))


# What is drawn


def _class(draw):
    return int(draw.labels(1))


def _l2(draw):
    """Weak enough that score and regulariser both have a say in where to go."""
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


def _numb(model):
    """The same network, which no longer looks at its image: all gradients are zero."""
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


# How a function is asked


def _ask(function, probe):
    return StudentFunction(function.student, function.__name__, probe)


def _change(seen, at, before):
    return seen["args"][at].detach().cpu() - before.cpu()


def _both(seen, before):
    return {"change of img": _change(seen, 0, before), "velocity": seen["args"][1].detach().cpu()}


def _assert_a_move(function, img, *rest):
    """A step that never moves the image does not stand still for a reason."""
    step = function.changes.seen_as(lambda seen: _change(seen, 0, img))
    change = step(img, *rest)
    if isinstance(change, torch.Tensor) and not change.any():
        fail(step, f"img {UNCHANGED}", change, img, *rest)


def _assert_step(student, reference, *arguments, rtol=ROOM_FOR_EPSILON, probe=None):
    function = student.class_visualization_update_step
    function = _ask(function, probe) if probe else function.changes
    step = function.seen_as(lambda seen: _change(seen, 0, arguments[0]))
    try:
        assert_same(step, reference.class_visualization_update_step, *arguments, rtol=rtol)
    except Mismatch as wrong:
        if isinstance(wrong.actual, torch.Tensor) and not wrong.actual.any():
            fail(step, f"img {UNCHANGED}", wrong.actual, *arguments)
        raise


def _assert_momentum_step(
    student,
    reference,
    img,
    velocity,
    draw,
    model=None,
    probe=None,
    rtol=ROOM_FOR_EPSILON,
    **changed,
):
    given = {
        "l2_reg": _l2(draw),
        "learning_rate": _rate(draw),
        "momentum": _momentum(draw),
        **changed,
    }
    arguments = (img, velocity, model or draw.plain_network(), _class(draw), *given.values())
    function = student.momentum_update_step
    function = _ask(function, probe) if probe else function.changes
    step = function.seen_as(lambda seen: _both(seen, img))
    try:
        assert_same(step, reference.momentum_update_step, *arguments, rtol=rtol)
    except Mismatch as wrong:
        if not wrong.actual["change of img"].any():
            fail(step, f"img {UNCHANGED}", wrong.actual, *arguments)
        if torch.equal(wrong.actual["velocity"], velocity.cpu()):
            fail(step, f"velocity {UNCHANGED}", wrong.actual, *arguments)
        raise


UNCHANGED = (
    "is the same after the call as before: the caller goes on with this very tensor, so its own "
    "values have to change, not those of a copy."
)


def _assert_same_image(student, reference, draw, **settings):
    arguments = (_class(draw), draw.plain_network())
    assert_same(
        student.create_class_visualization,
        reference.create_class_visualization,
        *arguments,
        **settings,
    )


def _assert_same_calls(callee, loop, reference, *arguments, **settings):
    """The view of the answer is a list of the calls of a stand-in."""
    try:
        assert_same(loop, reference.create_class_visualization, *arguments, **settings)
    except Mismatch as wrong:
        calls, steps = wrong.actual, settings["steps"]
        if isinstance(calls, list) and len(calls) != steps:
            sentence = f"in {steps} steps, {callee} is called {len(calls)} times."
            fail(loop, sentence, calls, *arguments, **settings)
        raise


def _assert_no_fault(loop, *arguments, **settings):
    """For what is left to chance: the view of the answer is a sentence, empty if all is well."""
    fault = loop(*arguments, **settings)
    if fault:
        told = None if fault in SAYS_LITTLE else fault  # None: no misconception is named for it
        fail(loop, fault, told, *arguments, **settings)


def _numeric_direction(img, model, target_y, l2_reg):
    """The regularised score's gradient by central differences, of length 1."""
    with torch.no_grad():
        gradient = numeric_gradient(
            lambda x: model(x)[0, target_y] - l2_reg * (x * x).sum(), img
        ).to(img)
    return gradient / gradient.norm()


# What can be wrong with the jitter, whatever numbers were drawn

NO_IMAGE = "what it returns is not a tensor."
NO_CALL = "step_fn is not called as often as there are steps."
NO_MOVE = "what step_fn gets is never moved, although max_jitter is not 0."
NOT_MOVED_ROUND = (
    "what step_fn gets is not the last image with its rows and columns moved round: what leaves "
    "at one side has to come in at the other."
)
TOO_FAR = "what step_fn gets is moved by more than max_jitter pixels."
NO_ROWS = "what step_fn gets is moved to the left or right only, never up or down."
NO_COLUMNS = "what step_fn gets is moved up or down only, never to the left or right."
DIAGONAL = "rows and columns always move by the same number of pixels: draw one number for each."
REPEATED = "each step moves the image by the same number of pixels: draw new ones for each step."
ROWS_REPEATED = (
    "each step moves the rows by the same number of pixels: draw a new one for each step, as you "
    "do for the columns."
)
COLUMNS_REPEATED = (
    "each step moves the columns by the same number of pixels: draw a new one for each step, as "
    "you do for the rows."
)
ONLY_AT_FIRST = "only the first step moves the image: draw new numbers for each step."
NOT_CARRIED_ON = "a later step does not get the image that the step before left, moved round."
WANDERS = "from step to step the image moves further away: move it back after each step."
NOT_BACK = "the image is not moved back after the step."
MOVED_ON = "after the step the image is moved on, in the same direction again, not back."
BACK_ELSEWHERE = "after the step the image is moved, but not back to where it was."
NOT_STEPPED = "what step_fn made of the image is lost."
OTHER_IMAGE = "the image returned is not what step_fn made of the moved image, moved back."
BLURRED_FIRST = "the image is blurred before it is moved back: move it back first."
FILMED_FIRST = "the callback gets the image before it is moved back."
SEED_IGNORED = "two calls with the same seed give different images."
SEED_0_IGNORED = "two calls with the seed 0 give different images: it is a seed like any other."
SEED_FIXED = "two calls with different seeds give the same image: what is drawn ignores the seed."

# Many mistakes come to these: whoever makes one of them need not make another.
SAYS_LITTLE = (NO_IMAGE, NO_CALL, NOT_CARRIED_ON, OTHER_IMAGE)


def _fault_of_moves(runs, settings):
    """Of runs of one step: are there moves, on both axes, and none too far?"""
    if any(len(run["steps"]) != 1 for run in runs):
        return NO_CALL
    before, reach = settings["initial"].cpu(), settings["max_jitter"]
    moves = [_move(before, run["steps"][0]["img"]) for run in runs]
    if None in moves:
        return NOT_MOVED_ROUND
    if any(max(abs(down), abs(right)) > reach for down, right in moves):
        return TOO_FAR
    if len(set(moves)) == 1 and moves[0] != (0, 0):
        return ""  # a question of the seed, which another check asks
    downs, rights = [{move[axis] for move in moves} for axis in (0, 1)]
    if downs == {0}:
        return NO_MOVE if rights == {0} else NO_ROWS
    if rights == {0}:
        return NO_COLUMNS
    diagonal = any(all(down == sign * right for down, right in moves) for sign in (1, -1))
    return DIAGONAL if diagonal else ""


def _fault_of_repetition(runs, settings):
    """Of runs of several steps: is each move drawn anew, moved back after the step or not?"""
    before, first_moves, differences = settings["initial"].cpu(), set(), []
    for run in runs:
        seen = [call["img"] for call in run["steps"]]
        if len(seen) != settings["steps"]:
            return NO_CALL
        left = [_stepped(img, k, settings) for k, img in enumerate(seen)]
        between = [_move(one, other) for one, other in zip(left, seen[1:])]
        if None in between:
            return NOT_CARRIED_ON
        first_moves.add(_move(before, seen[0]))
        differences.append(between)
    if first_moves == {(0, 0)} and _varied(differences) == []:
        return NO_MOVE
    # The first difference has a part of the first move, which may be the only one.
    varied = _varied(between[1:] for between in differences)
    if varied == [] and _varied(differences):
        return ONLY_AT_FIRST
    never = [axis for axis in (0, 1) if {move[axis] for move in first_moves} == {0}]
    return {
        (0, 1): "",
        (0,): NO_COLUMNS if 1 in never else COLUMNS_REPEATED,
        (1,): NO_ROWS if 0 in never else ROWS_REPEATED,
        (): REPEATED,
    }[tuple(varied)]


def _varied(differences):
    """The axes on which, in one run or another, the moves between the steps are not all alike."""
    runs = list(differences)
    return [axis for axis in (0, 1) if any(len({move[axis] for move in run}) > 1 for run in runs)]


def _fault_of_last_image(runs, settings):
    """Of runs of one step: is the image moved back by what it was moved by?"""
    before = settings["initial"].cpu()
    for run in runs:
        if len(run["steps"]) != 1:
            return NO_CALL
        img, value = run["steps"][0]["img"], run["value"]
        if not isinstance(value, torch.Tensor):
            return NO_IMAGE
        move = _move(before, img)
        if move is None:
            return NOT_MOVED_ROUND
        right = torch.roll(_stepped(img, 0, settings), (-move[0], -move[1]), dims=(2, 3))
        off = _move(right, value)
        if off is None:
            return NOT_STEPPED if _move(before, value) is not None else OTHER_IMAGE
        if off != (0, 0):
            return {
                move: NOT_BACK,
                _centred(2 * move[0], 2 * move[1], before): MOVED_ON,
            }.get(off, BACK_ELSEWHERE)
    return ""


def _fault_of_way(runs, settings):
    """Of runs of several steps: does each begin where the one before ended, but for a move?"""
    before, reach = settings["initial"].cpu(), settings["max_jitter"]
    within_reach, far = True, False
    for run in runs:
        if len(run["steps"]) != settings["steps"]:
            return NO_CALL
        if not isinstance(run["value"], torch.Tensor):
            return NO_IMAGE
        img = before
        for k, call in enumerate(run["steps"]):
            move = _move(img, call["img"])
            if move is None:
                return NOT_CARRIED_ON
            if max(map(abs, move)) > reach:
                within_reach, far = within_reach and k > 0, True
            img = torch.roll(_stepped(call["img"], k, settings), (-move[0], -move[1]), dims=(2, 3))
        off = _move(img, run["value"])
        if off != (0, 0):
            return OTHER_IMAGE if off is None else NOT_BACK
    # Moves that are too far from the first step on are a question of the range: another check's.
    return WANDERS if far and within_reach else ""


def _fault_of_blur(runs, settings):
    """Of runs of one step with a blur: is it done too early? All else is up to other checks."""
    before = settings["initial"].cpu()
    for run in runs:
        if len(run["steps"]) != 1 or not isinstance(run["value"], torch.Tensor):
            continue
        move = _move(before, run["steps"][0]["img"])
        if move in (None, (0, 0)):
            continue
        blurred = gaussian_blur(_stepped(run["steps"][0]["img"], 0, settings))
        if _move(blurred, run["value"]) == (-move[0], -move[1]):
            return BLURRED_FIRST
    return ""


def _fault_of_film(seen):
    """Is what the callback saw last the image that is returned, but moved?"""
    film, value = seen["kwargs"]["callback"], seen["value"]
    if not film or not isinstance(value, torch.Tensor):
        return ""
    return "" if _move(film[-1]["image"], value) in (None, (0, 0)) else FILMED_FIRST


def _fault_of_seeds(runs):
    values = [run["value"] for run in runs]
    if not all(isinstance(value, torch.Tensor) for value in values):
        return NO_IMAGE
    first, again, other, zero, zero_again = values
    if not torch.allclose(first, again):
        return SEED_IGNORED
    if not torch.allclose(zero, zero_again):
        return SEED_0_IGNORED
    return SEED_FIXED if torch.allclose(first, other) else ""


def _stepped(img, call, settings):
    """What KnownStep and the clamp after it make of an image."""
    return KnownStep.result(img, call, settings["l2_reg"], settings["learning_rate"]).clamp(0, 1)


def _move(before, after):
    """(down, right) by which `after` is `before`, moved round; None if it is something else."""
    if after.shape != before.shape:
        return None
    before, after = before.double(), after.detach().double()
    corner = after[0, :, :1, :1]
    # The pixel in the corner came from somewhere: few places, mostly one, are left to be tried.
    for row, column in ((before[0] - corner).abs().amax(dim=0) < 1e-6).nonzero().tolist():
        moved = torch.roll(before, (-row, -column), dims=(2, 3))
        if torch.allclose(moved, after, rtol=0, atol=1e-6):
            return _centred(-row, -column, before)
    return None


def _centred(down, right, img):
    """The same move with numbers that are small and of both signs."""
    height, width = img.shape[2:]
    return (down + height // 2) % height - height // 2, (right + width // 2) % width - width // 2
