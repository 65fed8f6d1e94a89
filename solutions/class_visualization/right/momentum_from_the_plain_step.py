"""Style: question 2 asks question 1 for the direction; jitter in one direction only."""

# %% grade_id="class_visualization_update_step"
def class_visualization_update_step(img, model, target_y, l2_reg, learning_rate):
    grad_img = img.detach().clone()
    grad_img.requires_grad = True
    score = model(grad_img).flatten()[target_y]
    reg = sum((channel ** 2).sum() for channel in grad_img[0])
    (score - l2_reg * reg).backward()
    g = grad_img.grad.data
    img.data = img.data + learning_rate * g / max(g.norm().item(), 1e-12)
    return None

# %% grade_id="momentum_update_step"
def momentum_update_step(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    there = img.detach().clone()
    class_visualization_update_step(there, model, target_y, l2_reg, 1.0)
    velocity.copy_(velocity * momentum + (there - img))
    img += velocity * learning_rate
    return velocity

# %% grade_id="create_class_visualization"
def create_class_visualization(target_y, model, *, initial, steps, step_fn, l2_reg, learning_rate,
                               blur_every, max_jitter, seed, callback=None):
    rng = np.random.RandomState(seed)
    img = initial.clone().detach()
    until_blur = blur_every
    for step in range(steps):
        jitter = rng.randint(0, max_jitter + 1, size=2)
        img = torch.roll(img, jitter.tolist(), dims=[2, 3])
        step_fn(img, model, target_y, l2_reg, learning_rate)
        img = torch.roll(img, (-jitter).tolist(), dims=[2, 3])
        img[img < 0] = 0
        img[img > 1] = 1
        until_blur -= 1
        if until_blur == 0:
            img, until_blur = gaussian_blur(img), blur_every
        if callback is not None:
            callback(step + 1, img)
    return img
