"""Style: orthogonal and sparse initialisations; a dataclass that lists the layers; SciPy on pairs of rows."""

# %%
from torch import nn
from dataclasses import dataclass
from scipy.stats import spearmanr

@dataclass
class Layers:
    model: nn.Module

    def __iter__(self):
        for module in self.model.modules():
            if next(module.parameters(recurse=False), None) is not None:
                yield module

    def __len__(self):
        return sum(1 for _ in self)

# %% grade_id="randomize_layers"
def fresh(module):
    for name, p in module.named_parameters(recurse=False):
        with torch.no_grad():
            if p.dim() == 1:
                p.fill_(1.0 if name == "weight" else 0.01)
            elif p.dim() == 2:
                nn.init.sparse_(p, sparsity=0.5, std=0.1)
            else:
                nn.init.orthogonal_(p)

def randomize_layers(model, n):
    twin = copy.deepcopy(model)
    layers = list(Layers(twin))
    [fresh(layer) for i, layer in enumerate(layers) if i >= len(layers) - n]
    return twin

# %% grade_id="rank_correlation"
def rank_correlation(a, b):
    out = torch.zeros(len(a), dtype=torch.float64)
    for i, pair in enumerate(torch.stack([a, b], dim=1).flatten(2).detach().cpu().numpy()):     # (2, pixels)
        if (np.ptp(pair, axis=1) > 0).all():
            out[i] = spearmanr(pair, axis=1).statistic
    return out

# %% grade_id="cascade_similarity"
def cascade_similarity(method, X, y, model):
    original = method(X=X, y=y, model=model)
    table = {k: method(X=X, y=y, model=randomize_layers(n=k, model=model)) for k in range(len(Layers(model)) + 1)}
    return torch.stack([rank_correlation(maps, original) for maps in table.values()])
