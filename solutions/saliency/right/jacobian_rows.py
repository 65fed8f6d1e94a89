"""Style: torch.func: the whole Jacobian of each image, then the row of its class; vmap over images."""

# %% grade_id="compute_saliency_maps"
from torch.func import grad, jacrev, vjp, vmap

def compute_saliency_maps(X, y, model):
    def scores_of_one(x):            # (3, H, W) -> (C,)
        return model(x[None])[0]
    J = torch.stack([jacrev(scores_of_one)(x) for x in X])      # (N, C, 3, H, W)
    rows = torch.stack([J[i, label] for i, label in enumerate(y)])
    return rows.abs().amax(dim=-3)

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    def one(m):
        span = m.max() - m.min()
        return torch.where(span == 0, torch.zeros_like(m), (m - m.min()) / span)
    return torch.func.vmap(one)(maps)

# %% grade_id="compute_layer_saliency"
def compute_layer_saliency(X, y, model, layer):
    # add a zero image to the layer's output; the gradient there is the gradient of the output
    shape = []
    h = layer.register_forward_hook(lambda m, i, o: shape.append(o.shape))
    with torch.no_grad():
        model(X)
    h.remove()

    def score_of_shift(shift):
        h = layer.register_forward_hook(lambda m, i, o: o + shift)
        s = model(X).gather(1, y[:, None]).sum()
        h.remove()
        return s

    g = torch.func.grad(score_of_shift)(torch.zeros(shape[0], dtype=X.dtype, device=X.device))
    return g.abs().amax(dim=1)

# %% grade_id="compute_loss_saliency"
def compute_loss_saliency(X, losses, model):
    def total(images):
        s = model(images)
        return sum(w * fn(s) for w, fn in losses)
    value, pull_back = torch.func.vjp(total, X)
    (g,) = pull_back(torch.ones_like(value))
    return g.abs().amax(dim=1)
