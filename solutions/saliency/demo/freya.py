"""Forgets the absolute value, and the weights of the losses."""

# %% grade_id="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = X.clone().requires_grad_()
    model(X).gather(1, y.view(-1, 1)).sum().backward()
    return X.grad.max(dim=1)[0]

# %% grade_id="compute_loss_saliency"
def compute_loss_saliency(X, losses, model):
    X = X.clone().requires_grad_()
    scores = model(X)
    sum(loss(scores).sum() for weight, loss in losses).backward()
    return X.grad.abs().max(dim=1)[0]
