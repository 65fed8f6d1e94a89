"""Style: recursion over the children; ranks from torch.unique; results image by image in lists."""

# %% grade_id="randomize_layers"
def find_layers(module):
    found = []
    if len(module._parameters) and any(p is not None for p in module._parameters.values()):
        found.append(module)
    for child in module.children():
        found.extend(find_layers(child))
    return found

def randomize_layers(model, n):
    twin = copy.deepcopy(model)
    for p in twin.parameters():
        p.requires_grad_(True)
    found = find_layers(twin)
    for i in range(min(n, len(found))):
        with torch.no_grad():
            for p in found[-1 - i].parameters(recurse=False):
                p.uniform_(-0.1, 0.1)
    return twin

# %% grade_id="rank_correlation"
def average_ranks(v):
    _, inverse, counts = torch.unique(v, return_inverse=True, return_counts=True)
    last = counts.cumsum(0).double()
    first = last - counts + 1
    return ((first + last) / 2)[inverse]

def rank_correlation(a, b):
    values = []
    for m1, m2 in zip(a, b):
        r = torch.stack([average_ranks(m1.flatten()), average_ranks(m2.flatten())])
        c = torch.corrcoef(r)[0, 1]
        values.append(c if torch.isfinite(c) else torch.zeros_like(c))
    return torch.stack(values).to(a.dtype)

# %% grade_id="cascade_similarity"
def cascade_similarity(method, X, y, model):
    total = len(find_layers(model))
    table = []
    for i in range(len(X)):
        one, label = X[i:i + 1], y[i:i + 1]
        first = method(one, label, model)
        column = []
        for k in range(total + 1):
            column.append(rank_correlation(first, method(one, label, randomize_layers(model, k)))[0])
        table.append(torch.stack(column))
    return torch.stack(table, dim=1)
