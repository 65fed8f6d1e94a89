"""Deleted one graded cell, doubled another, rewrote a third; two answers are right."""

# %% grade_id="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = X.clone().requires_grad_()
    model(X).gather(1, y.view(-1, 1)).sum().backward()
    return X.grad.abs().amax(dim=1)

# %% grade_id="test_compute_saliency_maps" delete=true

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    low = maps.amin((1, 2), keepdim=True)
    span = maps.amax((1, 2), keepdim=True) - low
    return torch.where(span > 0, (maps - low) / span, 0.0)

# %% grade_id="test_normalize_maps"
check_normalize_maps(normalize_maps)

# %% grade_id="test_normalize_maps"
check_normalize_maps(normalize_maps)

# %% grade_id="test_compute_loss_saliency"
10.0
