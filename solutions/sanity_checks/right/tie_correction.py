"""Style: the short formula with its correction for ties; layers built anew by their class; the seed put back."""

# %% grade_id="randomize_layers"
from torch import nn

def randomize_layers(model, n):
    state = torch.get_rng_state()
    torch.manual_seed(1234 + n)
    clone = copy.deepcopy(model)
    named = [(name, m) for name, m in clone.named_modules() if m._parameters and any(p is not None for p in m._parameters.values())]
    keep = len(named) - n
    for i, (name, m) in enumerate(named):
        if i < keep:
            continue
        for key, p in m._parameters.items():
            if p is not None:
                m._parameters[key] = nn.Parameter(torch.normal(0.0, 0.05, p.shape).to(p), requires_grad=p.requires_grad)
    torch.set_rng_state(state)
    return clone

# %% grade_id="rank_correlation"
def ranks_and_ties(v):
    values, inverse, counts = torch.unique(v, return_inverse=True, return_counts=True)
    upper = torch.cumsum(counts, 0)
    ranks = (2 * upper - counts + 1)[inverse].double() / 2
    t = counts.double()
    return ranks, ((t ** 3 - t) / 12).sum()

def rank_correlation(a, b):
    rho = []
    for x, y in zip(a.flatten(1), b.flatten(1)):
        (r, tx), (s, ty) = ranks_and_ties(x), ranks_and_ties(y)
        n = float(len(x))
        sx, sy = (n ** 3 - n) / 12 - tx, (n ** 3 - n) / 12 - ty
        top = sx + sy - (r - s).square().sum()
        bottom = 2 * torch.sqrt(sx * sy)
        rho.append(float(top / bottom) if bottom > 0 else 0.0)
    return torch.tensor(rho, dtype=a.dtype, device=a.device)

# %% grade_id="cascade_similarity"
def cascade_similarity(method, X, y, model):
    maps = [method(X, y, model)]
    k = 1
    while True:
        random_model = randomize_layers(model, k)
        same_as_before = k > sum(bool(list(m.parameters(recurse=False))) for m in model.modules())
        if same_as_before:
            break
        maps.append(method(X, y, random_model))
        k += 1
    return torch.stack([rank_correlation(m, maps[0]) for m in maps])
