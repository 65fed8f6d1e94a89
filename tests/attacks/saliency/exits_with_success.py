"""Ends the process with exit code 0 in the middle of a check, in four ways.

class: 6
honest: compute_saliency_maps=0 normalize_maps=6 compute_layer_saliency=0 compute_loss_saliency=0
reason: did not come back
"""

# %% grade_id="compute_saliency_maps"
import ctypes
import os
import sys

def compute_saliency_maps(X, y, model):
    print("14.0", flush=True)
    os._exit(0)

# %% grade_id="compute_layer_saliency"
def compute_layer_saliency(X, y, model, layer):
    sys.exit(0)

# %% grade_id="compute_loss_saliency"
def compute_loss_saliency(X, losses, model):
    ctypes.CDLL(None).exit(0)

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    lowest = maps.amin(dim=(1, 2), keepdim=True)
    span = maps.amax(dim=(1, 2), keepdim=True) - lowest
    return torch.where(span > 0, (maps - lowest) / span, torch.zeros_like(maps))
