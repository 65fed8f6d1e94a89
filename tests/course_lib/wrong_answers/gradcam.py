import torch
import torch.nn.functional as F
from torch import nn

from tests.course_lib.wrong_answers import wrong


def backward_with(X, y, model, rule):
    """The gradient of the class score, `rule(gradient, output)` applied at the output of each ReLU."""
    handles = []
    for module in model.modules():
        if isinstance(module, nn.ReLU):

            def hook(module, inputs, output):
                kept = output.detach().clone()
                output.register_hook(lambda g: rule(g, kept))

            handles.append(module.register_forward_hook(hook))
    x = X.detach().clone().requires_grad_(True)
    scores = model(x).gather(1, y.view(-1, 1))
    for handle in handles:
        handle.remove()
    return torch.autograd.grad(scores.sum(), x)[0]


@wrong(of="guided_backprop", says="without any ReLU|set to zero", never="which quantity")
def pixels_clamped(X, y, model):
    return backward_with(X, y, model, lambda g, out: g.clamp(min=0)).clamp(min=0)


@wrong(of="guided_backprop", says="negative gradients", never="both of its conditions")
def negative_gradients_kept(X, y, model):
    return backward_with(X, y, model, lambda g, out: g.clamp(max=0))


@wrong(of="guided_backprop", says="plain gradient", never="last one too")
def forward_condition_only(X, y, model):
    return backward_with(X, y, model, lambda g, out: g * (out > 0))


@wrong(of="guided_backprop", says="cross-entropy", never="on its way back")
def guided_loss(X, y, model):
    x = X.detach().clone().requires_grad_(True)
    F.cross_entropy(model(x), y, reduction="sum").backward()
    return x.grad


def cam(X, y, model, layer, combine, finish=None, align_corners=False, quantity=None):
    kept = []

    def keep(module, inputs, output):
        kept.append(output)
        return output.clone()

    handle = layer.register_forward_hook(keep)
    scores = model(X.detach().clone().requires_grad_(True))
    handle.remove()
    asked = scores.gather(1, y.view(-1, 1)).sum() if quantity is None else quantity(scores, y)
    (g,) = torch.autograd.grad(asked, kept[0])
    maps = combine(g, kept[0].detach())
    maps = F.interpolate(
        maps[:, None], X.shape[-2:], mode="bilinear", align_corners=align_corners
    ).squeeze(1)
    if finish is not None:
        maps = finish(maps)
    low, high = maps.amin(dim=(1, 2), keepdim=True), maps.amax(dim=(1, 2), keepdim=True)
    return (maps - low) / (high - low).clamp(min=1e-12)


def weighted_sum(g, a):
    return (g.mean(dim=(2, 3), keepdim=True) * a).sum(dim=1)


def usual(g, a):
    return weighted_sum(g, a).relu()


@wrong(of="grad_cam", says="align_corners", never="in their order")
def corners_aligned(X, y, model, layer):
    return cam(X, y, model, layer, usual, align_corners=True)


@wrong(of="grad_cam", says="ReLU seems to be missing", never="align_corners")
def relu_forgotten(X, y, model, layer):
    return cam(X, y, model, layer, weighted_sum)


@wrong(of="grad_cam", says="belongs before", never="align_corners")
def relu_after_enlarging(X, y, model, layer):
    return cam(X, y, model, layer, weighted_sum, finish=torch.relu)


@wrong(of="grad_cam", says="mean", never="align_corners")
def gradient_times_activation(X, y, model, layer):
    return cam(X, y, model, layer, lambda g, a: (g * a).sum(dim=1).relu())


@wrong(of="grad_cam", says="cross-entropy", never="align_corners")
def cam_of_the_loss(X, y, model, layer):
    return cam(
        X, y, model, layer, usual, quantity=lambda s, y: F.cross_entropy(s, y, reduction="sum")
    )


@wrong(of="grad_cam", says="which the model predicts", never="align_corners")
def cam_of_the_prediction(X, y, model, layer):
    return cam(X, y, model, layer, usual, quantity=lambda s, y: s.amax(dim=1).sum())


@wrong(of="guided_grad_cam", says="map of its own", never="multiply")
def maps_without_a_channel(X, y, model, layer):
    guided = backward_with(X, y, model, lambda g, out: g.clamp(min=0))
    return guided * cam(X, y, model, layer, usual)


@wrong(of="guided_grad_cam", says="absolute", never="three channels share")
def size_of_the_guided_gradient(X, y, model, layer):
    guided = backward_with(X, y, model, lambda g, out: g.clamp(min=0)).abs()
    return guided * cam(X, y, model, layer, usual).unsqueeze(1)
