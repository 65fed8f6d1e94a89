"""Style: (a - b)^2 = a^2 - 2ab + b^2, everywhere; dictionaries by layer; the edge repeated."""

# %% grade_id="content_loss"
def content_loss(content_weight, content_current, content_original):
    a, b = content_current, content_original
    return content_weight * ((a * a).sum() - 2 * (a * b).sum() + (b * b).sum())

# %% grade_id="gram_matrix"
def gram_matrix(features, normalize=True):
    N, C, H, W = features.shape
    factor = C * H * W if normalize else 1
    scaled = features.reshape(N, C, H * W) / factor ** 0.5
    return scaled @ scaled.permute(0, 2, 1)

# %% grade_id="style_loss"
def style_loss(feats, style_layers, style_targets, style_weights):
    grams = {layer: gram_matrix(feats[layer]) for layer in style_layers}
    wanted = dict(zip(style_layers, style_targets))
    how_much = dict(zip(style_layers, style_weights))
    loss = torch.zeros((), dtype=feats[0].dtype, device=feats[0].device)
    for layer in grams:
        G, A = grams[layer], wanted[layer]
        loss = loss + how_much[layer] * ((G ** 2).sum() - 2 * (G * A).sum() + (A ** 2).sum())
    return loss

# %% grade_id="tv_loss"
def tv_loss(img, tv_weight):
    padded = torch.nn.functional.pad(img, (0, 1, 0, 1), mode="replicate")
    down = padded[:, :, 1:, :-1] - img
    right = padded[:, :, :-1, 1:] - img
    return (down ** 2 + right ** 2).sum() * tv_weight
