"""Style: scores multiplied by a one-hot matrix; gradients are cleared first, to be safe."""

# %% grade_id="compute_saliency_maps"
import torch.nn.functional as F

def compute_saliency_maps(X, y, model):
    model.eval()
    model.zero_grad()
    images = X.clone().detach()
    images.requires_grad = True
    logits = model(images)
    mask = F.one_hot(y, num_classes=logits.shape[1]).to(logits.dtype)
    (logits * mask).sum().backward()
    grads = images.grad
    model.zero_grad()
    return grads.abs().max(dim=1).values

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    mins = torch.stack([m.min() for m in maps]).reshape(-1, 1, 1)
    maxs = torch.stack([m.max() for m in maps]).reshape(-1, 1, 1)
    constant = maxs == mins
    scaled = (maps - mins) / (maxs - mins + constant)
    return scaled

# %% grade_id="compute_layer_saliency"
def compute_layer_saliency(X, y, model, layer):
    model.eval()
    model.zero_grad()
    store = []
    def forward_hook(module, input, output):
        # new leaf, so that the rest of the network starts here
        leaf = output.detach().clone().requires_grad_(True)
        store.append(leaf)
        return leaf + 0      # not the leaf itself: a ReLU(inplace=True) may come next
    handle = layer.register_forward_hook(forward_hook)
    logits = model(X)
    handle.remove()
    mask = torch.nn.functional.one_hot(y, logits.shape[1])
    (mask * logits).sum().backward()
    return store[0].grad.abs().max(dim=1).values

# %% grade_id="compute_loss_saliency"
def compute_loss_saliency(X, losses, model):
    model.eval()
    model.zero_grad()
    images = X.clone().detach()
    images.requires_grad = True
    logits = model(images)
    weights = torch.tensor([w for w, _ in losses], dtype=logits.dtype, device=logits.device)
    values = torch.stack([fn(logits) for _, fn in losses])   # (K, N)
    (weights[:, None] * values).sum().backward()
    return images.grad.abs().max(dim=1).values
