"""Style: torch.autograd.grad on a copy, and copy_ into the caller's tensor."""

# %% grade_id="class_visualization_update_step"
def class_visualization_update_step(img, model, target_y, l2_reg, learning_rate):
    x = img.clone().detach().requires_grad_(True)
    objective = model(x).squeeze(0)[target_y] - l2_reg * x.pow(2).sum()
    g = torch.autograd.grad(objective, x)[0]
    norm = torch.linalg.vector_norm(g)
    step = torch.where(norm > 0, g / norm, torch.zeros_like(g))
    img.copy_(img + learning_rate * step)

# %% grade_id="momentum_update_step"
def momentum_update_step(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    x = img.clone().detach().requires_grad_(True)
    objective = model(x).squeeze(0)[target_y] - l2_reg * x.pow(2).sum()
    g = torch.autograd.grad(objective, x)[0]
    norm = torch.linalg.vector_norm(g)
    step = torch.where(norm > 0, g / norm, torch.zeros_like(g))
    velocity.copy_(momentum * velocity + step)
    img.copy_(img + learning_rate * velocity)

# %% grade_id="create_class_visualization"
def create_class_visualization(target_y, model, *, initial, steps, step_fn, l2_reg, learning_rate,
                               blur_every, max_jitter, seed, callback=None):
    generator = torch.manual_seed(seed)
    img = initial.clone()
    for t in range(1, steps + 1):
        shift = torch.randint(-max_jitter, max_jitter + 1, size=(2,), generator=generator)
        jittered = img.roll(tuple(shift.tolist()), dims=(-2, -1)).contiguous()
        step_fn(jittered, model, target_y, l2_reg, learning_rate)
        img = jittered.roll(tuple((-shift).tolist()), dims=(-2, -1)).clamp(0., 1.)
        if blur_every and not t % blur_every:
            img = gaussian_blur(img)
        if callback is not None:
            callback(t, img.clone())
    return img
