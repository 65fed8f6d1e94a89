"""Visible checks of the assignment `gradcam`.

What is expected of guided backpropagation is worked out with matrices, one layer after the other;
what is expected of Grad-CAM comes from central differences. The networks are tiny, drawn at random,
in float64.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from course_lib.gradients import numeric_gradient
from course_lib.interpolation import resize_bilinear
from course_lib.visible_checks.core import Mistake, Question, visible_check
from course_lib.visible_checks.quantities import wrong_quantities

__all__ = ["check_grad_cam", "check_guided_backprop", "check_guided_grad_cam"]

CLASSES = 4
HEIGHT, WIDTH = 6, 7  # not square, so that swapped dimensions show

Attribution = Callable[..., Tensor]
Rule = Callable[[Tensor, Tensor], Tensor]


@visible_check
def check_guided_backprop(guided_backprop: Attribution) -> None:
    """Question 1: `(X, y, model) -> (N, 3, H, W)`."""
    question = Question("guided_backprop", 1)
    X, y = _images(3), torch.tensor([2, 0, 3])
    shape = (3, 3, HEIGHT, WIDTH)

    model = _network_of_matrices()
    before = _state(model, X)
    guided = question.require_tensor(guided_backprop(X.clone(), y, model), shape, torch.float64)
    question.passed(f"three images of 3 x {HEIGHT} x {WIDTH} numbers give as many numbers")
    _require_state(question, model, X, before)
    question.passed("the model is afterwards as it was")
    single = guided_backprop(X[1:2].clone(), y[1:2], _network_of_matrices())
    single = question.require_tensor(single, (1, *shape[1:]), torch.float64)
    question.require_close(
        single[0],
        guided[1],
        "the result for an image changes with the other images in its batch",
        "find the line that mixes images",
    )
    question.passed("one image gives the same alone as in a batch")

    smooth = _smooth_network()
    plain = guided_backprop(X.clone(), y, smooth)
    plain = question.require_tensor(plain, shape, torch.float64)
    for i in range(len(X)):
        question.require_close(
            plain[i],
            numeric_gradient(_score_of(smooth, y[i]), X[i : i + 1])[0],
            f"a network without any ReLU has nothing to guide, but the result for class {int(y[i])} "
            "is not the slope of its score",
            "check which quantity you differentiate, and what else you change on its way back",
            _mistaken_gradients(smooth, int(y[i]), X[i : i + 1]),
        )
    question.passed("without ReLUs it is the plain gradient")
    question.require_close(
        guided,
        _guided_by_matrices(model, X, y),
        "with two ReLUs the result is not what the rule gives, worked out by matrices",
        "does the rule hold at every ReLU, the last one too, and for both of its conditions?",
        _mistaken_rules(model, X, y),
    )
    question.passed("with two ReLUs it is what the rule gives")
    for name, network in (
        ("a ReLU inside a block inside a block", _network_of_matrices(nested=True)),
        ("in-place ReLUs", _network_of_matrices(in_place=True)),
        ("one ReLU module in two places", _network_of_matrices(shared=True)),
    ):
        guided = guided_backprop(X.clone(), y, network)
        guided = question.require_tensor(guided, shape, torch.float64)
        question.require_close(
            guided,
            _guided_by_matrices(network, X, y),
            f"{name}: the result is not what the rule gives",
            "make sure that the rule is applied wherever such a module is used",
        )
        question.passed(f"{name}: what the rule gives")
    floats = guided_backprop(X.float(), y, _network_of_matrices().float())
    question.require_tensor(floats, shape, torch.float32)
    question.passed("float32 images give a float32 result")


@visible_check
def check_grad_cam(grad_cam: Attribution) -> None:
    """Question 2: `(X, y, model, layer) -> maps (N, H, W)`."""
    question = Question("grad_cam", 2)
    X, y = _images(3), torch.tensor([1, 3, 0])
    model = _smooth_network()
    maps = grad_cam(X.clone(), y, model, model[2])
    maps = question.require_tensor(maps, (3, HEIGHT, WIDTH), torch.float64)
    question.passed(f"three images of {HEIGHT} x {WIDTH} pixels give three maps of that size")
    question.require(
        bool((maps >= 0).all()) and bool((maps <= 1).all()),
        f"the maps should lie in [0, 1], but reach from {maps.min():.3g} to {maps.max():.3g}; "
        "the last step stretches each map on its own",
    )
    single = grad_cam(X[1:2].clone(), y[1:2], model, model[2])
    single = question.require_tensor(single, (1, HEIGHT, WIDTH), torch.float64)
    question.require_close(
        single[0],
        maps[1],
        "the map of an image changes with the other images in its batch",
        "find the line that mixes images, in the weights or in the stretching",
    )
    question.passed("one image gives the same map alone as in a batch")

    for name, network, index in (
        ("a late layer", _smooth_network(), 2),
        ("a block of layers", nn.Sequential(_smooth_network()[:3], _smooth_network()[3:]), 0),
        ("a layer that a ReLU follows in place", _network_with_in_place_relu(), 0),
    ):
        maps = grad_cam(X.clone(), y, network, network[index])
        maps = question.require_tensor(maps, (3, HEIGHT, WIDTH), torch.float64)
        for i in range(len(X)):
            question.require_close(
                maps[i],
                _expected_map(network, index, X[i : i + 1], int(y[i])),
                f"{name}: a map is not what central differences give",
                "go through the steps in their order: weights, sum, ReLU, enlarging, stretching",
                _mistaken_maps(network, index, X[i : i + 1], int(y[i])),
            )
        question.passed(f"{name}: the maps are what central differences give")
    nothing = _network_without_evidence()
    maps = grad_cam(X.clone(), y, nothing, nothing[1])
    maps = question.require_tensor(maps, (3, HEIGHT, WIDTH), torch.float64)
    question.require(not maps.any(), "where nothing speaks for the class the map should be zeros")
    question.passed("where nothing speaks for the class the map is zero")
    single_precision = _smooth_network().float()
    floats = grad_cam(X.float(), y, single_precision, single_precision[2])
    question.require_tensor(floats, (3, HEIGHT, WIDTH), torch.float32)
    question.passed("float32 images give float32 maps")
    hooks = sum(
        len(module._forward_hooks) + len(module._backward_hooks) for module in model.modules()
    )
    if hooks:
        question.remark(f"{hooks} hooks stay on the model, and each further call adds to them")


@visible_check
def check_guided_grad_cam(guided_grad_cam: Attribution) -> None:
    """Question 3: `(X, y, model, layer) -> (N, 3, H, W)`."""
    question = Question("guided_grad_cam", 3)
    X, y = _images(3), torch.tensor([1, 3, 0])
    model = _smooth_network()
    result = guided_grad_cam(X.clone(), y, model, model[2])
    result = question.require_tensor(result, (3, 3, HEIGHT, WIDTH), torch.float64)
    question.passed("three images of three channels give three results of three channels")
    maps = torch.stack([_expected_map(model, 2, X[i : i + 1], int(y[i])) for i in range(len(X))])
    for i in range(len(X)):
        slopes = numeric_gradient(_score_of(model, y[i]), X[i : i + 1])[0]
        question.require_close(
            result[i],
            slopes * maps[i],
            "on a network without ReLUs the result is not the slope times the Grad-CAM map",
            "multiply each channel of guided_backprop by the map of grad_cam, for the same image "
            "and the same class",
            [
                (
                    "each image has a map of its own, and its three channels share it",
                    partial(torch.mul, slopes, maps),
                ),
                (
                    "this is the absolute value of the guided gradient times the map; keep the sign",
                    partial(torch.mul, slopes.abs(), maps[i]),
                ),
            ],
        )
    question.passed("without ReLUs it is the plain gradient times Grad-CAM")
    single = guided_grad_cam(X[:1].clone(), y[:1], model, model[2])
    single = question.require_tensor(single, (1, 3, HEIGHT, WIDTH), torch.float64)
    question.require_close(
        single[0], result[0], "one image gives something else alone", "find what mixes images"
    )
    question.passed("one image gives the same alone as in a batch")


def _score_of(model: nn.Module, label: Tensor) -> Callable[[Tensor], Tensor]:
    """The score of one class, as a function of a single image."""
    return lambda x: model(x)[0, label]


def _images(count: int) -> Tensor:
    generator = torch.Generator().manual_seed(5)
    return torch.rand(count, 3, HEIGHT, WIDTH, generator=generator, dtype=torch.float64)


def _drawn(network: nn.Sequential) -> nn.Sequential:
    """The network with weights that are always the same, in float64, ready for use.

    Drawn such that every map below has places with evidence for its class and places without.
    """
    generator = torch.Generator().manual_seed(48)
    network = network.double().eval().requires_grad_(False)
    for parameter in network.parameters():
        parameter.normal_(std=0.5, generator=generator)
    return network


def _network_of_matrices(
    in_place: bool = False, shared: bool = False, nested: bool = False
) -> nn.Sequential:
    """Three linear layers with a ReLU after each of the first two: easy to go through by hand."""
    first = nn.ReLU(inplace=in_place or shared)
    second = first if shared else nn.ReLU(inplace=in_place)
    linear = nn.Linear(3 * HEIGHT * WIDTH, 9), nn.Linear(9, 8), nn.Linear(8, CLASSES)
    block = [linear[0], first, linear[1], second]
    if nested:
        block = [nn.Sequential(linear[0], nn.Sequential(first)), nn.Sequential(linear[1], second)]
    return _drawn(nn.Sequential(nn.Flatten(), *block, linear[2]))


def _both_conditions(into: Tensor, back: Tensor) -> Tensor:
    """Guided backpropagation at a ReLU: what goes into it, and what comes back from above."""
    return (into > 0) * back.clamp(min=0)


def _guided_by_matrices(
    model: nn.Module,
    X: Tensor,
    y: Tensor,
    rules: tuple[Rule, Rule] = (_both_conditions, _both_conditions),
) -> Tensor:
    """The rules of the two ReLUs of `_network_of_matrices`, without autograd."""
    first, second, third = (m for m in model.modules() if isinstance(m, nn.Linear))
    into_first = first(X.flatten(1))  # (N, 9)
    into_second = second(into_first.clamp(min=0))  # (N, 8)
    back = third.weight[y]  # (N, 8)
    back = rules[1](into_second, back) @ second.weight  # (N, 9)
    back = rules[0](into_first, back) @ first.weight
    return back.view_as(X)


def _mistaken_rules(model: nn.Module, X: Tensor, y: Tensor) -> list[Mistake]:
    """Plausible mistakes with the rule at the ReLUs of `_network_of_matrices`."""

    def plain(into: Tensor, back: Tensor) -> Tensor:
        return (into > 0) * back

    def backward_only(into: Tensor, back: Tensor) -> Tensor:
        return back.clamp(min=0)

    def negative(into: Tensor, back: Tensor) -> Tensor:
        return (into > 0) * back.clamp(max=0)

    def with_rules(first: Rule, second: Rule) -> Callable[[], Tensor]:
        return lambda: _guided_by_matrices(model, X, y, (first, second))

    return [
        (
            "this is the plain gradient; negative gradients have to be stopped at each ReLU",
            with_rules(plain, plain),
        ),
        (
            "gradients pass where the input of the ReLU is negative; stop them there as well",
            with_rules(backward_only, backward_only),
        ),
        (
            "the negative gradients are kept and the positive ones stopped; it is the other way "
            "round",
            with_rules(negative, negative),
        ),
        (
            "the ReLU nearest to the pixels passes negative gradients; the rule holds there too",
            with_rules(plain, _both_conditions),
        ),
        (
            "the ReLU nearest to the scores passes negative gradients; the rule holds there too",
            with_rules(_both_conditions, plain),
        ),
    ]


def _mistaken_gradients(model: nn.Module, label: int, x: Tensor) -> list[Mistake]:
    """Plausible mistakes with the gradient (3, H, W) of a network without ReLUs."""

    def gradient() -> Tensor:
        return numeric_gradient(lambda x: model(x)[0, label], x)[0]

    def of_quantity(quantity: Callable[[Tensor], Tensor]) -> Tensor:
        return numeric_gradient(lambda x: quantity(model(x)), x)[0]

    return [
        (
            "its negative numbers are set to zero; the rule belongs to the ReLUs, not to the result",
            lambda: gradient().clamp(min=0),
        ),
        ("this is its absolute value; keep the sign", lambda: gradient().abs()),
        ("its sign is turned round", lambda: -gradient()),
        (
            "this is the slope times the image; take the slope alone",
            lambda: x[0] * gradient(),
        ),
        *(
            (sentence, partial(of_quantity, quantity))
            for sentence, quantity in wrong_quantities(model(x), label)
        ),
    ]


def _smooth_network() -> nn.Sequential:
    """No ReLU at all. What comes behind the third layer treats its places alike."""
    return _drawn(
        nn.Sequential(
            nn.Conv2d(3, 5, 3, padding=1),
            nn.Tanh(),
            nn.Conv2d(5, 4, 2, stride=2),
            nn.Tanh(),
            nn.Flatten(),
            nn.Linear(4 * (HEIGHT // 2) * (WIDTH // 2), CLASSES),
        )
    )


def _network_with_in_place_relu() -> nn.Sequential:
    return _drawn(
        nn.Sequential(
            nn.Conv2d(3, 5, 2, stride=2),
            nn.ReLU(inplace=True),
            nn.Flatten(),
            nn.Linear(5 * (HEIGHT // 2) * (WIDTH // 2), CLASSES),
        )
    )


def _network_without_evidence() -> nn.Sequential:
    """Each channel of its second layer lowers every score."""
    network = _network_with_in_place_relu()
    first, last = network[0], network[-1]
    assert isinstance(first, nn.Conv2d) and isinstance(last, nn.Linear)
    last.weight.abs_().neg_()
    assert first.bias is not None
    first.bias.fill_(1.0)  # something is always active
    return network


def _mean_weights(slopes: Tensor, output: Tensor) -> Tensor:
    """The sum (h, w) of the channels (K, h, w), each weighted by the mean of its slopes."""
    return torch.einsum("k,khw->hw", slopes.flatten(1).mean(dim=1), output)


def _relu_and_enlarge(small: Tensor) -> Tensor:
    return resize_bilinear(small.clamp(min=0), HEIGHT, WIDTH)


def _expected_map(
    model: nn.Sequential,
    index: int,
    image: Tensor,
    label: int,
    *,
    quantity: Callable[[Tensor], Tensor] | None = None,
    combine: Callable[[Tensor, Tensor], Tensor] = _mean_weights,
    enlarge: Callable[[Tensor], Tensor] = _relu_and_enlarge,
) -> Tensor:
    """Grad-CAM (H, W) of one image at the layer `index`, its slopes measured."""
    first, rest = model[: index + 1], model[index + 1 :]
    output = first(image.clone())  # (1, K, h, w)
    of_scores = quantity or (lambda scores: scores[0, label])
    slopes = numeric_gradient(lambda x: of_scores(rest(x)), output)
    large = enlarge(combine(slopes[0], output[0]))
    span = large.max() - large.min()
    return (large - large.min()) / span if span > 0 else torch.zeros_like(large)


def _mistaken_maps(model: nn.Sequential, index: int, image: Tensor, label: int) -> list[Mistake]:
    """Plausible mistakes with Grad-CAM of one image at the layer `index`."""
    wrong = partial(_expected_map, model, index, image, label)

    def with_corners(small: Tensor) -> Tensor:
        small = small.clamp(min=0)[None, None]
        return F.interpolate(small, (HEIGHT, WIDTH), mode="bilinear", align_corners=True)[0, 0]

    def to_nearest(small: Tensor) -> Tensor:
        return F.interpolate(small.clamp(min=0)[None, None], (HEIGHT, WIDTH))[0, 0]

    def relu_left_out(small: Tensor) -> Tensor:
        return resize_bilinear(small, HEIGHT, WIDTH)

    def relu_last(small: Tensor) -> Tensor:
        return resize_bilinear(small, HEIGHT, WIDTH).clamp(min=0)

    def place_by_place(slopes: Tensor, output: Tensor) -> Tensor:
        return (slopes * output).sum(dim=0)

    return [
        (
            "the ReLU seems to be missing; it comes after the weighted sum",
            partial(wrong, enlarge=relu_left_out),
        ),
        (
            "the ReLU comes after the enlarging; it belongs before it",
            partial(wrong, enlarge=relu_last),
        ),
        (
            "this is enlarged with align_corners=True; take align_corners=False",
            partial(wrong, enlarge=with_corners),
        ),
        (
            "this is enlarged without interpolation; take bilinear",
            partial(wrong, enlarge=to_nearest),
        ),
        (
            "each place has a weight of its own; a channel has one weight, the spatial mean of its "
            "gradient",
            partial(wrong, combine=place_by_place),
        ),
        *(
            (sentence, partial(wrong, quantity=quantity))
            for sentence, quantity in wrong_quantities(model(image.clone()), label)
        ),
    ]


def _state(model: nn.Module, X: Tensor) -> tuple:
    """What is compared before and after: hooks, flags, modules, and what the model computes."""
    modules = list(model.modules())
    hooks = [
        len(m._forward_hooks) + len(m._forward_pre_hooks) + len(m._backward_hooks) for m in modules
    ]
    kinds = [(type(m).__name__, m.training, getattr(m, "inplace", None)) for m in modules]
    x = X.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(model(x).square().sum(), x)
    return hooks, kinds, gradient


def _require_state(question: Question, model: nn.Module, X: Tensor, before: tuple) -> None:
    hooks, kinds, gradient = _state(model, X)
    question.require(
        hooks == before[0],
        f"{sum(hooks)} hooks stay on the model after the call; a handle's remove() takes one away",
    )
    question.require(
        kinds == before[1],
        "modules of the model, their inplace flags or its mode are not what they were before the "
        "call; put everything back, or work on copy.deepcopy(model)",
    )
    question.require(
        torch.equal(gradient, before[2]),
        "after the call the model's plain gradient is another one; something of yours stays in it",
    )
