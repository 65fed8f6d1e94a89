"""Style: a generator of ever more random models, other argument names, and float64 everywhere."""

# %% grade_id="randomize_layers"
def randomize_layers(net, how_many=1):
    net2 = copy.deepcopy(net).requires_grad_(True)
    layers = list(filter(lambda m: any(True for _ in m.parameters(recurse=False)), net2.modules()))
    start = max(len(layers) - int(how_many), 0)
    for index, layer in enumerate(layers):
        if index < start:
            continue
        fan = max(1, next(layer.parameters(recurse=False))[0].numel())
        for p in layer.parameters(recurse=False):
            noise = torch.randn_like(p) / fan ** 0.5
            p.data.copy_(noise)
    return net2.requires_grad_(False)

# %% grade_id="rank_correlation"
def rank_correlation(first, second):
    def ranks(t):
        t = t.double().flatten(1)
        less = torch.stack([(row.unsqueeze(0) < row.unsqueeze(1)).sum(1) for row in t])
        more = torch.stack([(row.unsqueeze(0) > row.unsqueeze(1)).sum(1) for row in t])
        return (less - more).double() / 2          # already centred
    p, q = ranks(first), ranks(second)
    bottom = torch.sqrt((p ** 2).sum(1)) * torch.sqrt((q ** 2).sum(1))
    return torch.where(bottom == 0, torch.zeros_like(bottom), (p * q).sum(1) / bottom.clamp_min(1e-300))

# %% grade_id="cascade_similarity"
def ever_more_random(net):
    yield net
    depth = len([m for m in net.modules() if any(True for _ in m.parameters(recurse=False))])
    for k in range(1, depth + 1):
        net = randomize_layers(net, k)
        yield net

def cascade_similarity(explain, images, classes, net):
    maps = [explain(images, classes, n) for n in ever_more_random(net)]
    return torch.stack([rank_correlation(maps[0], m) for m in maps])
