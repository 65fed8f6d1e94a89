"""Style: requires_grad_ on the caller's X, backward, .grad; pixels changed through .data; zeroed gradients."""

# %% grade_id="fgsm_attack"
def fgsm_attack(X, y, model, epsilon):
    X.requires_grad_()
    scores = model(X)
    loss = torch.nn.functional.cross_entropy(scores, y)
    loss.backward()
    data_grad = X.grad.data
    sign_data_grad = data_grad.sign()
    perturbed = X + epsilon * sign_data_grad
    perturbed = torch.clamp(perturbed, 0, 1)
    return perturbed

# %% grade_id="make_fooling_image"
def make_fooling_image(X, target_y, model):
    X_fooling = X.clone()
    X_fooling = X_fooling.requires_grad_()
    learning_rate = 1
    for i in range(100):
        scores = model(X_fooling)
        _, pred = scores.max(1)
        if pred[0].item() == target_y:
            print("fooled after %d steps" % i)
            break
        scores[0, target_y].backward()
        g = X_fooling.grad.data
        X_fooling.data += learning_rate * g / g.norm()
        X_fooling.grad.zero_()
    return X_fooling

# %% grade_id="fooling_report"
def fooling_report(X, X_fooling, model):
    probs_before = torch.nn.functional.softmax(model(X), dim=1)
    probs_after = torch.nn.functional.softmax(model(X_fooling), dim=1)
    conf_before, class_before = torch.max(probs_before, 1)
    conf_after, class_after = torch.max(probs_after, 1)
    diff = X_fooling - X
    # one-element tensors, as they come
    return {
        "class_before": class_before,
        "class_after": class_after,
        "confidence_before": conf_before,
        "confidence_after": conf_after,
        "l2": torch.norm(diff),
        "linf": torch.max(torch.abs(diff)),
    }
