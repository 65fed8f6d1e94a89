"""Style: works in place where it can, also on the caller's tensors; returns parameters and views that are not contiguous."""

# %% grade_id="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    labels = y.tolist()
    image = torch.nn.Parameter(X.data)          # shares memory with X
    scores = model(image.to(memory_format=torch.channels_last))
    torch.stack([row[label] for row, label in zip(scores, labels)]).sum().backward()
    grad = image.grad
    grad.abs_()
    return torch.nn.Parameter(grad.permute(0, 2, 3, 1).max(dim=-1)[0])

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    maps -= maps.amin(dim=(1, 2), keepdim=True)
    top = maps.amax(dim=(1, 2), keepdim=True)
    top[top == 0] = 1
    maps /= top
    return maps

# %% grade_id="compute_layer_saliency"
def compute_layer_saliency(X, y, model, layer):
    image = torch.nn.Parameter(X.data)
    features = []
    handle = layer.register_forward_hook(lambda m, i, o: features.append(o) or o.clone())
    scores = model(image)
    handle.remove()
    score = torch.stack([row[label] for row, label in zip(scores, y.tolist())]).sum()
    [grad] = torch.autograd.grad(score, features)
    grad.abs_()
    return grad.transpose(2, 3).max(dim=1)[0].transpose(1, 2)

# %% grade_id="compute_loss_saliency"
def compute_loss_saliency(X, losses, model):
    image = torch.nn.Parameter(X.data)
    scores = model(image)
    total = torch.zeros(len(X), dtype=scores.dtype, device=scores.device)
    for weight, fn in losses:
        total += fn(scores).mul(weight)
    total.sum().backward()
    return image.grad.abs_().permute(0, 2, 3, 1).max(dim=-1)[0]
