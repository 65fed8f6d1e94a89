"""What a right answer needs is defined in a try, and another answer ends the kernel before it is called.

expect: compute_saliency_maps=0 normalize_maps=6 compute_layer_saliency=0 compute_loss_saliency=0
"""

# %%
try:
    from tqdm_that_is_not_installed import tqdm
except ImportError:
    def tqdm(items): return items

# %% grade_id="compute_saliency_maps"
import os

def compute_saliency_maps(X, y, model):
    os._exit(1)

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    result = torch.zeros_like(maps)
    for number in tqdm(range(len(maps))):
        span = maps[number].max() - maps[number].min()
        if span > 0:
            result[number] = (maps[number] - maps[number].min()) / span
    return result
