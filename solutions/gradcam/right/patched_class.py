"""Style: nn.ReLU.forward is patched for all ReLUs of the world, and put back; torchvision resizes the maps; in-place products."""

# %% grade_id="guided_backprop"
def guided_backprop(images, labels, net):
    class Rectifier(torch.autograd.Function):
        @staticmethod
        def forward(ctx, inp):
            ctx.positive = inp > 0
            return inp * ctx.positive

        @staticmethod
        def backward(ctx, grad):
            return grad * ctx.positive * (grad > 0)

    old = nn.ReLU.forward
    nn.ReLU.forward = lambda self, inp: Rectifier.apply(inp)
    try:
        images = images.detach().clone().requires_grad_()
        picked = torch.stack([row[k] for row, k in zip(net(images), labels)])
        picked.sum().backward()
    finally:
        nn.ReLU.forward = old
    return images.grad.clone()

# %% grade_id="grad_cam"
from torchvision.transforms.functional import resize, InterpolationMode

def grad_cam(images, labels, net, module):
    memory = {}
    def remember(mod, inp, out):
        memory["A"] = out.clone()
        return memory["A"].clone()
    hook = module.register_forward_hook(remember)
    picked = torch.stack([row[k] for row, k in zip(net(images.detach().clone().requires_grad_()), labels)])
    hook.remove()
    grads = torch.autograd.grad(picked, memory["A"], grad_outputs=torch.ones_like(picked))[0]
    maps = torch.zeros_like(memory["A"][:, 0])
    for n in range(len(images)):
        for k in range(grads.shape[1]):
            maps[n] += grads[n, k].mean() * memory["A"][n, k].detach()
    maps = nn.ReLU()(maps)
    maps = resize(maps, list(images.shape[2:]), InterpolationMode.BILINEAR, antialias=False)
    for n in range(len(images)):
        maps[n] -= maps[n].min().item()
        if maps[n].max() > 0:
            maps[n] /= maps[n].max().item()
    return maps

# %% grade_id="guided_grad_cam"
def guided_grad_cam(images, labels, net, module):
    product = guided_backprop(images, labels, net)
    heat = grad_cam(images, labels, net, module)
    for channel in range(product.shape[1]):
        product[:, channel].mul_(heat)
    return product
