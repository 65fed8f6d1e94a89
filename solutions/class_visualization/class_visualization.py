# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Class visualisation: what does a classifier have in mind?
#
# A classifier looks at a picture and names it. Now the other way round: you name a class, and the
# classifier draws. It has no pen, but it has a score for every class, and the score has a gradient
# for every pixel. Begin with noise, change the pixels so that the score for *lion* rises, and
# again, and again: what appears is what this network takes for a lion.
#
# After this notebook you can
#
# * make an image that a class gets a high score for, by gradient ascent on the pixels;
# * say what momentum, jitter, blur and an L2 penalty each do to such an image;
# * compare what several networks, trained in different ways, have in mind for the same class;
# * say why a high score and a good picture are not the same thing.
#
# | | what you do | points |
# |---|---|---|
# | Questions 1 to 3 | write three functions, checked automatically | 22 + 14 + 24 |
# | Experiments A to D | the first image, the optimiser, the steps, ten classes, each with words | 10 + 10 + 10 + 10 |
#
# Write your code where a cell says `NotImplementedError`. The line below it checks your function
# on tiny networks; it prints what works and says what doesn't. The final grade comes from more
# such checks on other inputs.

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np
import torch

from course_lib.ascent import gaussian_blur

# %%
import matplotlib.pyplot as plt
import torch.nn.functional as F
from tqdm.auto import tqdm

from course_lib import list_classifiers, load_classifier, sample_images
from course_lib.ascent import Frames, WithMomentum
from course_lib.plots import show_grid, show_images, show_panels
from course_lib.visible_checks.class_visualization import (
    check_class_visualization_update_step,
    check_create_class_visualization,
    check_momentum_update_step,
)

# %% [markdown]
# ## The model and the images to begin with
#
# Each can be switched in one line, and everything below follows. A classifier takes pixels in [0,
# 1], normalises them inside itself, and returns unnormalised scores: one row an image, one column
# a class.

# %%
model = load_classifier("petit_robust")  # or another bundled one, or "squeezenet1_1"
print("bundled:", ", ".join(list_classifiers()))
print("classes:", ", ".join(model.class_names[:20]))

# %%
samples = sample_images("photos", n=7)  # or folder_images("my_photos", model), ...

# %%
size = model.size or 64  # what the model was trained on, in pixels
target_y = 10 % len(model.class_names)  # the class to draw
generator = torch.Generator().manual_seed(0)
noise = 0.5 + 0.2 * torch.randn(1, 3, size, size, generator=generator)
noise = gaussian_blur(noise.clamp(0, 1), sigma=1.0)
photo = F.interpolate(samples.images[:1], (size, size), mode="bilinear", antialias=True)
print("to draw:", model.class_names[target_y])

# %% [markdown]
# <details><summary>Other images and models</summary>
#
# * Bundled models: `list_classifiers()` names them; no download needed. The `shapes` family draws
#   stars, crescents and flowers in a second.
# * ImageNet models: any name in `torchvision.models.list_models()`. With `"squeezenet1_1"`, class
#   366 is a gorilla and 187 a Yorkshire terrier. They take 150 steps and twice the learning rate
#   set below, some ten seconds for a picture.
# * Your own photograph to begin with: `from course_lib.image_sources import folder_images`, then
#   `samples = folder_images("my_photos", model)`.
#
# </details>
#
# ## 1 Uphill, one step
#
# Let $s_y(I)$ be the score that the model gives to class $y$ for the image $I$. We look for an
# image with a high score that is not made of extreme pixels:
#
# $$ I^* \;=\; \arg\max_I \; R(I), \qquad R(I) \;=\; s_y(I) \;-\; \lambda \lVert I \rVert_2^2 . $$
#
# (The square pulls all that the score does not need towards 0, which is black here. In the paper the
# mean image is subtracted from the pixels, so there it pulls towards the mean image.)
#
# This is section 2 of Simonyan, Vedaldi and Zisserman, [*Deep Inside Convolutional
# Networks*](https://arxiv.org/abs/1312.6034) (2013). Nobody can solve it in one go, but from any
# image one can take a step uphill. Which step? First by chance: three hundred steps into random
# directions, all of the same length, and what each does to the score.


# %%
def rise(steps):
    """By how much the score of the class rises with each of N steps (N, 3, H, W) from the noise."""
    with torch.no_grad():
        after = torch.cat([model(noise + part)[:, target_y] for part in steps.split(50)])
        return after - model(noise)[0, target_y]


