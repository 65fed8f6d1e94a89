"""Style: ranks as z-scores in single precision, whatever the maps are; weights from NumPy's generator."""

# %% grade_id="randomize_layers"
def randomize_layers(model, n):
    rng = np.random.default_rng()
    new = copy.deepcopy(model)
    layers = [m for m in new.modules() if len(list(m.parameters(recurse=False)))]
    for layer in layers[max(len(layers) - n, 0):]:
        for p in layer.parameters(recurse=False):
            p.data = torch.from_numpy(rng.normal(0, 0.1, size=tuple(p.shape))).to(p.data)
    return new

# %% grade_id="rank_correlation"
def mean_ranks(values):
    _, place, count = torch.unique(values, return_inverse=True, return_counts=True)
    return (count.cumsum(0).float() - (count.float() - 1) / 2)[place]

def rank_correlation(a, b):
    def z(maps):
        ranks = torch.stack([mean_ranks(m) for m in maps.flatten(1)])
        ranks = ranks - ranks.mean(1, keepdim=True)
        return ranks / (ranks.std(1, keepdim=True, unbiased=False) + 1e-8)
    return (z(a) * z(b)).mean(1)

# %% grade_id="cascade_similarity"
def cascade_similarity(method, X, y, model):
    layers = [m for m in model.modules() if len(list(m.parameters(recurse=False)))]
    original = method(X, y, model)
    result = torch.ones(len(layers) + 1, len(X), device=X.device)
    for k in range(1, len(layers) + 1):
        result[k] = rank_correlation(original, method(X, y, randomize_layers(model, k)))
    return result
