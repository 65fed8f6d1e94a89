"""Style: a mask made with scatter_, losses folded with functools.reduce, maps sorted instead of maximised."""

# %% grade_id="compute_saliency_maps"
from functools import reduce

def compute_saliency_maps(X, y, model):
    leaf = torch.empty_like(X).copy_(X).requires_grad_()
    scores = model(leaf)
    seed = torch.zeros_like(scores).scatter_(1, y.reshape(-1, 1), 1.0)
    scores.backward(gradient=seed)
    return leaf.grad.abs().sort(dim=1).values[:, -1]

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    lo = maps.reshape(len(maps), -1).sort(dim=1).values[:, 0]
    hi = maps.reshape(len(maps), -1).sort(dim=1).values[:, -1]
    shifted = torch.einsum("nhw,n->nhw", torch.ones_like(maps), -lo) + maps
    factor = torch.tensor([0.0 if a == b else 1.0 / float(b - a) for a, b in zip(lo, hi)],
                          dtype=maps.dtype, device=maps.device)
    return torch.einsum("nhw,n->nhw", shifted, factor)

# %% grade_id="compute_layer_saliency"
def compute_layer_saliency(X, y, model, layer):
    taken = []
    def swap(module, args, output):
        taken.append(output)
        return torch.clone(output)
    hook = layer.register_forward_hook(swap)
    scores = model(torch.empty_like(X).copy_(X).requires_grad_())
    hook.remove()
    seed = torch.zeros_like(scores).scatter_(1, y.reshape(-1, 1), 1.0)
    gradient, = torch.autograd.grad(outputs=[scores], inputs=[taken[0]], grad_outputs=[seed])
    return gradient.abs().sort(dim=1).values[:, -1]

# %% grade_id="compute_loss_saliency"
def compute_loss_saliency(X, losses, model):
    leaf = torch.empty_like(X).copy_(X).requires_grad_()
    scores = model(leaf)
    total = reduce(lambda acc, term: acc + term[0] * term[1](scores), losses, torch.zeros(len(X)).to(scores))
    total.mean().mul(len(X)).backward()      # mean * N = sum
    return leaf.grad.abs().sort(dim=1).values[:, -1]
