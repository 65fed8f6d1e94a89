"""Style: differences as convolutions with the kernel (-1, 1); the Gram matrix by broadcasting."""

# %% grade_id="content_loss"
def content_loss(content_weight, content_current, content_original):
    sq = torch.square(torch.sub(content_current, content_original))
    per_map = sq.sum(dim=[2, 3])
    return torch.mul(per_map.sum(), content_weight)

# %% grade_id="gram_matrix"
def gram_matrix(features, normalize=True):
    N, C, H, W = features.shape
    # (N, C, 1, H, W) * (N, 1, C, H, W)
    G = (features.unsqueeze(2) * features.unsqueeze(1)).sum((3, 4))
    return G / (C * H * W) if normalize else G

# %% grade_id="style_loss"
def style_loss(feats, style_layers, style_targets, style_weights):
    chosen = [feats[l] for l in style_layers]
    grams = list(map(gram_matrix, chosen))
    diffs = [torch.sum(torch.square(g - t)) for g, t in zip(grams, style_targets)]
    style = diffs[0] * style_weights[0]
    for d, w in list(zip(diffs, style_weights))[1:]:
        style = style + d * w
    return style

# %% grade_id="tv_loss"
def tv_loss(img, tv_weight):
    k = torch.tensor([-1., 1.], dtype=img.dtype, device=img.device)
    x = img.reshape(3, 1, *img.shape[2:])
    gy = torch.nn.functional.conv2d(x, k.view(1, 1, 2, 1))
    gx = torch.nn.functional.conv2d(x, k.view(1, 1, 1, 2))
    return tv_weight * ((gx ** 2).sum() + (gy ** 2).sum())
