"""Style: the outputs are kept on a stack and taken off on the way back, with full backward hooks on a copy; the cam is made in one batch by broadcasting."""

# %% grade_id="guided_backprop"
from copy import deepcopy

class GuidedBackprop:
    def __init__(self, model):
        self.model = deepcopy(model)
        self.outputs = []
        for m in self.model.modules():
            if isinstance(m, nn.ReLU):
                m.inplace = False
                m.register_forward_hook(self.on_forward)
                m.register_full_backward_hook(self.on_backward)

    def on_forward(self, module, inp, out):
        self.outputs.append(out)

    def on_backward(self, module, grad_in, grad_out):
        out = self.outputs.pop()
        mask = (out > 0).to(out.dtype)
        return (mask * torch.clamp(grad_out[0], min=0.0),)

    def __call__(self, X, y):
        X = X.clone().detach().requires_grad_(True)
        out = self.model(X)
        self.model.zero_grad()
        target = torch.zeros_like(out)
        target[torch.arange(len(out)), y] = 1
        out.backward(gradient=target)
        return X.grad.data


def guided_backprop(X, y, model):
    return GuidedBackprop(model)(X, y)

# %% grade_id="grad_cam"
class CamExtractor:
    def __init__(self, model, layer):
        self.model, self.layer = model, layer

    def save_gradient(self, grad):
        self.gradients = grad

    def save(self, module, inp, out):
        self.activations = out.data.clone()
        out.register_hook(self.save_gradient)

    def __call__(self, X, y):
        handle = self.layer.register_forward_hook(self.save)
        try:
            out = self.model(X.clone().detach().requires_grad_(True))
        finally:
            handle.remove()
        target = torch.zeros_like(out)
        target[torch.arange(len(out)), y] = 1
        self.model.zero_grad()
        out.backward(gradient=target)
        return self.activations, self.gradients.data


def grad_cam(X, y, model, layer):
    a, g = CamExtractor(model, layer)(X, y)
    cam = (g.mean(-1, keepdim=True).mean(-2, keepdim=True) * a).sum(1)
    cam[cam < 0] = 0
    cam = torch.nn.functional.interpolate(cam[None], size=(X.size(2), X.size(3)), mode="bilinear", align_corners=False)[0]
    flat = cam.view(cam.size(0), -1)
    flat = flat - flat.min(dim=1, keepdim=True).values
    flat = flat / flat.max(dim=1, keepdim=True).values.clamp(min=1e-12)
    return flat.view_as(cam)

# %% grade_id="guided_grad_cam"
def guided_grad_cam(X, y, model, layer):
    cam = CamExtractor(model, layer)
    return grad_cam(X, y, model, layer).reshape(len(X), 1, X.size(2), X.size(3)).expand_as(X) * GuidedBackprop(model)(X, y)
