"""Replaces the harness in the jail by one that writes pickles, torch files and NumPy object arrays where the answer is expected.

class: 13
honest: compute_saliency_maps=0 normalize_maps=0 compute_layer_saliency=0 compute_loss_saliency=0
never: /tmp/unpickled-by-the-grader
reason: no answer that could be read
"""

# %%
import importlib
import sys

def harnesses():
    """Whatever calls functions here: modules that have a call() and an answer()."""
    importlib.invalidate_caches()
    for name in ("inside.harness", "autograder.grading.inside.harness"):
        try:
            yield importlib.import_module(name)
        except ImportError:
            pass

import io
import os
import pickle

import numpy as np

class Run:
    def __reduce__(self):
        return (os.system, ("touch /tmp/unpickled-by-the-grader",))

def forge(kind):
    buffer = io.BytesIO()
    if kind == 0:
        return pickle.dumps(Run())
    if kind == 1:
        torch.save(Run(), buffer)
    elif kind == 2:
        np.save(buffer, np.array([Run()], dtype=object))
    else:
        np.savez(buffer, maps=np.array([Run()], dtype=object))
    return buffer.getvalue()

turn = 0

def write_pickle(function, arguments_file, answer_file, device, *rest):
    global turn
    turn += 1
    with open(answer_file, "wb") as file:
        file.write(forge(turn % 4))

for harness in harnesses():
    harness.call = write_pickle

# %% grade_id="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return torch.zeros_like(X[:, 0])

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    return torch.zeros_like(maps)

# %% grade_id="compute_layer_saliency"
def compute_layer_saliency(X, y, model, layer):
    return torch.zeros_like(X[:, 0])

# %% grade_id="compute_loss_saliency"
def compute_loss_saliency(X, losses, model):
    return torch.zeros_like(X[:, 0])
