"""Wrong answers to the assignment on sanity checks, by name.

Each function here answers one question of the assignment wrongly, in a way that students do. Its
docstring is the hint that a student reads when the answers agree.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import torch
from torch import Tensor, nn

from autograder.checks import misconception

Maps = Callable[[Tensor, Tensor, nn.Module], Tensor]


def _layers(model: nn.Module) -> list[nn.Module]:
    """The modules with parameters of their own, first to last."""
    return [m for m in model.modules() if any(True for _ in m.parameters(recurse=False))]


def _renew(modules: list[nn.Module]) -> None:
    """New parameters for all layers in the modules; statistics of batch norms stay."""
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.seed()
        for module in modules:
            for parameter in module.parameters():
                parameter.copy_(torch.randn(parameter.shape) / 10)


def _with_new(model: nn.Module, choose: Callable[[list[nn.Module]], list[nn.Module]]) -> nn.Module:
    """A copy in which the chosen ones of its layers are new."""
    copied = copy.deepcopy(model)
    _renew(choose(_layers(copied)))
    return copied


def _randomized(model: nn.Module, n: int) -> nn.Module:
    """The right answer to the first question."""
    return _with_new(model, lambda layers: layers[max(0, len(layers) - n) :])


def _rewritten(model: nn.Module, n: int, write: Callable[[str, Tensor], Tensor]) -> nn.Module:
    """A copy in which write(name, values) has made the parameters of the last n layers."""
    copied = copy.deepcopy(model)
    layers = _layers(copied)
    with torch.no_grad():
        for layer in layers[max(0, len(layers) - n) :]:
            for name, parameter in layer.named_parameters(recurse=False):
                parameter.copy_(write(name, parameter))
    return copied


def _new_weight(parameter: Tensor) -> Tensor:
    with torch.random.fork_rng(devices=[]):
        torch.seed()
        return (torch.randn(parameter.shape) / 10).to(parameter)


# ---------------------------------------------------------------------------------------------
# Question 1: randomize_layers(model, n)
# ---------------------------------------------------------------------------------------------


@misconception(of="randomize_layers", caught_by="test_all_else_in_the_copy_is_as_in_the_original")
def model_itself_for_zero(model: nn.Module, n: int) -> nn.Module:
    """For n = 0 the model itself came back; the question asks for a copy then, too: changing the
    copy must not change the original.
    """
    return _randomized(model, n) if n else model


@misconception(of="randomize_layers", caught_by="test_the_original_stays_as_it_was")
def original_randomised(model: nn.Module, n: int) -> nn.Module:
    """The given model itself was randomised, and the caller has lost what it had learnt. Work on a
    copy that shares no tensor with it.
    """
    layers = _layers(model)
    _renew(layers[max(0, len(layers) - n) :])
    return model


@misconception(of="randomize_layers", caught_by="test_no_layer_is_new_for_zero")
def all_layers_for_zero(model: nn.Module, n: int) -> nn.Module:
    """For n = 0 all layers are new here, since a slice from minus zero starts at the beginning; the
    question asks for none.
    """
    return _with_new(model, lambda layers: layers[-n:])


@misconception(of="randomize_layers", caught_by="test_the_last_layers_are_new")
def first_layers(model: nn.Module, n: int) -> nn.Module:
    """The first n layers are new here; the cascade begins at the output, so the question asks for
    the last ones.
    """
    return _with_new(model, lambda layers: layers[:n])


@misconception(of="randomize_layers", caught_by="test_the_last_layers_are_new")
def one_layer_only(model: nn.Module, n: int) -> nn.Module:
    """Only the n-th layer from the output is new here, as in the paper's independent randomisation;
    the question asks for a cascade, in which all layers behind it are new as well.
    """
    return _with_new(model, lambda layers: layers[::-1][n - 1 : n] if n else [])


@misconception(of="randomize_layers", caught_by="test_the_last_layers_are_new")
def all_but_the_first_n(model: nn.Module, n: int) -> nn.Module:
    """Here n layers were kept and all others are new; the question asks for n new ones."""
    return _with_new(model, lambda layers: layers[n:])


@misconception(of="randomize_layers", caught_by="test_the_last_layers_are_new")
def one_layer_too_many(model: nn.Module, n: int) -> nn.Module:
    """One layer more than n is new here; count from the output, beginning with one."""
    return _with_new(model, lambda layers: layers[max(0, len(layers) - n - 1) :])


@misconception(of="randomize_layers", caught_by="test_the_last_layers_are_new")
def one_layer_too_few(model: nn.Module, n: int) -> nn.Module:
    """One layer fewer than n is new here; the layer nearest to the output counts as the first."""
    return _with_new(model, lambda layers: layers[max(0, len(layers) - n + 1) :])


@misconception(of="randomize_layers", caught_by="test_the_last_layers_are_new")
def every_layer_always(model: nn.Module, n: int) -> nn.Module:
    """All layers are new whatever n is; the question asks for the last n of them."""
    return _with_new(model, lambda layers: layers)


@misconception(of="randomize_layers", caught_by="test_the_last_layers_are_new")
def nothing_randomised(model: nn.Module, n: int) -> nn.Module:
    """The copy is equal to the model: no parameter is new. Were the new values written into the
    copy's own parameters?
    """
    return copy.deepcopy(model)


@misconception(of="randomize_layers", caught_by="test_the_last_layers_are_new")
def tensors_counted(model: nn.Module, n: int) -> nn.Module:
    """Here the last n parameter tensors are new, where a weight and its bias count as two; the
    question counts layers.
    """
    copied = copy.deepcopy(model)
    tensors = list(copied.parameters())
    with torch.no_grad():
        for parameter in tensors[max(0, len(tensors) - n) :]:
            parameter.copy_(_new_weight(parameter))
    return copied


@misconception(of="randomize_layers", caught_by="test_the_last_layers_are_new")
def modules_without_parameters_counted(model: nn.Module, n: int) -> nn.Module:
    """Activations, pooling and the like were counted as layers; the question counts modules that
    have parameters of their own.
    """
    copied = copy.deepcopy(model)
    leaves = [m for m in copied.modules() if not list(m.children())]
    _renew(leaves[max(0, len(leaves) - n) :])
    return copied


@misconception(of="randomize_layers", caught_by="test_layers_inside_blocks_are_counted")
def blocks_counted(model: nn.Module, n: int) -> nn.Module:
    """A block of several layers was counted as one; the question counts the layers inside, all the
    way down.
    """
    copied = copy.deepcopy(model)
    children = [child for child in copied.children() if list(child.parameters())]
    _renew(children[max(0, len(children) - n) :])
    return copied


@misconception(of="randomize_layers", caught_by="test_layers_inside_blocks_are_counted")
def layers_inside_blocks_overlooked(model: nn.Module, n: int) -> nn.Module:
    """Only layers that are direct parts of the model are new here; the question goes down into the
    blocks as well.
    """
    copied = copy.deepcopy(model)
    direct = [m for m in copied.children() if list(m.parameters(recurse=False))]
    _renew(direct[max(0, len(direct) - n) :])
    return copied


@misconception(of="randomize_layers", caught_by="test_batch_norm_is_a_layer_too")
def batch_norm_left_out(model: nn.Module, n: int) -> nn.Module:
    """Only convolutions and linear layers were counted; a batch norm has parameters that were
    learnt, and is a layer of its own.
    """

    def last(layers: list[nn.Module]) -> list[nn.Module]:
        counted = [m for m in layers if not isinstance(m, nn.BatchNorm2d)]
        return counted[max(0, len(counted) - n) :]

    return _with_new(model, last)


@misconception(of="randomize_layers", caught_by="test_batch_norm_is_a_layer_too")
def batch_norm_counted_and_kept(model: nn.Module, n: int) -> nn.Module:
    """Batch norms were counted as layers, but their scale and shift are still the learnt ones; they
    are parameters like all others.
    """

    def last(layers: list[nn.Module]) -> list[nn.Module]:
        chosen = layers[max(0, len(layers) - n) :]
        return [m for m in chosen if not isinstance(m, nn.BatchNorm2d)]

    return _with_new(model, last)


@misconception(of="randomize_layers", caught_by="test_more_layers_than_there_are")
def slice_begins_before_the_first(model: nn.Module, n: int) -> nn.Module:
    """For more layers than there are, a negative number counts from the end again, and too few are
    new; the question asks for all of them.
    """
    return _with_new(model, lambda layers: layers[len(layers) - n :])


@misconception(of="randomize_layers", caught_by="test_more_layers_than_there_are")
def more_layers_than_there_are_fail(model: nn.Module, n: int) -> nn.Module:
    """This fails if the model has fewer than n layers; the question asks for all of them then."""
    return _with_new(model, lambda layers: [layers[-k] for k in range(1, n + 1)])


@misconception(of="randomize_layers", caught_by="test_new_parameters_are_drawn_at_random")
def biases_kept(model: nn.Module, n: int) -> nn.Module:
    """The weights are new, but the biases are still the learnt ones; the question asks for every
    parameter of the layer.
    """
    return _rewritten(model, n, lambda name, p: p if name == "bias" else _new_weight(p))


@misconception(of="randomize_layers", caught_by="test_new_parameters_are_drawn_at_random")
def weights_set_to_zero(model: nn.Module, n: int) -> nn.Module:
    """The parameters are zero here, so that nothing gets through the layer at all; the question
    asks for random weights, as before any training.
    """
    return _rewritten(model, n, lambda name, p: torch.zeros_like(p))


@misconception(of="randomize_layers", caught_by="test_new_parameters_are_drawn_at_random")
def weights_shuffled(model: nn.Module, n: int) -> nn.Module:
    """These are the learnt numbers in another order, or with other signs; the question asks for new
    ones, as before any training.
    """

    def shuffled(name: str, parameter: Tensor) -> Tensor:
        return parameter.flatten().roll(parameter.numel() // 3).view_as(parameter)

    return _rewritten(model, n, shuffled)


@misconception(of="randomize_layers", caught_by="test_new_parameters_are_drawn_at_random")
def noise_added(model: nn.Module, n: int) -> nn.Module:
    """Noise was added to the learnt numbers, or they were scaled, and what was learnt is still
    there; the question asks for new numbers in their place.
    """
    return _rewritten(model, n, lambda name, p: p + _new_weight(p) * p.std() / 10)


@misconception(of="randomize_layers", caught_by="test_new_parameters_are_drawn_at_random")
def half_of_each_tensor_new(model: nn.Module, n: int) -> nn.Module:
    """A part of each tensor is new, and the rest are still the learnt numbers; the question asks
    for new values for all of a layer's parameters.
    """

    def half(name: str, parameter: Tensor) -> Tensor:
        new, old = _new_weight(parameter).flatten(), parameter.flatten()
        return torch.cat([new[: len(new) // 2], old[len(old) // 2 :]]).view_as(parameter)

    return _rewritten(model, n, half)


@misconception(of="randomize_layers", caught_by="test_all_else_in_the_copy_is_as_in_the_original")
def copy_in_evaluation_mode(model: nn.Module, n: int) -> nn.Module:
    """The copy is always in evaluation mode; the question keeps the mode of the model."""
    return _randomized(model, n).eval()


@misconception(of="randomize_layers", caught_by="test_all_else_in_the_copy_is_as_in_the_original")
def copy_in_training_mode(model: nn.Module, n: int) -> nn.Module:
    """The copy is in training mode, where batch norm and dropout behave differently; the question
    keeps the mode of the model.
    """
    return _randomized(model, n).train()


@misconception(of="randomize_layers", caught_by="test_all_else_in_the_copy_is_as_in_the_original")
def all_statistics_reset(model: nn.Module, n: int) -> nn.Module:
    """The running statistics of batch norms were reset in layers that should stay as they are; only
    the last n layers may lose theirs.
    """
    copied = _randomized(model, n)
    for module in copied.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()
    return copied


# ---------------------------------------------------------------------------------------------
# Question 2: rank_correlation(a, b)
# ---------------------------------------------------------------------------------------------


def _mean_ranks(values: Tensor) -> Tensor:
    """Ranks from 1 of (N, P), equal values share their mean rank; in float64."""
    ordered = values.sort(dim=1).values
    below = torch.searchsorted(ordered, values)
    return (below + torch.searchsorted(ordered, values, right=True) + 1).double() / 2


def _order(values: Tensor) -> Tensor:
    """Ranks from 0 of (N, P); equal values get different ones, in the order of the pixels."""
    return values.argsort(dim=1, stable=True).argsort(dim=1).double()


def _correlation(r: Tensor, s: Tensor) -> Tensor:
    """Pearson's correlation of rows, (N,); 0 where one is constant."""
    r, s = (x.double() - x.double().mean(dim=1, keepdim=True) for x in (r, s))
    size = (r.square().sum(1) * s.square().sum(1)).sqrt()
    return (r * s).sum(1) / torch.where(size > 0, size, 1.0)


