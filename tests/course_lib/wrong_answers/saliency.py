import torch
import torch.nn.functional as F

from tests.course_lib.wrong_answers import wrong

CENTRAL = "how three channels become one"


@wrong(of="compute_saliency_maps", says="cross-entropy", never=CENTRAL)
def loss_of_training(X, y, model):
    X.requires_grad_()
    loss = F.cross_entropy(model(X), y)
    loss.backward()
    saliency, _ = X.grad.abs().max(dim=1)
    return saliency


@wrong(
    of="compute_saliency_maps",
    says="which the model predicts|take that of class",
    never=CENTRAL,
)
def best_score(X, y, model):
    X = X.clone().requires_grad_(True)
    scores = model(X)
    best, _ = torch.max(scores, dim=1)
    best.sum().backward()
    return X.grad.abs().max(dim=1).values


@wrong(of="compute_saliency_maps", says="sum over the channels|largest", never="which quantity")
def three_channels_added(X, y, model):
    X = X.clone().requires_grad_(True)
    scores = model(X)[range(len(y)), y]
    scores.sum().backward()
    return X.grad.abs().sum(dim=1)


@wrong(of="compute_saliency_maps", says="mean over the channels|largest", never="which quantity")
def three_channels_averaged(X, y, model):
    X = X.clone().requires_grad_(True)
    scores = model(X)[range(len(y)), y]
    scores.sum().backward()
    return X.grad.abs().mean(dim=1)


@wrong(of="compute_saliency_maps", says="probability|unnormalised score", never=CENTRAL)
def softmax_first(X, y, model):
    X = X.clone().requires_grad_(True)
    p = torch.softmax(model(X), dim=1)
    p.gather(1, y.unsqueeze(1)).sum().backward()
    return X.grad.abs().max(dim=1)[0]


@wrong(of="compute_saliency_maps", says="sum of all scores|score of class 0", never=CENTRAL)
def every_score(X, y, model):
    X = X.clone().requires_grad_(True)
    model(X).sum().backward()
    return X.grad.abs().max(dim=1)[0]


@wrong(of="compute_saliency_maps", says="times the values it belongs to", never="which quantity")
def gradient_times_image(X, y, model):
    X = X.clone().requires_grad_(True)
    model(X).gather(1, y.view(-1, 1)).sum().backward()
    return (X * X.grad).abs().max(dim=1)[0].detach()


@wrong(of="compute_saliency_maps", says="other images in its batch", never="which quantity")
def first_image_for_all(X, y, model):
    X = X.clone().requires_grad_(True)
    model(X)[0, y].sum().backward()
    return X.grad.abs().max(dim=1)[0]


@wrong(of="compute_saliency_maps", says="0 to 1|question 2", never="which quantity")
def stretched_at_once(X, y, model):
    X = X.clone().requires_grad_(True)
    model(X).gather(1, y.view(-1, 1)).sum().backward()
    maps = X.grad.abs().amax(dim=1)
    low, high = maps.amin(dim=(1, 2), keepdim=True), maps.amax(dim=(1, 2), keepdim=True)
    return (maps - low) / (high - low)


@wrong(of="normalize_maps", says="whatever the other maps are")
def one_scale_for_all(maps):
    return (maps - maps.min()) / (maps.max() - maps.min() + 1e-12)


@wrong(of="normalize_maps", says="1, becomes 0")
def largest_only(maps):
    return maps / maps.amax(dim=(1, 2), keepdim=True)


@wrong(of="normalize_maps", says="whole map")
def row_by_row(maps):
    low = maps.min(dim=2, keepdim=True).values
    high = maps.max(dim=2, keepdim=True).values
    return (maps - low) / (high - low).clamp(min=1e-12)


@wrong(of="normalize_maps", says="constant map should become zeros")
def constant_map_as_it_was(maps):
    result = maps.clone()
    for i in range(len(maps)):
        span = maps[i].max() - maps[i].min()
        if span > 0:
            result[i] = (maps[i] - maps[i].min()) / span
    return result


@wrong(of="compute_layer_saliency", says="output itself|gradient")
def activations_drawn(X, y, model, layer):
    kept = []
    handle = layer.register_forward_hook(lambda module, inputs, output: kept.append(output.clone()))
    model(X)
    handle.remove()
    return kept[0].abs().amax(dim=1)


@wrong(
    of="compute_layer_saliency",
    says="which the model predicts|take that of class",
    never="overwritten",
)
def layer_of_the_best_class(X, y, model, layer):
    kept = []

    def keep(module, inputs, output):
        kept.append(output)
        return output.clone()

    handle = layer.register_forward_hook(keep)
    scores = model(X.clone().requires_grad_(True))
    handle.remove()
    grads = torch.autograd.grad(scores.max(dim=1).values.sum(), kept[0])[0]
    return grads.abs().amax(dim=1)


@wrong(of="compute_layer_saliency", says="mean over the channels|largest", never="overwritten")
def layer_s_channels_averaged(X, y, model, layer):
    kept = []

    def keep(module, inputs, output):
        kept.append(output)
        return output.clone()

    handle = layer.register_forward_hook(keep)
    scores = model(X.clone().requires_grad_(True))
    handle.remove()
    grads = torch.autograd.grad(scores.gather(1, y[:, None]).sum(), kept[0])[0]
    return grads.abs().mean(dim=1)


@wrong(of="compute_loss_saliency", says="absolute value of each|before the absolute value")
def maps_added(X, losses, model):
    maps = 0
    for weight, loss in losses:
        x = X.clone().requires_grad_(True)
        loss(model(x)).sum().backward()
        maps = maps + weight * x.grad.abs().amax(dim=1)
    return maps.abs()


@wrong(of="compute_loss_saliency", says="probabilities|scores", never="check the weights")
def losses_of_probabilities(X, losses, model):
    x = X.clone().requires_grad_(True)
    scores = model(x).softmax(dim=1)
    sum(weight * loss(scores).sum() for weight, loss in losses).backward()
    return x.grad.abs().amax(dim=1)


@wrong(of="compute_loss_saliency", says="up over the batch", never="check the weights")
def mean_over_the_batch(X, losses, model):
    x = X.clone().requires_grad_(True)
    scores = model(x)
    sum(weight * loss(scores).mean() for weight, loss in losses).backward()
    return x.grad.abs().amax(dim=1)
