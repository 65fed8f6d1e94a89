"""Right, one image at a time in a loop."""

# %% grade_id="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    maps = []
    for image, label in zip(X, y):
        image = image.unsqueeze(0).clone().requires_grad_()
        model(image)[0, label].backward()
        maps.append(image.grad[0].abs().max(dim=0)[0])
    return torch.stack(maps)

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    out = torch.zeros_like(maps)
    for i, m in enumerate(maps):
        if m.max() > m.min():
            out[i] = (m - m.min()) / (m.max() - m.min())
    return out

# %% grade_id="compute_layer_saliency"
def compute_layer_saliency(X, y, model, layer):
    maps = []
    for image, label in zip(X, y):
        kept = {}
        def hook(module, inputs, output):
            output.register_hook(lambda g: kept.update(gradient=g))
        handle = layer.register_forward_hook(hook)
        model(image.unsqueeze(0).clone().requires_grad_())[0, label].backward()
        handle.remove()
        maps.append(kept["gradient"][0].abs().max(dim=0)[0])
    return torch.stack(maps)

# %% grade_id="compute_loss_saliency"
def compute_loss_saliency(X, losses, model):
    X = X.clone().requires_grad_()
    scores = model(X)
    total = 0
    for weight, loss in losses:
        total = total + weight * loss(scores).sum()
    total.backward()
    return X.grad.abs().max(dim=1)[0]
