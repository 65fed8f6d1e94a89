"""Style: the gradient in a helper; the moves are drawn beforehand, the image keeps one tensor."""

# %%
def uphill(img, model, target_y, l2_reg):
    with torch.enable_grad():
        x = img.detach().requires_grad_()
        s = model(x)[0][target_y]
        penalty = l2_reg * (x.view(-1) @ x.view(-1))
        g, = torch.autograd.grad(s - penalty, [x])
    x.requires_grad_(False)
    n = g.norm(p=2)
    return g / n if n else g

# %% grade_id="class_visualization_update_step"
@torch.no_grad()
def class_visualization_update_step(img, model, target_y, l2_reg, learning_rate):
    img += learning_rate * uphill(img, model, target_y, l2_reg)

# %% grade_id="momentum_update_step"
@torch.no_grad()
def momentum_update_step(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    velocity[:] = momentum * velocity + uphill(img, model, target_y, l2_reg)
    img[:] = img + learning_rate * velocity

# %% grade_id="create_class_visualization"
def create_class_visualization(target_y, model, *, initial, steps, step_fn, l2_reg, learning_rate,
                               blur_every, max_jitter, seed, callback=None):
    g = torch.Generator().manual_seed(seed)
    moves = torch.randint(-max_jitter, max_jitter + 1, (steps, 2), generator=g).tolist()
    img = torch.empty_like(initial).copy_(initial)
    for t, (dy, dx) in enumerate(moves, start=1):
        img[:] = img.roll(dy, 2).roll(dx, 3)
        step_fn(img, model, target_y, l2_reg, learning_rate)
        img[:] = img.roll(-dx, 3).roll(-dy, 2)
        img.clamp_(0, 1)
        if blur_every and t in range(blur_every, steps + 1, blur_every):
            img[:] = gaussian_blur(img)
        if callback is not None:
            callback(t, img)
    return img
