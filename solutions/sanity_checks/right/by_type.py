"""Style: isinstance and torch.nn.init; scipy.stats.rankdata and numpy.corrcoef; one copy is randomised further and further."""

# %% grade_id="randomize_layers"
import torch.nn as nn

LAYERS = (nn.Conv2d, nn.Linear, nn.BatchNorm2d)

def init_layer(m):
    if isinstance(m, nn.BatchNorm2d):
        nn.init.ones_(m.weight)
        nn.init.zeros_(m.bias)
        m.reset_running_stats()
    else:
        nn.init.kaiming_normal_(m.weight, nonlinearity="relu")
        if m.bias is not None:
            nn.init.zeros_(m.bias)

def randomize_layers(model, n):
    model = copy.deepcopy(model)
    todo = [m for m in model.modules() if isinstance(m, LAYERS)]
    if n > 0:
        for m in todo[-n:]:
            init_layer(m)
    return model

# %% grade_id="rank_correlation"
from scipy.stats import rankdata
import warnings

def rank_correlation(a, b):
    ra = rankdata(a.cpu().numpy().reshape(len(a), -1), axis=1)
    rb = rankdata(b.cpu().numpy().reshape(len(b), -1), axis=1)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rho = np.array([np.corrcoef(p, q)[0, 1] for p, q in zip(ra, rb)])
    return np.nan_to_num(rho)

# %% grade_id="cascade_similarity"
def cascade_similarity(method, X, y, model):
    original = method(X, y, model)
    current = copy.deepcopy(model)
    rows = [np.ones(len(X))]
    for m in [m for m in current.modules() if isinstance(m, LAYERS)][::-1]:
        init_layer(m)
        rows.append(np.asarray(rank_correlation(method(X, y, current), original)))
    return np.stack(rows)
