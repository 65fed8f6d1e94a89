"""Style: the shortest possible; functions made by functions, lambdas and callables instead of def."""

# %% grade_id="compute_saliency_maps"
def _make(of_scores):
    def maps(X, model, *rest):
        x = X.detach().clone().requires_grad_()
        return torch.autograd.grad(of_scores(model(x), *rest).sum(), x)[0].abs().amax(1)
    return maps

_score_maps = _make(lambda s, y: s.take_along_dim(y[:, None], 1))

compute_saliency_maps = lambda X, y, model: _score_maps(X, model, y)

# %% grade_id="normalize_maps"
class _Normalize:
    def __call__(self, maps):
        v = maps.flatten(1)
        v = v - v.amin(1, True)
        return (v / v.amax(1, True).masked_fill(v.amax(1, True) == 0, 1)).reshape(maps.shape)

normalize_maps = _Normalize()

# %% grade_id="compute_loss_saliency"
_loss_maps = _make(lambda s, losses: sum(w * f(s) for w, f in losses))

compute_loss_saliency = lambda X, losses, model: _loss_maps(X, model, losses)
