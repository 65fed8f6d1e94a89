"""Style: functional_call and per-sample gradients with vmap(grad(...))."""

# %% grade_id="compute_saliency_maps"
from torch.func import functional_call, grad, vmap

def compute_saliency_maps(X, y, model):
    state = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    state = {k: v.detach() for k, v in state.items()}

    def score(x, label):
        s = functional_call(model, state, (x.unsqueeze(0),)).squeeze(0)
        return s.gather(0, label.unsqueeze(0)).squeeze(0)

    per_image = vmap(grad(score))(X, y)
    return per_image.abs().max(dim=1).values

# %% grade_id="compute_loss_saliency"
def compute_loss_saliency(X, losses, model):
    state = {k: v.detach() for k, v in {**dict(model.named_parameters()), **dict(model.named_buffers())}.items()}

    def summed(images):
        scores = functional_call(model, state, (images,))
        return torch.stack([w * fn(scores).sum() for w, fn in losses]).sum()

    return grad(summed)(X).abs().max(dim=1).values
