"""Style: an own torch.autograd.Function as a tap that copies the gradient passing through it."""

# %% grade_id="compute_saliency_maps"
class Tap(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, bucket):
        ctx.bucket = bucket
        return x.clone()

    @staticmethod
    def backward(ctx, grad):
        ctx.bucket.append(grad.detach().clone())
        return grad, None


def compute_saliency_maps(X, y, model):
    bucket = []
    scores = model(Tap.apply(X.clone().requires_grad_(), bucket))
    torch.trace(scores[:, y]).backward()
    return bucket[0].abs().max(dim=1).values

# %% grade_id="compute_layer_saliency"
def compute_layer_saliency(X, y, model, layer):
    bucket = []
    handle = layer.register_forward_hook(lambda m, i, o: Tap.apply(o, bucket))
    scores = model(X.clone().requires_grad_())
    handle.remove()
    torch.trace(scores[:, y]).backward()
    return bucket[0].abs().max(dim=1).values

# %% grade_id="compute_loss_saliency"
def compute_loss_saliency(X, losses, model):
    bucket = []
    scores = model(Tap.apply(X.clone().requires_grad_(), bucket))
    weighted = torch.stack([f(scores) for _, f in losses], dim=-1) @ torch.tensor([float(w) for w, _ in losses]).to(scores)
    weighted.sum().backward()
    return bucket[0].abs().max(dim=1).values
