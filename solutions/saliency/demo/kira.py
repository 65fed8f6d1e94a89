"""A cell of her own kills the kernel, and so does one of the answers; another is right."""

# %% grade_id="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    X = X.clone().requires_grad_()
    model(X).gather(1, y.view(-1, 1)).sum().backward()
    return X.grad.abs().amax(dim=1)

# %%
import os
os.kill(os.getpid(), 9)

# %% grade_id="compute_loss_saliency"
def compute_loss_saliency(X, losses, model):
    import os
    os._exit(0)
