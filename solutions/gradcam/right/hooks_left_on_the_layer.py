"""Style: untidy but right: Grad-CAM's hook is never removed, gradients stay on X and on the parameters, the result keeps its graph."""

# %% grade_id="guided_backprop"
def guided_backprop(X, y, model):
    was = [(m, m.inplace) for m in model.modules() if isinstance(m, nn.ReLU)]
    hooks = []
    for m, _ in was:
        m.inplace = False
        hooks.append(m.register_full_backward_hook(lambda mod, gi, go: (F.threshold(gi[0], 0.0, 0.0),)))
    for p in model.parameters():
        p.requires_grad_(True)
    X.requires_grad_()
    X.grad = None
    F.nll_loss(-model(X), y, reduction="sum").backward()     # -(-s_y), summed
    for h in hooks:
        h.remove()
    for m, flag in was:
        m.inplace = flag
    return X.grad

# %% grade_id="grad_cam"
LAST = {}

def grad_cam(X, y, model, layer):
    def hook(module, inp, out):
        LAST["A"] = out
        return 1.0 * out
    layer.register_forward_hook(hook)
    X.requires_grad_()
    s = torch.diag(model(X)[:, y])
    g, = torch.autograd.grad(s.sum(), LAST["A"], create_graph=True)
    cam = (g.mean((2, 3), keepdim=True) * LAST["A"]).sum(1, keepdim=True).relu()
    cam = F.interpolate(cam, scale_factor=None, size=X.shape[2:], mode="bilinear").squeeze(1)
    lo, hi = cam.amin((1, 2), keepdim=True), cam.amax((1, 2), keepdim=True)
    return (cam - lo) / torch.clamp(hi - lo, min=1e-10)

# %% grade_id="guided_grad_cam"
def guided_grad_cam(X, y, model, layer):
    cam = grad_cam(X, y, model, layer)
    return guided_backprop(X, y, model) * torch.stack([cam] * 3, dim=1)
