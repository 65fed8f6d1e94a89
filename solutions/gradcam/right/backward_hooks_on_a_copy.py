"""Style: register_full_backward_hook on a deep copy whose ReLUs are not in place; bmm for the weighted sum."""

# %%
import copy

def my_copy(model, layer=None):
    model, layer = copy.deepcopy((model, layer))   # together, so that the layer is the copy's
    for m in model.modules():
        if isinstance(m, nn.ReLU):
            m.inplace = False
    return model, layer

# %% grade_id="guided_backprop"
def guided_backprop(X, y, model):
    net, _ = my_copy(model)

    def backward_hook(module, grad_in, grad_out):
        return (torch.clamp(grad_in[0], min=0.0),)

    for m in net.modules():
        if isinstance(m, nn.ReLU):
            m.register_full_backward_hook(backward_hook)
    x = X.detach().clone().requires_grad_()
    out = net(x)
    one_hot = F.one_hot(y, out.shape[1]).to(out)
    out.backward(gradient=one_hot)
    return x.grad

# %% grade_id="grad_cam"
def grad_cam(X, y, model, layer):
    net, lay = my_copy(model, layer)
    store = {}
    lay.register_forward_hook(lambda m, i, o: store.update(a=o.detach()))
    lay.register_full_backward_hook(lambda m, gi, go: store.update(g=go[0]))
    x = X.detach().clone().requires_grad_()
    out = net(x)
    out.backward(gradient=F.one_hot(y, out.shape[1]).to(out))
    n, k, h, w = store["a"].shape
    alpha = store["g"].view(n, k, -1).mean(-1)
    cam = torch.bmm(alpha.unsqueeze(1), store["a"].view(n, k, h * w)).view(n, 1, h, w)
    cam = nn.Upsample(size=X.shape[-2:], mode="bilinear")(F.relu(cam)).squeeze(1)
    result = torch.zeros_like(cam)
    for i in range(n):
        lo, hi = cam[i].min(), cam[i].max()
        if hi > lo:
            result[i] = (cam[i] - lo) / (hi - lo)
    return result

# %% grade_id="guided_grad_cam"
def guided_grad_cam(X, y, model, layer):
    gb = guided_backprop(X, y, model)
    cam = grad_cam(X, y, model, layer)
    return torch.einsum("nchw,nhw->nchw", gb, cam)
