"""Style: other names for the arguments, defaults, optional extras, everything by keyword where torch allows it."""

# %% grade_id="compute_saliency_maps"
def compute_saliency_maps(images, labels, net, create_graph=False):
    images = images.requires_grad_(requires_grad=True)
    logits = net.forward(images)
    own = torch.gather(input=logits, dim=1, index=labels.unsqueeze(dim=1))
    (jac,) = torch.autograd.grad(outputs=own.sum(), inputs=(images,), create_graph=create_graph)
    return torch.max(input=torch.abs(jac), dim=1, keepdim=False).values

# %% grade_id="normalize_maps"
def normalize_maps(batch, low=0.0, high=1.0):
    stretched = torch.empty_like(batch)
    for one, target in zip(batch, stretched):
        bottom, top = one.min(), one.max()
        if torch.equal(bottom, top):
            target.fill_(low)
        else:
            target.copy_(low + (high - low) * (one - bottom) / (top - bottom))
    return stretched

# %% grade_id="compute_layer_saliency"
def compute_layer_saliency(images, labels, net, module, *ignored, **also_ignored):
    store = dict()

    class Grab:
        def __call__(self, mod, args, result):
            store["result"] = result
            return torch.clone(input=result)

    remove = module.register_forward_hook(hook=Grab()).remove
    logits = net(images.clone().requires_grad_())
    remove()
    own = torch.gather(input=logits, dim=1, index=labels.unsqueeze(dim=1))
    (jac,) = torch.autograd.grad(outputs=own.sum(), inputs=(store["result"],))
    return torch.max(input=torch.abs(jac), dim=1, keepdim=False).values

# %% grade_id="compute_loss_saliency"
def compute_loss_saliency(images, terms, net):
    images = images.clone().requires_grad_()
    logits = net(images)
    gradients = torch.zeros_like(images)
    for weight, term in terms:
        (jac,) = torch.autograd.grad(outputs=term(logits).sum(), inputs=(images,), retain_graph=True)
        gradients += weight * jac
    return torch.max(input=torch.abs(gradients), dim=1, keepdim=False).values