def _rho(a: Tensor, b: Tensor) -> Tensor:
    """The right answer to the second question."""
    return _correlation(_mean_ranks(a.flatten(1)), _mean_ranks(b.flatten(1)))


@misconception(of="rank_correlation", caught_by="test_correlation_of_one_pair_of_maps")
def correlation_of_values(a: Tensor, b: Tensor) -> Tensor:
    """This is the correlation of the values themselves; the question asks for that of their ranks,
    so that a few large values don't decide.
    """
    return _correlation(a.flatten(1), b.flatten(1))


@misconception(of="rank_correlation", caught_by="test_correlation_of_one_pair_of_maps")
def sorting_order_as_ranks(a: Tensor, b: Tensor) -> Tensor:
    """The positions that sorting returns say which pixel comes first, not which place a pixel has;
    the ranks are the inverse of that order.
    """
    return _correlation(a.flatten(1).argsort(dim=1), b.flatten(1).argsort(dim=1))


@misconception(of="rank_correlation", caught_by="test_correlation_of_one_pair_of_maps")
def kendall_s_tau(a: Tensor, b: Tensor) -> Tensor:
    """This is Kendall's tau, which counts pairs of pixels in the same order; the question asks for
    Spearman's rho.
    """

    def signs(maps: Tensor) -> Tensor:
        values = maps.flatten(1).double()
        return (values[:, :, None] - values[:, None, :]).sign().flatten(1)

    r, s = signs(a), signs(b)
    size = (r.square().sum(1) * s.square().sum(1)).sqrt()
    return (r * s).sum(1) / torch.where(size > 0, size, 1.0)


