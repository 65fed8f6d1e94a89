"""Style: the old register_backward_hook, partial functions, type hints; Pillow enlarges the maps."""

# %%
from functools import partial
from PIL import Image
from typing import List

def _clamp(module, grad_in, grad_out):
    return tuple(None if g is None else g.clamp(min=0.0) for g in grad_in)

# %% grade_id="guided_backprop"
def guided_backprop(X: torch.Tensor, y: torch.Tensor, model: nn.Module) -> torch.Tensor:
    model.zero_grad()
    hooks: List = []
    def attach(m: nn.Module) -> None:
        if m.__class__.__name__ == "ReLU":
            hooks.append(m.register_backward_hook(_clamp))
    model.apply(attach)
    images = X.data.clone()
    images.requires_grad = True
    logits = model(images)
    logits.backward(torch.eye(logits.shape[1], dtype=logits.dtype, device=logits.device)[y])
    for hook in hooks:
        hook.remove()
    return images.grad.data

# %% grade_id="grad_cam"
def _cam(X: torch.Tensor, y: torch.Tensor, model: nn.Module, layer: nn.Module, *, size=None) -> torch.Tensor:
    cache = []
    handle = layer.register_forward_hook(lambda m, i, o: cache.append(o) or o.view_as(o).clone())
    logits = model(X.clone().requires_grad_())
    handle.remove()
    onehot = torch.eye(logits.shape[1], dtype=logits.dtype, device=logits.device)[y]
    grads = torch.autograd.grad((logits * onehot).sum(), cache)[0]
    heat = (cache[0] * grads.mean(dim=(2, 3))[:, :, None, None]).sum(dim=1).clamp(min=0).detach()
    result = []
    for h in heat:
        image = Image.fromarray(h.cpu().numpy().astype("float32"))
        big = np.array(image.resize((X.shape[-1], X.shape[-2]), Image.BILINEAR))
        span = big.max() - big.min()
        result.append((big - big.min()) / span if span else np.zeros_like(big))
    return torch.from_numpy(np.stack(result)).to(X.device, X.dtype)

grad_cam = partial(_cam, size=None)

# %% grade_id="guided_grad_cam"
def guided_grad_cam(X, y, model, layer):
    out = torch.empty_like(X)
    torch.mul(guided_backprop(X, y, model), grad_cam(X, y, model, layer)[:, None], out=out)
    return out
