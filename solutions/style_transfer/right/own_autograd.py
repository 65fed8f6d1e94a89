"""Style: own autograd functions, with derivatives worked out by hand."""

# %% grade_id="content_loss"
class SquaredDistance(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a - b)
        return ((a - b) ** 2).sum()

    @staticmethod
    def backward(ctx, g):
        d, = ctx.saved_tensors
        return 2 * g * d, -2 * g * d

def content_loss(content_weight, content_current, content_original):
    return content_weight * SquaredDistance.apply(content_current, content_original)

# %% grade_id="gram_matrix"
class Gram(torch.autograd.Function):
    @staticmethod
    def forward(ctx, flat):
        ctx.save_for_backward(flat)
        return flat @ flat.mT

    @staticmethod
    def backward(ctx, g):
        flat, = ctx.saved_tensors
        return (g + g.mT) @ flat

def gram_matrix(features, normalize=True):
    G = Gram.apply(features.flatten(2))
    if normalize:
        G = G / features[0].nelement()
    return G

# %% grade_id="style_loss"
def style_loss(feats, style_layers, style_targets, style_weights):
    loss = 0
    for layer, target, weight in zip(style_layers, style_targets, style_weights):
        # content_loss of Gram matrices
        loss = loss + content_loss(weight, gram_matrix(feats[layer]), target)
    return loss

# %% grade_id="tv_loss"
class TotalVariation(torch.autograd.Function):
    @staticmethod
    def forward(ctx, img):
        dy = img[:, :, 1:] - img[:, :, :-1]
        dx = img[..., 1:] - img[..., :-1]
        ctx.save_for_backward(dy, dx)
        return (dy * dy).sum() + (dx * dx).sum()

    @staticmethod
    def backward(ctx, g):
        dy, dx = ctx.saved_tensors
        pad = torch.nn.functional.pad
        grad = pad(dy, (0, 0, 1, 0)) - pad(dy, (0, 0, 0, 1)) + pad(dx, (1, 0)) - pad(dx, (0, 1))
        return 2 * g * grad

def tv_loss(img, tv_weight):
    return tv_weight * TotalVariation.apply(img)
