"""Style: torch.roll with the wrapped edge cut off, tensordot, stacked terms, a weight of any kind."""

# %% grade_id="content_loss"
def content_loss(content_weight, content_current, content_original):
    diff = (content_current - content_original).ravel()
    return content_weight * diff @ diff

# %% grade_id="gram_matrix"
def gram_matrix(features, normalize=True):
    out = torch.stack([torch.tensordot(f, f, dims=([1, 2], [1, 2])) for f in features])
    scale = 1.0 / np.prod(features.shape[1:]) if normalize else 1.0
    return out * float(scale)

# %% grade_id="style_loss"
def style_loss(feats, style_layers, style_targets, style_weights):
    terms = torch.stack([(gram_matrix(feats[i]) - t).pow(2).sum() for i, t in zip(style_layers, style_targets)])
    w = torch.as_tensor(style_weights, dtype=terms.dtype, device=terms.device)
    return (w * terms).sum()

# %% grade_id="tv_loss"
def tv_loss(img, tv_weight):
    down = (torch.roll(img, -1, 2) - img)[:, :, :-1]
    right = (torch.roll(img, -1, 3) - img)[:, :, :, :-1]
    return tv_weight * torch.cat([down.reshape(-1), right.reshape(-1)]).pow(2).sum()
