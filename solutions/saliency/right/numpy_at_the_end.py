"""Style: over to NumPy as soon as the gradient is there; NumPy arrays are returned."""

# %% grade_id="compute_saliency_maps"
import numpy as np

def compute_saliency_maps(X, y, model):
    x = X.detach().clone()
    x.requires_grad = True
    scores = model(x)
    total = 0
    for i in range(len(y)):
        total += scores[i, int(y[i])]
    total.backward()
    g = x.grad.cpu().numpy()
    return np.abs(g).max(axis=1)

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    a = np.array(maps.detach().cpu())
    lo = a.min(axis=(1, 2), keepdims=True)
    span = np.ptp(a, axis=(1, 2), keepdims=True)
    return np.divide(a - lo, span, out=np.zeros_like(a), where=span > 0)

# %% grade_id="compute_layer_saliency"
def compute_layer_saliency(X, y, model, layer):
    acts = []
    def h(m, i, o):
        acts.append(o)
        return o.clone()
    handle = layer.register_forward_hook(h)
    scores = model(X.detach().clone().requires_grad_(True))
    handle.remove()
    total = sum(scores[i, int(y[i])] for i in range(len(y)))
    g = torch.autograd.grad(total, acts[0])[0].cpu().numpy()
    return np.abs(g).max(axis=1)

# %% grade_id="compute_loss_saliency"
def compute_loss_saliency(X, losses, model):
    x = X.detach().clone()
    x.requires_grad = True
    scores = model(x)
    gs = []
    for w, fn in losses:
        x.grad = None
        fn(scores).sum().backward(retain_graph=True)
        gs.append(w * x.grad.cpu().numpy())
    return np.abs(np.sum(gs, axis=0)).max(axis=1)
