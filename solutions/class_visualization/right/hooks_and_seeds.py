"""Style: the gradient caught by a tensor hook, backward from a one-hot row of scores."""

# %% grade_id="class_visualization_update_step"
def class_visualization_update_step(img, model, target_y, l2_reg, learning_rate):
    caught = []
    x = img.detach().clone().requires_grad_()
    y = x * 1
    y.register_hook(caught.append)
    scores = model(y)
    seed = torch.zeros_like(scores)
    seed[0, target_y] = 1
    scores.backward(seed)
    g = caught[0] - 2 * l2_reg * img.detach()
    img.data.add_(torch.nan_to_num(learning_rate * g / g.norm(), nan=0.0))

# %% grade_id="momentum_update_step"
def momentum_update_step(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    caught = []
    x = img.detach().clone().requires_grad_()
    y = x * 1
    y.register_hook(caught.append)
    scores = model(y)
    seed = torch.nn.functional.one_hot(torch.tensor([target_y]), scores.shape[1]).to(scores)
    scores.backward(seed)
    g = caught[0] - 2 * l2_reg * img.detach()
    velocity.data = torch.nan_to_num(g / g.norm(), nan=0.0) + momentum * velocity.data
    img.data = img.data + learning_rate * velocity.data

# %% grade_id="create_class_visualization"
def create_class_visualization(target_y, model, *, initial, steps, step_fn, l2_reg, learning_rate,
                               blur_every, max_jitter, seed, callback=None):
    torch.manual_seed(seed)
    H, W = initial.shape[-2:]
    img = initial.detach().clone()
    for i in range(steps):
        dy = int(torch.randint(-max_jitter, max_jitter + 1, (1,)))
        dx = int(torch.randint(-max_jitter, max_jitter + 1, (1,)))
        rows = (torch.arange(H, device=img.device) - dy) % H
        cols = (torch.arange(W, device=img.device) - dx) % W
        moved = img[:, :, rows][:, :, :, cols]
        step_fn(moved, model, target_y, l2_reg, learning_rate)
        img = torch.empty_like(moved)
        img[:, :, rows[:, None], cols] = moved.detach()
        img = img.clamp(min=0).clamp(max=1)
        if blur_every and (i + 1) % blur_every == 0:
            img = gaussian_blur(img)
        if callback is not None:
            callback(i + 1, img)
    return img
