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
# # Fooling images: a step too small to see
#
# A classifier that names nearly every picture rightly can be made to call a triangle a ring, by a
# change that you would hardly notice. All it takes is the gradient that trained the network, but
# with respect to the *pixels* instead of the weights.
#
# After this notebook you can
#
# * make a classifier miss the right class with one step of a given size (FGSM);
# * make it say any class that you like, and measure what that cost;
# * test whether a change made for one network fools another, and whether training can help;
# * say what fooling images tell about neural networks, and what they don't.
#
# | | what you do | points |
# |---|---|---|
# | Questions 1 to 3 | write three functions, checked automatically | 20 + 28 + 12 |
# | Experiments A and B | success against epsilon; transfer to other networks; with words | 12 + 12 |
# | Written | what fooling images tell; a review of a paper | 8 + 8 |
#
# Write your code where a cell says `NotImplementedError`. The line below it checks your function
# on tiny networks and says what is wrong. The final grade comes from more such checks on other
# inputs.

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
import matplotlib.pyplot as plt
import torch
import torch.nn.functional as F

# %%
from tqdm.auto import tqdm

from course_lib import load_classifier, sample_images
from course_lib.fooling import Demanding, difference_picture, random_signs
from course_lib.fooling import show_fooling, show_table
from course_lib.image_sources import folder_images
from course_lib.plots import show_grid, show_images
from course_lib.visible_checks.fooling_images import (
    check_fgsm_attack,
    check_fooling_report,
    check_make_fooling_image,
)

# %% [markdown]
# ## The model and the images
#
# Each can be switched in one line. A classifier takes pixels in [0, 1], normalises them inside
# itself, and returns unnormalised scores: one row an image, one column a class.

# %%
model = load_classifier("shapes_resnet")  # or "shapes_vgg", "petit_resnet", "squeezenet1_1", ...

# %%
samples = sample_images("shapes", n=10, seed=1)  # or folder_images("my_photos", model), ...

# %% [markdown]
# <details><summary>Photographs</summary>
#
# * `samples = sample_images("photos")`: seven photographs that are always there. They go with
#   `model = load_classifier("squeezenet1_1")` or another ImageNet classifier of torchvision, whose
#   weights are fetched once.
# * `samples = folder_images("my_photos", model)`: your own. A file called `king_penguin.jpg` is
#   asked about as a king penguin, if the model knows that class. Else its label is the model's
#   own guess, its title says so, and an attack leads away from what the model says, right or not.
# * `petit_resnet`, `petit_vgg` and `petit_robust` know twenty classes of photographs of 64 x 64
#   pixels: `model.class_names`.
# * A data set: `from course_lib import dataset_images`, then `dataset_images("digits", model)`, with
#   `model = load_classifier("my_digits")` after `python -m course_lib.train my_digits --data digits`
#   on the command line.
#
# </details>

# %%
with torch.no_grad():
    confidence, said = model(samples.images).softmax(dim=1).max(dim=1)
show_images(
    samples.images,
    [
        f"{true}\nsaid: {model.class_names[k]}\n{p:.0%}"
        for true, k, p in zip(samples.names, said, confidence)
    ],
    title="The images, their classes, and what the model says",
)

# %% [markdown]
# ## 1 One step against the right class
#
# How large a change does a classifier bear? First, changes without a plan: each pixel goes up or
# down by the same $\varepsilon$, as a coin decides. Pixels have 256 levels, so $\varepsilon =
# 1/255$ is the smallest change that a picture file can hold.

# %%
one = samples[6 % len(samples)]
levels = [0, 2, 8, 16, 32]
noisy = torch.cat(
    [(one.images + k / 255 * random_signs(one.images)).clamp(0, 1) for k in levels]
)
with torch.no_grad():
    confidence, said = model(noisy).softmax(dim=1).max(dim=1)
show_images(
    noisy,
    [f"± {k}/255\n{model.class_names[c]}\n{p:.0%}" for k, c, p in zip(levels, said, confidence)],
    title="Changes by chance: who notices them first, you or the model?",
)

