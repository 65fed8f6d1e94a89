"""Style: hooks on tensors from forward hooks, gather, einsum; a small constant in the denominator."""

# %% grade_id="guided_backprop"
def guided_backprop(X, y, model):
    handles = []

    def forward_hook(module, args, out):
        out.register_hook(lambda g: torch.clamp(g, min=0.0))

    for m in model.modules():
        if type(m) is nn.ReLU:
            handles.append(m.register_forward_hook(forward_hook))
    X = X.clone().requires_grad_(True)
    model(X).gather(1, y.unsqueeze(1)).sum().backward()
    for h in handles:
        h.remove()
    return X.grad

# %% grade_id="grad_cam"
def grad_cam(X, y, model, layer):
    acts, grads = [], []

    def forward_hook(module, args, out):
        acts.append(out.clone())
        out.register_hook(lambda g: grads.append(g))

    handle = layer.register_forward_hook(forward_hook)
    X = X.clone().requires_grad_(True)
    model(X).gather(1, y.unsqueeze(1)).sum().backward()
    handle.remove()
    w = grads[0].mean(dim=[2, 3])
    cam = torch.einsum("nk,nkhw->nhw", w, acts[0]).relu()
    cam = F.interpolate(cam[:, None], size=X.shape[2:], mode="bilinear", align_corners=False)[:, 0]
    lo = cam.amin(dim=(1, 2), keepdim=True)
    hi = cam.amax(dim=(1, 2), keepdim=True)
    return (cam - lo) / (hi - lo + 1e-8)

# %% grade_id="guided_grad_cam"
def guided_grad_cam(X, y, model, layer):
    return guided_backprop(X, y, model) * grad_cam(X, y, model, layer)[:, None, :, :]
