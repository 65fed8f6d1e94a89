"""One answer that does not compile, one that raises, and one that is right."""

# %% grade_id="compute_saliency_maps"
def compute_saliency_maps(X, y, model)
    return X.grad

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    low = maps.amin((1, 2), keepdim=True)
    span = maps.amax((1, 2), keepdim=True) - low
    return torch.where(span > 0, (maps - low) / span, 0.0)

# %% grade_id="compute_loss_saliency"
def compute_loss_saliency(X, losses, model):
    return losses["cross_entropy"](model(X))
