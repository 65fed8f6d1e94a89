"""Visible checks of the assignment `class_visualization`.

The expected steps come from central differences on a tiny network. The expected images of the loop
are computed from the calls that it makes of a known step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import torch
from torch import Tensor, nn

from course_lib.ascent import gaussian_blur
from course_lib.gradients import numeric_gradient
from course_lib.visible_checks.core import CheckFailed, Mistake, Question, visible_check
from course_lib.visible_checks.quantities import wrong_quantities

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
    img = _image()
    step(img, model, TARGET, 0.0, 0.3)
    length = _change(question, img, "img").norm()
    question.require_close(
        length,
        torch.tensor(0.3).double(),
        f"with learning_rate=0.3 the step has the length {length:.3g}",
        "divide the gradient by its own L2 norm, over all pixels and channels",
        [
            ("the learning rate seems to be missing", partial(torch.tensor, 1.0)),
            ("it looks as if the step is taken twice", partial(torch.tensor, 0.6)),
        ],
    )
    question.passed("the length of the step is the learning rate")
    question.require_close(
        change,
        0.5 * _direction(model, 0.0),
        "the step does not point along the gradient that central differences give",
        "check which quantity you differentiate, with respect to what, and the direction",
        _mistaken_steps(model, 0.5),
    )
    question.passed("it points along the gradient, to about six digits")

    img = _image()
    step(img, model, TARGET, 0.3, 0.5)
    question.require_close(
        _change(question, img, "img"),
        0.5 * _direction(model, 0.3),
        "with l2_reg=0.3 the step differs from central differences",
        "the penalty, l2_reg times the sum of squares, is subtracted from the score, and it has a "
        "gradient too",
        _mistaken_penalties(model, 0.5, 0.3),
    )
    question.passed("the L2 penalty is right")

    img = _image().round()  # black and white
    step(img, model, TARGET, 0.0, 0.5)
    question.require_close(
        img.detach(),
        _image().round() + 0.5 * _direction(model, 0.0, _image().round()),
        "from an image of zeros and ones the step is wrong",
        "pixels may leave [0, 1] here; the loop of question 3 clamps them",
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
        "three steps in a row differ from three single ones",
        "nothing may remain from one step to the next; does a gradient add up?",
    )
    question.passed("three steps in a row")

    img = _image()
    step(img, _constant_network(), TARGET, 0.0, 0.5)
    _require_finite(question, img)
    question.require(
        torch.equal(img.detach(), _image()),
        "where the gradient is zero img should not change, but it does",
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
        "check the gradient, its direction and its norm",
        [
            (
                "it is (1 - momentum) times as long; add the new direction in full",
                lambda: (1 - 0.9) * direction,
            ),
            (
                "it is learning_rate times as long; the learning rate belongs to the change of the "
                "image",
                lambda: 0.5 * direction,
            ),
            (
                "it is momentum times as long; the momentum belongs to the old velocity only",
                lambda: 0.9 * direction,
            ),
            ("it is the gradient itself; divide by its norm", lambda: _gradient(model, 0.1)),
            *_mistaken_steps(model, 1.0, 0.1),
        ],
    )
    question.require(
        not torch.equal(img.detach(), _image()),
        "the caller's img is the same after the call as before: add learning_rate times the new "
        "velocity to its own values",
    )
    question.require_close(
        _change(question, img, "img"),
        0.5 * direction,
        "from rest, the step is not the one of question 1",
        "the image changes by learning_rate times the new velocity",
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
            f"with momentum={momentum} the step is wrong",
            "the image changes by learning_rate times the new velocity",
        )
    question.passed("an earlier velocity is kept, times the momentum")

    img, velocity = _image(), torch.zeros_like(_image())
    expected, expected_velocity = img.clone(), velocity.clone()
    for _ in range(2):
        expected_velocity = 0.9 * expected_velocity + _direction(model, 0.1, expected)
        expected = expected + 0.5 * expected_velocity
        step(img, velocity, model, TARGET, 0.1, 0.5, 0.9)
    question.require_close(
        img.detach(),
        expected,
        "two steps in a row differ from two single ones",
        "nothing but the velocity may remain from one step to the next; does a gradient add up?",
    )
    question.passed("two steps in a row")

    img, velocity = _image(), rolling.clone()
    step(img, velocity, _constant_network(), TARGET, 0.0, 0.5, 0.9)
    _require_finite(question, img)
    question.require_close(
        velocity.detach(),
        0.9 * rolling,
        "where the gradient is zero the velocity should be momentum * velocity",
        "do not divide by a norm of zero",
    )
    question.require_close(
        _change(question, img, "img"),
        0.45 * rolling,
        "where the gradient is zero the image should still change by learning_rate * velocity",
        "do not return before the image is updated",
    )
    question.passed("where the gradient is zero the velocity carries the image on, without NaN")
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
        "step_fn is called with autograd switched off, but may need it; call it outside no_grad()",
    )
    question.require(
        torch.equal(initial.detach(), _image(12, 15)),
        "the initial image is changed; start with a copy of it",
    )
    question.require(
        bool((image >= 0).all() and (image <= 1).all()),
        f"pixels should stay in [0, 1], but in the last image they run from {image.min():.2g} to "
        f"{image.max():.2g}; clamp them to [0, 1] in each step, after step_fn",
    )
    question.require_close(
        step.seen[0],
        initial,
        "without jitter, the first step should get the initial image",
        "nothing may change it before the first step",
    )
    _require_last(
        question,
        image,
        _last(initial, [_clamp] * 3),
        "three steps without jitter and blur",
        [
            (
                "it looks clamped after the last step only; clamp after each",
                lambda: _last(initial, [_unchanged, _unchanged, _clamp]),
            ),
            ("it is the initial image; go on with the tensor that step_fn changes", initial.clone),
            (
                "it is blurred; blur_every=0 means never",
                lambda: _last(initial, [_clamp_and_blur] * 3),
            ),
        ],
    )
    question.passed("three steps, pixels in [0, 1] after each; the initial image is not changed")

    def blurred(at: Sequence[int], blur: Callable[[Tensor], Tensor] = _clamp_and_blur) -> Tensor:
        return _last(initial, [blur if k in at else _clamp for k in range(1, 6)])

    image, _ = draw(steps=5, blur_every=2)
    _require_last(
        question,
        image,
        blurred(at=(2, 4)),
        "with steps=5 and blur_every=2, blurred after the steps 2 and 4",
        [
            ("it is never blurred", lambda: blurred(at=())),
            ("it is blurred after each step", lambda: blurred(at=range(1, 6))),
            (
                "it is blurred after the steps 1, 3 and 5; steps are counted from 1",
                lambda: blurred(at=(1, 3, 5)),
            ),
            (
                "it is blurred before it is clamped; clamp before the blur",
                lambda: blurred((2, 4), lambda img: gaussian_blur(img).clamp(0, 1)),
            ),
        ],
    )
    question.passed("blurred after every blur_every-th step")

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
        f"the callback should get the steps [1, 2, 3, 4], but gets {[k for k, _ in film]}",
    )
    question.require_close(
        film[-1][1].detach(),
        image,
        "the callback's last image is not the one that is returned",
        "call it at the very end of each step",
    )
    question.passed("the callback gets every step")


def _check_jitter(question: Question, draw: Callable, initial: Tensor) -> None:
    """Check the moves, which are found by trying all of them."""
    moves: list[tuple[int, int]] = []
    results: list[tuple[Tensor, Tensor]] = []  # the last image, and what step_fn got
    for seed in range(12):
        image, step = draw(steps=1, max_jitter=2, seed=seed)
        move = _move(initial, step.seen[0])
        if move is None:
            raise CheckFailed(
                f"{question.label}: with max_jitter=2, step_fn does not get the initial image, "
                "rolled; pixels that leave at one side have to enter at the other"
            )
        moves.append(move)
        results.append((image, step.seen[0]))
    question.require(
        all(max(abs(down), abs(right)) <= 2 for down, right in moves),
        f"with max_jitter=2, the image is moved by {max(moves, key=lambda m: max(map(abs, m)))}",
    )
    downs, rights = ({move[axis] for move in moves} for axis in (0, 1))
    question.require(
        any(map(any, moves)),
        "with max_jitter=2 the image is never moved; roll it before step_fn",
    )
    question.require(
        len(set(moves)) > 1,
        f"with max_jitter=2, {len(moves)} different seeds give the same move {moves[0]}; the seed "
        "decides what is random",
    )
    for name, numbers in (("rows", downs), ("columns", rights)):
        question.require(
            len(numbers) > 1,
            f"with max_jitter=2 and different seeds, the {name} are always moved by {min(numbers)}; "
            "draw a random number for them",
        )
    question.require(
        any(down != right for down, right in moves),
        f"with max_jitter=2 and different seeds, the moves (rows, columns) are {moves[:6]} and so "
        "on; draw one random number for the rows and another one for the columns",
    )
    # Moves by as many rows as columns come last: on them, mistakes with the axes look alike.
    for move, (image, seen) in sorted(
        zip(moves, results, strict=True), key=lambda result: abs(result[0][0]) == abs(result[0][1])
    ):
        _require_last(
            question,
            image,
            _after(seen, 0, move),
            f"one step, moved by {move} in rows and columns",
            _mistaken_ways_back(_KnownStep.result(seen, 0).clamp(0, 1), move),
        )
    question.passed("jitter: rows and columns are moved within range, and back after the step")
    _, step = draw(steps=8, max_jitter=2)
    before, drawn = initial, set()
    for k, seen in enumerate(step.seen):
        move = _move(before, seen)
        if move is None:
            raise CheckFailed(
                f"{question.label}: a later step does not get the image of the step before, rolled"
            )
        drawn.add(move)
        before = _after(seen, k, move)
    question.require(
        len(drawn) > 1,
        f"all 8 steps make the same move, {min(drawn)} in rows and columns; draw new numbers in "
        "each step",
    )
    first, again, other = (draw(steps=6, max_jitter=2, seed=seed)[0] for seed in (5, 5, 6))
    question.require(torch.equal(first, again), "the same seed gives two different images")
    question.require(not torch.equal(first, other), "another seed gives the same image")
    question.passed("the same seed gives the same image, another seed another image")


def _mistaken_ways_back(stepped: Tensor, move: tuple[int, int]) -> list[Mistake]:
    """Plausible mistakes with the image (1, 3, H, W) that is rolled back after a step."""
    down, right = move
    return [
        ("it is not rolled back after step_fn", stepped.clone),
        (
            "it is rolled on in the same direction; to roll it back, change both signs",
            partial(torch.roll, stepped, (down, right), (2, 3)),
        ),
        (
            "rows and columns are exchanged on the way back",
            partial(torch.roll, stepped, (-right, -down), (2, 3)),
        ),
    ]


def _move(before: Tensor, after: Tensor) -> tuple[int, int] | None:
    """The (rows, columns) by which one image is the other one, rolled; found by trying."""
    for down in range(-5, 6):
        for right in range(-7, 8):
            if torch.allclose(torch.roll(before, (down, right), (2, 3)), after):
                return down, right
    return None


def _after(seen: Tensor, call: int, move: tuple[int, int]) -> Tensor:
    """The image after the known step, clamping and moving back."""
    stepped = _KnownStep.result(seen, call).clamp(0, 1)
    return torch.roll(stepped, (-move[0], -move[1]), (2, 3))


class _KnownStep:
    """A spy in place of `step_fn`: it changes the image in a known way and records its calls."""

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
        """The changed image, which may leave [0, 1]: the change depends on place and call."""
        place = torch.arange(1, img.numel() + 1, dtype=img.dtype)
        return img + 0.5 * torch.sin((1.3 + call) * place).view_as(img)


def _tiny_network() -> nn.Sequential:
    """A smooth network, so that central differences are exact."""
    model = nn.Sequential(
        nn.Conv2d(3, 5, 2, padding=1),
        nn.SiLU(),
        nn.Conv2d(5, 4, 2),
        nn.Tanh(),
        nn.AdaptiveAvgPool2d(2),
        nn.Flatten(),
        nn.Linear(16, CLASSES),
    )
    model.double().eval().requires_grad_(False)
    generator = torch.Generator().manual_seed(1)
    for parameter in model.parameters():
        parameter.normal_(std=0.8, generator=generator)
    return model


def _constant_network() -> nn.Sequential:
    """A network that ignores its image: all gradients are zero."""
    model = _tiny_network()
    next(model.parameters()).zero_()  # the weight of the first layer
    return model


def _image(height: int = HEIGHT, width: int = WIDTH) -> Tensor:
    generator = torch.Generator().manual_seed(2)
    return torch.rand(1, 3, height, width, generator=generator, dtype=torch.float64)


def _velocity() -> Tensor:
    return 0.1 * (_image().flip(3) - 0.5)


def _direction(model: nn.Module, l2_reg: float, at: Tensor | None = None) -> Tensor:
    """The normalised gradient by central differences."""
    gradient = _gradient(model, l2_reg, at)
    return gradient / gradient.norm()


def _gradient(model: nn.Module, l2_reg: float, at: Tensor | None = None) -> Tensor:
    return numeric_gradient(
        lambda x: model(x)[0, TARGET] - l2_reg * x.square().sum(), _image() if at is None else at
    )


def _mistaken_steps(model: nn.Module, length: float, l2_reg: float = 0.0) -> list[Mistake]:
    """Plausible mistakes with a step from `_image()`."""

    def along(quantity: Callable[[Tensor], Tensor]) -> Tensor:
        gradient = numeric_gradient(
            lambda x: quantity(model(x)) - l2_reg * x.square().sum(), _image()
        )
        return length * gradient / gradient.norm()

    return [
        (
            "it leads downhill, away from the class; the gradient of the score is added",
            lambda: -length * _direction(model, l2_reg),
        ),
        *_mistaken_penalties(model, length, l2_reg),
        *(
            (sentence, partial(along, quantity))
            for sentence, quantity in wrong_quantities(model(_image()), TARGET)
        ),
    ]


def _mistaken_penalties(model: nn.Module, length: float, l2_reg: float) -> list[Mistake]:
    def step(wrong: float) -> Tensor:
        return length * _direction(model, wrong)

    return [
        ("the L2 penalty seems to be missing in the gradient", lambda: step(0.0)),
        ("the L2 penalty is added; subtract it from the score", lambda: step(-l2_reg)),
        (
            "the L2 penalty has half its effect; the derivative of a square has a factor 2",
            lambda: step(l2_reg / 2),
        ),
    ]


def _change(question: Question, img: Tensor, name: str) -> Tensor:
    """The change of `_image()`, which must not be zero."""
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
        "there are NaN or infinite values after the call; look for a division by zero",
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
        question.remark("img.requires_grad is set after the call; compute with img.detach()")


def _require_last(
    question: Question,
    seen: Tensor,
    expected: Tensor,
    what: str,
    mistakes: Iterable[Mistake],
) -> None:
    question.require_close(
        seen,
        expected,
        f"the last image is wrong ({what})",
        "compare what each step does, and in which order, with the docstring",
        mistakes,
    )


def _last(initial: Tensor, after: Sequence[Callable[[Tensor], Tensor]]) -> Tensor:
    """The last image of the known steps, without jitter; `after` is what follows each of them."""
    img = initial
    for k, finish in enumerate(after):
        img = finish(_KnownStep.result(img, k))
    return img


def _clamp(img: Tensor) -> Tensor:
    return img.clamp(0, 1)


def _clamp_and_blur(img: Tensor) -> Tensor:
    return gaussian_blur(img.clamp(0, 1))


def _unchanged(img: Tensor) -> Tensor:
    return img
