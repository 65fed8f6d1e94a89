"""Style: right but sloppy: hooks never removed, global variables, gradients left everywhere, X scaled by one on the way."""

# %% grade_id="compute_saliency_maps"
GRAD = None

def compute_saliency_maps(X, y, model):
    global GRAD
    X = X * 1.0
    X.requires_grad_()
    X.retain_grad()
    def save(g):
        global GRAD
        GRAD = g
    X.register_hook(save)
    out = model(X)
    loss = out[0, y[0]]
    for i in range(1, len(X)):
        loss = loss + out[i, y[i]]
    loss.backward()
    return GRAD.abs().max(dim=1)[0]

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    result = []
    for m in maps:
        if len(torch.unique(m)) == 1:
            result.append(m * 0)
        else:
            result.append((m - torch.min(m)) / (torch.max(m) - torch.min(m)))
    return torch.stack(result)

# %% grade_id="compute_layer_saliency"
OUT = []

def compute_layer_saliency(X, y, model, layer):
    global OUT
    OUT = []
    def hook(m, i, o):
        OUT.append(o)
        return o.clone()
    layer.register_forward_hook(hook)
    X.requires_grad_()
    out = model(X)
    loss = 0
    for i in range(len(X)):
        loss += out[i, y[i]]
    g = torch.autograd.grad(loss, OUT[-1])[0]
    return g.abs().max(dim=1)[0]

# %% grade_id="compute_loss_saliency"
def compute_loss_saliency(X, losses, model):
    for p in model.parameters():
        p.requires_grad = True
    X.requires_grad = True
    out = model(X)
    loss = 0
    for i in range(len(losses)):
        loss += losses[i][0] * losses[i][1](out).sum()
    loss.backward()
    GRAD = X.grad
    return GRAD.abs().max(dim=1)[0]
