"""Style: works on clones, changes them in place; unfold for neighbours; modules instead of functions."""

# %% grade_id="content_loss"
class ContentLoss(torch.nn.Module):
    def __init__(self, weight, target):
        super().__init__()
        self.weight, self.target = weight, target.detach()

    def forward(self, x):
        self.loss = x.clone().sub_(self.target).pow(2).sum().mul_(self.weight)
        return self.loss

def content_loss(content_weight, content_current, content_original):
    return ContentLoss(content_weight, content_original)(content_current)

# %% grade_id="gram_matrix"
class GramMatrix(torch.nn.Module):
    def forward(self, input):
        return torch.bmm(input.flatten(2), input.flatten(2).transpose(2, 1).contiguous())

def gram_matrix(features, normalize=True):
    G = GramMatrix()(features.clone())
    if normalize:
        G.div_(features.size(1) * features.size(2) * features.size(3))
    return G

# %% grade_id="style_loss"
def style_loss(feats, style_layers, style_targets, style_weights):
    loss = None
    for (layer, target), weight in zip(zip(style_layers, style_targets), style_weights):
        G = gram_matrix(feats[layer])
        term = weight * ((G.squeeze(0) - target.squeeze(0)) ** 2).sum()
        loss = term if loss is None else loss + term
    return loss

# %% grade_id="tv_loss"
def tv_loss(img, tv_weight):
    pairs_down = img.unfold(2, 2, 1)    # (1, 3, H-1, W, 2)
    pairs_right = img.unfold(3, 2, 1)
    loss = (pairs_down[..., 1] - pairs_down[..., 0]).pow(2).sum()
    loss = loss + (pairs_right[..., 1] - pairs_right[..., 0]).pow(2).sum()
    return loss * tv_weight
