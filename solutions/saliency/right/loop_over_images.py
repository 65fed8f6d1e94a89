"""Style: one image after the other, maps collected in a list and stacked."""

# %% grade_id="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    maps = []
    for i in range(X.size(0)):
        x = X[i:i+1].clone().detach().requires_grad_(True)
        s = model(x)[0, y[i]]
        s.backward()
        maps.append(x.grad[0].abs().max(dim=0)[0])
    return torch.stack(maps)

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    out = torch.zeros_like(maps)
    for i, m in enumerate(maps):
        lo, hi = m.min(), m.max()
        if hi > lo:
            out[i] = (m - lo) / (hi - lo)
    return out

# %% grade_id="compute_layer_saliency"
def compute_layer_saliency(X, y, model, layer):
    result = []
    for img, label in zip(X, y):
        feats = []
        handle = layer.register_forward_hook(lambda m, i, o: (feats.append(o), o * 1)[1])
        img = img.unsqueeze(0).requires_grad_()
        score = model(img)[0][label]
        handle.remove()
        g = torch.autograd.grad(score, feats[0])[0]
        result.append(torch.amax(torch.abs(g), dim=1))
    return torch.cat(result, dim=0)

# %% grade_id="compute_loss_saliency"
def compute_loss_saliency(X, losses, model):
    # the losses hold a label for each image, so they must see the whole batch;
    # only the derivative is taken image by image
    inp = X.clone().detach().requires_grad_(True)
    scores = model(inp)
    total = 0.0
    for weight, loss in losses:
        total = total + weight * loss(scores)
    maps = []
    for n in range(len(X)):
        grad = torch.autograd.grad(total[n], inp, retain_graph=True)[0][n]
        maps.append(grad.abs().max(0).values)
    return torch.stack(maps, 0)