# %% [markdown]
# Now with a plan. Near the image $X$ the model's loss $L$, the cross-entropy of the right class
# $y$, is almost linear: a change $\delta$ raises it by $\langle \nabla_X L, \delta\rangle$. If no
# pixel may move by more than $\varepsilon$, the best that each can do is to move by *all* of
# $\varepsilon$, in the direction of its own slope:
#
# $$ X_{\text{adv}} \;=\; \operatorname{clip}_{[0, 1]}\Bigl( X + \varepsilon \cdot
# \operatorname{sign}\bigl(\nabla_X\, L(f(X), y)\bigr) \Bigr). $$
#
# This is the *fast gradient sign method* of Goodfellow, Shlens and Szegedy, [*Explaining and
# Harnessing Adversarial Examples*](https://arxiv.org/abs/1412.6572) (2015).
#
# ### Question 1: `fgsm_attack` (20 points)

# %% nbgrader={"grade": false, "grade_id": "fgsm_attack", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fgsm_attack(X, y, model, epsilon):
    """Images after one step that raises the cross-entropy of their classes.

    X:       images (N, 3, H, W), pixels in [0, 1]
    y:       classes (N,), long: the right ones, which the model is to miss
    model:   images in, unnormalised scores (N, C) out
    epsilon: float >= 0, how far each pixel goes; one that the loss does not depend on stays
    return:  images (N, 3, H, W), clamped to [0, 1]
    """
    ### BEGIN SOLUTION
    X = X.detach().clone().requires_grad_()
    loss = F.cross_entropy(model(X), y, reduction="sum")  # of the slopes only the signs matter
    (slope,) = torch.autograd.grad(loss, X)
    return (X.detach() + epsilon * slope.sign()).clamp(0, 1)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_fgsm_attack", "locked": true, "points": 20, "schema_version": 3, "solution": false, "task": false}
check_fgsm_attack(fgsm_attack)

# %% [markdown]
# <details><summary>Hint: which gradient?</summary>
#
# The one you train with, of the cross-entropy, but with respect to the pixels: they are what needs
# `requires_grad`. `F.cross_entropy` takes unnormalised scores; there is no softmax for you to do.
#
# </details>
# <details><summary>Hint: which sign?</summary>
#
# Training goes *down* the loss. You want the model to do worse. And `torch.sign(0)` is 0: a pixel
# without influence stays what it is.
#
# </details>

# %% tags=["expected-question-1"]
epsilon = 8 / 255
attacked = fgsm_attack(samples.images, samples.labels, model, epsilon)
with torch.no_grad():
    said_after = model(attacked).argmax(dim=1)
titles = [
    f"{name}\nsaid: {model.class_names[k]}" for name, k in zip(samples.names, said_after)
]
show_fooling(samples.images, attacked, titles, title="One step of 8/255 for each pixel")

# %% [markdown]
# <details><summary>The picture to expect</summary>
#
# ![Ten images, after FGSM, and the differences](expected/question-1.jpg)
#
# </details>
#
# No pixel moved further than in the third of the noisy pictures above. The only difference is the
# direction: not by chance, but along the slope. It is enough for some of the images; the others keep
# their right names, and need a larger step.

# %% [markdown]
# ## Experiment A: success against epsilon (12 points)
#
# `shapes_robust` began as `shapes_resnet`. Then its training went on with pictures that an attack
# of this kind had changed before each step (*adversarial training*, [Madry et al.,
# 2018](https://arxiv.org/abs/1706.06083)).
#
# 1. Take $\varepsilon = k/255$ for $k$ = 1, 2, 3, 4, 6, 8, 12, 16. For both models, plot the
#    *success* of the attack against $\varepsilon$: of the images that the model named rightly, the
#    share that it gets wrong after the attack. **(4 points)**
# 2. Add, for both, the success of changes by chance (`random_signs`). **(2 points)**
# 3. Show, for one image, what the pictures look like at each $\varepsilon$. **(2 points)**
# 4. Explain what you see, below. **(4 points)**
#
# <details><summary>Hint</summary>
#
# Leave out the images that the model gets wrong without any attack: they would count as successes
# at $\varepsilon = 0$. One call of your function per model and $\varepsilon$ does all images.
#
# </details>

