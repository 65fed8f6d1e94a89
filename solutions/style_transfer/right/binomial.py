"""Style: squares multiplied out, a targets' constant detached, narrow and select, shape (1,) throughout."""

# %% grade_id="content_loss"
def content_loss(content_weight, content_current, content_original):
    target = content_original.detach()
    value = (content_current - target).pow(2).sum().unsqueeze(0)
    return value * content_weight

# %% grade_id="gram_matrix"
def gram_matrix(features, normalize=True):
    N, C, H, W = features.shape
    f = features.contiguous().view(N, C, -1)
    gram = torch.baddbmm(torch.zeros(N, C, C, dtype=f.dtype, device=f.device), f, f.transpose(1, 2))
    if normalize:
        gram = gram / C / H / W
    return gram

# %% grade_id="style_loss"
def style_loss(feats, style_layers, style_targets, style_weights):
    total = feats[0].new_zeros(1)
    for k, layer in enumerate(style_layers):
        diff = gram_matrix(feats[layer]) - style_targets[k].detach()
        # trace of D^T D is the sum of the squares of D
        total = total + style_weights[k] * torch.diagonal(diff.mT @ diff, dim1=1, dim2=2).sum()
    return total

# %% grade_id="tv_loss"
def tv_loss(img, tv_weight):
    H, W = img.shape[-2:]
    up, low = img.narrow(2, 0, H - 1), img.narrow(2, 1, H - 1)
    left, right = img.narrow(3, 0, W - 1), img.narrow(3, 1, W - 1)
    value = ((up - low) ** 2).sum() + ((left - right) ** 2).sum()
    return value.reshape(1) * tv_weight