@misconception(of="rank_correlation", caught_by="test_only_the_order_counts")
def sign_lost(a: Tensor, b: Tensor) -> Tensor:
    """The sign of the correlation is gone; maps that order the pixels the other way round have a
    negative one.
    """
    return _rho(a, b).abs()


@misconception(of="rank_correlation", caught_by="test_correlation_of_one_pair_of_maps")
def squared_correlation(a: Tensor, b: Tensor) -> Tensor:
    """This is the square of the right value; the question asks for the correlation itself."""
    return _rho(a, b).square()


@misconception(of="rank_correlation", caught_by="test_only_the_order_counts")
def distance_of_ranks(a: Tensor, b: Tensor) -> Tensor:
    """This is one minus the right value, a distance; maps in the same order have the correlation
    one.
    """
    return 1 - _rho(a, b)


@misconception(of="rank_correlation", caught_by="test_only_the_order_counts")
def divided_by_largest_value(a: Tensor, b: Tensor) -> Tensor:
    """The maps were divided by their largest values first: where that is negative, their order is
    reversed. Ranks need no scale.
    """
    a, b = (maps / maps.amax(dim=(1, 2), keepdim=True) for maps in (a, b))
    return _rho(a, b)


@misconception(of="rank_correlation", caught_by="test_only_the_order_counts")
def one_map_in_falling_order(a: Tensor, b: Tensor) -> Tensor:
    """The sign is wrong: one of the two maps was ranked from the largest value to the smallest, the
    other from the smallest to the largest.
    """
    return _rho(a, -b)


