"""Keeps the gradient of a layer where an in-place ReLU overwrites it; squeezes a batch of one."""

# %% grade_id="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = X.clone().requires_grad_()
    model(X).gather(1, y.view(-1, 1)).sum().backward()
    return X.grad.abs().max(dim=1)[0].squeeze()

# %% grade_id="compute_layer_saliency"
def compute_layer_saliency(X, y, model, layer):
    kept = []
    def hook(module, inputs, output):
        output.retain_grad()
        kept.append(output)
    handle = layer.register_forward_hook(hook)
    model(X.clone().requires_grad_()).gather(1, y.view(-1, 1)).sum().backward()
    handle.remove()
    return kept[0].grad.abs().max(dim=1)[0]
