"""Visible checks of the assignment `saliency`.

The expected maps come from central differences: change a pixel a little up and down, run the
network twice, subtract the scores. The networks are tiny, with random weights, in float64.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor, nn

from course_lib.gradients import numeric_gradient
from course_lib.visible_checks.core import Mistake, Question, visible_check
from course_lib.visible_checks.quantities import wrong_quantities

__all__ = [
    "check_compute_layer_saliency",
    "check_compute_loss_saliency",
    "check_compute_saliency_maps",
    "check_normalize_maps",
]

CLASSES = 4
HEIGHT, WIDTH = 5, 6  # not square, so that swapped dimensions show
WHICH_QUANTITY = (
    "check which quantity you differentiate, with respect to what, and how three channels become "
    "one"
)

Maps = Callable[..., Tensor]


@visible_check
def check_compute_saliency_maps(compute_saliency_maps: Maps) -> None:
    """Question 1: `(X, y, model) -> maps (N, H, W)`."""
    question = Question("compute_saliency_maps", 1)
    model, X, y = _tiny_network(), _images(3), torch.tensor([2, 0, 3])
    before, training = X.clone(), model.training

    maps = question.require_tensor(
        compute_saliency_maps(X, y, model), (3, HEIGHT, WIDTH), torch.float64
    )
    question.passed(f"three images of {HEIGHT} x {WIDTH} pixels give three maps of that size")
    question.require(
        torch.equal(X.detach(), before) and model.training == training,
        "X or the model is not what it was before the call; work on a copy of what has to change",
    )
    single = compute_saliency_maps(X[1:2].detach(), y[1:2], model)
    single = question.require_tensor(single, (1, HEIGHT, WIDTH), torch.float64)
    question.passed("one image gives one map")
    _require_non_negative(question, maps)
    # First a single image: there, a wrong quantity is not mistaken for a mixed-up batch.
    question.require_close(
        single[0],
        _expected(_score_of(model, y[1]), before[1:2])[0],
        f"the map for class {int(y[1])} of {CLASSES} differs from central differences",
        WHICH_QUANTITY,
        _mistakes(model, int(y[1]), before[1:2]),
    )
    question.require_close(
        single[0],
        maps[1],
        "the map of an image changes with the other images in its batch",
        "find the line that mixes images",
    )
    question.passed("a map does not depend on the other images in the batch")

    for i in range(len(X)):
        question.require_close(
            maps[i],
            _expected(_score_of(model, y[i]), before[i : i + 1])[0],
            f"a map for class {int(y[i])} of {CLASSES} differs from central differences",
            WHICH_QUANTITY,
            _mistakes(model, int(y[i]), before[i : i + 1]),
        )
    question.passed("the maps agree with central differences, to about six digits")

    floats = compute_saliency_maps(before.float(), y, _tiny_network().float())
    question.require_tensor(floats, (3, HEIGHT, WIDTH), torch.float32)
    question.passed("float32 images give float32 maps")
    _remark_on_second_call(question, lambda X: compute_saliency_maps(X, y, model), before)


@visible_check
def check_normalize_maps(normalize_maps: Maps) -> None:
    """Question 2: `maps (N, H, W) -> maps (N, H, W)`, each from 0 to 1."""
    question = Question("normalize_maps", 2)
    maps = torch.tensor([[[1.0, 2, 5], [3, 4, 2]], [[-30, 10, 0], [-10, -20, -30]]]).double()
    before = maps.clone()

    result = question.require_tensor(normalize_maps(maps), (2, 2, 3), torch.float64)
    question.passed("two maps of 2 x 3 pixels stay two maps of 2 x 3 pixels")
    # Worked out by hand: (value - 1) / 4 in the first map, (value + 30) / 40 in the second.
    first, second = torch.tensor(
        [[[0.0, 0.25, 1], [0.5, 0.75, 0.25]], [[0, 1, 0.75], [0.5, 0.25, 0]]]
    ).double()
    question.require_close(
        result[0],
        first,
        "a map from 1 to 5 comes out wrong",
        "the smallest value of the whole map, 1, becomes 0 and its largest, 5, becomes 1, whatever "
        "the other maps are",
    )
    question.require_close(
        result[1],
        second,
        "a map from -30 to 10 comes out wrong",
        "its own smallest value becomes 0 and its own largest 1, whatever the other maps are",
    )
    question.passed("each map runs from 0 to 1, also one with negative values beside a larger one")
    flat = question.require_tensor(
        normalize_maps(torch.full((1, 2, 3), 0.7)), (1, 2, 3), torch.float32
    )
    question.require(
        not flat.any(),
        f"a constant map should become zeros, but its pixels are {flat[0, 0, 0]:.3g}",
    )
    question.passed("a constant map becomes zeros")
    if not torch.equal(maps, before):
        question.remark("the maps that came in were overwritten; a new tensor leaves them alone")


@visible_check
def check_compute_layer_saliency(compute_layer_saliency: Maps) -> None:
    """Question 3: `(X, y, model, layer) -> maps (N, h, w)`."""
    question = Question("compute_layer_saliency", 3)
    X, y = _images(2), torch.tensor([1, 3])

    def maps_at(index: int, X: Tensor, y: Tensor, shape: torch.Size) -> Tensor:
        model = _tiny_network()  # a new one each: hooks may stay on it
        maps = compute_layer_saliency(X.clone(), y, model, model[index])
        maps = question.require_tensor(maps, (len(X), *shape), torch.float64)
        _require_non_negative(question, maps)
        return maps

    for name, index in (("a layer that a ReLU follows in place", 0), ("a later layer", 3)):
        model = _tiny_network()
        first, rest = model[: index + 1], model[index + 1 :]
        with torch.no_grad():
            output = first(X)  # (2, K, h, w)
        maps = maps_at(index, X, y, output.shape[-2:])
        single = maps_at(index, X[:1], y[:1], output.shape[-2:])
        # First a single image: there, a wrong quantity is not mistaken for a mixed-up batch.
        _require_layer_map(question, single[0], name, rest, int(y[0]), output[:1])
        question.require_close(
            single[0],
            maps[0],
            f"the map of an image at {name} changes with the other images in its batch",
            "find the line that mixes images",
        )
        for i in range(len(X)):
            _require_layer_map(question, maps[i], name, rest, int(y[i]), output[i : i + 1])
        question.passed(f"{name}: {tuple(maps.shape)}, in agreement with central differences")
    question.passed("one image gives the same map alone as in a batch")
    model = _tiny_network()
    compute_layer_saliency(X[:1].clone(), y[:1], model, model[0])
    hooks = sum(
        len(module._forward_hooks) + len(module._backward_hooks) for module in model.modules()
    )
    if hooks:
        question.remark(f"{hooks} hooks stay on the model, and each further call adds to them")

    def on_a_new_model(X: Tensor) -> Tensor:
        model = _tiny_network()
        return compute_layer_saliency(X, y, model, model[0])

    _remark_on_second_call(question, on_a_new_model, X)


@visible_check
def check_compute_loss_saliency(compute_loss_saliency: Maps) -> None:
    """Question 4: `(X, losses, model) -> maps (N, H, W)`."""
    question = Question("compute_loss_saliency", 4)
    model, X = _tiny_network(), _images(2)

    def score(scores: Tensor) -> Tensor:
        return scores[:, 1]

    def spread(scores: Tensor) -> Tensor:
        return scores.var(dim=1)

    for name, losses in (
        ("one loss", [(1.0, score)]),
        ("a weighted sum of two", [(0.5, score), (-2.0, spread)]),
        ("a loss with weight 0", [(0.0, score), (1.0, spread)]),
    ):
        maps = question.require_tensor(
            compute_loss_saliency(X.clone(), losses, model), (2, HEIGHT, WIDTH), torch.float64
        )
        _require_non_negative(question, maps)
        for i in range(len(X)):

            def total(x: Tensor, losses: list = losses) -> float:
                scores = model(x)
                return float(sum(weight * float(loss(scores)) for weight, loss in losses))

            question.require_close(
                maps[i],
                _expected(total, X[i : i + 1])[0],
                f"the map of {name} differs from central differences",
                "check the weights, that each loss gets the unnormalised scores, and that the "
                "losses are added before the absolute value",
                _mistakes_with_losses(model, losses, X[i : i + 1]),
            )
        question.passed(f"{name}: the maps agree with central differences")
    single = compute_loss_saliency(X[:1].clone(), [(1.0, score)], model)
    question.require_tensor(single, (1, HEIGHT, WIDTH), torch.float64)
    question.passed("one image gives one map")
    _remark_on_second_call(question, lambda X: compute_loss_saliency(X, [(1.0, score)], model), X)


def _tiny_network() -> nn.Sequential:
    """A network with an in-place ReLU, smooth enough for central differences to be exact."""
    layers = (
        nn.Conv2d(3, 5, 2),
        nn.ReLU(inplace=True),
        nn.BatchNorm2d(5),
        nn.Conv2d(5, 4, 2),
        nn.Tanh(),
        nn.Flatten(),
        nn.Linear(4 * (HEIGHT - 2) * (WIDTH - 2), CLASSES),
    )
    model = nn.Sequential(*layers).double().eval().requires_grad_(False)
    generator = torch.Generator().manual_seed(1)
    for parameter in model.parameters():
        parameter.normal_(std=0.6, generator=generator)
    return model


def _images(count: int) -> Tensor:
    generator = torch.Generator().manual_seed(2)
    return torch.rand(count, 3, HEIGHT, WIDTH, generator=generator, dtype=torch.float64)


def _score_of(model: nn.Module, label: Tensor) -> Callable[[Tensor], Tensor]:
    """The score of one class, as a function of a single image."""
    return lambda x: model(x)[0, label]


def _expected(f: Callable[[Tensor], Tensor | float], x: Tensor) -> Tensor:
    """Maximum over channels of the absolute derivative of `f`: (1, K, h, w) -> (1, h, w)."""
    return _largest(numeric_gradient(f, x))


def _largest(values: Tensor) -> Tensor:
    """Largest absolute value over the channels: (..., K, h, w) -> (..., h, w)."""
    return values.abs().amax(dim=-3)


def _mistakes(model: nn.Module, label: int, x: Tensor) -> list[Mistake]:
    """Plausible mistakes with the map (h, w) of one image (1, K, h, w)."""

    def gradient() -> Tensor:
        return numeric_gradient(lambda x: model(x)[0, label], x)[0]

    def stretched() -> Tensor:
        map_ = _largest(gradient())
        return (map_ - map_.min()) / (map_.max() - map_.min())

    def of_quantity(quantity: Callable[[Tensor], Tensor]) -> Tensor:
        return _expected(lambda x: quantity(model(x)), x)[0]

    return [
        *_mistaken_reductions(gradient),
        (
            "this is the gradient times the values it belongs to; take the gradient alone",
            lambda: _largest(x[0] * gradient()),
        ),
        (
            "it is stretched from 0 to 1 already; return it as it is, question 2 stretches it",
            stretched,
        ),
        *(
            (sentence, partial(of_quantity, quantity))
            for sentence, quantity in wrong_quantities(model(x.clone()), label)
        ),
    ]


def _mistaken_reductions(gradient: Callable[[], Tensor]) -> list[Mistake]:
    """Plausible mistakes on the way from a gradient (K, h, w) to a map (h, w)."""
    return [
        (
            "this is the sum over the channels; take the largest",
            lambda: gradient().abs().sum(dim=0),
        ),
        (
            "this is the mean over the channels; take the largest",
            lambda: gradient().abs().mean(dim=0),
        ),
        (
            "this is the norm over the channels; take the largest absolute value",
            lambda: gradient().norm(dim=0),
        ),
        (
            "the absolute value comes after the largest is taken; it belongs before",
            lambda: gradient().amax(dim=0).abs(),
        ),
    ]


def _mistakes_with_losses(
    model: nn.Module, losses: Sequence[tuple[float, Callable]], x: Tensor
) -> list[Mistake]:
    """Plausible mistakes with the map (H, W) of one of two images (1, 3, H, W)."""

    def total(scores: Tensor) -> float:
        return sum(weight * float(loss(scores)) for weight, loss in losses)

    def maps_added() -> Tensor:
        maps = torch.zeros(())
        for weight, loss in losses:
            maps = maps + weight * _expected(lambda x: loss(model(x)), x)[0]  # noqa: B023
        return maps.abs()

    if len(losses) == 1:
        halved = "add the loss up over the batch, a mean depends on how many images there are"
    else:
        halved = "add the weighted losses up, this is their mean"
    return [
        *_mistaken_reductions(lambda: numeric_gradient(lambda x: total(model(x)), x)[0]),
        (
            "this is the absolute value of each loss's gradient, added up; add the losses before "
            "the absolute value",
            maps_added,
        ),
        (
            "the losses get probabilities here; give them the unnormalised scores",
            lambda: _expected(lambda x: total(model(x).softmax(dim=1)), x)[0],
        ),
        (
            "the losses get log-probabilities here; give them the unnormalised scores",
            lambda: _expected(lambda x: total(model(x).log_softmax(dim=1)), x)[0],
        ),
        (
            f"it is half as large as it should be; {halved}",
            lambda: _expected(lambda x: total(model(x)) / 2, x)[0],
        ),
        (
            "the weights of the losses seem to be missing",
            lambda: _expected(lambda x: sum(float(f(model(x))) for _, f in losses), x)[0],
        ),
    ]


def _require_layer_map(
    question: Question, map_: Tensor, name: str, rest: nn.Module, label: int, output: Tensor
) -> None:
    """Compare a map (h, w) at a layer with the slopes of what follows its output (1, K, h, w)."""
    question.require_close(
        map_,
        _expected(lambda x: rest(x)[0, label], output)[0],
        f"the map at {name} differs from central differences",
        "check which quantity you differentiate, with respect to the layer's own output, before it "
        "was overwritten",
        [
            (
                "this is the size of the output itself; take its gradient",
                partial(_largest, output[0]),
            ),
            *_mistakes(rest, label, output),
        ],
    )


def _require_non_negative(question: Question, maps: Tensor) -> None:
    question.require(
        bool((maps >= 0).all()),
        f"the smallest value in the maps is {maps.min():.2g}, but saliency is never negative; "
        "when does the absolute value have to be taken?",
    )


def _remark_on_second_call(question: Question, maps_of: Maps, images: Tensor) -> None:
    """Remark on gradients that add up in X.grad: no points lost, but wrong pictures below."""
    X = images.clone()
    first = torch.as_tensor(maps_of(X)).detach().clone()
    if not torch.allclose(first, torch.as_tensor(maps_of(X)).detach()):
        question.remark(
            "the same call a second time gives other maps, because gradients add up in X.grad: "
            "compute with X.detach().clone() instead of X"
        )
