"""Style: torch.nn.functional.relu is patched during the call; grid_sample enlarges; addcmul multiplies."""

# %%
from unittest import mock

# %% grade_id="guided_backprop"
def guided_backprop(X, y, model):
    original = F.relu

    def guided_relu(x, inplace=False):
        out = original(x)                       # never in place
        if out.requires_grad:
            out.register_hook(lambda g: g * (g > 0))
        return out

    with mock.patch("torch.nn.functional.relu", guided_relu):
        X = X.detach().clone().requires_grad_()
        scores = model(X)
    mask = torch.zeros_like(scores).scatter_(1, y.view(-1, 1), 1)
    return torch.autograd.grad((scores * mask).sum(), X)[0]

# %% grade_id="grad_cam"
def grad_cam(X, y, model, layer):
    kept = {}

    def hook(module, inputs, output):
        leaf = output.detach().clone().requires_grad_()    # the rest of the network starts here
        kept["leaf"] = leaf
        return leaf * 1

    with layer.register_forward_hook(hook):
        scores = model(X)
    mask = torch.zeros_like(scores).scatter_(1, y.view(-1, 1), 1)
    (scores * mask).sum().backward()
    leaf = kept["leaf"]
    cam = (leaf.grad.sum((2, 3), keepdim=True) * leaf).detach().sum(1, keepdim=True).clamp_min(0)
    H, W = X.shape[-2:]
    ys = (2 * torch.arange(H, dtype=cam.dtype, device=cam.device) + 1) / H - 1
    xs = (2 * torch.arange(W, dtype=cam.dtype, device=cam.device) + 1) / W - 1
    gy, gx = torch.meshgrid(ys, xs, indexing="ij")
    grid = torch.stack([gx, gy], -1).expand(len(X), H, W, 2)
    cam = F.grid_sample(cam, grid, mode="bilinear", padding_mode="border", align_corners=False)[:, 0]
    lo = cam.amin((1, 2), True)
    span = cam.amax((1, 2), True) - lo
    return (cam - lo) / span.masked_fill(span == 0, 1.0)

# %% grade_id="guided_grad_cam"
def guided_grad_cam(X, y, model, layer):
    return torch.addcmul(torch.zeros_like(X), guided_backprop(X, y, model), grad_cam(X, y, model, layer).unsqueeze(-3))
