"""Style: minimises, as an optimiser would: the gradient of minus the score, whose absolute value is the same."""

# %% grade_id="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    img = torch.nn.Parameter(X.detach().clone())
    opt = torch.optim.SGD([img], lr=0.0)
    opt.zero_grad()
    loss = torch.nn.functional.nll_loss(model(img), y, reduction="sum")   # nll_loss of raw scores = -sum of scores
    loss.backward()
    return img.grad.detach().abs().amax(dim=1)

# %% grade_id="compute_layer_saliency"
def compute_layer_saliency(X, y, model, layer):
    outs = []
    def f(module, inp, out):
        outs.append(out)
        return out.clone()
    handle = layer.register_forward_hook(f)
    loss = torch.nn.functional.nll_loss(model(torch.nn.Parameter(X.detach().clone())), y, reduction="sum")
    handle.remove()
    return torch.autograd.grad(loss, outs[0])[0].detach().abs().amax(dim=1)

# %% grade_id="compute_loss_saliency"
def compute_loss_saliency(X, losses, model):
    img = torch.nn.Parameter(X.detach().clone())
    scores = model(img)
    objective = torch.zeros((), dtype=scores.dtype, device=scores.device)
    for weight, loss in losses:
        objective = objective - weight * torch.sum(loss(scores))
    objective.backward()
    return img.grad.detach().abs().amax(dim=1)
