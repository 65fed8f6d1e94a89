"""Style: images one by one; recursion instead of a loop; norms by hand; ints and strings formatted away."""

# %% grade_id="fgsm_attack"
def fgsm_attack(X, y, model, epsilon):
    out = []
    for i in range(X.shape[0]):
        x = X[i : i + 1].detach().clone()
        x.requires_grad_(True)
        loss = -torch.log_softmax(model(x), dim=1)[0, y[i]]
        (g,) = torch.autograd.grad(loss, x)
        step = torch.zeros_like(g)
        step[g > 0] = epsilon
        step[g < 0] = -epsilon
        out.append(torch.clamp(x.detach() + step, min=0.0, max=1.0)[0])
    return torch.stack(out)

# %% grade_id="make_fooling_image"
def make_fooling_image(X, target_y, model, left=100):
    x = X.clone().detach().requires_grad_(True)
    scores = model(x)
    if left == 0 or scores.argmax(1)[0] == target_y:
        return x.detach()
    g = torch.autograd.grad(scores[0, target_y], x)[0]
    return make_fooling_image(x + g / (g * g).sum() ** 0.5, target_y, model, left - 1)

# %% grade_id="fooling_report"
def fooling_report(X, X_fooling, model):
    both = [model(x).detach().flatten().tolist() for x in (X, X_fooling)]
    answer = {"steps": "unknown"}          # more entries than were asked for
    for key, scores in zip(("before", "after"), both):
        best = scores.index(max(scores))
        answer["class_" + key] = best
        answer["confidence_" + key] = 1 / sum(2.718281828459045 ** (s - scores[best]) for s in scores)
    changes = (X_fooling - X).flatten().tolist()
    answer["l2"] = sum(c * c for c in changes) ** 0.5
    answer["linf"] = max(abs(c) for c in changes)
    return answer
