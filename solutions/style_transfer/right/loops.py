"""Style: explicit loops everywhere, over images, channels, rows and columns."""

# %% grade_id="content_loss"
def content_loss(content_weight, content_current, content_original):
    total = 0
    for c in range(content_current.shape[1]):
        d = content_current[0, c] - content_original[0, c]
        total = total + (d * d).sum()
    return content_weight * total

# %% grade_id="gram_matrix"
def gram_matrix(features, normalize=True):
    N, C, H, W = features.shape
    grams = []
    for n in range(N):
        rows = []
        for c in range(C):
            row = []
            for d in range(C):
                row.append((features[n, c] * features[n, d]).sum())
            rows.append(torch.stack(row))
        grams.append(torch.stack(rows))
    G = torch.stack(grams)
    if normalize == True:
        G = G / (C * H * W)
    return G

# %% grade_id="style_loss"
def style_loss(feats, style_layers, style_targets, style_weights):
    losses = []
    i = 0
    while i < len(style_layers):
        l = style_layers[i]
        G = gram_matrix(feats[l])
        A = style_targets[i]
        layer_loss = 0
        for r in range(G.shape[1]):
            for s in range(G.shape[2]):
                layer_loss = layer_loss + (G[0, r, s] - A[0, r, s]) ** 2
        losses.append(style_weights[i] * layer_loss)
        i += 1
    return sum(losses)

# %% grade_id="tv_loss"
def tv_loss(img, tv_weight):
    H, W = img.shape[2], img.shape[3]
    loss = 0.0
    for i in range(H - 1):
        loss = loss + ((img[:, :, i + 1] - img[:, :, i]) ** 2).sum()
    for j in range(W - 1):
        loss = loss + ((img[:, :, :, j + 1] - img[:, :, :, j]) ** 2).sum()
    return tv_weight * loss