# %% nbgrader={"grade": true, "grade_id": "experiment_epsilon", "locked": false, "points": 8, "schema_version": 3, "solution": true, "task": false}
standard, robust = load_classifier("shapes_resnet"), load_classifier("shapes_robust")
hundred = sample_images("shapes", n=100, seed=4)
levels = [1, 2, 3, 4, 6, 8, 12, 16]
### BEGIN SOLUTION
# Rubric: 4 both curves from 1/255 on, of images named rightly before, axes labelled
#         2 the curves of random changes of the same size
#         2 one image at each epsilon
fig, ax = plt.subplots(figsize=(8, 3.2), dpi=80, layout="constrained")
for name, network, colour in (("standard", standard, "C0"), ("robust", robust, "C3")):
    with torch.no_grad():
        known = hundred[network(hundred.images).argmax(dim=1) == hundred.labels]
    by_gradient, by_chance = [], []
    for level in tqdm(levels, desc=name, leave=False):
        epsilon = level / 255
        noisy = (known.images + epsilon * random_signs(known.images)).clamp(0, 1)
        attacked = fgsm_attack(known.images, known.labels, network, epsilon)
        with torch.no_grad():
            for images, success in ((attacked, by_gradient), (noisy, by_chance)):
                missed = network(images).argmax(dim=1) != known.labels
                success.append(missed.float().mean().item())
    ax.plot(levels, by_gradient, "o-", color=colour, label=f"{name}: FGSM")
    marker = {"standard": "s--", "robust": "x:"}[name]  # seen also where both curves are zero
    ax.plot(levels, by_chance, marker, color=colour, label=f"{name}: by chance")
ax.set(xlabel="epsilon, in 255ths", ylabel="share of images now missed", ylim=(-0.03, 1.03))
ax.set_title("How large a step does it take?")
ax.grid(alpha=0.3)
fig.legend(loc="outside right center", fontsize=8)
plt.show()

chosen = hundred[2]
steps = [fgsm_attack(chosen.images, chosen.labels, standard, k / 255) for k in [0, *levels]]
with torch.no_grad():
    names = [standard.class_names[k] for k in standard(torch.cat(steps)).argmax(dim=1)]
titles = [f"{k}/255\n{name}" for k, name in zip([0, *levels], names)]
show_images(torch.cat(steps), titles, title="The same image, attacked with larger and larger steps")
### END SOLUTION

# %% [markdown] nbgrader={"grade": true, "grade_id": "answer_epsilon", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# **Your explanation (4 points).** Why does a step along the signs do so much more than one by
# chance of the same size? (Take a linear score $\langle w, X\rangle$ with $d$ pixels.) Why does
# the robust model bear more?
#
# <!-- ### BEGIN SOLUTION -->
# **Model answer.** A linear score changes by $\langle w, \delta\rangle$. With $\delta =
# \varepsilon\operatorname{sign}(w)$ all terms have the same sign and add up to $\varepsilon\lVert
# w\rVert_1$, which grows like $d$ times the mean $|w_i|$; with random signs they cancel, and what
# is left is about $\varepsilon\lVert w\rVert_2$, smaller by a factor of the order of $\sqrt{d}$:
# about 100 for 64 x 64 x 3 pixels. So many changes, each too small to be seen, add up to a large
# one. Adversarial training raises the loss by just this step before it lowers it: to first order
# it is a penalty $\varepsilon\lVert\nabla_X L\rVert_1$ on the gradient, so that the robust model's
# slopes are smaller and the same step does less; beyond the $\varepsilon$ it was trained with, it
# begins to give in as well.
#
# **Rubric.** 2: contributions add up along the signs and cancel by chance ($\lVert w\rVert_1$
# against $\lVert w\rVert_2$, or the growth with $d$). 2: adversarial training makes the gradient
# small where it would hurt, up to about the trained $\varepsilon$.
# <!-- ### END SOLUTION -->

# %% [markdown]
# ## 2 Any class that you like
#
# FGSM only leads *away* from a class. To lead the model *to* a class of your choice there is an
# honest way: fade in a picture of that class, until the model says so.

