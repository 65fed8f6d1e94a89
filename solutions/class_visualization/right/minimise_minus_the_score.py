"""Style: a loss that is made smaller, with a small constant beside the norm."""

# %% grade_id="class_visualization_update_step"
def class_visualization_update_step(img, model, target_y, l2_reg, learning_rate):
    X = img.detach().clone()
    X.requires_grad = True
    loss = -model(X)[:, target_y].sum() + l2_reg * torch.norm(X) ** 2
    loss.backward()
    img -= learning_rate * X.grad / (torch.norm(X.grad) + 1e-8)

# %% grade_id="momentum_update_step"
def momentum_update_step(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    X = img.detach().clone()
    X.requires_grad = True
    loss = -model(X)[:, target_y].sum() + l2_reg * torch.norm(X) ** 2
    loss.backward()
    velocity *= momentum
    velocity -= X.grad / (torch.norm(X.grad) + 1e-8)
    img += learning_rate * velocity

# %% grade_id="create_class_visualization"
def create_class_visualization(target_y, model, *, initial, steps, step_fn, l2_reg, learning_rate,
                               blur_every, max_jitter, seed, callback=None):
    np.random.seed(seed)
    img = initial.detach().clone()
    k = 0
    while k < steps:
        k += 1
        dx = np.random.randint(-max_jitter, max_jitter + 1)
        dy = np.random.randint(-max_jitter, max_jitter + 1)
        img = torch.roll(img, (dy, dx), (2, 3))
        step_fn(img=img, model=model, target_y=target_y, l2_reg=l2_reg,
                learning_rate=learning_rate)
        img = torch.roll(img, (-dy, -dx), (2, 3))
        img = torch.min(torch.max(img, torch.zeros_like(img)), torch.ones_like(img))
        if blur_every != 0 and k % blur_every == 0:
            img = gaussian_blur(img)
        callback and callback(k, img)
    return img.detach()
