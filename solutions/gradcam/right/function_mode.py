"""Style: a TorchFunctionMode catches every relu that runs; everything for guided Grad-CAM in one function with options."""

# %%
from torch.overrides import TorchFunctionMode

class GuidedMode(TorchFunctionMode):
    RELUS = {torch.relu, torch.relu_, torch.Tensor.relu, torch.Tensor.relu_, F.relu}

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func in self.RELUS:
            out = args[0].clamp(min=0)
            if out.requires_grad:
                out.register_hook(lambda g: g.clamp(min=0))
            return out
        return func(*args, **(kwargs or {}))

# %%
def explain(X, y, model, layer=None, how="guided"):
    x = X.detach().clone().requires_grad_()
    if how == "guided":
        with GuidedMode():
            s = model(x)
        return torch.autograd.grad(s.gather(1, y[:, None]).sum(), x)[0]
    outs = []
    with layer.register_forward_hook(lambda m, i, o: outs.append(o) or o.clone()):
        s = model(x)
    a = outs[0]
    g = torch.autograd.grad(s.gather(1, y[:, None]).sum(), a)[0]
    m = (a * g.mean((2, 3), keepdim=True)).sum(1, keepdim=True).detach().clamp(min=0)
    m = F.interpolate(m, x.shape[2:], mode="bilinear", align_corners=False)
    m = m - m.amin((2, 3), keepdim=True)
    top = m.amax((2, 3), keepdim=True)
    m = m / top.where(top > 0, torch.ones_like(top))
    if how == "cam":
        return m.squeeze(1)
    return m * explain(X, y, model)

# %% grade_id="guided_backprop"
guided_backprop = lambda X, y, model: explain(X, y, model)

# %% grade_id="grad_cam"
grad_cam = lambda X, y, model, layer: explain(X, y, model, layer, "cam")

# %% grade_id="guided_grad_cam"
guided_grad_cam = lambda X, y, model, layer: explain(X, y, model, layer, "both")