# %%
start = samples[0]
target_y = int(samples.labels[5])
guide = samples[5]
shares = [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]
faded = torch.cat([(1 - a) * start.images + a * guide.images for a in shares])
with torch.no_grad():
    confidence, said = model(faded).softmax(dim=1).max(dim=1)
sizes = (faded - start.images).flatten(1).norm(dim=1)
show_images(
    faded,
    [
        f"{model.class_names[k]}\n{p:.0%}\nL2 {size:.1f}"
        for k, p, size in zip(said, confidence, sizes)
    ],
    title=f"From {start.names[0]} to {guide.names[0]}, the honest way, and how far (L2) that is",
)

# %% [markdown]
# There is a shorter one. Szegedy et al., [*Intriguing Properties of Neural
# Networks*](https://arxiv.org/abs/1312.6199) (2013), looked for the smallest change that makes a
# network say another class, and found it to be tiny. Here is a simple way to such a change: climb
# the score $s_t$ of the target class, by steps whose length is 1 whatever the gradient's,
#
# $$ X \;\leftarrow\; X + \frac{g}{\lVert g\rVert_2}, \qquad g = \frac{\partial s_t(X)}{\partial X}, $$
#
# and stop as soon as the model says $t$.
#
# ### Question 2: `make_fooling_image` (28 points)
#
# There is no clipping inside the loop: a pixel may leave [0, 1] a little.

# %% nbgrader={"grade": false, "grade_id": "make_fooling_image", "locked": false, "schema_version": 3, "solution": true, "task": false}
def make_fooling_image(X, target_y, model):
    """An image near X that the model takes for class target_y.

    X:        one image (1, 3, H, W), which stays as it was
    target_y: int, the class that the model is to say
    model:    images in, unnormalised scores (N, C) out
    return:   image (1, 3, H, W) after steps X + g / norm(g), where g = d score of target_y / d X
              and norm is the L2 norm over all pixels: none if the model says target_y already,
              else until it does, but at most 100
    """
    ### BEGIN SOLUTION
    X_fooling = X.detach().clone()
    for _ in range(100):
        X_fooling.requires_grad_()
        scores = model(X_fooling)[0]  # (C,)
        if scores.argmax() == target_y:
            break
        (g,) = torch.autograd.grad(scores[target_y], X_fooling)
        X_fooling = X_fooling.detach() + g / g.norm()
    return X_fooling.detach()
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_make_fooling_image", "locked": true, "points": 28, "schema_version": 3, "solution": false, "task": false}
check_make_fooling_image(make_fooling_image)

# %% [markdown]
# <details><summary>Hint: where does the stop belong?</summary>
#
# Ask the model first, then step: an image that needs no step gets none, and no step comes after
# the one that did it.
#
# </details>
# <details><summary>Hint: the second step is wrong</summary>
#
# `backward()` *adds* to `.grad`. And the slope at the new place is another: it has to be computed
# again at each step, from a forward pass of its own.
#
# </details>
# <details><summary>Hint: a leaf, in-place operations, and errors about them</summary>
#
# Make each step's image a new tensor, cut off from the last one's graph by `detach()`, and ask for
# its gradient anew. Or change it within `torch.no_grad()`.
#
# </details>

# %%
X_fooling = make_fooling_image(start.images, target_y, model)
with torch.no_grad():
    scores = model(torch.cat([start.images, X_fooling])).softmax(dim=1)
for name, p in zip(("before", "after"), scores):
    best = p.argmax()
    print(f"{name}: {model.class_names[best]}, {p[best]:.0%}")
print(f"L2 size of the change: {(X_fooling - start.images).norm():.1f}")
show_fooling(start.images, X_fooling, title=f"From {start.names[0]} to {guide.names[0]}")

# %% [markdown]
# ### Question 3: `fooling_report` (12 points)
#
# What was fooled, and at what cost? With $\delta = X_{\text{fooling}} - X$, two sizes are in use:
# $\lVert\delta\rVert_2 = \sqrt{\sum_i \delta_i^2}$ over all pixels and channels, and
# $\lVert\delta\rVert_\infty = \max_i |\delta_i|$, the change of the pixel that changed most.

