"""Style: as short as can be."""

# %% grade_id="content_loss"
def content_loss(content_weight, content_current, content_original):
    return content_weight * torch.sum((content_current - content_original) ** 2)

# %% grade_id="gram_matrix"
def gram_matrix(features, normalize=True):
    return torch.einsum('nchw,ndhw->ncd', features, features) / (features[0].numel() if normalize else 1)

# %% grade_id="style_loss"
def style_loss(feats, style_layers, style_targets, style_weights):
    return sum(w * ((gram_matrix(feats[l]) - t) ** 2).sum() for l, t, w in zip(style_layers, style_targets, style_weights))

# %% grade_id="tv_loss"
def tv_loss(img, tv_weight):
    return tv_weight * (img.diff(dim=2).square().sum() + img.diff(dim=3).square().sum())
