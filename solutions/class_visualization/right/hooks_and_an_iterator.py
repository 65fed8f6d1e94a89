"""Style: a hook gives the model its image; torch.func.vjp; an iterator with a source for each axis."""

# %% grade_id="class_visualization_update_step"
def class_visualization_update_step(img, model, target_y, l2_reg, learning_rate):
    taken = {}

    def take(module, arguments):
        taken["x"] = arguments[0].detach().clone().requires_grad_()
        return (taken["x"],)

    hook = model.register_forward_pre_hook(take, prepend=True)
    try:
        score = model(img)[0, target_y]
    finally:
        hook.remove()
    (score - l2_reg * torch.einsum("nchw,nchw", taken["x"], taken["x"])).backward()
    g = taken["x"].grad
    if g.any():
        img[0].data.add_((learning_rate * g / torch.linalg.vector_norm(g))[0])

# %% grade_id="momentum_update_step"
def momentum_update_step(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    value, pull = torch.func.vjp(lambda x: model(x)[0, target_y] - l2_reg * x.pow(2).sum(), img.detach())
    (g,) = pull(torch.ones_like(value))
    g = torch.nan_to_num(g / g.norm())
    velocity.data = velocity.data * momentum + g
    img.data = torch.lerp(img.data, img.data + velocity.data, learning_rate)
    return {"img": img, "velocity": velocity}

# %% grade_id="create_class_visualization"
class Drawing:
    def __init__(self, **settings):
        self.__dict__.update(settings)
        rows, columns = np.random.SeedSequence(self.seed).spawn(2)
        self.sources = np.random.default_rng(rows), np.random.default_rng(columns)
        self.img, self.t = self.initial.detach().clone(), 0

    def __iter__(self):
        while self.t < self.steps:
            self.t += 1
            reach = self.max_jitter
            move = [int(source.integers(-reach, reach + 1)) for source in self.sources]
            moved = self.img.roll(move, (2, 3))
            self.step_fn(moved, self.model, self.target_y, self.l2_reg, self.learning_rate)
            self.img = moved.detach().roll([-n for n in move], (2, 3)).clip(0, 1)
            if self.blur_every and not self.t % self.blur_every:
                self.img = gaussian_blur(self.img)
            yield self.t, self.img

def create_class_visualization(target_y, model, *, callback=None, **settings):
    drawing = Drawing(target_y=target_y, model=model, **settings)
    for t, img in drawing:
        if callback:
            callback(t, img)
    return drawing.img
