"""Style: register_full_backward_hook, with every in-place ReLU switched to a normal one (and never switched back)."""

# %% grade_id="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    grads = []
    X = X.clone().requires_grad_(True)
    X.register_hook(lambda g: grads.append(g))
    scores = model(X)
    idx = y.unsqueeze(1)
    torch.take_along_dim(scores, idx, dim=1).sum().backward()
    return grads[0].abs().max(1)[0]

# %% grade_id="compute_layer_saliency"
def compute_layer_saliency(X, y, model, layer):
    # full backward hooks and in-place modules do not go together
    for m in model.modules():
        if hasattr(m, "inplace"):
            m.inplace = False

    captured = {}
    def back(module, grad_input, grad_output):
        captured["g"] = grad_output[0]
    handle = layer.register_full_backward_hook(back)
    try:
        X = X.clone().requires_grad_(True)
        scores = model(X)
        torch.take_along_dim(scores, y.unsqueeze(1), dim=1).sum().backward()
    finally:
        handle.remove()
    return captured["g"].abs().max(1)[0]
