"""Style: a helper in a cell of its own, and the questions answered by calling one another, in any order."""

# %%
def gradient_of(quantity, wrt):
    "d sum(quantity) / d wrt"
    return torch.autograd.grad(quantity.sum(), wrt)[0]

def channel_max(g):
    return g.abs().max(dim=1).values

# %% grade_id="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    # defined further down
    return compute_loss_saliency(X, [(1.0, lambda s: s[torch.arange(len(y)), y])], model)

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    return torch.stack([stretch(m) for m in maps])

# %%
def stretch(m):
    m = m - m.min()
    return m if m.max() == 0 else m / m.max()

# %% grade_id="compute_layer_saliency"
def compute_layer_saliency(X, y, model, layer):
    tape = Tape(layer)
    with tape:
        scores = model(X.clone().requires_grad_())
    return channel_max(gradient_of(scores.gather(1, y[:, None]), tape.output))

# %%
class Tape:
    def __init__(self, layer):
        self.layer = layer
    def __enter__(self):
        self.handle = self.layer.register_forward_hook(self.record)
    def record(self, module, inputs, output):
        self.output = output
        return output.clone()
    def __exit__(self, *exc):
        self.handle.remove()

# %% grade_id="compute_loss_saliency"
def compute_loss_saliency(X, losses, model):
    X = X.clone().requires_grad_()
    scores = model(X)
    return channel_max(gradient_of(sum(w * f(scores) for w, f in losses), X))
