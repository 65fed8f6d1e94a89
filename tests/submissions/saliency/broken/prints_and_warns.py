"""Right answers that talk: to stdout, to stderr, through warnings and through a logger, also while they are checked.

expect: compute_saliency_maps=14 normalize_maps=6 compute_layer_saliency=0 compute_loss_saliency=0
reason: not answered
"""

# %%
import logging
import sys
import warnings

print("starting", file=sys.stderr)
warnings.warn("this notebook is experimental")
logging.getLogger("student").warning("hello")

# %% grade_id="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    print("X:", X.shape, file=sys.stderr)
    warnings.warn("computing gradients")
    X = X.clone().requires_grad_()
    model(X).gather(1, y[:, None]).sum().backward()
    return X.grad.abs().amax(dim=1)

# %%
print("first question done", file=sys.stderr)

# %% grade_id="normalize_maps"
import subprocess

def normalize_maps(maps):
    subprocess.run(["sh", "-c", "echo to the terminal; echo and to its stderr >&2"], check=False)
    logging.getLogger("student").error("normalising %d maps", len(maps))
    lo = maps.amin(dim=(1, 2), keepdim=True)
    span = maps.amax(dim=(1, 2), keepdim=True) - lo
    return torch.where(span > 0, (maps - lo) / span, torch.zeros_like(maps))
