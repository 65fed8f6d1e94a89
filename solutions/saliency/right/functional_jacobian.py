"""Style: torch.autograd.functional, every piece with its own name."""

# %% grade_id="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    def summed_scores(images):
        return torch.gather(model(images), 1, y.long().unsqueeze(-1)).sum()
    jac = torch.autograd.functional.jacobian(summed_scores, X)
    saliency, which_channel = torch.max(jac.abs(), 1)
    return saliency

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    out = maps.clone()
    for n in range(maps.shape[0]):
        out[n] = out[n].sub(out[n].min())
        if torch.any(out[n] > 0):
            out[n] = out[n].div(out[n].max())
    return out

# %% grade_id="compute_loss_saliency"
def compute_loss_saliency(X, losses, model):
    def per_image(images):
        scores = model(images)
        return torch.sum(torch.stack([torch.as_tensor(w).to(scores) * f(scores) for w, f in losses]), dim=0)
    n = X.shape[0]
    ones = torch.ones(n, dtype=X.dtype, device=X.device)
    _, g = torch.autograd.functional.vjp(per_image, X, ones)
    saliency, which_channel = torch.max(g.abs(), 1)
    return saliency
