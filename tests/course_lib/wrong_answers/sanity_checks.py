import copy

import torch
from torch import nn

from tests.course_lib.wrong_answers import wrong


def layers_of(model):
    return [m for m in model.modules() if list(m.parameters(recurse=False))]


@wrong(of="randomize_layers", says="n = 0 no layer", never="layers none")
def counts_from_minus_n(model, n):
    new = copy.deepcopy(model)
    for layer in layers_of(new)[-n:]:
        layer.reset_parameters()
    return new


@wrong(of="randomize_layers", says="n = 2|they are 3.skip.0, 6")
def only_linear_and_convolution(model, n):
    new = copy.deepcopy(model)
    kinds = [m for m in new.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    for layer in kinds[max(0, len(kinds) - n) :]:
        layer.reset_parameters()
    return new


@wrong(of="randomize_layers", says="work on a copy")
def assigned_and_not_copied(model, n):
    new = model
    layers = layers_of(new)
    for layer in layers[max(0, len(layers) - n) :]:
        with torch.no_grad():
            for p in layer.parameters(recurse=False):
                p.normal_()
    return new


@wrong(of="randomize_layers", says="bias|not all numbers")
def biases_forgotten(model, n):
    new = copy.deepcopy(model)
    layers = layers_of(new)
    for layer in layers[max(0, len(layers) - n) :]:
        nn.init.normal_(layer.weight)
    return new


def ranks(maps):
    return maps.flatten(1).argsort(dim=1).argsort(dim=1).double()


def pearson(r, s):
    r, s = r - r.mean(dim=1, keepdim=True), s - s.mean(dim=1, keepdim=True)
    return (r * s).sum(dim=1) / (r.norm(dim=1) * s.norm(dim=1)).clamp(min=1e-12)


@wrong(of="rank_correlation", says="of the values|rank", never="share the ranks")
def values_correlated(a, b):
    return pearson(a.flatten(1), b.flatten(1))


@wrong(of="rank_correlation", says="sort", never="share the ranks")
def sorted_once(a, b):
    return pearson(a.flatten(1).argsort(dim=1).double(), b.flatten(1).argsort(dim=1).double())


@wrong(of="rank_correlation", says="share the ranks|rank 2")
def ties_in_their_order(a, b):
    return pearson(ranks(a), ranks(b))


def similarity(a, b):
    from scipy.stats import spearmanr

    constant = (a.flatten(1).std(dim=1) == 0) | (b.flatten(1).std(dim=1) == 0)
    pairs = zip(a.flatten(1).numpy(), b.flatten(1).numpy(), constant)
    return torch.tensor([0.0 if flat else spearmanr(r, s).statistic for r, s, flat in pairs])


def randomised(model, n):
    new = copy.deepcopy(model)
    layers = layers_of(new)
    for layer in layers[max(0, len(layers) - n) :]:
        layer.reset_parameters()
    return new


@wrong(of="cascade_similarity", says="shape (4, 2)|0, 1, 2 and 3", never="N = 1")
def without_the_original(method, X, y, model):
    original = method(X, y, model)
    rows = range(1, len(layers_of(model)) + 1)
    return torch.stack(
        [similarity(method(X, y, randomised(model, k)).detach(), original.detach()) for k in rows]
    )


@wrong(of="cascade_similarity", says="original", never="nothing is randomised")
def against_the_step_before(method, X, y, model):
    rows, before = [], method(X, y, model).detach()
    for k in range(len(layers_of(model)) + 1):
        maps = method(X, y, randomised(model, k)).detach()
        rows.append(similarity(maps, before))
        before = maps
    return torch.stack(rows)


@wrong(of="cascade_similarity", says="last k layers")
def one_layer_at_a_time(method, X, y, model):
    original = method(X, y, model).detach()
    rows = [torch.ones(len(X)).double()]
    for k in range(len(layers_of(model))):
        new = copy.deepcopy(model)
        layers_of(new)[-1 - k].reset_parameters()
        rows.append(similarity(method(X, y, new).detach(), original))
    return torch.stack(rows)
