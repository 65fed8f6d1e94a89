"""One answer loops for ever and catches the interrupt; the next one is right."""

# %% grade_id="compute_saliency_maps"
def compute_saliency_maps(X, y, model):
    while True:
        try:
            X = X + 0
        except:
            pass

# %% grade_id="normalize_maps"
def normalize_maps(maps):
    low = maps.amin((1, 2), keepdim=True)
    span = maps.amax((1, 2), keepdim=True) - low
    return (maps - low) / torch.where(span > 0, span, torch.ones_like(span))
