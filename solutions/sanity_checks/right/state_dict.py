"""Style: layers read off the names in the state dict and loaded back; ranks by comparing all pairs of pixels."""

# %% grade_id="randomize_layers"
def layer_names(model):
    names = []
    for key, _ in model.named_parameters():
        name = key.rsplit(".", 1)[0]
        if name not in names:
            names.append(name)
    return names

def randomize_layers(model, n):
    new = copy.deepcopy(model)
    state = {key: value.clone() for key, value in new.state_dict().items()}
    names = layer_names(new)
    chosen = set(names[max(len(names) - n, 0):])
    for key, p in new.named_parameters():
        if key.rsplit(".", 1)[0] in chosen:
            state[key] = torch.randn(p.shape, dtype=p.dtype, device=p.device) * 0.05
    new.load_state_dict(state)
    return new

# %% grade_id="rank_correlation"
def ranks(v):
    smaller = (v[:, None] > v[None, :]).sum(dim=1)
    equal = (v[:, None] == v[None, :]).sum(dim=1)
    return (smaller + (equal + 1) / 2).double()

def rank_correlation(a, b):
    out = torch.zeros(a.shape[0], dtype=torch.float64, device=a.device)
    for i in range(a.shape[0]):
        x, y = ranks(a[i].reshape(-1)), ranks(b[i].reshape(-1))
        x, y = x - x.mean(), y - y.mean()
        norm = x.norm() * y.norm()
        if norm > 0:
            out[i] = x.dot(y) / norm
    return out

# %% grade_id="cascade_similarity"
def cascade_similarity(method, X, y, model):
    L = len(layer_names(model))
    base = method(X, y, model).detach()
    return torch.cat(
        [rank_correlation(base, method(X, y, randomize_layers(model, k)).detach())[None] for k in range(L + 1)]
    )
