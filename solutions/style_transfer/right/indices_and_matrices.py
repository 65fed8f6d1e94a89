"""Style: difference matrices and quadratic forms; index_select; the upper triangle counted twice."""

# %% grade_id="content_loss"
def content_loss(content_weight, content_current, content_original):
    C = content_current.shape[1]
    d = content_current.reshape(C, -1) - content_original.reshape(C, -1)
    return content_weight * torch.trace(d @ d.T)

# %% grade_id="gram_matrix"
def gram_matrix(features, normalize=True):
    N, C, H, W = features.shape
    i, j = torch.triu_indices(C, C, device=features.device)
    upper = (features[:, i] * features[:, j]).sum((-1, -2))      # (N, pairs)
    gram = features.new_zeros(N, C, C)
    gram[:, i, j] = upper
    gram[:, j, i] = upper
    return gram.div(float(C * H * W)) if normalize else gram

# %% grade_id="style_loss"
def style_loss(feats, style_layers, style_targets, style_weights, gram=None):
    gram = gram or gram_matrix
    it = iter(style_layers)
    total = []
    for target, weight in zip(style_targets, style_weights):
        D = gram(feats[next(it)]) - target
        twice = 2 * torch.triu(D, diagonal=1).pow(2).sum() + D.diagonal(dim1=-2, dim2=-1).pow(2).sum()
        total.append(twice * weight)
    return torch.stack([t.reshape(()) for t in total]).sum()

# %% grade_id="tv_loss"
def differences(n, like):
    D = torch.zeros(n - 1, n, dtype=like.dtype, device=like.device)
    k = torch.arange(n - 1)
    D[k, k], D[k, k + 1] = -1, 1
    return D

def tv_loss(img, tv_weight):
    x = img[0]
    Dh, Dw = differences(x.shape[1], x), differences(x.shape[2], x)
    return tv_weight * ((Dh @ x).square().sum() + (x @ Dw.T).square().sum())
