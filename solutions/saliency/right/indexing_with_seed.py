"""Style: advanced indexing, and backward() called with a gradient of ones that is float32 whatever the model is."""

# %% grade_id="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    N = X.shape[0]
    X = torch.autograd.Variable(X, requires_grad=True)
    out = model(X)
    out = out[torch.arange(N), y]
    out.backward(torch.ones(N, device=X.device))
    sal = torch.max(torch.abs(X.grad), dim=1)
    return sal[0]

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    smallest = maps.min(2)[0].min(1)[0]
    largest = maps.max(2)[0].max(1)[0]
    diff = largest - smallest
    result = maps - smallest.view(-1, 1, 1)
    for k in range(len(maps)):
        if diff[k] != 0:
            result[k] /= diff[k]
    return result

# %% grade_id="compute_layer_saliency"
def compute_layer_saliency(X, y, model, layer):
    N = X.shape[0]
    keep = []
    X = torch.autograd.Variable(X, requires_grad=True)
    def f(module, i, o):
        # called with d score / d output, before the in-place ReLU can spoil anything
        o.register_hook(lambda grad: keep.append(grad.clone()))
    hd = layer.register_forward_hook(f)
    out = model(X)[torch.arange(N), y]
    out.backward(torch.ones(N, device=X.device))
    hd.remove()
    return torch.max(torch.abs(keep[0]), dim=1)[0]

# %% grade_id="compute_loss_saliency"
def compute_loss_saliency(X, losses, model):
    N = X.shape[0]
    X = torch.autograd.Variable(X, requires_grad=True)
    out = model(X)
    L = torch.zeros(N, dtype=out.dtype, device=X.device)
    for (w, l) in losses:
        L += w * l(out)
    L.backward(torch.ones(N, device=X.device))
    return torch.max(torch.abs(X.grad), dim=1)[0]
