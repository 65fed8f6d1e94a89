"""One function of four takes 100 MB after another, up to 6 GB.

expect: compute_saliency_maps=14 normalize_maps=6 compute_layer_saliency=0 compute_loss_saliency=10
reason: did not
"""

# %% grade_id="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = X.clone().requires_grad_()
    model(X).gather(1, y[:, None]).sum().backward()
    return X.grad.abs().amax(dim=1)

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    lo = maps.amin(dim=(1, 2), keepdim=True)
    span = maps.amax(dim=(1, 2), keepdim=True) - lo
    return torch.where(span > 0, (maps - lo) / span, torch.zeros_like(maps))

# %% grade_id="compute_layer_saliency"
def compute_layer_saliency(X, y, model, layer):
    hoard = []
    while len(hoard) < 60:
        hoard.append(bytearray(b"x" * 100_000_000))
    raise MemoryError("gave up at 6 GB of memory")

# %% grade_id="compute_loss_saliency"
def compute_loss_saliency(X, losses, model):
    X = X.clone().requires_grad_()
    scores = model(X)
    sum(weight * loss(scores).sum() for weight, loss in losses).backward()
    return X.grad.abs().amax(dim=1)
