"""Style: one-hot masks and gradient seeds; steps with a small constant beside the norm."""

# %% grade_id="fgsm_attack"
def fgsm_attack(X, y, model, epsilon):
    images = X.clone().detach()
    images.requires_grad = True
    logits = model(images)
    with torch.no_grad():
        seed = logits.softmax(dim=1)
        seed = seed - torch.nn.functional.one_hot(y, logits.shape[1]).to(seed.dtype)
    logits.backward(gradient=seed)          # d cross-entropy / d logits = p - onehot
    return (images.data + epsilon * images.grad.sgn()).clamp_(min=0, max=1)

# %% grade_id="make_fooling_image"
def make_fooling_image(X, target_y, model):
    image = X.clone().detach()
    for step in range(100 + 1):
        image = image.detach().requires_grad_(True)
        logits = model(image)
        if int(logits.max(dim=1)[1]) == int(target_y) or step == 100:
            break
        seed = torch.zeros_like(logits)
        seed[0, target_y] = 1.0
        g, = torch.autograd.grad(logits, image, grad_outputs=seed)
        image = image + g / (g.norm() + 1e-8)
    return image.detach()

# %% grade_id="fooling_report"
def fooling_report(X, X_fooling, model):
    model.eval()
    logits = torch.stack([model(X)[0], model(X_fooling)[0]])
    p = torch.exp(logits - torch.logsumexp(logits, dim=1, keepdim=True))
    top = p.topk(1, dim=1)
    delta = (X_fooling - X).view(-1)
    return {
        "linf": delta.abs().amax(),
        "l2": torch.sqrt(torch.dot(delta, delta)),
        "confidence_after": top.values[1],
        "confidence_before": top.values[0],
        "class_after": top.indices[1],
        "class_before": top.indices[0],
    }
