"""Style: the change is the variable, the image stays; gradients are accumulated in it and cleared."""

# %% grade_id="fgsm_attack"
def fgsm_attack(X, y, model, epsilon):
    delta = torch.zeros_like(X, requires_grad=True)
    loss = torch.nn.functional.cross_entropy(model(X + delta), y)
    loss.backward()
    return (X + epsilon * delta.grad.detach().sign()).clamp(0.0, 1.0)

# %% grade_id="make_fooling_image"
def make_fooling_image(X, target_y, model):
    delta = torch.zeros_like(X, requires_grad=True)
    for iteration in range(1, 101):
        logits = model(X + delta)
        if logits.argmax(-1).eq(target_y).all():
            break
        if delta.grad is not None:
            delta.grad.zero_()
        logits.select(1, target_y).backward()
        delta.data.add_(delta.grad.div(delta.grad.pow(2).sum().sqrt()))
    return (X + delta).detach()

# %% grade_id="fooling_report"
def fooling_report(X, X_fooling, model):
    keys = ["class_before", "confidence_before", "class_after", "confidence_after", "l2", "linf"]
    values = []
    for image in (X, X_fooling):
        p = model(image).softmax(dim=1)
        values += [int(p.argmax()), float(p.max())]
    delta = X_fooling - X
    values += [delta.pow(2).sum().pow(0.5).item(), max(delta.max().item(), -delta.min().item())]
    return dict(zip(keys, values))