@misconception(of="rank_correlation", caught_by="test_only_the_order_counts")
def absolute_values_ranked(a: Tensor, b: Tensor) -> Tensor:
    """The absolute values were ranked; the question takes the maps as they are, negative values
    below positive ones.
    """
    return _rho(a.abs(), b.abs())


@misconception(of="rank_correlation", caught_by="test_ties_get_their_mean_rank")
def ties_ranked_by_position(a: Tensor, b: Tensor) -> Tensor:
    """Equal values got different ranks, by their position in the map; the question gives them the
    mean of the places that they take together.
    """
    return _correlation(_order(a.flatten(1)), _order(b.flatten(1)))


@misconception(of="rank_correlation", caught_by="test_ties_get_their_mean_rank")
def ties_at_their_lowest_rank(a: Tensor, b: Tensor) -> Tensor:
    """Equal values all got the lowest of their places; the question gives them the mean of these
    places.
    """

    def lowest(maps: Tensor) -> Tensor:
        values = maps.flatten(1)
        return torch.searchsorted(values.sort(dim=1).values, values)

    return _correlation(lowest(a), lowest(b))


@misconception(of="rank_correlation", caught_by="test_ties_get_their_mean_rank")
def ties_at_their_highest_rank(a: Tensor, b: Tensor) -> Tensor:
    """Equal values all got the highest of their places; the question gives them the mean of these
    places.
    """

    def highest(maps: Tensor) -> Tensor:
        values = maps.flatten(1)
        return torch.searchsorted(values.sort(dim=1).values, values, right=True)

    return _correlation(highest(a), highest(b))