# %% nbgrader={"grade": false, "grade_id": "fooling_report", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fooling_report(X, X_fooling, model):
    """What the model says before and after, and how large the change of the image is.

    X, X_fooling: one image each, (1, 3, H, W)
    model:        images in, unnormalised scores (N, C) out
    return:       dict with six numbers:
                  "class_before", "class_after": index of the class that the model predicts
                  "confidence_before", "confidence_after": its probability (0 to 1), by softmax
                  "l2": L2 norm of X_fooling - X
                  "linf": largest absolute change of a pixel
    """
    ### BEGIN SOLUTION
    with torch.no_grad():
        confidence, said = model(torch.cat([X, X_fooling])).softmax(dim=1).max(dim=1)
    change = X_fooling - X
    return {
        "class_before": said[0].item(),
        "class_after": said[1].item(),
        "confidence_before": confidence[0].item(),
        "confidence_after": confidence[1].item(),
        "l2": change.norm().item(),
        "linf": change.abs().max().item(),
    }
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_fooling_report", "locked": true, "points": 12, "schema_version": 3, "solution": false, "task": false}
check_fooling_report(fooling_report)

# %% [markdown]
# <details><summary>Hint: six numbers</summary>
#
# `values, classes = probabilities.max(dim=1)` gives the probability and the class together;
# `.item()` makes a Python number of a tensor with one element.
#
# </details>

# %% tags=["expected-question-3"]
targets = samples.labels.roll(3)
fooling, titles = [], []
for sample, target in tqdm(list(zip(samples, targets.tolist())), leave=False):
    fooling.append(make_fooling_image(sample.images, target, model))
    report = fooling_report(sample.images, fooling[-1], model)
    before, after = (model.class_names[report[f"class_{when}"]] for when in ("before", "after"))
    titles.append(
        f"{before}\n{report['confidence_before']:.0%}\nnow: {after}\n"
        f"{report['confidence_after']:.0%}\nL2 {report['l2']:.1f}"
    )
show_fooling(samples.images, torch.cat(fooling), titles, title="Ten fooling images")

# %% [markdown]
# <details><summary>The picture to expect</summary>
#
# ![Ten images, their fooling images and the differences](expected/question-3.jpg)
#
# </details>
#
# Compare the sizes with those of the honest way above. Should an image end up as a class that was
# not asked for, 100 steps did not suffice: climbing the score of one class may lift another's as
# well.

# %% [markdown]
# ### The same wish, two models
#
# Asked of the robust model, the same wish costs more. Look at the differences: what had to be
# drawn to convince the one, and what the other?

# %%
wishes = {0: "flower", 3: "star", 4: "square", 5: "ring", 6: "disc", 9: "cross"}
few = sample_images("shapes", n=10, seed=1)[list(wishes)]
asked = [few.class_names.index(name) for name in wishes.values()]
rows = {"image": few.images}
for name in ("shapes_resnet", "shapes_robust"):
    network = load_classifier(name)
    pairs = tqdm(list(zip(few, asked)), desc=name, leave=False)
    made = torch.cat([make_fooling_image(x.images, k, network) for x, k in pairs])
    change = made - few.images
    rows[f"{name}\n(mean L2 {change.flatten(1).norm(dim=1).mean():.1f})"] = made
    rows[f"{name}: difference, times 3"] = difference_picture(few.images, made, 3)
titles = [f"{a}\nto {b}" for a, b in zip(few.names, wishes.values())]
show_grid(rows, titles, title="Fooling a standard and a robust model")

# %% [markdown]
# ### From nothing at all
#
# The start need not be a picture of anything. Nguyen, Yosinski and Clune, [*Deep Neural Networks
# are Easily Fooled*](https://arxiv.org/abs/1412.1897) (2015), made images that mean nothing to
# people and of which a network is certain. Your function does it, too: it is given noise, and a
# model that says a class only when its score leads by six.

# %%
noise = torch.randn(6, *samples.images.shape[1:], generator=torch.Generator().manual_seed(0))
noise = (0.5 + 0.15 * noise).clamp(0, 1)
asked = samples.labels[:6].tolist()
sure = []
for start_noise, k in zip(noise, asked):
    sure.append(make_fooling_image(start_noise[None], k, Demanding(model, k, lead=6)))
