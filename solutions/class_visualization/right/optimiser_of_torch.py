"""Style: torch.optim.SGD does the step; rows and columns are put together from slices."""

# %% grade_id="class_visualization_update_step"
def class_visualization_update_step(img, model, target_y, l2_reg, learning_rate):
    img.requires_grad_()
    optimiser = torch.optim.SGD([img], lr=learning_rate, maximize=True)
    optimiser.zero_grad()
    (model(img)[0, target_y] - l2_reg * img.square().sum()).backward()
    n = img.grad.norm()
    if n > 0:
        img.grad /= n
    optimiser.step()

# %% grade_id="momentum_update_step"
def momentum_update_step(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    x = img.detach().requires_grad_()  # shares its memory with img
    optimiser = torch.optim.SGD([x], lr=learning_rate, momentum=momentum)
    optimiser.state[x]["momentum_buffer"] = buffer = -velocity.detach().clone()
    (l2_reg * x.square().sum() - model(x)[0, target_y]).backward()
    n = x.grad.norm()
    x.grad = x.grad / n if n > 0 else torch.zeros_like(x)
    optimiser.step()
    if momentum == 0:
        buffer = x.grad
    velocity.copy_(-buffer)

# %% grade_id="create_class_visualization"
def create_class_visualization(target_y, model, *, initial, steps, step_fn, l2_reg, learning_rate,
                               blur_every, max_jitter, seed, callback=None):
    import random
    draw = random.Random(seed)

    def shift(img, n, dim):
        n %= img.shape[dim]
        if n == 0:
            return img
        head, tail = img.split([img.shape[dim] - n, n], dim)
        return torch.cat([tail, head], dim)

    img = initial.clone()
    for t in range(1, 1 + steps):
        down = draw.randrange(-max_jitter, max_jitter + 1)
        right = draw.randrange(-max_jitter, max_jitter + 1)
        img = shift(shift(img, down, 2), right, 3)
        step_fn(img, model, target_y, l2_reg, learning_rate)
        img = shift(shift(img, -down, 2), -right, 3).detach()
        img = img.where(img > 0, torch.zeros_like(img)).where(img < 1, torch.ones_like(img))
        if blur_every > 0 and t // blur_every * blur_every == t:
            img = gaussian_blur(img)
        if callback is not None:
            callback(t, img)
    return img