@misconception(of="rank_correlation", caught_by="test_ties_get_their_mean_rank")
def ties_take_one_place(a: Tensor, b: Tensor) -> Tensor:
    """Equal values take a single place together, and the next value comes right behind; in the
    question each value takes a place, and equal ones share the mean of theirs.
    """

    def dense(maps: Tensor) -> Tensor:
        return torch.stack([m.unique(return_inverse=True)[1] for m in maps.flatten(1)])

    return _correlation(dense(a), dense(b))


@misconception(of="rank_correlation", caught_by="test_ties_get_their_mean_rank")
def formula_without_ties(a: Tensor, b: Tensor) -> Tensor:
    """The short formula with the squared differences of ranks holds only where no two values are
    equal; use the correlation of the ranks.
    """
    r, s = _mean_ranks(a.flatten(1)), _mean_ranks(b.flatten(1))
    pixels = r.shape[1]
    return 1 - 6 * (r - s).square().sum(1) / (pixels * (pixels**2 - 1))


@misconception(of="rank_correlation", caught_by="test_correlations_of_a_batch")
def whole_batch_ranked(a: Tensor, b: Tensor) -> Tensor:
    """The pixels of all maps were ranked together; the question ranks the pixels of each map among
    themselves.
    """
    r, s = (_mean_ranks(maps.flatten()[None]).view(len(maps), -1) for maps in (a, b))
    return _correlation(r, s)


