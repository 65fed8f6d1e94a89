"""Style: careful: works on a deep copy of the model in double precision, and converts back at the end."""

# %% grade_id="compute_saliency_maps"
import copy

def compute_saliency_maps(X, y, model):
    model64 = copy.deepcopy(model).double().eval()
    x = X.detach().double().requires_grad_(True)
    score = model64(x)[torch.arange(len(x), device=x.device), y]
    score.sum().backward()
    return x.grad.abs().max(dim=1)[0].to(X.dtype)

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    eps = 1e-12
    m = maps.double()
    lo = m.amin(dim=[1, 2], keepdim=True)
    hi = m.amax(dim=[1, 2], keepdim=True)
    return ((m - lo) / (hi - lo).clamp(min=eps)).to(maps.dtype)

# %% grade_id="compute_layer_saliency"
def compute_layer_saliency(X, y, model, layer):
    # the copy's layer is the one with the same name
    [name] = [n for n, m in model.named_modules() if m is layer]
    model64 = copy.deepcopy(model).double().eval()
    layer64 = dict(model64.named_modules())[name]
    for m in model64.modules():
        if isinstance(m, torch.nn.ReLU):
            m.inplace = False
    features = []
    layer64.register_forward_hook(lambda mod, inp, out: features.append(out))   # the copy is thrown away
    x = X.detach().double().requires_grad_(True)
    score = model64(x)[torch.arange(len(x), device=x.device), y]
    g = torch.autograd.grad(score.sum(), features[0])[0]
    return g.abs().max(dim=1)[0].to(X.dtype)

# %% grade_id="compute_loss_saliency"
def compute_loss_saliency(X, losses, model):
    model64 = copy.deepcopy(model).double().eval()
    x = X.detach().double().requires_grad_(True)
    scores = model64(x)
    sum(w * f(scores).sum() for w, f in losses).backward()
    return x.grad.abs().max(dim=1)[0].to(X.dtype)
