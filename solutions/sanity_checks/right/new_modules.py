"""Style: layers replaced by newly made modules of the same settings; double argsort with ties averaged by scatter_add."""

# %% grade_id="randomize_layers"
from torch import nn

def fresh_like(m):
    if isinstance(m, nn.Conv2d):
        new = nn.Conv2d(m.in_channels, m.out_channels, m.kernel_size, m.stride, m.padding,
                        m.dilation, m.groups, bias=m.bias is not None)
    elif isinstance(m, nn.Linear):
        new = nn.Linear(m.in_features, m.out_features, bias=m.bias is not None)
    else:
        new = nn.BatchNorm2d(m.num_features)
    p = next(m.parameters())
    return new.to(p.device, p.dtype).train(m.training)

def randomize_layers(model, n):
    model = copy.deepcopy(model)
    spots = []
    for parent in model.modules():
        for name, child in parent.named_children():
            pass
    for path, module in model.named_modules():
        if isinstance(module, (nn.Conv2d, nn.Linear, nn.BatchNorm2d)):
            spots.append(path)
    for path in spots[len(spots) - min(n, len(spots)):]:
        parent, _, name = path.rpartition(".")
        parent = model.get_submodule(parent)
        setattr(parent, name, fresh_like(getattr(parent, name)))
    return model

# %% grade_id="rank_correlation"
def rank_with_ties(x):
    position = x.argsort(dim=-1).argsort(dim=-1).to(torch.float64)
    out = torch.empty_like(position)
    for i in range(len(x)):
        groups, index = torch.unique(x[i], return_inverse=True)
        total = torch.zeros(len(groups), dtype=torch.float64, device=x.device).scatter_add_(0, index, position[i])
        count = torch.bincount(index).to(torch.float64)
        out[i] = (total / count)[index]
    return out

def rank_correlation(a, b):
    N = a.size(0)
    ra = rank_with_ties(a.reshape(N, -1))
    rb = rank_with_ties(b.reshape(N, -1))
    ra = ra - ra.mean(1, keepdim=True)
    rb = rb - rb.mean(1, keepdim=True)
    return torch.nn.functional.cosine_similarity(ra, rb, dim=1)

# %% grade_id="cascade_similarity"
def cascade_similarity(method, X, y, model):
    E0 = method(X, y, model)
    scores = []
    done = False
    k = 0
    n_layers = sum(isinstance(m, (nn.Conv2d, nn.Linear, nn.BatchNorm2d)) for m in model.modules())
    while not done:
        Ek = E0 if k == 0 else method(X, y, randomize_layers(model, n=k))
        scores.append(rank_correlation(a=Ek, b=E0))
        done = k == n_layers
        k += 1
    return torch.vstack(scores)