length = size / 64  # as long as a change by 0.009 in every number of the image
random_steps = torch.randn(300, 3, size, size, generator=generator)
random_steps *= length / random_steps.flatten(1).norm(dim=1).view(-1, 1, 1, 1)
by_luck = rise(random_steps)
fig, ax = plt.subplots(figsize=(7, 2.2), dpi=80, layout="constrained")
ax.hist(by_luck, bins=40, color="#8899aa")
ax.set(xlabel="rise of the score", ylabel="steps", yticks=[])
ax.set_title(f"300 random steps: {(by_luck > 0).float().mean():.0%} lead uphill, none far")
plt.show()

# %% [markdown]
# ### Question 1: `class_visualization_update_step` (22 points)
#
# The gradient knows the steepest way up. Its *length* says little: it is large on a cliff and tiny
# on a plain, and networks differ a hundredfold. So take only its direction, and let the learning
# rate be the length of the step:
#
# $$ g = \frac{\partial R}{\partial I}, \qquad I \;\leftarrow\; I + \eta\, \frac{g}{\lVert g \rVert_2} . $$
#
# The image itself is changed, *in place*: whoever holds it sees the new pixels afterwards.


# %% nbgrader={"grade": false, "grade_id": "class_visualization_update_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def class_visualization_update_step(img, model, target_y, l2_reg, learning_rate):
    """One step of gradient ascent on score - l2_reg * sum(img^2), in place on img.

    img:           the image (1, 3, H, W), changed in place; pixels may leave [0, 1]
    model:         images in, unnormalised scores (1, C) out
    target_y:      the class to draw, an int
    l2_reg:        weight of the sum of the squares of all the numbers in img, >= 0
    learning_rate: length of the step: the L2 norm, over the whole image, of what is added

    Where the gradient is zero everywhere there is no way up: img stays as it is.
    What the function returns does not count.
    """
    ### BEGIN SOLUTION
    pixels = img.detach().clone().requires_grad_()
    objective = model(pixels)[0, target_y] - l2_reg * pixels.square().sum()
    (gradient,) = torch.autograd.grad(objective, pixels)
    norm = gradient.norm()
    if norm > 0:
        with torch.no_grad():
            img += learning_rate * gradient / norm
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_class_visualization_update_step", "locked": true, "points": 22, "schema_version": 3, "solution": false, "task": false}
check_class_visualization_update_step(class_visualization_update_step)

# %% [markdown]
# <details><summary>Hint: the caller's image does not change</summary>
#
# `img = img + step` makes a new tensor and gives it the old name, inside your function only. `img
# += step` writes into the tensor that the caller has. Autograd refuses that for a tensor whose
# gradient it keeps, outside of `torch.no_grad()`.
#
# </details>
# <details><summary>Hint: the regulariser does nothing</summary>
#
# It has to be a part of what you differentiate. `.item()`, `.detach()` or `.data` on the way to it
# turn it into a constant, and a constant has no slope.
#
# </details>
# <details><summary>Hint: right at the first call, wrong at the second</summary>
#
# `backward()` adds to a gradient that is already there.
#
# </details>


# %%
def one_step(direction_of_length_one):
    return rise(length * direction_of_length_one).item()


uphill = noise.clone()
class_visualization_update_step(uphill, model, target_y, 0.0, 1.0)
uphill -= noise  # the gradient's direction, of length 1
fig, ax = plt.subplots(figsize=(7, 2.2), dpi=80, layout="constrained")
ax.hist(by_luck, bins=10, color="#8899aa", label="300 random steps")
ax.axvline(one_step(uphill), color="#e07b39", linewidth=3, label="yours")
ax.set(xlabel="rise of the score", yticks=[], title="Your step, as long as the random ones")
fig.legend(loc="outside right center", fontsize=8)
plt.show()

# %% [markdown]
# One step is invisible. Many are not; here is nothing but your step, and pixels kept in [0, 1].

# %% tags=["expected-question-1"]
img, film = noise.clone(), Frames(at=(1, 5, 15, 40, 100))
for step in tqdm(range(1, 101), leave=False):
    class_visualization_update_step(img, model, target_y, 0.0, size / 64)
    img.clamp_(0, 1)
    film(step, img)
