"""Visible checks of the assignment `style_transfer`.

Expected values are computed by hand on small features. Expected gradients come from central
differences of the same sums in plain Python, which has no gradient and so gives no answer away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain, pairwise

import torch
from torch import Tensor

from course_lib.gradients import numeric_gradient
from course_lib.visible_checks.core import Question, visible_check

__all__ = ["check_content_loss", "check_gram_matrix", "check_style_loss", "check_tv_loss"]

Answer = Callable[..., Tensor]

NO_GRADIENT = (
    "the result has no gradient, so the image can't be optimised; stay with torch from the "
    "features to the result, without item(), float(), .data, detach() or NumPy"
)


@visible_check
def check_content_loss(content_loss: Answer) -> None:
    """Question 1: `(content_weight, content_current, content_original) -> one number`."""
    question = Question("content_loss", 1)
    current = _tensor([[1.0, 2.0, 0.0]], [[-1.0, 0.0, 3.0]])  # (1, 2, 1, 3)
    original = _tensor([[0.0, 2.0, 1.0]], [[1.0, 0.0, 0.0]])

    # By hand: 1 + 0 + 1 and 4 + 0 + 9.
    loss = _number(question, content_loss(1.0, current.clone(), original.clone()))
    _require_number(
        question,
        loss,
        15,
        "six features whose differences are 1, 0, -1, -2, 0, 3",
        {
            2.5: "this is the mean of the squares; take their sum",
            7: "this is the sum of the absolute differences; square them",
            7.5: "this is half of it; there is no factor 1/2 here",
            1: "the differences are added before they are squared; square first",
        },
    )
    question.passed("six differences: right")
    loss = _number(question, content_loss(0.5, current.clone(), original.clone()))
    _require_number(question, loss, 7.5, "the same features with weight 0.5 instead of 1")
    question.passed("half the weight gives half the loss")
    for features in (current, original):  # optimisation may start at the content image
        _require_gradient(
            question,
            lambda features: content_loss(0.5, features[0], original.clone()),
            [features],
            lambda features: (
                0.5 * _squares(_differences(_numbers(features[0]), _numbers(original)))
            ),
        )
    question.passed("the gradient with respect to the features agrees with central differences")
    floats = content_loss(0.5, current.float(), original.float())
    _number(question, floats, torch.float32)
    question.passed("float32 features give a float32 number")


@visible_check
def check_gram_matrix(gram_matrix: Answer) -> None:
    """Question 2: `(features, normalize=True) -> (N, C, C)`."""
    question = Question("gram_matrix", 2)
    features = _tensor([[1.0, 2.0, 0.0]], [[-1.0, 0.0, 3.0]])
    # By hand: 1 + 4 + 0, -1 + 0 + 0 and 1 + 0 + 9.
    by_hand = torch.tensor([[[5.0, -1.0], [-1.0, 10.0]]], dtype=torch.float64)

    gram = question.require_tensor(gram_matrix(features, normalize=False), (1, 2, 2), torch.float64)
    question.passed("two feature maps of one image give one matrix of 2 x 2")
    question.require_close(
        gram,
        by_hand,
        "the matrix of the maps (1, 2, 0) and (-1, 0, 3), not normalised, is wrong",
        "its elements are 1*1 + 2*2 + 0*0, 1*(-1) + 2*0 + 0*3 and so on",
        [("it is divided by C * H * W in spite of normalize=False", lambda: by_hand / 6)],
    )
    question.passed("not normalised, it is right")
    gram = question.require_tensor(gram_matrix(features), (1, 2, 2), torch.float64)
    question.require_close(
        gram,
        by_hand / 6,
        "normalised, which is the default, the matrix is wrong",
        "divide by C * H * W, which is 2 * 1 * 3 here",
    )
    question.passed("normalised, it is divided by C * H * W")

    batch = _random(3, 4, 2, 5)
    grams = question.require_tensor(gram_matrix(batch.clone()), (3, 4, 4), torch.float64)
    for i in range(3):
        for c, row in enumerate(_gram(batch[i])):
            question.require_close(
                grams[i, c],
                grams.new_tensor(row),
                f"in a batch of three images, row {c} of matrix {i} is wrong",
                "each image has its own matrix; reshaping does not move numbers",
                [
                    (
                        "it is divided by the number of images as well; divide by C * H * W only",
                        partial(torch.mul, grams.new_tensor(row), 1 / 3),
                    )
                ],
            )
    question.passed("three images of 4 x 2 x 5 features give three matrices")
    single = question.require_tensor(gram_matrix(batch[1:2]), (1, 4, 4), torch.float64)
    question.require_close(
        single[0], grams[1], "a matrix changes with the other images", "find what mixes images"
    )
    question.passed("a matrix does not depend on the other images in the batch")
    small = batch[:2, :3]
    for normalize, divisor in ((True, 30), (False, 1)):
        _require_gradient(
            question,
            partial(_first_gram, gram_matrix, normalize),
            [small],
            partial(_sum_of_gram, divisor),
        )
    question.passed("the gradient with respect to the features agrees with central differences")
    question.require_tensor(gram_matrix(batch.float()), (3, 4, 4), torch.float32)
    question.passed("float32 features give float32 matrices")


@visible_check
def check_style_loss(style_loss: Answer) -> None:
    """Question 3: `(feats, style_layers, style_targets, style_weights) -> one number`."""
    question = Question("style_loss", 3)
    features = _tensor([[1.0, 2.0, 0.0]], [[-1.0, 0.0, 3.0]])
    zeros = torch.zeros(1, 2, 2, dtype=torch.float64)

    # By hand: the Gram matrix is (5, -1; -1, 10) / 6, and 25 + 1 + 1 + 100 = 127.
    loss = _number(question, style_loss([features.clone()], [0], [zeros], [36.0]))
    _require_number(question, loss, 127, "one layer with the target 0 and the weight 36")
    question.passed("one layer: right")

    # The Gram matrix of a single map is its mean square. Layer by layer: 4, 9, 1, 16.
    feats = [torch.full((1, 1, 2, 3), v, dtype=torch.float64) for v in (2.0, 3.0, 1.0, 4.0)]
    one, five = (torch.full((1, 1, 1), v, dtype=torch.float64) for v in (1.0, 5.0))
    for layers, by_hand, what in (
        # 2 * (4 - 1)^2 + 10 * (9 - 5)^2, and so on
        ([0, 1], 178, "the first two of four layers"),
        ([1, 2], 288, "the second and the third of four layers"),
        ([3, 0], 460, "the fourth layer and the first, in this order"),
    ):
        loss = _number(question, style_loss(_copies(feats), layers, [one, five], [2.0, 10.0]))
        _require_number(
            question,
            loss,
            by_hand,
            f"{what}, style_layers = {layers}",
            # By hand with feats[0] and feats[1], and with feats[0] and feats[3].
            dict.fromkeys(
                (178, 1228), "target and weight number i belong to feats[style_layers[i]]"
            ),
        )
        question.passed(f"{what}: right")
    weights = torch.tensor([2.0, 10.0], dtype=torch.float64)
    loss = _number(question, style_loss(_copies(feats), [3, 0], [one, five], weights))
    _require_number(question, loss, 460, "weights as a tensor instead of a list")
    question.passed("weights may be a tensor")

    feats = [_random(1, 2, 2, 3), _random(1, 3, 2, 2, seed=4), _random(1, 2, 3, 1, seed=5)]
    # Symmetric, as all Gram matrices: an answer may use half of the entries.
    target, other = (m + m.mT for m in (_random(1, 2, 2, seed=6), _random(1, 2, 2, seed=7)))
    reached = other.new_tensor([_gram(feats[0][0])])  # the second layer has reached its target
    for second in (other, reached):

        def right(features: Sequence[Tensor], second: Tensor = second) -> float:
            grams = [[*chain(*_gram(features[layer][0]))] for layer in (2, 0)]
            first_loss, second_loss = (
                _squares(_differences(gram, _numbers(wanted)))
                for gram, wanted in zip(grams, (target, second), strict=True)
            )
            return 3 * first_loss + 7 * second_loss

        def answer(features: list[Tensor], second: Tensor = second) -> Tensor:
            return style_loss(features, [2, 0], [target, second], [3.0, 7.0])

        _require_gradient(question, answer, feats, right)
    question.passed("the gradients with respect to the features agree with central differences")


@visible_check
def check_tv_loss(tv_loss: Answer) -> None:
    """Question 4: `(img, tv_weight) -> one number`."""
    question = Question("tv_loss", 4)
    red = torch.tensor([[0.0, 1.0, 3.0], [2.0, 1.0, 0.0]], dtype=torch.float64)
    img = torch.stack([red, torch.zeros_like(red), torch.zeros_like(red)])[None]  # (1, 3, 2, 3)

    # By hand: downwards 4 + 0 + 9, to the right 1 + 4 in the first row, 1 + 1 in the second.
    loss = _number(question, tv_loss(img.clone(), 1.0))
    _require_number(
        question,
        loss,
        20,
        "an image of 2 x 3 pixels, all red",
        {
            46: "the last row and column are compared with the first; they are no neighbours",
            10: "this is the sum of the absolute differences; square them",
        },
    )
    question.passed("seven pairs of neighbours: right")
    loss = _number(question, tv_loss(img.clone(), 0.5))
    _require_number(question, loss, 10, "the same image with weight 0.5 instead of 1")
    question.passed("half the weight gives half the loss")
    loss = _number(question, tv_loss(img.roll(1, dims=1), 0.5))
    _require_number(question, loss, 10, "the same image in green")
    question.passed("all channels count")
    stripes = torch.arange(4.0, dtype=torch.float64)
    for name, image, by_hand in (
        ("vertical stripes", stripes.expand(1, 3, 2, 4), 18),
        ("horizontal stripes", stripes[:, None].expand(1, 3, 4, 2), 18),
    ):
        _require_number(question, _number(question, tv_loss(image.clone(), 1.0)), by_hand, name)
    question.passed("vertical and horizontal differences both count")
    image = _random(1, 3, 3, 4)

    def right(images: Sequence[Tensor]) -> float:
        channels = images[0][0].tolist()
        lines = [line for rows in channels for line in (*rows, *zip(*rows, strict=True))]
        return 0.5 * sum(_squares(b - a for a, b in pairwise(line)) for line in lines)

    flat = torch.full_like(image, 0.5)
    for img in (image, flat):
        _require_gradient(question, lambda images: tv_loss(images[0], 0.5), [img], right)
    question.passed("the gradient with respect to the pixels agrees with central differences")
    _number(question, tv_loss(image.float(), 0.5), torch.float32)
    question.passed("float32 images give a float32 number")


def _number(question: Question, value: object, dtype: torch.dtype = torch.float64) -> float:
    """Require one number in a tensor of shape () or (1,)."""
    question.require(
        not isinstance(value, (int, float)),
        f"it returns a plain {type(value).__name__}, which has no gradient; return the tensor",
    )
    shape = (1,) if isinstance(value, Tensor) and value.shape == (1,) else ()
    return question.require_tensor(value, shape, dtype).item()


def _require_number(
    question: Question,
    seen: float,
    by_hand: float,
    what: str,
    mistakes: Mapping[float, str] | None = None,
) -> None:
    """Require a number; `mistakes` says what other ones, worked out by hand, come from."""
    hints = (hint for wrong, hint in (mistakes or {}).items() if abs(seen - wrong) <= 1e-6 * wrong)
    question.require(
        abs(seen - by_hand) <= 1e-6 * by_hand,
        "; ".join([f"{what}: should be {by_hand:g}, but is {seen:.6g}", *hints]),
    )


def _require_gradient(
    question: Question,
    answer: Callable[[list[Tensor]], Tensor],
    tensors: Sequence[Tensor],
    right: Callable[[Sequence[Tensor]], Tensor | float],
) -> None:
    """Compare the gradients of the answer's sum with central differences of `right`."""
    leaves = [tensor.clone().requires_grad_() for tensor in tensors]
    result = answer(list(leaves))
    question.require(isinstance(result, Tensor) and result.requires_grad, NO_GRADIENT)
    found = torch.autograd.grad(result.sum(), leaves, allow_unused=True)
    question.require(
        all(gradient is None or bool(gradient.isfinite().all()) for gradient in found),
        "the values are right, but the gradient contains NaN or infinite numbers at the minimum; "
        "look for a root of 0 or a division by 0",
    )
    for i, (leaf, gradient) in enumerate(zip(leaves, found, strict=True)):

        def moved(x: Tensor, i: int = i) -> Tensor | float:
            return right([*tensors[:i], x, *tensors[i + 1 :]])

        expected = numeric_gradient(moved, tensors[i])
        question.require_close(
            torch.zeros_like(leaf) if gradient is None else gradient,
            expected,
            "the values are right, but the gradient differs from central differences",
            "look for a detach(), .data or no_grad() that cuts off a part of the gradient",
        )


