"""Prints 200 MB, shows 20,000 displays, updates one display 20,000 times and fills stderr.

class: 16
honest: compute_saliency_maps=0 normalize_maps=6 compute_layer_saliency=0 compute_loss_saliency=0
"""

# %%
import sys

from IPython.display import display

for _ in range(200):
    sys.stdout.write("x" * 1_000_000 + "\n")
for i in range(20_000):
    display(i)
handle = display("start", display_id=True)
for i in range(20_000):
    handle.update(i)
for _ in range(50):
    print("e" * 1_000_000, file=sys.stderr)
"r" * 20_000_000

# %% grade_id="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    return torch.zeros_like(X[:, 0])

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    lowest = maps.amin(dim=(1, 2), keepdim=True)
    span = maps.amax(dim=(1, 2), keepdim=True) - lowest
    return torch.where(span > 0, (maps - lowest) / span, torch.zeros_like(maps))
