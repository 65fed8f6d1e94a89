"""Style: older PyTorch: .data, volatile thinking, explicit enable_grad, sizes read one by one."""

# %% grade_id="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    # Make sure the model is in "test" mode
    was_training = model.training
    model.eval()
    n, c, h, w = X.size()
    inputs = X.data.clone()
    with torch.enable_grad():
        inputs.requires_grad_()
        if inputs.grad is not None:
            inputs.grad.data.zero_()
        outputs = model(inputs)
        picked = torch.cat([outputs[i, y[i].item()].view(1) for i in range(n)])
        picked.backward(gradient=torch.ones_like(picked))
    grad = inputs.grad.data
    model.train(was_training)
    r, g, b = grad.abs().unbind(1)
    return torch.maximum(torch.maximum(r, g), b)

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    maps = maps.data.clone()
    for i in range(maps.size(0)):
        maps[i] -= maps[i].min()
        top = maps[i].max().item()
        if top > 0:
            maps[i] /= top
    return maps

# %% grade_id="compute_layer_saliency"
def compute_layer_saliency(X, y, model, layer):
    n = X.size(0)
    box = [None]

    def remember(module, inputs, output):
        box[0] = output
        return output.view_as(output).clone()

    with torch.enable_grad():
        handle = layer.register_forward_hook(remember)
        outputs = model(X.data.clone().requires_grad_())
        handle.remove()
        picked = torch.cat([outputs[i, y[i].item()].view(1) for i in range(n)])
        gradient = torch.autograd.grad(picked.sum(), box[0])[0].data
    return gradient.abs().max(1)[0]

# %% grade_id="compute_loss_saliency"
def compute_loss_saliency(X, losses, model):
    inputs = X.data.clone()
    with torch.enable_grad():
        inputs.requires_grad_()
        outputs = model(inputs)
        # every term adds its own share to inputs.grad
        for k, (weight, criterion) in enumerate(losses):
            term = (weight * criterion(outputs)).sum()
            term.backward(retain_graph=True)
    return inputs.grad.data.abs().max(1)[0]
