"""Visible checks of the assignment `class_visualization`.

What is expected of a step comes from central differences on a tiny network. What is expected of
the loop is worked out beside it, from what a known step got to see.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from course_lib.ascent import gaussian_blur
from course_lib.gradients import numeric_gradient
from course_lib.visible_checks.core import Question, visible_check

__all__ = [
    "check_class_visualization_update_step",
    "check_create_class_visualization",
    "check_momentum_update_step",
]

CLASSES = 4
HEIGHT, WIDTH = 5, 6  # not square, so that swapped dimensions show
TARGET = 2


@visible_check
def check_class_visualization_update_step(step: Callable[..., object]) -> None:
    """Question 1: `(img, model, target_y, l2_reg, learning_rate)`, in place on img."""
    question = Question("class_visualization_update_step", 1)
    model = _tiny_network()

    img = _image()
    step(img, model, TARGET, 0.0, 0.5)
    change = _change(question, img, "img")
    question.passed("the caller's own image changes")
    question.require_close(
        change.norm(),
        torch.tensor(0.5).double(),
        f"with learning_rate=0.5 the step has the length {change.norm():.3g}",
        "divide the gradient by its own L2 norm, over all pixels and channels",
    )
    question.passed("the step is as long as the learning rate")
    question.require_close(
        change,
        0.5 * _direction(model, 0.0),
        "the step does not lead where central differences find the steepest way up",
        "check which quantity you differentiate, by what, and the direction",
    )
    question.passed("it leads the steepest way up, to about six digits")

    img = _image()
    step(img, model, TARGET, 0.3, 0.5)
    question.require_close(
        _change(question, img, "img"),
        0.5 * _direction(model, 0.3),
        "with l2_reg=0.3 the step is not what central differences find",
        "the penalty is l2_reg times the sum of the squares, it is subtracted from the score, and "
        "it has a gradient too",
    )
    question.passed("the L2 penalty enters as it should")

    img = _image().round()  # black and white
    step(img, model, TARGET, 0.0, 0.5)
    question.require_close(
        img.detach(),
        _image().round() + 0.5 * _direction(model, 0.0, _image().round()),
        "from an image of zeros and ones the step does not lead where it should",
        "pixels may leave [0, 1] here; it is the loop of question 3 that brings them back",
    )

    expected = _image()
    for _ in range(3):
        expected = expected + 0.5 * _direction(model, 0.1, expected)
    img = _image()
    for _ in range(3):
        step(img, model, TARGET, 0.1, 0.5)
    question.require_close(
        img.detach(),
        expected,
        "three steps in a row don't lead where three single ones should",
        "nothing may be left over from one step to the next; does a gradient add up?",
    )
    question.passed("three steps in a row")

    img = _image()
    step(img, _numb_network(), TARGET, 0.0, 0.5)
    _require_finite(question, img)
    question.require(
        torch.equal(img.detach(), _image()),
        "where the gradient is zero there is no way up, but img changes",
    )
    question.passed("no step, and no NaN, where the gradient is zero")
    _require_float32(question, lambda: _image().float(), lambda *a: step(*a, TARGET, 0.1, 0.5))


@visible_check
def check_momentum_update_step(step: Callable[..., object]) -> None:
    """Question 2: `(img, velocity, model, target_y, l2_reg, learning_rate, momentum)`."""
    question = Question("momentum_update_step", 2)
    model = _tiny_network()

    img, velocity = _image(), torch.zeros_like(_image())
    step(img, velocity, model, TARGET, 0.1, 0.5, 0.9)
    direction = _direction(model, 0.1)
    question.require(
        bool(velocity.detach().any()),
        "the caller's velocity is zero after the call, as before: change its own values, not a "
        "copy's",
    )
    _require_finite(question, velocity)
    question.require_close(
        velocity.detach(),
        direction,
        "from rest, the velocity should become the gradient, divided by its norm",
        "keep the learning rate out of the velocity",
    )
    question.require_close(
        _change(question, img, "img"),
        0.5 * direction,
        "from rest, the step is not the one of question 1",
        "img += learning_rate * velocity",
    )
    question.passed("the first step, from rest, is the one of question 1")

    rolling = _velocity()
    for momentum in (0.9, 0.0):
        img, velocity = _image(), rolling.clone()
        step(img, velocity, model, TARGET, 0.1, 0.5, momentum)
        question.require_close(
            velocity.detach(),
            momentum * rolling + direction,
            f"with momentum={momentum} the new velocity is wrong",
            "it is momentum * velocity + gradient / norm, and nothing else",
        )
        question.require_close(
            _change(question, img, "img"),
            0.5 * (momentum * rolling + direction),
            f"with momentum={momentum} the image does not go where it should",
            "it moves by learning_rate times the new velocity",
        )
    question.passed("a velocity that is there already carries on, as far as the momentum says")

    img, velocity = _image(), torch.zeros_like(_image())
    expected, expected_velocity = img.clone(), velocity.clone()
    for _ in range(2):
        expected_velocity = 0.9 * expected_velocity + _direction(model, 0.1, expected)
        expected = expected + 0.5 * expected_velocity
        step(img, velocity, model, TARGET, 0.1, 0.5, 0.9)
    question.require_close(
        img.detach(),
        expected,
        "two steps in a row don't lead where they should",
        "besides the velocity nothing may be left over from a step; does a gradient add up?",
    )
    question.passed("two steps in a row")

    img, velocity = _image(), rolling.clone()
    step(img, velocity, _numb_network(), TARGET, 0.0, 0.5, 0.9)
    _require_finite(question, img)
    question.require_close(
        velocity.detach(),
        0.9 * rolling,
        "where the gradient is zero the velocity should be momentum * velocity",
        "the ball rolls on",
    )
    question.require_close(
        _change(question, img, "img"),
        0.45 * rolling,
        "where the gradient is zero the image should move on by learning_rate * velocity",
        "the ball rolls on",
    )
    question.passed("where the gradient is zero it rolls on, without NaN")
    _require_float32(
        question,
        lambda: _image().float(),
        lambda img, model: step(img, _velocity().float(), model, TARGET, 0.1, 0.5, 0.9),
    )


@visible_check
def check_create_class_visualization(create: Callable[..., Tensor]) -> None:
    """Question 3: `(target_y, model, *, initial, steps, ...) -> image (1, 3, H, W)`."""
    question = Question("create_class_visualization", 3)
    model, initial = _tiny_network(), _image(12, 15)

    def draw(**changed: object) -> tuple[Tensor, _KnownStep]:
        step = _KnownStep()
        given = {"steps": 3, "blur_every": 0, "max_jitter": 0, "seed": 1, **changed}
        image = create(
            TARGET, model, initial=initial, step_fn=step, l2_reg=0.2, learning_rate=0.1, **given
        )
        return question.require_tensor(image, initial.shape, torch.float64), step

    image, step = draw()
    question.require(len(step.seen) == 3, f"with steps=3, step_fn is called {len(step.seen)} times")
    question.require(
        step.given == [(TARGET, 0.2, 0.1)] * 3,
        f"with target_y={TARGET}, l2_reg=0.2 and learning_rate=0.1, step_fn gets {step.given}",
    )
    question.require(
        step.autograd_was_on,
        "step_fn is called with autograd switched off, and may need it; keep no_grad() away from it",
    )
    question.require(
        torch.equal(initial.detach(), _image(12, 15)),
        "the initial image is changed; begin with a copy of it",
    )
    question.require_close(
        step.seen[0],
        initial,
        "without jitter, the first step should get the initial image",
        "what happens to it before?",
    )
    expected = initial
    for k in range(3):
        expected = _KnownStep.result(expected, k).clamp(0, 1)
    _require_last(question, image, expected, "three steps without jitter and blur")
    question.passed("three steps, the pixels in [0, 1] after each; the initial image stays")

    expected = initial
    for k in range(5):
        expected = _KnownStep.result(expected, k).clamp(0, 1)
        expected = gaussian_blur(expected) if k in (1, 3) else expected
    image, _ = draw(steps=5, blur_every=2)
    _require_last(question, image, expected, "with steps=5 and blur_every=2, blurred after 2 and 4")
    question.passed("blurred when it is time")

    _check_jitter(question, draw, initial)
    film: list[tuple[int, Tensor]] = []
    image, _ = draw(
        steps=4,
        max_jitter=2,
        blur_every=2,
        callback=lambda k, img: film.append((int(k), img.clone())),
    )
    question.require(
        [k for k, _ in film] == [1, 2, 3, 4],
        f"the callback should be called with the steps [1, 2, 3, 4], but gets {[k for k, _ in film]}",
    )
    question.require_close(
        film[-1][1].detach(),
        image,
        "the callback's last image is not the one that is returned",
        "call it at the very end of each step",
    )
    question.passed("the callback sees every step")


def _check_jitter(question: Question, draw: Callable, initial: Tensor) -> None:
    """Moves are found again by trying all of them."""
    moves = []
    for seed in range(12):
        image, step = draw(steps=1, max_jitter=2, seed=seed)
        move = _move(initial, step.seen[0])
        question.require(
            move is not None,
            "with max_jitter=2, step_fn gets an image that is not the initial one, rolled: what "
            "leaves at one side has to come in at the other",
        )
        moves.append(move)
        _require_last(question, image, _after(step.seen[0], 0, move), f"one step, moved by {move}")
    question.require(
        all(max(abs(down), abs(right)) <= 2 for down, right in moves),
        f"with max_jitter=2, the image is moved by {max(moves, key=lambda m: max(map(abs, m)))}",
    )
    question.require(
        len({down for down, _ in moves}) > 1
        and len({right for _, right in moves}) > 1
        and any(down != right for down, right in moves),
        f"with max_jitter=2 and other seeds, the moves (rows, columns) are {moves}; rows and "
        "columns each need a random number of their own",
    )
    question.passed("jitter: rows and columns move within range, and back after the step")
    _, step = draw(steps=8, max_jitter=2)
    before, drawn = initial, set()
    for k, seen in enumerate(step.seen):
        move = _move(before, seen)
        question.require(
            move is not None,
            "a later step does not get the image that the one before left, rolled anew",
        )
        drawn.add(move)
        before = _after(seen, k, move)
    question.require(
        len(drawn) > 1, f"all of 8 steps move the image by the same {drawn}: draw new numbers each"
    )
    first, again, other = (draw(steps=6, max_jitter=2, seed=seed)[0] for seed in (5, 5, 6))
    question.require(torch.equal(first, again), "the same seed gives two different images")
    question.require(not torch.equal(first, other), "another seed gives the very same image")
    question.passed("the same seed gives the same image, another one another")


def _move(before: Tensor, after: Tensor) -> tuple[int, int] | None:
    """Rows down and columns to the right by which one is the other, rolled; found by trying."""
    for down in range(-5, 6):
        for right in range(-7, 8):
            if torch.allclose(torch.roll(before, (down, right), (2, 3)), after):
                return down, right
    return None


def _after(seen: Tensor, call: int, move: tuple[int, int]) -> Tensor:
    """What the known step and what follows it make of a moved image."""
    stepped = _KnownStep.result(seen, call).clamp(0, 1)
    return torch.roll(stepped, (-move[0], -move[1]), (2, 3))


class _KnownStep:
    """A step that changes the image in a known way, and keeps what it got."""

    def __init__(self) -> None:
        self.seen: list[Tensor] = []
        self.given: list[tuple[int, float, float]] = []
        self.autograd_was_on = True

    def __call__(
        self, img: Tensor, model: nn.Module, target_y: int, l2_reg: float, learning_rate: float
    ) -> None:
        changed = self.result(img.detach(), len(self.seen))
        self.given.append((int(target_y), float(l2_reg), float(learning_rate)))
        self.autograd_was_on &= torch.is_grad_enabled()
        self.seen.append(img.detach().clone())
        img.detach().copy_(changed)

    @staticmethod
    def result(img: Tensor, call: int) -> Tensor:
        """Another change at each place and each call, which may leave [0, 1]."""
        place = torch.arange(1, img.numel() + 1, dtype=img.dtype)
        return img + 0.5 * torch.sin((1.3 + call) * place).view_as(img)


def _tiny_network() -> nn.Sequential:
    """Smooth, so that central differences are exact."""
    layers = (
        nn.Conv2d(3, 5, 2, padding=1),
        nn.SiLU(),
        nn.Conv2d(5, 4, 2),
        nn.Tanh(),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(16, CLASSES),
    )
    model = nn.Sequential(*layers).double().eval().requires_grad_(False)
    generator = torch.Generator().manual_seed(1)
    for parameter in model.parameters():
        parameter.normal_(std=0.8, generator=generator)
    return model


def _numb_network() -> nn.Sequential:
    """It does not look at its image: all gradients are zero."""
    model = _tiny_network()
    model[0].weight.zero_()
    return model


def _image(height: int = HEIGHT, width: int = WIDTH) -> Tensor:
    generator = torch.Generator().manual_seed(2)
    return torch.rand(1, 3, height, width, generator=generator, dtype=torch.float64)


def _velocity() -> Tensor:
    return 0.1 * (_image().flip(3) - 0.5)


def _direction(model: nn.Module, l2_reg: float, at: Tensor | None = None) -> Tensor:
    """The steepest way up, of length 1, by central differences."""
    gradient = numeric_gradient(
        lambda x: model(x)[0, TARGET] - l2_reg * x.square().sum(), _image() if at is None else at
    )
    return gradient / gradient.norm()


def _change(question: Question, img: Tensor, name: str) -> Tensor:
    """What became of `_image()`, which must be something."""
    _require_finite(question, img)
    change = img.detach() - _image()
    question.require(
        bool(change.any()),
        f"the caller's {name} is the same after the call as before: change its own values, not a "
        "copy's",
    )
    return change


def _require_finite(question: Question, tensor: Tensor) -> None:
    question.require(
        bool(tensor.detach().isfinite().all()),
        "there are NaN or infinite values afterwards; look for a division by zero",
    )


def _require_float32(
    question: Question, make: Callable[[], Tensor], step: Callable[..., object]
) -> None:
    img = make()
    step(img, _tiny_network().float())
    question.require(
        img.dtype == torch.float32 and not torch.equal(img.detach(), make()),
        "a float32 image does not change",
    )
    question.passed("float32 images, too")
    if img.requires_grad:
        question.remark("img asks for gradients after the call; detach() it from what you compute")


def _require_last(question: Question, seen: Tensor, expected: Tensor, what: str) -> None:
    question.require_close(
        seen,
        expected,
        f"the last image is wrong ({what})",
        "compare the order of what you do in each step with the docstring",
    )