def _tensor(*channels: list[list[float]]) -> Tensor:
    """Features of one image, channel by channel, in float64: (1, C, H, W)."""
    return torch.tensor([channels], dtype=torch.float64)


def _random(*shape: int, seed: int = 3) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def _copies(tensors: Sequence[Tensor]) -> list[Tensor]:
    return [tensor.clone() for tensor in tensors]


def _numbers(tensor: Tensor) -> list[float]:
    return tensor.flatten().tolist()


def _differences(numbers: Iterable[float], others: Iterable[float]) -> list[float]:
    return [a - b for a, b in zip(numbers, others, strict=True)]


def _squares(numbers: Iterable[float]) -> float:
    """The sum of the squares."""
    return sum(number * number for number in numbers)


def _gram(features: Tensor) -> list[list[float]]:
    """The normalised Gram matrix of one image's features (C, H, W), row by row."""
    maps = [_numbers(channel) for channel in features]
    size = features.numel()
    return [[_dot(one, other) / size for other in maps] for one in maps]


def _dot(numbers: Sequence[float], others: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(numbers, others, strict=True))


def _first_gram(gram_matrix: Answer, normalize: bool, features: Sequence[Tensor]) -> Tensor:
    return gram_matrix(features[0], normalize=normalize)


def _sum_of_gram(divisor: float, features: Sequence[Tensor]) -> Tensor:
    """The sum of all elements of the Gram matrices of features (N, C, H, W)."""
    return features[0].sum(dim=1).pow(2).sum() / divisor
