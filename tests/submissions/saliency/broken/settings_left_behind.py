"""Demonstrations turn gradients off, warnings into errors and NumPy strict, and leave it so; all is right by itself.

expect: compute_saliency_maps=14 normalize_maps=6 compute_layer_saliency=0 compute_loss_saliency=0
"""

# %% grade_id="compute_saliency_maps"
import warnings

def compute_saliency_maps(X, y, model):
    X = X.clone().requires_grad_()
    warnings.warn("a right answer may warn")
    model(X).gather(1, y[:, None]).sum().backward()
    return X.grad.abs().amax(dim=1)

# %%
import logging
import numpy as np

warnings.simplefilter("error")
np.seterr(all="raise")
logging.basicConfig(level=logging.DEBUG)
torch.use_deterministic_algorithms(True)
torch.set_grad_enabled(False)

# %%
torch.inference_mode().__enter__()
print = None

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    lo = maps.amin(dim=(1, 2), keepdim=True)
    span = maps.amax(dim=(1, 2), keepdim=True) - lo
    return torch.where(span > 0, (maps - lo) / span, torch.zeros_like(maps))
