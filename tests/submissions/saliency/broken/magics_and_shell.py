"""A cell between two right answers is full of magics.

expect: compute_saliency_maps=14 normalize_maps=6 compute_layer_saliency=0 compute_loss_saliency=0
"""

# %% grade_id="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = X.clone().requires_grad_()
    model(X).gather(1, y[:, None]).sum().backward()
    return X.grad.abs().amax(dim=1)

# %%
# %matplotlib inline
# !echo hello
# %timeit -n1 -r1 1 + 1

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    lo = maps.amin(dim=(1, 2), keepdim=True)
    span = maps.amax(dim=(1, 2), keepdim=True) - lo
    return torch.where(span > 0, (maps - lo) / span, torch.zeros_like(maps))
