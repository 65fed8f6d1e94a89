"""Style: torch's ready-made losses with reduction='sum'."""

# %% grade_id="content_loss"
import torch.nn.functional as F

def content_loss(content_weight, content_current, content_original):
    return content_weight * F.mse_loss(content_current, content_original, reduction='sum')

# %% grade_id="gram_matrix"
def gram_matrix(features, normalize=True):
    n, c, h, w = features.shape
    x = features.reshape(n, c, -1)
    G = torch.matmul(x, x.transpose(-1, -2))
    return G.div(c * h * w) if normalize else G

# %% grade_id="style_loss"
import torch.nn as nn

def style_loss(feats, style_layers, style_targets, style_weights):
    criterion = nn.MSELoss(reduction='sum')
    total = 0
    for idx, layer in enumerate(style_layers):
        total += criterion(gram_matrix(feats[layer]), style_targets[idx]) * style_weights[idx]
    return total

# %% grade_id="tv_loss"
import torch.nn.functional as F

def tv_loss(img, tv_weight):
    h_var = F.mse_loss(img[:, :, 1:], img[:, :, :-1], reduction='sum')
    w_var = F.mse_loss(img[..., 1:], img[..., :-1], reduction='sum')
    return tv_weight * (h_var + w_var)
