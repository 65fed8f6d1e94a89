"""Style: a custom autograd function for the loss, a class with state, lambdas, helpers in cells of their own."""

# %%
class SoftmaxLoss(torch.autograd.Function):
    @staticmethod
    def forward(ctx, scores, y):
        p = scores.softmax(1)
        ctx.save_for_backward(p, y)
        return -p[torch.arange(len(y), device=y.device), y].log().sum()

    @staticmethod
    def backward(ctx, g):
        p, y = ctx.saved_tensors
        d = p.clone()
        d[torch.arange(len(y), device=y.device), y] -= 1
        return g * d, None

# %% grade_id="fgsm_attack"
fgsm_attack = lambda X, y, model, epsilon: (
    X + epsilon * gradient_of(lambda x: SoftmaxLoss.apply(model(x), y), X).sign()
).clamp(0, 1)

# %%
def gradient_of(function, X):
    X = X.detach().requires_grad_()
    return torch.autograd.grad(function(X), X)[0]

class Climber:
    def __init__(self, X, target_y, model):
        self.image, self.target, self.model = X.detach().clone(), target_y, model

    @property
    def fooled(self):
        with torch.no_grad():
            return bool((self.model(self.image).max(1).indices == self.target).item())

    def step(self):
        g = gradient_of(lambda x: self.model(x)[:, self.target].sum(), self.image)
        self.image += g / torch.linalg.norm(g.flatten())

# %% grade_id="make_fooling_image"
def make_fooling_image(X, target_y, model):
    climber, left = Climber(X, target_y, model), 100
    while left and not climber.fooled:
        climber.step()
        left -= 1
    return climber.image

# %% grade_id="fooling_report"
from collections import OrderedDict

def fooling_report(X, X_fooling, model):
    probabilities = lambda image: torch.nn.functional.softmax(model(image), 1)[0].tolist()
    report = OrderedDict()
    for when, image in dict(before=X, after=X_fooling).items():
        p = probabilities(image)
        report[f"confidence_{when}"] = max(p)
        report[f"class_{when}"] = p.index(max(p))
    report["l2"] = (X - X_fooling).norm(p="fro").tolist()
    report["linf"] = (X - X_fooling).norm(p=float("inf")).tolist()
    return report
