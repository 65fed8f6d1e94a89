"""Style: type hints, decorators, asserts, progress printed along the way, results left in float64 or on the CPU."""

# %% grade_id="compute_saliency_maps"
from torch import Tensor, nn

@torch.enable_grad()
def compute_saliency_maps(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    assert X.ndim == 4 and y.ndim == 1 and len(X) == len(y), "need (N, 3, H, W) and (N,)"
    print("saliency for", len(X), "images")
    X = X.detach().clone().requires_grad_()
    chosen = torch.masked_select(model(X), mask_of(y, model(X)))
    chosen.sum().backward()
    assert X.grad is not None
    return X.grad.abs().amax(dim=1).cpu()


def mask_of(y: Tensor, scores: Tensor) -> Tensor:
    return torch.arange(scores.shape[1], device=y.device)[None] == y[:, None]

# %% grade_id="normalize_maps"
@torch.no_grad()
def normalize_maps(maps: Tensor) -> Tensor:
    """ (m - min) / (max - min) with a tiny constant against 0 / 0 """
    lo = maps.amin(dim=(-2, -1), keepdim=True)
    hi = maps.amax(dim=(-2, -1), keepdim=True)
    return (maps - lo) / (hi - lo + 1e-10)

# %% grade_id="compute_layer_saliency"
def compute_layer_saliency(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    grads: list[Tensor] = []

    def watch(module: nn.Module, inputs: tuple, output: Tensor) -> Tensor:
        if not output.requires_grad:
            output = output.detach().requires_grad_()
        output.register_hook(grads.append)
        return output.clone()

    handle = layer.register_forward_hook(watch)
    try:
        scores = model(X)
    finally:
        handle.remove()
    torch.masked_select(scores, mask_of(y, scores)).sum().backward()
    return torch.linalg.vector_norm(grads[0], ord=float("inf"), dim=1)

# %% grade_id="compute_loss_saliency"
@torch.enable_grad()
def compute_loss_saliency(X: Tensor, losses: list, model: nn.Module) -> Tensor:
    X = X.detach().clone().requires_grad_()
    scores = model(X)
    total = scores.new_zeros(len(X))
    for weight, loss in losses:
        value = loss(scores)
        assert value.shape == (len(X),), f"a loss returned {tuple(value.shape)}"
        total.add_(value, alpha=weight)
    total.sum().backward()
    return torch.linalg.vector_norm(X.grad, ord=float("inf"), dim=1)
