"""Style: one image after the other, a list in the end; requires_grad_ on the caller's own tensor; numpy for the last steps."""

# %% grade_id="guided_backprop"
def guided_backprop(X, y, model):
    out = []
    relus = [m for m in model.modules() if isinstance(m, nn.ReLU)]
    for i in range(X.shape[0]):
        x = X[i:i + 1].requires_grad_()
        hooks = [r.register_forward_hook(lambda m, inp, o: o.register_hook(F.relu) and None) for r in relus]
        s = model(x)[0, y[i]]
        g = torch.autograd.grad(s, x)[0]
        [h.remove() for h in hooks]
        out.append(g)
    return torch.cat(out, 0)

# %% grade_id="grad_cam"
def grad_cam(X, y, model, layer):
    out = []
    for i in range(X.shape[0]):
        box = []
        h = layer.register_forward_hook(lambda m, inp, o: (box.append(o), o.clone())[1])
        x = X[i:i + 1].requires_grad_()
        s = model(x)[0, y[i]]
        h.remove()
        g = torch.autograd.grad(s, box[0])[0]
        a = box[0][0].detach().cpu().numpy()       # (K, h, w)
        w = g[0].cpu().numpy().mean(axis=(1, 2))   # (K,)
        m = np.maximum(np.tensordot(w, a, axes=1), 0)
        m = F.interpolate(torch.from_numpy(m)[None, None], size=tuple(X.shape[2:]), mode="bilinear").numpy()[0, 0]
        if m.max() > m.min():
            m = (m - m.min()) / (m.max() - m.min())
        else:
            m = np.zeros_like(m)
        out.append(torch.from_numpy(m).to(X.device))
    return torch.stack(out)

# %% grade_id="guided_grad_cam"
def guided_grad_cam(X, y, model, layer):
    out = torch.zeros_like(X)
    gb, cam = guided_backprop(X, y, model), grad_cam(X, y, model, layer)
    for i in range(len(X)):
        for c in range(3):
            out[i, c] = gb[i, c] * cam[i]
    return out
