"""Style: a jacobian, norms in double precision, and a recursion instead of a loop."""

# %% grade_id="class_visualization_update_step"
def class_visualization_update_step(img, model, target_y, l2_reg, learning_rate):
    jacobian = torch.autograd.functional.jacobian(lambda x: model(x)[0], img.detach())
    g = jacobian[target_y] - 2 * l2_reg * img.detach()  # jacobian: (C, 1, 3, H, W)
    n = g.double().square().sum().sqrt().item()
    if n:
        img.detach().add_(learning_rate / n * g)
    return img.detach()

# %% grade_id="momentum_update_step"
def momentum_update_step(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    jacobian = torch.autograd.functional.jacobian(lambda x: model(x)[0], img.detach())
    g = jacobian[target_y] - 2 * l2_reg * img.detach()
    n = g.double().square().sum().sqrt().item()
    torch.add(g / n if n else torch.zeros_like(g), velocity, alpha=momentum, out=velocity)
    torch.add(img, velocity, alpha=learning_rate, out=img)

# %% grade_id="create_class_visualization"
def create_class_visualization(target_y, model, *, initial, steps, step_fn, l2_reg, learning_rate,
                               blur_every, max_jitter, seed, callback=None):
    rng = torch.Generator().manual_seed(seed)

    def go_on(img, step):
        if step > steps:
            return img
        move = [int(torch.randint(-max_jitter, max_jitter + 1, (1,), generator=rng)) for _ in range(2)]
        img = torch.roll(img, move, (2, 3))
        step_fn(img, model, target_y, l2_reg, learning_rate)
        img = torch.roll(img.detach(), [-m for m in move], (2, 3)).clip(0, 1)
        if blur_every > 0 and step % blur_every == 0:
            img = gaussian_blur(img)
        if callback is not None:
            callback(step, img)
        return go_on(img, step + 1)

    return go_on(initial.clone(), 1)
