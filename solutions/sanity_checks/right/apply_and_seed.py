"""Style: model.apply collects the layers, a seed makes it reproducible; numpy.unique for the ranks, einsum for the rest."""

# %% grade_id="randomize_layers"
def randomize_layers(model, n, seed=0):
    out = copy.deepcopy(model)
    collected = []
    out.apply(lambda m: collected.append(m) if hasattr(m, "reset_parameters") else None)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for k in range(1, min(n, len(collected)) + 1):
            collected[-k].reset_parameters()
    return out

# %% grade_id="rank_correlation"
def np_ranks(v):
    _, inv, cnt = np.unique(v, return_inverse=True, return_counts=True)
    end = np.cumsum(cnt)
    return (end - (cnt - 1) / 2)[inv.reshape(-1)]

def rank_correlation(a, b):
    R = np.stack([np_ranks(m.detach().cpu().numpy().ravel()) for m in a])
    S = np.stack([np_ranks(m.detach().cpu().numpy().ravel()) for m in b])
    R = R - R.mean(axis=1, keepdims=True)
    S = S - S.mean(axis=1, keepdims=True)
    cov = np.einsum("np,np->n", R, S)
    size = np.sqrt(np.einsum("np,np->n", R, R) * np.einsum("np,np->n", S, S))
    return torch.from_numpy(np.divide(cov, size, out=np.zeros_like(cov), where=size > 0)).to(a)

# %% grade_id="cascade_similarity"
def cascade_similarity(method, X, y, model):
    depth = sum(hasattr(m, "reset_parameters") for m in model.modules())
    base = method(X, y, model)
    compare = lambda k: rank_correlation(base, method(X, y, randomize_layers(model, k, seed=k)))
    return torch.stack(list(map(compare, range(depth + 1))), 0)
