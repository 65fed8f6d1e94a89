"""Visible checks of the assignment `sanity_checks`.

Ranks are computed by hand. New layers are found by comparing parameters, and cascades with a method
whose maps depend on the number of changed layers only.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from course_lib.networks import ResidualBlock
from course_lib.visible_checks.core import CheckFailed, Question, visible_check

__all__ = ["check_cascade_similarity", "check_randomize_layers", "check_rank_correlation"]

CLASSES = 4


@visible_check
def check_randomize_layers(randomize_layers: Callable[[nn.Module, int], nn.Module]) -> None:
    """Question 1: `(model, n) -> a copy whose last n layers are new`."""
    question = Question("randomize_layers", 1)
    model = _tiny_network()
    before = copy.deepcopy(model)
    # In the order of model.modules().
    layers = ["0", "1", "3.conv1", "3.bn1", "3.conv2", "3.bn2", "3.skip.0", "3.skip.1", "6"]

    copied = _require_model(question, randomize_layers(model, 2))
    question.require(
        _changed(model, before) == [] and copied is not model,
        "the given model differs from what it was before the call; work on a copy of it",
    )
    question.passed("the model itself is not changed")
    for n, what in (
        (1, "the last layer"),
        (2, "the last two, one of them inside a block"),
        (4, "the last four, batch norms among them"),
        (0, "none at all for n = 0"),
        (len(layers), "all layers"),
        (len(layers) + 2, "all layers, also if n is larger than their number"),
    ):
        copied = _require_model(question, randomize_layers(model, n))
        expected = layers[max(0, len(layers) - n) :]
        found = [name for name in layers if _has_changed(copied, before, name)]
        question.require(
            bool(expected) or not found,
            f"for n = 0 no layer should have new parameters, but {len(found)} of {len(layers)} have; "
            "the slice [-n:] of a list is all of it for n = 0",
        )
        question.require(
            found == expected,
            f"for n = {n} the layers {', '.join(expected)} should have new parameters in "
            f"a model with the layers {', '.join(layers)}, but "
            f"{'they are ' + ', '.join(found) if found else 'no layer has'}; look at which modules "
            "you count, and from which end",
        )
        question.require(
            copied is not model,
            f"for n = {n} the model itself is returned; always return a copy",
        )
        question.passed(f"new: {what}")
    for name, parameter in copied.named_parameters():
        question.require(
            bool(parameter.isfinite().all() and (parameter != _get(before, name)).all()),
            f"not all numbers in {name} are new and finite; initialise all weights and biases again",
        )
        question.require(
            parameter.dim() == 1 or float(parameter.detach().std()) > 0,
            f"all numbers in {name} are the same; weights should be random",
        )
    question.passed("weights are random, and biases are new as well")
    copied = randomize_layers(model, 1)
    question.require(
        not any(module.training for module in copied.modules())
        and all(torch.equal(b, _get(copied, name)) for name, b in before.named_buffers())
        and all(p.dtype == torch.float64 for p in copied.parameters()),
        "the mode, the dtype or the buffers of the copy differ from the model's; change the "
        "parameters of the last n layers only",
    )
    training = copy.deepcopy(model).train()
    copied = randomize_layers(training, 1)
    question.require(
        all(module.training for module in copied.modules()),
        "the copy of a model in training mode should be in training mode, too; keep the mode",
    )
    question.passed("mode, dtype and all other numbers of the copy are those of the model")


@visible_check
def check_rank_correlation(rank_correlation: Callable[[Tensor, Tensor], Tensor]) -> None:
    """Question 2: `maps (N, H, W), maps (N, H, W) -> (N,)`."""
    question = Question("rank_correlation", 2)
    a = torch.tensor([[[1.0, 5, 2], [30, 4, -6]], [[0, 0, 7], [9, 0, 8]]]).double()
    b = torch.tensor([[[2.0, 9, 1], [10, 3, -8]], [[5, 5, 1], [2, 6, 5]]]).double()
    before = a.clone(), b.clone()
    # By hand. First pair: ranks 2 5 3 6 4 1 and 3 5 2 6 4 1, products of their deviations from 3.5
    # add up to 16.5, squares to 17.5 each. Second pair: 2 2 4 6 2 5 and 4 4 1 2 6 4, which gives
    # -9.5, 15.5 and 15.5.
    expected = torch.tensor([16.5 / 17.5, -9.5 / 15.5]).double()

    single = _require_numbers(question, rank_correlation(a[:1], b[:1]), (1,))
    question.require_close(
        single,
        expected[:1],
        "two maps of 2 x 3 pixels, all different: "
        f"the result should be {float(expected[0]):.4f}, but is {float(single[0]):.4f}",
        "rank all pixels of a map, then correlate the ranks",
        [
            (
                "this is the correlation of the values; replace them by their ranks first",
                partial(_pearson, a[0], b[0]),
            ),
            (
                "argsort gives the order of the pixels, not their ranks; sort what the sorting "
                "told you, once more",
                lambda: _pearson(a[0].flatten().argsort(), b[0].flatten().argsort()),
            ),
        ],
    )
    question.passed("one pair of maps: the correlation of their ranks")
    order = _require_numbers(question, rank_correlation(a[:1], -a[:1].exp()), (1,))
    question.require_close(
        order,
        -torch.ones(1).double(),
        f"maps in opposite order should give -1, but give {float(order[0]):.4f}",
        "keep the sign of the correlation, and rank the maps as they are",
    )
    question.passed("opposite order gives -1, whatever the values are")
    rho = _require_numbers(question, rank_correlation(a, b), (2,))
    question.require_close(
        rho[:1],
        single,
        "the value of a pair changes with the others in its batch",
        "rank each map on its own",
    )
    question.require_close(
        rho[1:],
        expected[1:],
        "two maps of 2 x 3 pixels with equal values in them: "
        f"the result should be {float(expected[1]):.4f}, but is {float(rho[1]):.4f}",
        "0, 0 and 0 share the ranks 1, 2 and 3: each gets the rank 2",
    )
    question.passed("two pairs of maps, ties in the second one: equal values share their mean rank")
    flat = torch.full((1, 2, 3), 0.7).double()
    for pair in ((flat, b[:1]), (a[:1], flat)):
        rho = _require_numbers(question, rank_correlation(*pair), (1,))
        question.require(
            not rho.any(),
            f"a constant map should give 0, but gives {rho[0]:.3g}",
        )
    question.passed("a constant map gives 0, whether it is the first or the second")
    if not (torch.equal(a, before[0]) and torch.equal(b, before[1])):
        question.remark("the given maps were overwritten; compute new tensors instead")


@visible_check
def check_cascade_similarity(cascade_similarity: Callable[..., Tensor]) -> None:
    """Question 3: `(method, X, y, model) -> (layers + 1, N)`; it may call the earlier answers."""
    question = Question("cascade_similarity", 3)
    model, y = _three_layers(), torch.tensor([1, 0])
    X = torch.rand(2, 3, 5, 6, generator=torch.Generator().manual_seed(1)).double()
    before = copy.deepcopy(model)

    def image_itself(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
        return X.mean(dim=1)

    def value(method: Callable) -> Tensor:
        result = cascade_similarity(method, X.clone(), y, model)
        if isinstance(result, Tensor):
            question.require(
                tuple(result.shape) == (4, 2),
                "a model of three layers and two images should give the shape (4, 2), a row each "
                "for 0, 1, 2 and 3 randomised layers and a column for each image, but the shape is "
                f"{tuple(result.shape)}",
            )
        return _require_numbers(question, result, (4, 2))

    blind = value(image_itself)
    question.passed("a model of three layers and two images give (4, 2): 0, 1, 2 and 3 layers")
    question.require(
        _changed(model, before) == [] and not any(module.training for module in model.modules()),
        "the model or its mode differs from what it was before the call; randomise copies of it",
    )
    question.require_close(
        blind,
        torch.ones_like(blind),
        "a method that ignores the model has a row that is not 1",
        "compare each image's map with the same image's map of the original",
    )
    question.passed("a method that ignores the model gives 1 in all rows")

    def gradient(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
        X = X.detach().requires_grad_()
        (slopes,) = torch.autograd.grad(model(X)[range(len(X)), y].sum(), X)
        return slopes.contiguous().square().sum(dim=1)

    row = value(gradient)[0]
    question.require_close(
        row, torch.ones_like(row), "row 0 of a gradient is not 1", "nothing is randomised there yet"
    )
    question.passed("row 0 is 1 for a method that needs gradients")

    def upside_down_from_two_on(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
        new = [name for name in ("0", "2", "4") if _has_changed(model, before, name)]
        signs = {(): 1, ("4",): 1, ("2", "4"): -1, ("0", "2", "4"): -1}
        # An order of layers that is no cascade from the output gives maps without any order.
        return signs.get(tuple(new), 0) * X.mean(dim=1)

    rows = value(upside_down_from_two_on)
    expected = torch.tensor([[1.0, 1], [1, 1], [-1, -1], [-1, -1]]).double()
    question.require_close(
        rows,
        expected,
        "a method whose maps turn upside down when two layers are random should have the rows 1, 1, "
        f"-1, -1, but has {', '.join(f'{v:.2g}' for v in rows[:, 0].tolist())}",
        "in row k the last k layers are new, and the maps are compared with the original's as they "
        "are, signs included",
    )
    question.passed("row k belongs to the model whose last k layers are randomised")


def _pearson(a: Tensor, b: Tensor) -> Tensor:
    """The correlation (1,) of the values of two maps."""
    return torch.corrcoef(torch.stack([a.flatten(), b.flatten()]).double())[0, 1:]


def _require_model(question: Question, copied: object) -> nn.Module:
    question.require(copied is not None, "it returns None; is a `return` missing?")
    if not isinstance(copied, nn.Module):
        raise CheckFailed(
            f"{question.label}: it should return a model, but returns {type(copied).__name__}"
        )
    return copied


def _require_numbers(question: Question, value: object, shape: tuple[int, ...]) -> Tensor:
    """Require correlations, of any precision."""
    return question.require_tensor(value, shape, torch.float64, any_precision=True)


def _changed(model: nn.Module, before: nn.Module) -> list[str]:
    """Names of the parameters and buffers of a model that have changed."""
    old = before.state_dict()
    return [name for name, t in model.state_dict().items() if not torch.equal(t, old[name])]


def _has_changed(model: nn.Module, before: nn.Module, layer: str) -> bool:
    own = before.get_submodule(layer).named_parameters(recurse=False)
    return any(not torch.equal(_get(model, f"{layer}.{name}"), p) for name, p in own)


def _get(model: nn.Module, name: str) -> Tensor:
    """A parameter or buffer by its full name."""
    return model.state_dict()[name]


def _tiny_network() -> nn.Sequential:
    """Convolution, batch norm, residual block, linear layer: nine layers with random numbers."""

    def build() -> nn.Sequential:
        return nn.Sequential(
            nn.Conv2d(3, 4, 3, bias=False),
            nn.BatchNorm2d(4),
            nn.ReLU(inplace=True),
            ResidualBlock(4, 5, stride=2),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(5, CLASSES),
        )

    return _random(build)


def _three_layers() -> nn.Sequential:
    def build() -> nn.Sequential:
        return nn.Sequential(
            nn.Conv2d(3, 4, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(4, 5, 3, stride=3, padding=1),
            nn.Flatten(),
            nn.Linear(20, CLASSES),
        )

    return _random(build)


def _random(build: Callable[[], nn.Sequential]) -> nn.Sequential:
    """A frozen float64 network in eval mode, with batch norms as after a training."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        model = build()
        for module in model.modules():
            if isinstance(module, nn.BatchNorm2d):
                assert module.running_mean is not None
                for tensor in (module.weight, module.bias, module.running_mean):
                    nn.init.normal_(tensor, mean=0.5, std=0.3)
    return model.double().eval().requires_grad_(False)
