"""Right, with torch.autograd.grad; only the first two questions answered."""

# %% grade_id="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X.requires_grad_()
    scores = model(X)[torch.arange(len(y)), y]
    (gradient,) = torch.autograd.grad(scores.sum(), X)
    return gradient.abs().amax(1)

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    low = maps.flatten(1).min(1).values[:, None, None]
    high = maps.flatten(1).max(1).values[:, None, None]
    return (maps - low) / (high - low + 1e-12)