sure = torch.cat(sure)
reports = [fooling_report(x[None], z[None], model) for x, z in zip(noise, sure)]
titles = [f"{model.class_names[r['class_after']]}\n{r['confidence_after']:.1%}" for r in reports]
show_grid({"noise": noise, "what it became": sure}, titles, title="Certain of what is not there")

# %% [markdown]
# ## Experiment B: does it fool the others, too? (12 points)
#
# `shapes_cnn`, `shapes_resnet` and `shapes_vgg` learnt the same classes, each with an architecture
# of its own. An attacker who does not have *your* model has, perhaps, one of the others.
#
# 1. Attack 100 images with FGSM at $\varepsilon = 16/255$, made on each of the three models in
#    turn, and shown to each. Make a table: the attack's success, made on (row) and shown to
#    (column). Count only images that all three get right before. **(4 points)**
# 2. Make fooling images of 24 images on each of the three, each towards another class. A second
#    table: the share in which the model of the column says the *target*. **(4 points)**
# 3. Explain, below. **(4 points)**
#
# <details><summary>Hint</summary>
#
# `show_table(shares, rows, columns, row_label=..., column_label=..., title=...)` takes a 3 x 3
# tensor. `petit_resnet` and `petit_vgg` with photographs of your own are another pair to try.
#
# </details>

# %% nbgrader={"grade": true, "grade_id": "experiment_transfer", "locked": false, "points": 8, "schema_version": 3, "solution": true, "task": false}
networks = {name: load_classifier(name) for name in ("shapes_cnn", "shapes_resnet", "shapes_vgg")}
hundred = sample_images("shapes", n=100, seed=4)
### BEGIN SOLUTION
# Rubric: 4 the FGSM table: images that all three get right, diagonal and six other cells
#         4 the table of fooling images: share of the target, not of any wrong class
with torch.no_grad():
    right = [n(hundred.images).argmax(dim=1) == hundred.labels for n in networks.values()]
known = hundred[torch.stack(right).all(dim=0)]
some = known[:24]
targets = (some.labels + 5) % len(some.class_names)
missed, says_target = torch.zeros(3, 3), torch.zeros(3, 3)
for i, maker in enumerate(tqdm(networks.values(), leave=False)):
    attacked = fgsm_attack(known.images, known.labels, maker, 16 / 255)
    pairs = zip(some, targets.tolist())
    fooling = torch.cat([make_fooling_image(x.images, t, maker) for x, t in pairs])
    with torch.no_grad():
        for j, judge in enumerate(networks.values()):
            missed[i, j] = (judge(attacked).argmax(dim=1) != known.labels).float().mean()
            says_target[i, j] = (judge(fooling).argmax(dim=1) == targets).float().mean()
labels = {"row_label": "made on", "column_label": "shown to"}
title = f"FGSM at 16/255: share of {len(known)} images that are missed"
display(show_table(missed, list(networks), list(networks), title=title, **labels))
title = f"Fooling images: share of {len(some)} that are taken for the target"
show_table(says_target, list(networks), list(networks), title=title, **labels)
### END SOLUTION

# %% [markdown] nbgrader={"grade": true, "grade_id": "answer_transfer", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# **Your explanation (4 points).** What do the tables say? Why should a change that was computed
# from one network's gradient do anything to another network at all, and why do the two kinds of
# attack differ? What follows for somebody who keeps a model's weights secret?
#
# <!-- ### BEGIN SOLUTION -->
# **Model answer.** On the diagonal the attacks succeed in four cases of five or more. Off it FGSM
# still makes the other networks miss a part of the images, far fewer than on the network it was
# made for: between a tenth and a third, where changes of this size by chance do in one in a
# hundred at most. (Only from the VGG-like to the residual network hardly anything passes.) The
# networks learnt from the same data and found similar directions to be useful: their gradients are
# correlated, though not equal, and a large step along the common part crosses the others' borders
# too. (At 6/255 hardly anything transfers, at 32/255 about half of it.) Which network an attack is
# made on matters: some pass on more than others. A fooling image stops at the very moment when
# *its own* network says the target; it lies just behind that network's border, which the other
# networks draw elsewhere, and reaching one particular class is more than leaving one. So it does
# not transfer. Secrecy of the weights is no protection: an attacker trains a substitute, makes
# larger steps on it, and tries.
#
# **Rubric.** 1: reads the tables rightly (diagonal high, part of FGSM transfers, targets hardly).
# 1: same data, similar features or correlated gradients. 1: the fooling image ends just behind one
# network's border, or: a target is harder than any error. 1: secret weights do not protect.
# <!-- ### END SOLUTION -->