@misconception(of="rank_correlation", caught_by="test_correlations_of_a_batch")
def one_number_for_the_batch(a: Tensor, b: Tensor) -> Tensor:
    """This is a single number for the whole batch; the question asks for one number for each pair
    of maps.
    """
    return _rho(a, b).mean()


@misconception(of="rank_correlation", caught_by="test_correlation_of_one_pair_of_maps")
def rows_ranked(a: Tensor, b: Tensor) -> Tensor:
    """The pixels were ranked within the rows of the map; the question ranks all pixels of a map
    together.
    """
    r, s = (_mean_ranks(maps.flatten(0, 1)).view(len(maps), -1) for maps in (a, b))
    return _correlation(r, s)


@misconception(of="rank_correlation", caught_by="test_correlation_of_one_pair_of_maps")
def mean_not_subtracted(a: Tensor, b: Tensor) -> Tensor:
    """The mean of the ranks was not subtracted, so that any two maps seem alike; the question asks
    for the correlation, not the cosine.
    """
    r, s = _mean_ranks(a.flatten(1)), _mean_ranks(b.flatten(1))
    return (r * s).sum(1) / (r.norm(dim=1) * s.norm(dim=1))


@misconception(of="rank_correlation", caught_by="test_correlation_of_one_pair_of_maps")
def two_kinds_of_variance(a: Tensor, b: Tensor) -> Tensor:
    """The mean product was divided by standard deviations that are taken over one pixel less (or
    the other way round); take both over the same number.
    """
    pixels = a[0].numel()
    return _rho(a, b) * (pixels - 1) / pixels


@misconception(of="rank_correlation", caught_by="test_a_constant_map_correlates_with_nothing")
def not_a_number_for_constant_maps(a: Tensor, b: Tensor) -> Tensor:
    """For a map that is the same everywhere, be it the first or the second, this is 0 / 0, not a
    number; the question asks for 0 there.
    """
    rho = _rho(a, b)
    for maps in (a, b):
        values = maps.flatten(1)
        rho[values.amax(1) == values.amin(1)] = torch.nan
    return rho


@misconception(of="rank_correlation", caught_by="test_a_constant_map_correlates_with_nothing")
def one_for_two_constant_maps(a: Tensor, b: Tensor) -> Tensor:
    """Two maps that are the same everywhere got the correlation 1; the question asks for 0 where
    there is no order to compare.
    """
    rho = _rho(a, b)
    constant = [maps.flatten(1).amax(1) == maps.flatten(1).amin(1) for maps in (a, b)]
    rho[constant[0] & constant[1]] = 1.0
    return rho


@misconception(of="rank_correlation", caught_by="test_small_values_are_told_apart")
def small_values_rounded(a: Tensor, b: Tensor) -> Tensor:
    """Small values were treated as equal; gradients can be tiny everywhere, and their order counts
    all the same.
    """
    return _rho(a.mul(1e6).round(), b.mul(1e6).round())


# ---------------------------------------------------------------------------------------------
# Question 3: cascade_similarity(method, X, y, model)
# ---------------------------------------------------------------------------------------------


def _cascade(method: Maps, X: Tensor, y: Tensor, models: list[nn.Module]) -> list[Tensor]:
    """The maps of each model in turn."""
    return [method(X, y, model) for model in models]


def _down(model: nn.Module) -> list[nn.Module]:
    """The model with 0, 1, 2, ... and all of its last layers randomised."""
    return [_randomized(model, k) for k in range(len(_layers(model)) + 1)]


