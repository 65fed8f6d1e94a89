"""Style: gradients by torch, all else in NumPy; NumPy arrays and scalars are returned."""

# %% grade_id="fgsm_attack"
import numpy as np

def fgsm_attack(X, y, model, epsilon):
    x = X.detach().clone().requires_grad_(True)
    torch.nn.functional.cross_entropy(model(x), y, reduction="none").sum().backward()
    sign = np.sign(x.grad.cpu().numpy())
    return np.clip(X.detach().cpu().numpy() + epsilon * sign, 0, 1)

# %% grade_id="make_fooling_image"
def make_fooling_image(X, target_y, model):
    pixels = X.detach().cpu().numpy().copy()
    for _ in range(100):
        x = torch.from_numpy(pixels).to(X.device).requires_grad_(True)
        scores = model(x)
        if np.argmax(scores.detach().cpu().numpy()) == target_y:
            return pixels
        scores[:, target_y].sum().backward()
        g = x.grad.cpu().numpy()
        pixels = pixels + g / np.linalg.norm(g)
    return pixels

# %% grade_id="fooling_report"
def fooling_report(X, X_fooling, model):
    def look(image):
        s = model(image).detach().cpu().numpy()[0]
        e = np.exp(s - s.max())
        p = e / e.sum()
        return p.argmax(), p.max()

    d = (X_fooling - X).detach().cpu().numpy()
    c0, p0 = look(X)
    c1, p1 = look(X_fooling)
    return dict(
        class_before=c0,
        class_after=c1,
        confidence_before=p0,
        confidence_after=p1,
        l2=np.linalg.norm(d),
        linf=np.abs(d).max(),
    )
