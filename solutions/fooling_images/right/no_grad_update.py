"""Style: a leaf that is changed in place within no_grad; while loop with a counter."""

# %% grade_id="fgsm_attack"
def fgsm_attack(X, y, model, epsilon):
    adv = X.detach().clone()
    adv.requires_grad = True
    model.zero_grad()
    torch.nn.CrossEntropyLoss()(model(adv), y).backward()
    with torch.no_grad():
        adv += epsilon * adv.grad.sign()
        adv.clamp_(0, 1)
    return adv

# %% grade_id="make_fooling_image"
def make_fooling_image(X, target_y, model):
    img = X.detach().clone()
    img.requires_grad = True
    steps = 0
    scores = model(img)
    while scores.argmax(dim=1).item() != target_y and steps < 100:
        img.grad = None
        scores[0][target_y].backward()
        with torch.no_grad():
            img += img.grad / img.grad.norm(2)
        scores = model(img)
        steps += 1
    return img

# %% grade_id="fooling_report"
def fooling_report(X, X_fooling, model):
    report = {}
    with torch.no_grad():
        for when, image in [("before", X), ("after", X_fooling)]:
            probabilities = torch.softmax(model(image)[0], 0)
            k = probabilities.argmax().item()
            report["class_" + when] = k
            report["confidence_" + when] = probabilities[k].item()
        report["l2"] = ((X_fooling - X) ** 2).sum().sqrt().item()
        report["linf"] = (X_fooling - X).abs().max().item()
    return report
