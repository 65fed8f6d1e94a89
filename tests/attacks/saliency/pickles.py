"""Returns objects whose unpickling would run a command, alone, inside containers and as array elements.

class: 13
honest: compute_saliency_maps=0 normalize_maps=0 compute_layer_saliency=0 compute_loss_saliency=0
never: /tmp/unpickled-by-the-grader
reason: not data
"""

# %%
import os
import pickle

import numpy as np

class Run:
    def __reduce__(self):
        return (os.system, ("touch /tmp/unpickled-by-the-grader",))

# %% grade_id="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return Run()

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    return np.array([Run()] * 3, dtype=object)

# %% grade_id="compute_layer_saliency"
def compute_layer_saliency(X, y, model, layer):
    return {'maps': [Run(), (Run(),)], 'bytes': pickle.dumps(Run())}

# %% grade_id="compute_loss_saliency"
def compute_loss_saliency(X, losses, model):
    return torch.nn.Parameter(X[:, 0]).as_subclass(type('T', (torch.Tensor,), {'__reduce_ex__': lambda s, p: Run().__reduce__()}))
