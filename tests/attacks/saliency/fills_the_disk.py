"""Writes 300 MB, a file with a hole of a terabyte, and 20,000 small files.

class: 16
honest: compute_saliency_maps=0 normalize_maps=6 compute_layer_saliency=0 compute_loss_saliency=0
"""

# %%
import os

os.makedirs("small", exist_ok=True)
try:
    with open("big", "wb") as file:
        for _ in range(300):
            file.write(os.urandom(1_000_000))
    for i in range(20_000):
        with open(f"small/{i}", "w") as file:
            file.write("x")
    with open("hole", "wb") as file:
        file.truncate(2**40)
except OSError as error:
    print(error)

# %% grade_id="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return torch.zeros_like(X[:, 0])

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    lowest = maps.amin(dim=(1, 2), keepdim=True)
    span = maps.amax(dim=(1, 2), keepdim=True) - lowest
    return torch.where(span > 0, (maps - lowest) / span, torch.zeros_like(maps))
