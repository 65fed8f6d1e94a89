"""Replaces the harness in the jail by one whose answers have the right keys and the wrong kinds of things under them.

class: 7
honest: compute_saliency_maps=0 normalize_maps=0 compute_layer_saliency=0 compute_loss_saliency=0
reason: not an answer
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

turn = 0
ANSWERS = [
    {"value": torch.zeros(1, 9, 9), "side_effects": [{}, [], ["input_changed"], None]},
    {"value": torch.zeros(1, 9, 9), "side_effects": {"input_changed": 1}},
    {"error": "not a dictionary"},
    {"error": {"type": {"a": 1}, "message": ["b"], "where": 3}},
    {"error": {"type": "x" * 1_000_000, "message": "<b>" * 1_000_000, "where": "y" * 1_000_000}},
    {"error": {"type": "E", "message": "a lone surrogate \udce9 and a null \x00 and \x1b[2J", "where": ""}},
    {"missing": "yes"},
    ["value"],
    {"value": {"a": {"b": [1, (2, None)]}}},
    {"value": float("nan")},
    {"value": 10**400},
    {},
]

def odd(function, arguments, device, *rest):
    global turn
    turn += 1
    return ANSWERS[turn % len(ANSWERS)]

for harness in harnesses():
    harness.answer = odd

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
