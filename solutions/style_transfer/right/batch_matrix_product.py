"""Style: bmm, shapes spelt out, slices with size numbers; the loss is a tensor of shape (1,)."""

# %% grade_id="content_loss"
def content_loss(content_weight, content_current, content_original):
    _, C, H, W = content_current.size()
    F_l = content_current.view(C, H * W)
    P_l = content_original.view(C, H * W)
    loss = content_weight * (torch.sum((F_l - P_l) ** 2))
    return loss.view(1)

# %% grade_id="gram_matrix"
def gram_matrix(features, normalize=True):
    N, C, H, W = features.size()
    feats = features.view(N, C, H * W)
    feats_t = feats.permute(0, 2, 1)
    gram = torch.bmm(feats, feats_t)
    if normalize:
        gram /= (C * H * W)
    return gram

# %% grade_id="style_loss"
def style_loss(feats, style_layers, style_targets, style_weights):
    loss = torch.zeros(1, device=feats[0].device, dtype=feats[0].dtype)
    for i in range(len(style_layers)):
        current = gram_matrix(feats[style_layers[i]].clone())
        loss += style_weights[i] * torch.sum((current - style_targets[i]) ** 2)
    return loss

# %% grade_id="tv_loss"
def tv_loss(img, tv_weight):
    N, C, H, W = img.shape
    loss = 0
    loss += torch.sum((img[:, :, 1:H, :] - img[:, :, 0:H-1, :]) ** 2)
    loss += torch.sum((img[:, :, :, 1:W] - img[:, :, :, 0:W-1]) ** 2)
    return (loss * tv_weight).reshape(1)
