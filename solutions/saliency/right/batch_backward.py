"""Style: one backward pass for the batch, straight on the caller's X; gradients stay wherever they fall."""

# %% grade_id="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X.requires_grad_()
    scores = model(X)
    # pick the score of the correct class for every image
    correct_scores = scores.gather(1, y.view(-1, 1)).squeeze()
    correct_scores.sum().backward()
    saliency, _ = X.grad.data.abs().max(dim=1)
    return saliency

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    N = maps.shape[0]
    flat = maps.view(N, -1)
    mn = flat.min(dim=1, keepdim=True)[0]
    mx = flat.max(dim=1, keepdim=True)[0]
    rng = mx - mn
    rng[rng == 0] = 1   # constant map -> 0/1 = 0
    return ((flat - mn) / rng).view_as(maps)

# %% grade_id="compute_layer_saliency"
def compute_layer_saliency(X, y, model, layer):
    saved = {}
    def hook(m, inp, out):
        saved["out"] = out
        out.retain_grad()
        return out.clone()
    h = layer.register_forward_hook(hook)
    X.requires_grad_()
    model(X).gather(1, y.view(-1, 1)).sum().backward()
    h.remove()
    return saved["out"].grad.abs().max(1).values

# %% grade_id="compute_loss_saliency"
def compute_loss_saliency(X, losses, model):
    X.requires_grad_()
    scores = model(X)
    loss = 0
    for w, fn in losses:
        loss = loss + w * fn(scores)
    loss.sum().backward()
    return X.grad.abs().max(dim=1)[0]
