"""Shows small displays and then updates them to large ones; shows one of them many times over.

class: 16
honest: compute_saliency_maps=0 normalize_maps=6 compute_layer_saliency=0 compute_loss_saliency=0
"""

# %%
from IPython.display import display

for i in range(10):
    display(i, display_id=f"display-{i}")
for i in range(10):
    display({"text/plain": "x" * 15_000_000}, raw=True, display_id=f"display-{i}", update=True)
for _ in range(1_000):
    display("small", display_id="again")
display({"text/plain": "x" * 900_000, "text/html": "\ud800<b>"}, raw=True, display_id="again", update=True)

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    lowest = maps.amin(dim=(1, 2), keepdim=True)
    span = maps.amax(dim=(1, 2), keepdim=True) - lowest
    return torch.where(span > 0, (maps - lowest) / span, torch.zeros_like(maps))