with torch.no_grad():
    scores = model(film.images)[:, target_y]
titles = [f"step {step}\nscore {score:.1f}" for step, score in zip(film.steps, scores)]
show_images(film.images, titles, title=f"From noise to {model.class_names[target_y]}", columns=5)

# %% [markdown]
# <details><summary>The picture to expect</summary>
#
# ![Five images on the way from noise to a class](expected/question-1.jpg)
#
# </details>
#
# The score rises long before there is anything to be seen: far more images have a high score than
# look like something.
#
# ### A tempting short cut
#
# A saliency map $M_{ij} = \max_c |g_{cij}|$ shows which pixels the score depends on. Would it do to
# make just those brighter, that is, to climb along $M$ instead of along $g$? Both steps have the
# same length here.

# %%
saliency = uphill.abs().amax(dim=1, keepdim=True).expand_as(uphill)
saliency = saliency / saliency.norm()
lengths = torch.linspace(0, 4 * length, 30)
fig, ax = plt.subplots(figsize=(7, 2.4), dpi=80, layout="constrained")
for name, way, style in (
    ("along the gradient", uphill, "-"),
    ("along the saliency map", saliency, "--"),
    ("a random direction", random_steps[:1] / length, ":"),
):
    ax.plot(lengths, rise(lengths.view(-1, 1, 1, 1) * way), style, label=name)
ax.set(xlabel="length of the step", ylabel="rise of the score")
ax.set_title(f"Three ways to go: {model.class_names[target_y]}")
ax.grid(alpha=0.3)
fig.legend(loc="outside right center", fontsize=8)
plt.show()

# %% [markdown] nbgrader={"grade": true, "grade_id": "answer_saliency_ascent", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# **Written question 1 (4 points).** Why is it wrong to climb along the saliency map instead of
# the gradient? Give two reasons, each with what it does to the picture.
#
# <!-- ### BEGIN SOLUTION -->
# **Model answer.** (1) The absolute value throws the *sign* away. A pixel with a large negative
# derivative would have to become darker; the map makes it brighter, which lowers the score. Every
# step only ever makes pixels brighter, and about half of them in the wrong direction. (2) The
# maximum over the channels throws the *colour* away. The gradient says something of its own about
# red, green and blue; the map has one number for a pixel, so all three change alike, and the
# picture can only get shades of grey added to what it was. What is left, $\sum_{ij} M_{ij}
# \sum_c g_{cij}$, can have either sign: it need not be a way up at all.
#
# **Rubric.** 2: the sign is lost (1), so pixels are moved in the wrong direction or only ever
# brighter (1). 2: the three channels are made one (1), so no colour can be chosen (1).
# <!-- ### END SOLUTION -->

# %% [markdown]
# ## 2 With a memory: momentum
#
# How long should a step be? The cosine of the angle between a step and the one before is 1 if both
# lead the same way, 0 if they have nothing to do with each other, and -1 if the second undoes the
# first.

# %%
def cosines_of_steps(learning_rate, steps=40):
    """The cosine between each step and the one before."""
    img, ways = noise.clone(), []
    for _ in tqdm(range(steps), leave=False):
        before = img.clone()
        class_visualization_update_step(img, model, target_y, 0.0, learning_rate)
        ways.append((img - before).flatten())
    ways = torch.stack(ways)
    return F.cosine_similarity(ways[1:], ways[:-1], dim=1)


fig, ax = plt.subplots(figsize=(7, 2.4), dpi=80, layout="constrained")
ax.axhline(0, color="#8899aa", linewidth=1)
for learning_rate in (size / 640, size / 160, size / 16):
    cosines = cosines_of_steps(learning_rate)
    ax.plot(range(2, 41), cosines, ".-", label=f"steps of length {learning_rate:.1f}")
ax.set(xlabel="step", ylabel="cosine", ylim=(-1.05, 1.05))
ax.set_title("Does a step agree with the one before?")
ax.grid(alpha=0.3)
fig.legend(loc="outside right center", fontsize=8)
plt.show()

# %% [markdown]
# Short steps mostly agree: they could have been one long step. The longer the steps are, the less
# they agree. With `petit_robust` long steps have little to do with each other; with the standard
# networks most of their cosines are negative, and a step undoes a part of the one before. A heavy
# ball finds its own stride: it keeps a part of its velocity
# $v$, so that what stays the same from step to step adds up, and what changes cancels (Polyak,
# 1964):
#
# $$ v \;\leftarrow\; \mu\, v + \frac{g}{\lVert g \rVert_2}, \qquad I \;\leftarrow\; I + \eta\, v . $$
#
# ### Question 2: `momentum_update_step` (14 points)


