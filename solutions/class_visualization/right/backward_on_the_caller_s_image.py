"""Style: requires_grad_ on the image that came in, backward, then .data and zero_."""

# %% grade_id="class_visualization_update_step"
def class_visualization_update_step(img, model, target_y, l2_reg, learning_rate):
    img.requires_grad_()
    scores = model(img)
    loss = scores[0, target_y] - l2_reg * torch.sum(img ** 2)
    loss.backward()
    g = img.grad
    if g.norm() != 0:
        img.data += learning_rate * g / g.norm()
    img.grad.zero_()
    return img

# %% grade_id="momentum_update_step"
def momentum_update_step(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    img.requires_grad_()
    loss = model(img)[0, target_y] - l2_reg * torch.sum(img ** 2)
    loss.backward()
    velocity.data = momentum * velocity.data
    if img.grad.norm() != 0:
        velocity.data += img.grad / img.grad.norm()
    img.data += learning_rate * velocity.data
    img.grad.zero_()
    return img, velocity

# %% grade_id="create_class_visualization"
import random

def create_class_visualization(target_y, model, *, initial, steps, step_fn, l2_reg, learning_rate,
                               blur_every, max_jitter, seed, callback=None):
    random.seed(seed)
    img = initial.clone()
    for t in range(steps):
        ox, oy = random.randint(0, max_jitter), random.randint(0, max_jitter)
        img.data.copy_(torch.roll(torch.roll(img.data, ox, 3), oy, 2))
        step_fn(img, model, target_y, l2_reg, learning_rate)
        img.data.copy_(torch.roll(torch.roll(img.data, -ox, 3), -oy, 2))
        for c in range(3):
            img.data[:, c].clamp_(min=0.0, max=1.0)
        if blur_every > 0 and (t + 1) % blur_every == 0:
            img.data.copy_(gaussian_blur(img.data))
        if callback:
            callback(t + 1, img)
    return img
