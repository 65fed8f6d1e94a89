"""Style: a custom autograd function in modules that take the ReLUs' places for a while; retain_grad on the layer's output."""

# %%
class GuidedReLUFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        out = x.clamp(min=0)
        ctx.save_for_backward(out)
        return out

    @staticmethod
    def backward(ctx, grad_output):
        out, = ctx.saved_tensors
        grad = grad_output.clone()
        grad[grad < 0] = 0
        grad[out <= 0] = 0
        return grad


class GuidedReLU(nn.Module):
    def forward(self, x):
        return GuidedReLUFunction.apply(x)

# %% grade_id="guided_backprop"
def guided_backprop(X, y, model):
    swapped = []
    for parent in model.modules():
        for name, child in parent._modules.items():     # not named_children: that skips duplicates
            if isinstance(child, nn.ReLU):
                swapped.append((parent, name, child))
    for parent, name, _ in swapped:
        parent._modules[name] = GuidedReLU()
    try:
        X = X.detach().clone()
        X.requires_grad = True
        scores = model(X)
        total = scores[torch.arange(len(y)), y].sum()
        total.backward()
    finally:
        for parent, name, child in swapped:
            parent._modules[name] = child
    return X.grad.detach()

# %% grade_id="grad_cam"
def grad_cam(X, y, model, layer):
    saved = {}

    def hook(module, inp, out):
        out.retain_grad()
        saved["out"] = out
        return out + 0

    handle = layer.register_forward_hook(hook)
    X = X.detach().clone()
    X.requires_grad = True
    scores = model(X)
    handle.remove()
    scores[torch.arange(len(y)), y].sum().backward()
    A, dA = saved["out"].detach(), saved["out"].grad
    cam = 0
    for k in range(A.shape[1]):
        cam = cam + dA[:, k].mean(dim=(1, 2)).reshape(-1, 1, 1) * A[:, k]
    cam = torch.maximum(cam, torch.zeros_like(cam))
    cam = F.interpolate(cam.unsqueeze(1), X.shape[2:], mode="bilinear").squeeze(1)
    cam = cam - cam.flatten(1).min(1)[0].view(-1, 1, 1)
    top = cam.flatten(1).max(1)[0].view(-1, 1, 1)
    return torch.where(top > 0, cam / top, torch.zeros_like(cam))

# %% grade_id="guided_grad_cam"
def guided_grad_cam(X, y, model, layer):
    cam = grad_cam(X, y, model, layer).unsqueeze(1).repeat(1, 3, 1, 1)
    return torch.mul(cam, guided_backprop(X, y, model))