# %% nbgrader={"grade": false, "grade_id": "momentum_update_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def momentum_update_step(img, velocity, model, target_y, l2_reg, learning_rate, momentum):
    """One step with momentum on score - l2_reg * sum(img^2), in place on img and velocity.

    img:           the image (1, 3, H, W), changed in place; pixels may leave [0, 1]
    velocity:      (1, 3, H, W), changed in place: first to momentum * velocity + g / norm(g), with
                   g the gradient at img
    model:         images in, unnormalised scores (1, C) out
    target_y:      the class to draw, an int
    l2_reg:        weight of the sum of the squares of all the numbers in img, >= 0
    learning_rate: then img moves by the new velocity times the learning rate
    momentum:      the share of the old velocity that is kept, from 0 to 1

    Where the gradient is zero everywhere, g / norm(g) counts as zeros: the ball rolls on.
    What the function returns does not count.
    """
    ### BEGIN SOLUTION
    pixels = img.detach().clone().requires_grad_()
    objective = model(pixels)[0, target_y] - l2_reg * pixels.square().sum()
    (gradient,) = torch.autograd.grad(objective, pixels)
    norm = gradient.norm()
    with torch.no_grad():
        velocity *= momentum
        if norm > 0:
            velocity += gradient / norm
        img += learning_rate * velocity
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_momentum_update_step", "locked": true, "points": 14, "schema_version": 3, "solution": false, "task": false}
check_momentum_update_step(momentum_update_step)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Two tensors of the caller's change here, one after the other. A velocity that is only a local
# variable is forgotten as soon as your function returns.
#
# </details>


# %% tags=["expected-question-2"]
def climb(momentum, steps=60):
    """The score after each step, and the last image."""
    img, step_fn, scores = noise.clone(), WithMomentum(momentum_update_step, momentum), []
    for _ in tqdm(range(steps), leave=False):
        step_fn(img, model, target_y, 0.0, size / 320)
        img.clamp_(0, 1)
        with torch.no_grad():
            scores.append(model(img)[0, target_y].item())
    return scores, img


fig, ax = plt.subplots(figsize=(7, 2.4), dpi=80, layout="constrained")
images, titles = [], []
for momentum in (0.0, 0.5, 0.9):
    scores, image = climb(momentum)
    images.append(image)
    titles.append(f"momentum {momentum}\nscore {scores[-1]:.1f}")
    ax.plot(range(1, len(scores) + 1), scores, label=f"momentum {momentum}")
ax.set(xlabel="step", ylabel="score", title=f"60 short steps: {model.class_names[target_y]}")
ax.grid(alpha=0.3)
fig.legend(loc="outside right center", fontsize=8)
plt.show()
show_images(torch.cat(images), titles, columns=3)

# %% [markdown]
# <details><summary>The picture to expect</summary>
#
# ![Curves of the score with and without momentum, and the images after 60 steps](expected/question-2.jpg)
#
# </details>
#
# ## 3 Climb, but stay natural
#
# Photographs are smooth nearly everywhere, and a lion stays a lion two pixels further to the left.
# Two simple measures use that:
#
# * **Jitter.** Before each step the image is moved by a few pixels, up or down and left or right,
#   and moved back afterwards. What leaves on one side comes in on the other (Mordvintsev, Olah and
#   Tyka, *DeepDream*, 2015).
# * **Blur.** Now and then the image is blurred a little. `gaussian_blur(img)` returns a blurred
#   copy (Yosinski and others, [*Understanding Neural Networks Through Deep
#   Visualization*](https://arxiv.org/abs/1506.06579), 2015).

