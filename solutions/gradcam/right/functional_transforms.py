"""Style: torch.func.vjp of a function of pixels, on a copy whose ReLUs have another forward; jacobians of the part above the layer."""

# %%
from torch.func import vjp, grad
import copy

class OnlyPositive(torch.autograd.Function):
    generate_vmap_rule = True

    @staticmethod
    def forward(x):
        return x.clamp(min=0)

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(output)

    @staticmethod
    def backward(ctx, g):
        (out,) = ctx.saved_tensors
        return torch.where((out > 0) & (g > 0), g, 0.0)

# %% grade_id="guided_backprop"
def guided_backprop(X, y, model):
    twin = copy.deepcopy(model)
    for module in twin.modules():
        if isinstance(module, nn.ReLU):
            module.forward = OnlyPositive.apply
    scores, pull_back = vjp(twin, X.detach())
    (result,) = pull_back(F.one_hot(y, scores.shape[-1]).to(scores.dtype))
    return result

# %% grade_id="grad_cam"
def grad_cam(X, y, model, layer):
    def above(shift):
        """Scores of class y where the layer puts out `shift` more."""
        seen = []
        def add(module, inputs, output):
            seen.append(output.clone())
            return output + shift
        with layer.register_forward_hook(add):
            s = model(X)
        return s.gather(1, y[:, None]).sum(), seen[0]

    with torch.no_grad():
        A = above(0)[1].clone()
    slopes, _ = grad(above, has_aux=True)(torch.zeros_like(A))
    cam = torch.func.vmap(lambda w, a: torch.tensordot(w, a, 1))(slopes.mean((2, 3)), A).relu()
    cam = F.interpolate(cam[None], size=X.shape[2:], mode="bilinear")[0]
    def stretch(m):
        lo, hi = m.min(), m.max()
        return torch.where(hi > lo, (m - lo) / (hi - lo), torch.zeros_like(m))
    return torch.func.vmap(stretch)(cam)

# %% grade_id="guided_grad_cam"
def guided_grad_cam(X, y, model, layer):
    return torch.func.vmap(torch.mul)(guided_backprop(X, y, model), grad_cam(X, y, model, layer).unsqueeze(1).expand_as(X))
