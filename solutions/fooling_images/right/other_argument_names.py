"""Style: other argument names, defaults, everything by keyword; hooks on tensors; retained gradients."""

# %% grade_id="fgsm_attack"
def fgsm_attack(images, labels, net, eps=0.03, low=0.0, high=1.0):
    seen = []
    images = images.detach().clone().requires_grad_(requires_grad=True)
    images.register_hook(lambda grad: seen.append(grad))
    torch.nn.functional.cross_entropy(input=net.forward(images), target=labels).backward()
    return torch.clamp(input=images.detach() + eps * torch.sign(input=seen[0]), min=low, max=high)

# %% grade_id="make_fooling_image"
def make_fooling_image(image, wanted, net, learning_rate=1.0, max_iter=100, verbose=False):
    current = image.detach().clone()
    for t in range(max_iter):
        shifted = (current + 0).requires_grad_()
        middle = shifted * 1.0
        middle.retain_grad()
        scores = net(middle)
        guess = torch.argmax(input=scores, dim=1)
        if torch.equal(guess, torch.full_like(guess, wanted)):
            if verbose:
                print("done", t)
            return current
        scores[..., wanted].squeeze().backward()
        direction = middle.grad / torch.norm(middle.grad)
        current = torch.add(current, direction, alpha=learning_rate)
    return current

# %% grade_id="fooling_report"
def fooling_report(original, changed, net, **ignored):
    def summary(tensor):
        with torch.inference_mode():
            odds = net(tensor).exp()
        odds = odds / odds.sum(dim=1, keepdim=True)
        return odds.argmax(dim=1).item(), odds.amax(dim=1).item()

    (class_before, confidence_before), (class_after, confidence_after) = summary(original), summary(changed)
    difference = (changed - original).detach()
    l2 = torch.einsum("nchw,nchw->", difference, difference).sqrt().item()
    linf = torch.maximum(difference, -difference).max().item()
    answer = locals().copy()
    names = "class_before class_after confidence_before confidence_after l2 linf".split()
    return {name: answer[name] for name in names}
