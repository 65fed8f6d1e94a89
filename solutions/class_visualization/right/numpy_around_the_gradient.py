"""Style: NumPy wherever no gradient is needed."""

# %% grade_id="class_visualization_update_step"
def class_visualization_update_step(img, model, target_y, l2_reg, learning_rate):
    x = torch.tensor(img.cpu().numpy(), device=img.device, requires_grad=True)
    model(x)[0, target_y].backward()
    g = x.grad.cpu().numpy() - 2 * l2_reg * img.cpu().numpy()
    n = np.sqrt(np.sum(g * g))
    if n > 0:
        img += torch.from_numpy(learning_rate * g / n).to(img)

# %% grade_id="momentum_update_step"
def momentum_update_step(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    x = torch.tensor(img.cpu().numpy(), device=img.device, requires_grad=True)
    model(x)[0, target_y].backward()
    g = x.grad.cpu().numpy() - 2 * l2_reg * img.cpu().numpy()
    n = np.linalg.norm(g.ravel())
    v = momentum * velocity.cpu().numpy() + (g / n if n > 0 else 0 * g)
    velocity[...] = torch.from_numpy(v).to(velocity)
    img[...] = torch.from_numpy(img.cpu().numpy() + learning_rate * v).to(img)

# %% grade_id="create_class_visualization"
def create_class_visualization(target_y, model, *, initial, steps, step_fn, l2_reg, learning_rate,
                               blur_every, max_jitter, seed, callback=None):
    rng = np.random.default_rng(seed)
    pixels = initial.cpu().numpy().copy()
    for t in np.arange(1, steps + 1):
        dy, dx = rng.integers(-max_jitter, max_jitter, endpoint=True, size=2)
        img = torch.from_numpy(np.roll(pixels, (dy, dx), axis=(2, 3)).copy()).to(initial.device)
        step_fn(img, model, target_y, l2_reg, learning_rate)
        pixels = np.clip(np.roll(img.detach().cpu().numpy(), (-dy, -dx), axis=(2, 3)), 0, 1)
        if blur_every > 0 and t % blur_every == 0:
            pixels = gaussian_blur(torch.from_numpy(pixels)).numpy()
        if callback is not None:
            callback(t, torch.from_numpy(pixels))
    return torch.from_numpy(pixels).to(initial)
