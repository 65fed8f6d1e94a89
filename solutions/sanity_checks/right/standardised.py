"""Style: xavier and truncated normals with islice; ranks to z-scores, their mean product; a dict of rows."""

# %% grade_id="randomize_layers"
from itertools import islice

@torch.no_grad()
def randomize_layers(model, n):
    m2 = copy.deepcopy(model)
    with_params = [m for m in m2.modules() if sum(p.numel() for p in m.parameters(recurse=False))]
    for layer in islice(reversed(with_params), n):
        for name, p in layer.named_parameters(recurse=False):
            if p.ndim > 1:
                torch.nn.init.xavier_uniform_(p)
            elif name == "weight":
                torch.nn.init.trunc_normal_(p, mean=1.0, std=0.02)
            else:
                torch.nn.init.constant_(p, 0)
        if hasattr(layer, "running_mean"):
            layer.running_mean.zero_()
            layer.running_var.fill_(1)
    return m2

# %% grade_id="rank_correlation"
def rank_correlation(a, b):
    def z(maps):
        v = maps.flatten(start_dim=1)
        s, _ = torch.sort(v, dim=1)
        lo = torch.searchsorted(s, v, side="left").to(torch.float64)
        hi = torch.searchsorted(s, v, side="right").to(torch.float64)
        r = 0.5 * (lo + hi)
        std = r.std(dim=1, unbiased=False, keepdim=True)
        return (r - r.mean(dim=1, keepdim=True)) / std.clamp(min=1e-12)
    return (z(a) * z(b)).mean(dim=1)

# %% grade_id="cascade_similarity"
def cascade_similarity(method, X, y, model):
    with_params = [m for m in model.modules() if sum(p.numel() for p in m.parameters(recurse=False))]
    original = method(X, y, model)
    rows = {0: rank_correlation(original, original)}
    for k, _ in enumerate(with_params, start=1):
        rows[k] = rank_correlation(method(X, y, randomize_layers(model, k)), original)
    return torch.stack([rows[k] for k in sorted(rows)])
