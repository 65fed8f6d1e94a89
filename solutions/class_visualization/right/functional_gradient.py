"""Style: torch.func.grad of a function of the image, and torch's own normalize."""

# %% grade_id="class_visualization_update_step"
def class_visualization_update_step(img, model, target_y, l2_reg, learning_rate):
    f = lambda x: model(x)[0, target_y] - l2_reg * (x * x).sum()
    g = torch.func.grad(f)(img.detach())
    with torch.no_grad():
        img.add_(torch.nn.functional.normalize(g.flatten(), dim=0).view_as(g), alpha=learning_rate)

# %% grade_id="momentum_update_step"
def momentum_update_step(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    f = lambda x: model(x)[0, target_y] - l2_reg * (x * x).sum()
    g = torch.func.grad(f)(img.detach())
    with torch.no_grad():
        velocity.mul_(momentum).add_(torch.nn.functional.normalize(g.flatten(), dim=0).view_as(g))
        img.add_(velocity, alpha=learning_rate)

# %% grade_id="create_class_visualization"
def create_class_visualization(target_y, model, *, initial, steps, callback=None, **how):
    rng = torch.Generator().manual_seed(how["seed"])

    def one(img, t):
        j = how["max_jitter"]
        dy, dx = (int(torch.randint(-j, j + 1, (), generator=rng)) for _ in "yx")
        img = img.roll((dy, dx), (2, 3))
        how["step_fn"](img, model, target_y, how["l2_reg"], how["learning_rate"])
        img = img.detach().roll((-dy, -dx), (2, 3)).clamp(0, 1)
        img = gaussian_blur(img) if how["blur_every"] and t % how["blur_every"] == 0 else img
        if callback:
            callback(t, img)
        return img

    img = initial.clone()
    for t in range(1, steps + 1):
        img = one(img, t)
    return img
