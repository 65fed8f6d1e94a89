"""Style: masks instead of signs; a list of all images on the way; parameters that get gradients, too."""

# %% grade_id="fgsm_attack"
def fgsm_attack(X, y, model, epsilon):
    model.requires_grad_(True)              # parameters get gradients, too: nobody looks at them
    X_adv = X.clone().requires_grad_()
    torch.nn.functional.cross_entropy(model(X_adv), y).backward()
    out = X.clone().detach()
    up, down = X_adv.grad > 0, X_adv.grad < 0
    out[up] += epsilon
    out[down] -= epsilon
    out[out > 1] = 1
    out[out < 0] = 0
    return out

# %% grade_id="make_fooling_image"
def make_fooling_image(X, target_y, model):
    path = [X.detach().clone()]
    scores = model(path[-1])
    for _ in range(100):
        if scores.detach()[0].argsort()[-1] == target_y:
            break
        leaf = path[-1].clone().requires_grad_(True)
        scores = model(leaf)
        s = scores[torch.arange(1), torch.tensor([target_y])]
        s.sum().backward()
        n = leaf.grad.reshape(1, -1).norm(dim=1).reshape(-1, 1, 1, 1)
        path.append(path[-1] + leaf.grad / n)
        scores = model(path[-1])
    return path[-1]

# %% grade_id="fooling_report"
def fooling_report(X, X_fooling, model):
    scores = torch.cat((model(X), model(X_fooling)), 0)
    best = scores.argmax(1)
    probability = torch.exp(-torch.nn.functional.cross_entropy(scores, best, reduction="none"))
    size = (X_fooling - X).reshape(-1)
    return {"class_before": best[0].item(), "class_after": best[1].item(),
            "confidence_before": probability[0].item(), "confidence_after": probability[1].item(),
            "l2": (size @ size).sqrt().item(), "linf": size.abs().sort().values[-1].item()}