# %% [markdown]
# ## 3 What does it mean?

# %% [markdown] nbgrader={"grade": true, "grade_id": "answer_what_they_tell", "locked": false, "points": 8, "schema_version": 3, "solution": true, "task": false}
# **Written question 1 (8 points).** What do fooling images tell about neural networks: about what
# they have learnt, about their confidence, about images that they were not trained on, and about
# the difference between their seeing and ours? Support each claim by something that you saw in
# this notebook.
#
# <!-- ### BEGIN SOLUTION -->
# **Model answer.** (1) High accuracy on test images does not mean that a network recognises
# objects as we do. It uses any pattern that predicts the class, among them faint ones that are
# spread over the whole image: the difference to a fooling image looks like noise to us and is no
# drawing of the target class, while the robust model's has its shapes. (2) The decision borders
# are near: in the direction of the gradient a step far shorter than the honest way from class to
# class crosses one, although random steps of the same size do nothing. Training tells the network
# about images, which are a tiny part of all pixel arrays; everywhere else its borders were never
# tested. (3) Confidence is no measure of knowledge: softmax has to share 100 % among the known
# classes, and far from the data the scores just go on growing, so that noise gets 99 %. (4) It is
# not an accident of one network's weights: the same change fools others trained on the same data,
# at least in part. (5) It can be reduced: adversarial training moves the borders away, at the
# price of longer training and, often, some accuracy. What fooling images do not show is that
# networks are useless on natural images, or that people could not be fooled by pictures made for
# *them*.
#
# **Rubric.** 2: other features than ours, faint and spread out. 2: borders are near in particular
# directions, in regions the training data did not cover (linearity or dimension also accepted). 2:
# confidence far from the data means nothing. 1: common to networks (transfer) or reducible by
# training. 1: at least two claims rest on results of this notebook.
# <!-- ### END SOLUTION -->

# %% [markdown] nbgrader={"grade": true, "grade_id": "answer_paper_review", "locked": false, "points": 8, "schema_version": 3, "solution": true, "task": false}
# **Written question 2 (8 points).** Read one of the three papers of this notebook (Szegedy et al.
# 2013, Goodfellow et al. 2015, Nguyen et al. 2015) and write a review of one page: its
# contributions, its strengths, its weaknesses, and your takeaway.
#
# <!-- ### BEGIN SOLUTION -->
# **Model answer** (Goodfellow et al.). *Contributions.* Explains adversarial examples by linearity
# in many dimensions rather than by extreme nonlinearity or overfitting; derives from it an attack
# that costs one gradient (FGSM); uses it for adversarial training, which also regularises; gives a
# reason for transfer between networks. *Strengths.* A simple hypothesis that predicts something
# new (one linear step suffices) and is tested; the linear case can be computed exactly; the method
# is so cheap that everybody can check it. *Weaknesses.* Small data sets and networks of their
# time; robustness is measured against the very attack that was trained on, and later, iterated
# attacks broke such models; a bound on the largest change of a pixel is a poor model of what
# people notice; linearity alone does not explain why networks with the same linear behaviour
# differ so much in robustness. *Takeaway.* A defence is worth as much as the strongest attack it
# was tried against, and a gradient through the input is a measuring instrument.
#
# **Rubric.** 2: contributions, in own words and correct. 2: strengths, with reference to a result
# of the paper. 2: weaknesses that are the paper's and not only of their field. 2: a takeaway that
# is more than a summary.
# <!-- ### END SOLUTION -->
