"""Style: hooks of the model; single precision for the result; a generator of images; inference mode."""

# %% grade_id="fgsm_attack"
import numpy as np

def fgsm_attack(X, y, model, epsilon):
    given = []

    def take(module, arguments):
        given.append(arguments[0].detach().clone().requires_grad_())
        return (given[0],)

    hook = model.register_forward_pre_hook(take, prepend=True)
    try:
        loss = torch.nn.functional.cross_entropy(model(X), y, reduction="none").sum()
    finally:
        hook.remove()
    loss.backward()
    attacked = X + epsilon * given[0].grad.sign()
    return attacked.clamp(0, 1).float()     # as in a picture file: nobody needs more digits

# %% grade_id="make_fooling_image"
def make_fooling_image(X, target_y, model):
    def way(image):
        for _ in range(100):
            yield image
            slopes = []
            hook = model.register_full_backward_hook(lambda m, into, out: slopes.append(into[0]))
            model(image.clone().requires_grad_())[0, target_y].backward()
            hook.remove()
            image = image + slopes[0] / slopes[0].norm()
        yield image

    for image in way(X.detach()):
        if model(image).argmax(-1).item() == target_y:
            break
    return image

# %% grade_id="fooling_report"
def fooling_report(X, X_fooling, model):
    with torch.inference_mode():
        best = torch.max(model(torch.vstack((X, X_fooling))).softmax(dim=-1), dim=-1)
    change = (X_fooling - X).detach().double().cpu().numpy().ravel()
    sizes = {"l2": np.sqrt(change @ change), "linf": max(map(abs, change))}
    keys = ("class_before", "class_after", "confidence_before", "confidence_after")
    return dict(zip(keys, [*map(int, best.indices), *map(float, best.values)])) | sizes
