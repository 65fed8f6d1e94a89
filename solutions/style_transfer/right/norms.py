"""Style: squared norms, by way of a root whose gradient cancels."""

# %% grade_id="content_loss"
def content_loss(content_weight, content_current, content_original):
    return content_weight * torch.norm(content_current - content_original) ** 2

# %% grade_id="gram_matrix"
def gram_matrix(features, normalize=True):
    a, b, c, d = features.size()
    M = features.view(a, b, c * d)
    G = torch.stack([m.mm(m.t()) for m in M])
    if not normalize:
        return G
    return G.div(b * c * d)

# %% grade_id="style_loss"
def style_loss(feats, style_layers, style_targets, style_weights):
    loss = 0.
    for layer, target, weight in zip(style_layers, style_targets, style_weights):
        loss += weight * torch.linalg.norm((gram_matrix(feats[layer]) - target).flatten()).pow(2)
    return loss

# %% grade_id="tv_loss"
def tv_loss(img, tv_weight):
    dy = (img[:, :, :-1, :] - img[:, :, 1:, :]).flatten()
    dx = (img[:, :, :, :-1] - img[:, :, :, 1:]).flatten()
    return tv_weight * (torch.dot(dy, dy) + torch.dot(dx, dx))
