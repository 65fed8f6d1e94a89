"""Style: .data everywhere, a copy through bytes, plain loops; ranks with sort and a while loop over equal values."""

# %% grade_id="randomize_layers"
import io

def randomize_layers(model, n):
    buffer = io.BytesIO()
    torch.save(model, buffer)
    buffer.seek(0)
    new_model = torch.load(buffer, weights_only=False)
    mods = []
    for m in new_model.modules():
        own = [p for p in m._parameters.values() if p is not None]
        if own:
            mods.append(own)
    count = 0
    for own in reversed(mods):
        if count == n:
            break
        for p in own:
            p.data = torch.empty_like(p.data).normal_(0, 0.02)
        count += 1
    return new_model

# %% grade_id="rank_correlation"
def to_ranks(values):
    order = sorted(range(len(values)), key=lambda i: values[i])
    ranks = [0.0] * len(values)
    i = 0
    while i < len(order):
        j = i
        while j + 1 < len(order) and values[order[j + 1]] == values[order[i]]:
            j += 1
        for k in range(i, j + 1):
            ranks[order[k]] = (i + j) / 2 + 1
        i = j + 1
    return ranks

def rank_correlation(a, b):
    rhos = []
    for k in range(len(a)):
        r = to_ranks(a[k].flatten().tolist())
        s = to_ranks(b[k].flatten().tolist())
        mr, ms = sum(r) / len(r), sum(s) / len(s)
        cov = sum((x - mr) * (z - ms) for x, z in zip(r, s))
        vr = sum((x - mr) ** 2 for x in r)
        vs = sum((z - ms) ** 2 for z in s)
        rhos.append(cov / (vr * vs) ** 0.5 if vr > 0 and vs > 0 else 0.0)
    return torch.tensor(rhos, dtype=torch.float64)

# %% grade_id="cascade_similarity"
def cascade_similarity(method, X, y, model):
    maps0 = method(X, y, model).data
    count = 0
    for m in model.modules():
        if any(p is not None for p in m._parameters.values()):
            count += 1
    sims = []
    for k in range(0, count + 1):
        sims.append(rank_correlation(method(X.clone(), y.clone(), randomize_layers(model, k)).data, maps0).tolist())
    return torch.tensor(sims)
