"""Style: layers by name, reset_parameters from the output down; scipy.stats.spearmanr pair by pair."""

# %% grade_id="randomize_layers"
from copy import deepcopy

def randomize_layers(model, n):
    clone = deepcopy(model)
    names = []
    for name, module in clone.named_modules():
        if len(list(module.parameters(recurse=False))) > 0:
            names.append(name)
    names.reverse()
    for name in names[:n]:
        clone.get_submodule(name).reset_parameters()
    return clone

# %% grade_id="rank_correlation"
from scipy import stats

def rank_correlation(a, b):
    result = []
    for x, y in zip(a, b):
        x = x.detach().cpu().numpy().ravel()
        y = y.detach().cpu().numpy().ravel()
        if x.min() == x.max() or y.min() == y.max():
            result.append(0.0)
        else:
            result.append(stats.spearmanr(x, y)[0])
    return torch.tensor(result)

# %% grade_id="cascade_similarity"
def cascade_similarity(method, X, y, model):
    reference_maps = method(X, y, model)
    n_layers = len([1 for m in model.modules() if len(list(m.parameters(recurse=False))) > 0])
    out = torch.zeros(n_layers + 1, len(X))
    for k in range(n_layers + 1):
        new_maps = method(X, y, randomize_layers(model, k))
        out[k] = rank_correlation(new_maps, reference_maps)
    return out