@misconception(of="cascade_similarity", caught_by="test_rows_follow_the_cascade")
def compared_with_the_row_before(method: Maps, X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """Each row is compared with the one before it; the question compares all of them with the
    original's maps.
    """
    maps = _cascade(method, X, y, _down(model))
    return torch.stack([_rho(a, b) for a, b in zip(maps, maps[:1] + maps)])


@misconception(
    of="cascade_similarity", caught_by="test_with_nothing_randomised_a_gradient_is_itself"
)
def compared_with_the_last_row(method: Maps, X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """The maps are compared with those of the model that has forgotten everything; the question
    compares them with the original's.
    """
    maps = _cascade(method, X, y, _down(model))
    return torch.stack([_rho(a, maps[-1]) for a in maps])


@misconception(
    of="cascade_similarity", caught_by="test_with_nothing_randomised_a_gradient_is_itself"
)
def original_s_row_missing(method: Maps, X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """The row for nothing randomised is missing; the question begins with it, so that there is one
    row more than layers.
    """
    original, *maps = _cascade(method, X, y, _down(model))
    return torch.stack([_rho(a, original) for a in maps])


@misconception(of="cascade_similarity", caught_by="test_a_row_for_each_number_of_layers")
def last_row_missing(method: Maps, X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """The row in which all layers are randomised is missing; there is one row more than layers."""
    maps = _cascade(method, X, y, _down(model)[:-1])
    return torch.stack([_rho(a, maps[0]) for a in maps])


@misconception(of="cascade_similarity", caught_by="test_a_row_for_each_number_of_layers")
def rows_and_columns_exchanged(method: Maps, X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """Rows and columns are exchanged: here a row belongs to an image; in the question it belongs to
    a number of layers.
    """
    maps = _cascade(method, X, y, _down(model))
    return torch.stack([_rho(a, maps[0]) for a in maps], dim=1)


@misconception(of="cascade_similarity", caught_by="test_a_row_for_each_number_of_layers")
def mean_over_images(method: Maps, X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """The mean over the images was taken; the question keeps a number for each image."""
    maps = _cascade(method, X, y, _down(model))
    return torch.stack([_rho(a, maps[0]).mean() for a in maps])


@misconception(of="cascade_similarity", caught_by="test_a_row_for_each_number_of_layers")
def a_row_for_each_tensor(method: Maps, X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """There is a row for each parameter tensor, so that a weight and its bias count as two; the
    question has a row for each layer.
    """
    count = len(list(model.parameters())) + 1
    maps = _cascade(method, X, y, [_randomized(model, k) for k in range(count)])
    return torch.stack([_rho(a, maps[0]) for a in maps])


@misconception(of="cascade_similarity", caught_by="test_rows_follow_the_cascade")
def original_model_in_each_row(method: Maps, X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """Nothing ever changes here, as if the maps were made with the original each time; hand the
    randomised copy to the method.
    """
    maps = _cascade(method, X, y, [model for _ in _down(model)])
    return torch.stack([_rho(a, maps[0]) for a in maps])


@misconception(of="cascade_similarity", caught_by="test_rows_follow_the_cascade")
def one_layer_at_a_time(method: Maps, X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """In each row a single layer is randomised, and the others are the learnt ones; in a cascade
    the layers behind it stay random as well.
    """
    count = len(_layers(model))
    models = [_with_new(model, lambda layers, k=k: layers[k : k + 1]) for k in range(count, -1, -1)]
    maps = _cascade(method, X, y, models)
    return torch.stack([_rho(a, maps[0]) for a in maps])


@misconception(of="cascade_similarity", caught_by="test_rows_follow_the_cascade")
def cascade_from_the_input(method: Maps, X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """Here the layers are randomised from the input upwards; the question begins at the output."""
    count = len(_layers(model))
    models = [_with_new(model, lambda layers, k=k: layers[:k]) for k in range(count + 1)]
    maps = _cascade(method, X, y, models)
    return torch.stack([_rho(a, maps[0]) for a in maps])


@misconception(
    of="cascade_similarity", caught_by="test_with_nothing_randomised_a_gradient_is_itself"
)
def rows_upside_down(method: Maps, X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """The rows are upside down: the first one belongs to the model in which all is random; the
    question begins with the original.
    """
    maps = _cascade(method, X, y, _down(model))
    return torch.stack([_rho(a, maps[0]) for a in maps[::-1]])


@misconception(of="cascade_similarity", caught_by="test_rows_follow_the_cascade")
def values_correlated(method: Maps, X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """These are correlations of the maps' values; the question asks for those of their ranks."""
    maps = [m.flatten(1) for m in _cascade(method, X, y, _down(model))]
    return torch.stack([_correlation(m, maps[0]) for m in maps])


@misconception(of="cascade_similarity", caught_by="test_rows_follow_the_cascade")
def absolute_maps_compared(method: Maps, X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """Absolute values of the maps were compared; the question takes the maps as the method returns
    them, negative values below positive ones.
    """
    maps = [m.abs() for m in _cascade(method, X, y, _down(model))]
    return torch.stack([_rho(m, maps[0]) for m in maps])


@misconception(
    of="cascade_similarity", caught_by="test_a_method_that_ignores_the_model_has_ones_only"
)
def distances_instead(method: Maps, X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """These are distances, one minus the correlation; the question asks for similarities, which are
    one for equal maps.
    """
    maps = _cascade(method, X, y, _down(model))
    return torch.stack([1 - _rho(a, maps[0]) for a in maps])


@misconception(of="cascade_similarity", caught_by="test_each_image_is_compared_with_itself")
def all_compared_with_the_first_image(
    method: Maps, X: Tensor, y: Tensor, model: nn.Module
) -> Tensor:
    """The maps of all images are compared with the first image's map; the question compares each
    image with itself.
    """
    maps = _cascade(method, X, y, _down(model))
    first = maps[0][:1].expand_as(maps[0])
    return torch.stack([_rho(a, first) for a in maps])


@misconception(of="cascade_similarity", caught_by="test_rows_follow_the_cascade")
def predicted_class_asked(method: Maps, X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """The method was asked about the class that the model predicts, and y was never used; the
    question asks about y throughout.
    """
    models = _down(model)
    with torch.no_grad():
        predicted = model(X).argmax(dim=1)
    maps = _cascade(method, X, predicted, models)
    return torch.stack([_rho(a, maps[0]) for a in maps])


@misconception(
    of="cascade_similarity", caught_by="test_with_nothing_randomised_a_gradient_is_itself"
)
def gradients_switched_off(method: Maps, X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """The method was called where gradients are switched off; a method that needs them fails there.
    Leave it alone, and drop the graph from what it returns.
    """
    with torch.no_grad():
        maps = _cascade(method, X, y, _down(model))
    return torch.stack([_rho(a, maps[0]) for a in maps])


@misconception(of="cascade_similarity", caught_by="test_cascade_through_batch_norm_and_blocks")
def cascade_over_blocks(method: Maps, X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """There is a row for each direct part of the model, where a block of several layers counts as
    one; the question counts the layers inside.
    """
    parts = [child for child in model.children() if list(child.parameters())]
    maps = _cascade(method, X, y, [_randomized(model, k) for k in range(len(parts) + 1)])
    return torch.stack([_rho(a, maps[0]) for a in maps])


@misconception(of="cascade_similarity", caught_by="test_the_model_stays_as_it_was")
def original_left_in_training_mode(method: Maps, X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """The rows are right, but afterwards the model is in training mode; leave it as it was."""
    maps = _cascade(method, X, y, _down(model))
    model.train()
    return torch.stack([_rho(a, maps[0]) for a in maps])


@misconception(of="cascade_similarity", caught_by="test_the_model_stays_as_it_was")
def model_used_up(method: Maps, X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """The rows are right, but afterwards the model itself has forgotten everything; randomise
    copies.
    """
    original = method(X, y, model)
    layers = _layers(model)
    rows = [_rho(original, original)]
    for layer in reversed(layers):
        _renew([layer])
        rows.append(_rho(method(X, y, model), original))
    return torch.stack(rows)