# %%
moved = torch.roll(photo, shifts=(size // 8, -size // 4), dims=(2, 3))
show_panels(
    {
        "a photograph": photo[0],
        f"rolled ({size // 8}, {-size // 4})": moved[0],
        "blurred": gaussian_blur(photo)[0],
        "blurred 20 times": gaussian_blur(photo, sigma=0.5 * 20**0.5)[0],
    },
    title="Jitter (here by far too much) and blur",
)

# %% [markdown]
# ### Question 3: `create_class_visualization` (24 points)
#
# Now the loop. The step is an argument, so that yours from question 1 will do, or any other one.


# %% nbgrader={"grade": false, "grade_id": "create_class_visualization", "locked": false, "schema_version": 3, "solution": true, "task": false}
def create_class_visualization(
    target_y,
    model,
    *,
    initial,
    steps,
    step_fn,
    l2_reg,
    learning_rate,
    blur_every,
    max_jitter,
    seed,
    callback=None,
):
    """Draw a class by many steps from an initial image; returns the last image (1, 3, H, W).

    target_y:      the class to draw, an int
    model:         images in, unnormalised scores (1, C) out
    initial:       the image (1, 3, H, W) to begin with; it is left as it is
    steps:         how many steps
    step_fn:       step_fn(img, model, target_y, l2_reg, learning_rate) changes img in place;
                   it may use autograd, and what it returns does not count
    blur_every:    blur after the steps blur_every, 2 * blur_every, ..., counted from 1; 0: never
    max_jitter:    the largest move, in pixels; 0: none
    seed:          an int that decides all that is random: the same seed gives the same image
    callback:      if not None, callback(number, image) after each step: 1, 2, ..., steps, and the
                   image (1, 3, H, W) as it is then

    Each of the steps, in this order:
      1 roll the image by a random number of rows and a random number of columns, both drawn anew
        for each step, at most max_jitter in either direction, what leaves at one side coming in at
        the other
      2 step_fn
      3 roll it back
      4 clamp the pixels to [0, 1]
      5 if it is time, replace the image by gaussian_blur(img)
      6 callback
    """
    ### BEGIN SOLUTION
    generator = torch.Generator().manual_seed(seed)
    image = initial.detach().clone()
    for step in range(1, steps + 1):
        moves = torch.randint(-max_jitter, max_jitter + 1, (2,), generator=generator)
        down, right = moves.tolist()
        image = torch.roll(image, (down, right), dims=(2, 3))
        step_fn(image, model, target_y, l2_reg, learning_rate)
        image = torch.roll(image.detach(), (-down, -right), dims=(2, 3)).clamp(0, 1)
        if blur_every and step % blur_every == 0:
            image = gaussian_blur(image)
        if callback is not None:
            callback(step, image)
    return image
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_create_class_visualization", "locked": true, "points": 24, "schema_version": 3, "solution": false, "task": false}
check_create_class_visualization(create_class_visualization)

# %% [markdown]
# <details><summary>Hint: moving round</summary>
#
# `torch.roll(img, shifts=(down, right), dims=(2, 3))`. The opposite move takes the opposite
# numbers.
#
# </details>
# <details><summary>Hint: where do the random numbers come from?</summary>
#
# From a generator of your own, `torch.Generator().manual_seed(seed)` or `random.Random(seed)`,
# made once, before the loop. Does your call include both ends of the range? Does it still work for
# `max_jitter=0`?
#
# </details>
# <details><summary>Hint: the steps have no effect</summary>
#
# `step_fn` changes the very tensor that you give it. Keep hold of that one: if you give it
# `torch.roll(img, ...)` without a name, what it made of it is lost.
#
# </details>

# %% tags=["expected-question-3"]
settings = {
    "initial": noise,
    "steps": 100,
    "step_fn": class_visualization_update_step,
    "l2_reg": 1e-4,
    "learning_rate": size / 90,
    "blur_every": 8,
    "max_jitter": size // 16,
    "seed": 0,
}
variants = {
    "neither": {"blur_every": 0, "max_jitter": 0},
    "jitter": {"blur_every": 0},
    "blur": {"max_jitter": 0},
    "jitter and blur": {},
}
pictures = [
    create_class_visualization(target_y, model, **{**settings, **changed})
    for changed in tqdm(variants.values(), leave=False)
]
with torch.no_grad():
    scores = model(torch.cat(pictures))[:, target_y]
titles = [f"{name}\nscore {score:.1f}" for name, score in zip(variants, scores)]
show_images(torch.cat(pictures), titles, title=model.class_names[target_y], columns=4)

# %% [markdown]
# <details><summary>The picture to expect</summary>
#
# ![The same class without and with jitter and blur](expected/question-3.jpg)
#
# </details>
#
# The best score belongs to the worst picture. What jitter and blur take away is what a photograph
# never has.

# %% [markdown]
# ## Experiment A: the first image (10 points)
#
# Draw the same class from four first images: all zeros (black), all ones (white), noise, and a
# photograph of something else, everything else being the same. Show first and last images, with
# the last scores in the titles. **(4 points)** What is left of the first image in the last one,
# and why? Two sentences, as a comment. **(2 points)**
#
# The other four points are those of written question 1.
#
# <details><summary>Hint</summary>
#
# `{**settings, "initial": photo}` is a copy of the settings with one of them changed.
#
# </details>

# %% nbgrader={"grade": true, "grade_id": "experiment_initial_image", "locked": false, "points": 6, "schema_version": 3, "solution": true, "task": false}
first_images = {
    "zeros": torch.zeros_like(noise),
    "ones": torch.ones_like(noise),
    "noise": noise,
    "photograph": photo,
}
### BEGIN SOLUTION
# Rubric: 2 four last images of one class, all other settings alike
#         1 the first images beside them
#         1 scores (or probabilities) in the titles
#         2 an observation that fits the figure, with a reason
last_images = torch.cat(
    [
        create_class_visualization(target_y, model, **{**settings, "initial": first})
        for first in tqdm(first_images.values(), leave=False)
    ]
)
with torch.no_grad():
    scores = model(last_images)[:, target_y]
# The object appears whatever the start was, but at another place each time: ascent finds the
# nearest top, not the highest. What the score hardly depends on stays as it was: the surroundings
# are dark after zeros, white after ones, grey after noise, and some of the cat's brown is left.
# (Black and white pixels can go one way only, so these two end with lower scores.)
show_grid(
    {"first": torch.cat(list(first_images.values())), "last": last_images},
    [f"{name}\nscore {score:.1f}" for name, score in zip(first_images, scores)],
    title=f"One class, four beginnings: {model.class_names[target_y]}",
)
### END SOLUTION

# %% [markdown]
# ## Experiment B: the optimiser's parameters (10 points)
#
# 1. Draw one class with at least three learning rates and, for each of them, with momentum 0, 0.5
#    and 0.9: one grid, with the scores. **(3 points)**
# 2. Draw it with four values of `l2_reg`, from 0 to far too large. **(2 points)**
# 3. Say, as a comment, what too much and too little of each does. **(1 point)**
#
# The other four points are those of written question 2.
#
# <details><summary>Hint</summary>
#
# `"step_fn": WithMomentum(momentum_update_step, 0.9)`, a new one for each picture, as it keeps its
# velocity.
#
# </details>

# %% nbgrader={"grade": true, "grade_id": "experiment_optimiser", "locked": false, "points": 6, "schema_version": 3, "solution": true, "task": false}
### BEGIN SOLUTION
# Rubric: 3 the grid: three learning rates, three momenta, scores, a new velocity for each picture
#         2 four values of l2_reg, the last one clearly too large
#         1 an observation that fits the figures
momenta, rows = (0.0, 0.5, 0.9), {}
for learning_rate in tqdm((size / 400, size / 100, size / 25), leave=False):
    pictures = []
    for momentum in momenta:
        changed = {
            "learning_rate": learning_rate,
            "step_fn": WithMomentum(momentum_update_step, momentum),
            "steps": 60,
        }
        pictures.append(create_class_visualization(target_y, model, **{**settings, **changed}))
    pictures = torch.cat(pictures)
    with torch.no_grad():
        scores = model(pictures)[:, target_y]
    said = ", ".join(f"{score:.0f}" for score in scores)
    rows[f"rate {learning_rate:.2f}\nscores\n{said}"] = pictures
titles = [f"momentum {momentum}" for momentum in momenta]
display(show_grid(rows, titles, title="Learning rate and momentum, 60 steps"))

strengths = [0.0, 1e-3, 1e-2, 1e-1]
pictures = [
    create_class_visualization(target_y, model, **{**settings, "l2_reg": strength})
    for strength in tqdm(strengths, leave=False)
]
with torch.no_grad():
    scores = model(torch.cat(pictures))[:, target_y]
titles = [f"l2_reg {strength:g}\nscore {score:.1f}" for strength, score in zip(strengths, scores)]
# Too small a rate does not get away from the noise in 60 steps; momentum 0.9 makes every step up
# to ten times as long and then helps. With a large rate, momentum throws the pixels to and fro
# between 0 and 1. Up to 1e-3 the L2 penalty changes next to nothing, then all that the score does
# not need gets dark, and with too much of it the way uphill is the way to black.
show_images(torch.cat(pictures), titles, title="Weight of the L2 penalty", columns=4)
### END SOLUTION

# %% [markdown] nbgrader={"grade": true, "grade_id": "answer_regularisers", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# **Written question 2 (4 points).** What kind of image does the L2 penalty discourage, and what
# kind the blur? Why would images of these kinds win without them?
#
# <!-- ### BEGIN SOLUTION -->
# **Model answer.** L2 makes large pixel values cost, the larger the more: it discourages images
# whose score comes from extreme values, and pulls to black all that the score does not need. (Here
# the pixels are in [0, 1], so what costs is brightness; in the paper the mean image is subtracted,
# so what costs is the distance from the mean image.) Blur takes away high spatial frequencies:
# neighbouring pixels that differ for no reason, checkerboards, single bright dots. Such images win
# otherwise because the ascent maximises a score, not likeness to a photograph: the score is nearly
# linear in small changes, so it grows with the size of the values; and strided convolutions react
# strongly to fine patterns that hardly occur in the training images, so nobody ever taught the
# network to ignore them. Both are weak priors for "looks like a photograph".
#
# **Rubric.** 1: L2: large (extreme) pixel values. 1: blur: high frequencies, differences of
# neighbouring pixels. 2: the score rises with both, since it is almost linear locally (1) and was
# never trained on such images, so that only the regularisers stand for naturalness (1).
# <!-- ### END SOLUTION -->

# %% [markdown]
# ## Experiment C: the number of steps (10 points)
#
# Draw one class with 300 steps. Show the images after 1, 3, 10, 30, 100 and 300 steps **(4
# points)**, and plot score and probability of the class against the step **(3 points)**. When is
# the model sure, and when would *you* be? Is more always better? A few sentences, as a comment.
# **(3 points)**
#
# <details><summary>Hint</summary>
#
# The callback gets every image. `Frames(at=...)` keeps some of them.
#
# </details>

# %% nbgrader={"grade": true, "grade_id": "experiment_steps", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
### BEGIN SOLUTION
# Rubric: 4 six images of one run, with their steps
#         3 both curves, named axes
#         3 an observation: sure long before we are (1), then it still gets better (1), later the
#           picture saturates or repeats itself while the score hardly rises (1)
film, curve = Frames(at=(1, 3, 10, 30, 100, 300)), []


def record(step, img):
    film(step, img)
    with torch.no_grad():
        scores = model(img)[0]
    curve.append((step, scores[target_y].item(), scores.softmax(dim=0)[target_y].item()))


create_class_visualization(target_y, model, **{**settings, "steps": 300, "callback": record})
titles = [f"step {step}" for step in film.steps]
title = f"300 steps towards {model.class_names[target_y]}"
display(show_images(film.images, titles, title=title, columns=6))

step, score, probability = np.array(curve).T
fig, left = plt.subplots(figsize=(7, 2.4), dpi=80, layout="constrained")
left.semilogx(step, score, color="#e07b39", label="score")
left.set(xlabel="step", ylabel="score", title="Sure at once, good much later")
right = left.twinx()
right.semilogx(step, probability, "--", color="#8899aa", label="probability")
right.set(ylabel="probability", ylim=(-0.05, 1.05))
left.grid(alpha=0.3)
fig.legend(loc="outside right center", fontsize=8)
plt.show()
# The probability is close to 1 after some ten steps, when we still see next to nothing. The score
# goes on rising, and only then does the object appear. Beyond 100 steps the score creeps up, but
# the picture gains contrast rather than anything new: more is not always better.
### END SOLUTION

# %% [markdown]
# ## 4 Whose picture is it?
#
# The same class, drawn by several networks from the same noise. All of them have learnt from the
# same images; for the one called *robust* they were changed all the time so as to mislead it
# (*adversarial training*).

# %%
families = {
    "petit": {"robust": "petit_robust", "residual": "petit_resnet", "VGG-like": "petit_vgg"},
    "shapes": {
        "robust": "shapes_robust",
        "residual": "shapes_resnet",
        "VGG-like": "shapes_vgg",
        "plain CNN": "shapes_cnn",
    },
}
small_noise = F.interpolate(noise, (64, 64), mode="bilinear", antialias=True)
small = {**settings, "initial": small_noise, "learning_rate": 64 / 90, "max_jitter": 4}
drawn_classes = {"petit": [2, 3, 7, 10, 14, 15], "shapes": [1, 2, 3, 4, 6, 10]}
for family, members in families.items():
    networks = {name: load_classifier(file) for name, file in members.items()}
    class_names = networks["robust"].class_names
    some = drawn_classes[family]
    rows = {}
    for name, network in networks.items():
        drawn = [
            create_class_visualization(y, network, **small) for y in tqdm(some, leave=False)
        ]
        rows[name] = torch.cat(drawn)
    titles = [class_names[y] for y in some]
    display(show_grid(rows, titles, title=f"{family}: the same classes, several networks"))

    print("Each row: who drew. Each column: in how many pictures it sees the class that was meant.")
    print(" " * 14 + "".join(f"{name:>12}" for name in networks))
    for painter, pictures in rows.items():
        with torch.no_grad():
            hits = [
                (network(pictures).argmax(dim=1) == torch.tensor(some)).sum().item()
                for network in networks.values()
            ]
        print(f"{painter:>14}" + "".join(f"{hit:>7} of {len(some)}" for hit in hits))

# %% [markdown]
# Standard networks mostly recognise each other's pictures, though they look like little to us: they
# learnt from the same images and share habits that we don't. What sets the adversarially trained
# networks apart is that *we* recognise their pictures, too. Such a network may not react to changes
# that are too small to be seen, so it has to draw with what can be seen: shapes, colours, parts
# ([Engstrom and others, 2019](https://arxiv.org/abs/1906.00945)).
#
# The other direction differs between the families. `petit_robust` recognises few of the standard
# networks' pictures or none: it has learnt to ignore what these are made of. `shapes_robust`
# recognises most of them.
#
# A network may even misname its own picture, as `shapes_robust` does with some of its own: climbing
# the score of one class may lift another's further. Which pictures these are depends on the noise
# and the random moves; try another seed.
#
# ## Experiment D: ten classes (10 points)
#
# Draw ten classes with the best settings you have found, and show them with their names. **(5
# points)** Let another network of the same family name them, with its probability, in the titles.
# **(2 points)** Then look closely: what did the model learn about these classes besides the object
# itself, and which pictures fail? A few sentences, as a comment. **(3 points)**

# %% nbgrader={"grade": true, "grade_id": "experiment_ten_classes", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
### BEGIN SOLUTION
# Rubric: 5 ten pictures of ten classes with their names (0.5 each)
#         2 what another network takes them for, with its probability
#         3 an observation: context that belongs to the class in the training images (1), several
#           or partial objects at several places (1), what fails and a guess why (1)
painter, judge = load_classifier("petit_robust"), load_classifier("petit_resnet")
ten = [0, 2, 3, 7, 8, 10, 13, 14, 15, 17]
best = {**small, "max_jitter": 3}
pictures = []
for y in tqdm(ten, leave=False):
    best["step_fn"] = WithMomentum(momentum_update_step, 0.3)  # starts at rest
    pictures.append(create_class_visualization(y, painter, **best))
pictures = torch.cat(pictures)
with torch.no_grad():
    confidence, said = judge(pictures).softmax(dim=1).max(dim=1)
titles = [
    f"{painter.class_names[y]}\nsaid: {judge.class_names[k]}\n{p:.0%}"
    for y, k, p in zip(ten, said, confidence)
]
# What an object usually comes with belongs to its class: flowers under the butterfly, sky behind the
# lighthouse, and penguins that are rarely alone. Objects come several times and in parts (tusks,
# eyes, wheels), for the average pooling at the network's end counts parts wherever they are.
# Classes with an outline and colours of their own succeed; of the goldfish the orange is left, and
# little of its outline.
show_images(pictures, titles, title="Ten classes, and what another network says", columns=5)
### END SOLUTION

# %% [markdown]
# ## What such a picture does not tell
#
# * **It is one top of many.** Another seed or another first image climbs another one.
# * **It is not the class, it is what raises the score.** Context counts, and so does everything
#   that happened to go with the class in the training images.
# * **Beauty is not understanding.** A network that draws noise may classify better than one that
#   draws lions; the noise is what it uses.
# * **The regularisers draw too.** Smoothness, symmetry, colours: whatever you ask for, you will
#   find. Say which you used whenever you show such a picture.
