"""Style: create_graph=True everywhere; the result still carries a graph, and parameters were unfrozen on the way."""

# %% grade_id="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    for p in model.parameters():
        p.requires_grad_(True)
    X.requires_grad_(True)
    score = model(X).index_select(1, y).diagonal().sum()
    score.backward(create_graph=True)
    return X.grad.abs().max(dim=1)[0]

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    maps = maps.clone().requires_grad_(True)
    lo = maps.flatten(1).min(1).values[:, None, None]
    hi = maps.flatten(1).max(1).values[:, None, None]
    safe = torch.where(hi == lo, torch.ones_like(hi), hi - lo)
    return (maps - lo) / safe

# %% grade_id="compute_layer_saliency"
def compute_layer_saliency(X, y, model, layer):
    X.requires_grad_(True)
    kept = []
    handle = layer.register_forward_hook(lambda m, i, o: kept.append(o) or o.clone())
    score = model(X).index_select(1, y).diagonal().sum()
    handle.remove()
    g, = torch.autograd.grad(score, kept, create_graph=True)
    return g.abs().max(dim=1)[0]

# %% grade_id="compute_loss_saliency"
def compute_loss_saliency(X, losses, model):
    X.requires_grad_(True)
    scores = model(X)
    terms = torch.stack([w * f(scores) for w, f in losses], dim=1)   # N x K
    g, = torch.autograd.grad(terms.sum(), X, create_graph=True)
    return g.abs().max(dim=1)[0]
