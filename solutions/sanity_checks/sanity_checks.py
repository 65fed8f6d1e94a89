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
# # Sanity checks: does a map depend on what the model has learnt?
#
# A saliency map that lies on the object looks right. But looking right to *us* is not the same as
# telling something about the *model*. A simple test can tell the two apart: destroy what the model
# has learnt, make the map again, and see whether it notices.
#
# After this notebook you can
#
# * put an attribution method to two tests, by randomised parameters and by randomised labels;
# * measure how alike two maps are, and say what your measure sees and what it misses;
# * say which methods look at the model, which mostly at the image, and why that may be;
# * review a paper: what it adds, what carries its claims, and what does not.
#
# The tests are those of Adebayo, Gilmer, Muelly, Goodfellow, Hardt and Kim, [*Sanity Checks for
# Saliency Maps*](https://arxiv.org/abs/1810.03292) (2018).
#
# | | what you do | points |
# |---|---|---|
# | Questions 1 to 3 | write three functions, checked automatically | 20 + 14 + 16 |
# | Experiments A to C | methods, labels, architectures: plots and words | 14 + 10 + 8 |
# | Reviews | of this paper; shorter ones of two others | 10 + 4 + 4 |
#
# Write your code where a cell says `NotImplementedError`. The line below it checks your function
# and says what works and what doesn't. The final grade comes from more such checks on other inputs.

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
import copy

import matplotlib.pyplot as plt
import numpy as np
import torch

from course_lib.networks import reset_parameters

# %%
from tqdm.auto import tqdm

from course_lib import load_classifier, model_card, sample_images, share_inside
from course_lib.attribution import METHODS, methods_for
from course_lib.baselines import BASELINES
from course_lib.intervals import estimate
from course_lib.image_sources import folder_images
from course_lib.plots import show_grid
from course_lib.visible_checks.sanity_checks import (
    check_cascade_similarity,
    check_randomize_layers,
    check_rank_correlation,
)

torch.manual_seed(0);  # what is drawn at random below comes out alike each time

# %% [markdown]
# ## The model, the images, the methods
#
# The first two can be switched in one line each. The methods come ready-made: each is a function
# `method(X, y, model)` that returns maps of shape (N, H, W).

# %%
model = load_classifier("shapes_cnn")  # or another bundled one, or "squeezenet1_1"

# %%
samples = sample_images("shapes", n=8, seed=3)  # or sample_images("photos"), for ImageNet models

# %%
methods = methods_for(model)  # all of METHODS; says so if one of them does not apply to this model

# %% [markdown]
# <details><summary>Other images, and methods of your own</summary>
#
# * ImageNet models go with `sample_images("photos")`, or with your own photographs:
#   `folder_images("my_photos", model)`.
# * `METHODS["mine"] = my_method` puts any function of `(X, y, model)` to all the tests below.
#
# </details>

# %% [markdown]
# ## A riddle first
#
# Four ways to explain the same eight images. Three of them ask the model. One has never seen it,
# and would draw the same maps for any model, trained or not. Which one? Decide before you go on.

# %%
def stretched(maps):
    """Each map to [0, 1] on its own; the brightest half percent of its pixels are clipped."""
    top = maps.flatten(1).quantile(0.995, dim=1).view(-1, 1, 1)
    return (maps / top.clamp_min(1e-30)).clamp(0, 1)


X, y = samples.images, samples.labels
names = ["gradient", "guided backprop", "Grad-CAM", "edge detector"]
names = [name for name in names if name in methods]
suspects = dict(zip("ABCD", np.random.default_rng(10).permutation(names)))
rows = {"image": X}
rows.update({letter: stretched(METHODS[name](X, y, model)) for letter, name in suspects.items()})
show_grid(rows, samples.names, title="Which of these has never seen the model?")

# %% [markdown]
# <details><summary>The answer</summary>
#
# B: an edge detector (a Sobel filter), which looks at the image only. A is Grad-CAM, C guided
# backpropagation, D the plain gradient. If you hesitated between B and C, you have met the problem
# of this notebook: a picture that is sharp and lies on the object proves nothing about the model.
#
# </details>

# %% [markdown]
# ## 1 Unlearn, from the output downwards
#
# Let $E(I, y, \theta)$ be the map of a model with parameters $\theta = (\theta_1, \ldots,
# \theta_L)$, layer by layer. Replace the last $k$ layers by new ones as they are *before* any
# training:
#
# $$ \theta^{(k)} = (\theta_1, \ldots, \theta_{L-k},\; \tilde\theta_{L-k+1}, \ldots, \tilde\theta_L). $$
#
# Already $\theta^{(1)}$ classifies no better than chance. A method that explains *this* model's
# answers has to give another map for it. One that gives the same map explains something else.
#
# What is a layer? Any module with parameters **of its own**: a convolution, a linear layer, a batch
# norm. A block that only holds other modules is none, nor is a ReLU. They stand in the order of
# `model.modules()`.

# %% [markdown]
# ### Question 1: `randomize_layers` (20 points)

# %% nbgrader={"grade": false, "grade_id": "randomize_layers", "locked": false, "schema_version": 3, "solution": true, "task": false}
def randomize_layers(model, n):
    """A copy of a model whose last n layers have forgotten what they learnt.

    model:  any nn.Module; it stays as it is
    n:      how many layers, counted from the output: 0 for none; all, if there are fewer than n.
            A layer is a module with parameters of its own (convolution, linear, batch norm), in
            the order of model.modules()
    return: a copy. In its last n layers every parameter, weights and biases alike, has a new value
            from an initialisation of your choice (the layer's own reset_parameters(), or one of
            torch.nn.init: random weights; constants for biases and batch norms are fine). The
            running statistics of those batch norms may stay or be reset. All else is as in model:
            other layers and buffers, eval or training mode, dtype and device
    """
    ### BEGIN SOLUTION
    copied = copy.deepcopy(model)
    layers = [m for m in copied.modules() if any(True for _ in m.parameters(recurse=False))]
    for layer in layers[max(0, len(layers) - n) :]:  # [-n:] would be all of them for n = 0
        reset_parameters(layer)
    return copied
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_randomize_layers", "locked": true, "points": 20, "schema_version": 3, "solution": false, "task": false}
check_randomize_layers(randomize_layers)

# %% [markdown]
# <details><summary>Hint: how do I find the layers?</summary>
#
# `module.parameters()` goes through all modules inside, `module.parameters(recurse=False)` stays
# with the module's own. And `model.modules()` goes down into every block.
#
# </details>
# <details><summary>Hint: a layer without `reset_parameters()`</summary>
#
# Transformers have some. The function of that name in `course_lib`, imported above, takes any layer.
#
# </details>
# <details><summary>Hint: none at all</summary>
#
# What is `[1, 2, 3][-0:]`? And what is `[1, 2, 3][3 - 4:]`?
#
# </details>

# %% [markdown]
# One image, all methods. From left to right more and more of the model is forgotten; each map has
# its own scale.

# %% tags=["expected-question-1"]
steps = {"trained": 0, "1 layer": 1, "2": 2, "4": 4, "6": 6, "8": 8, "10": 10, "all": 999}
chosen = samples[4 % len(samples)]
forgetful = [randomize_layers(model, n) for n in steps.values()]
rows = {
    name: stretched(torch.cat([method(chosen.images, chosen.labels, m) for m in forgetful]))
    for name, method in methods.items()
}
show_grid(rows, list(steps), title=f"{chosen.names[0]}: how many layers are randomised")

# %% [markdown]
# <details><summary>The picture to expect</summary>
#
# ![Maps of six methods while more and more layers are randomised](expected/question-1.jpg)
#
# </details>
#
# Which rows show a change from one column to the next? Our eyes are good at seeing the object and
# bad at comparing textures. A number is needed.

# %% [markdown]
# ## 2 How alike are two maps?
#
# Gradients have heavy tails: a few pixels are huge, most are tiny. A correlation of the *values*
# listens to the few. Replace each value by its **rank**, its place in the order of all pixels of
# its map, and every pixel has a say.

# %%
pair = model, randomize_layers(model, 1)
before, after = (METHODS["gradient"](X[:1], y[:1], m).flatten() for m in pair)
fig, (left, right) = plt.subplots(1, 2, figsize=(8.5, 2.9), dpi=80, layout="constrained")
left.hist(before / before.mean(), bins=80, color="#4c72b0")
left.set(yscale="log", xlabel="value / mean", ylabel="pixels", title="Values of one gradient map")
right.scatter(before / before.mean(), after / after.mean(), s=3, alpha=0.3, color="#dd8452")
right.set(xlabel="trained", ylabel="last layer randomised", title="The same pixels in two maps")
plt.show()

# %% [markdown]
# The correlation of the ranks is **Spearman's $\rho$**. With $r$ and $s$ the ranks of the pixels in
# the two maps,
#
# $$ \rho = \frac{\sum_p (r_p - \bar r)(s_p - \bar s)}
#            {\sqrt{\sum_p (r_p - \bar r)^2}\,\sqrt{\sum_p (s_p - \bar s)^2}} . $$
#
# Equal values (a ReLU leaves many zeros) share the mean of the places that they take together: the
# values 0, 7, 7, 9 have the ranks 1, 2.5, 2.5, 4. If all values of a map are equal, there is no
# order, and $\rho$ would be 0 / 0. Here it shall be 0: such a map goes with no other.

# %% [markdown]
# ### Question 2: `rank_correlation` (14 points)

# %% nbgrader={"grade": false, "grade_id": "rank_correlation", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rank_correlation(a, b):
    """Spearman's rank correlation of each map in a with the map in b at the same place.

    a, b:   maps (N, H, W), any real numbers, as they are: no absolute values are taken
    return: (N,), from -1 to 1; equal values share their mean rank;
            0 where one of the two maps (or both) is the same everywhere
    """
    ### BEGIN SOLUTION
    centred = []
    for maps in (a, b):
        values = maps.flatten(1).contiguous()  # (N, H * W)
        ordered = values.sort(dim=1).values
        below = torch.searchsorted(ordered, values)  # how many are smaller
        up_to = torch.searchsorted(ordered, values, right=True)  # smaller or equal
        ranks = (below + up_to + 1).double() / 2
        centred.append(ranks - ranks.mean(dim=1, keepdim=True))
    r, s = centred
    size = (r.square().sum(dim=1) * s.square().sum(dim=1)).sqrt()
    rho = (r * s).sum(dim=1) / torch.where(size > 0, size, 1.0)
    return rho.to(a.dtype)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_rank_correlation", "locked": true, "points": 14, "schema_version": 3, "solution": false, "task": false}
check_rank_correlation(rank_correlation)

# %% [markdown]
# <details><summary>Hint: ranks without ties</summary>
#
# Sorting tells which pixel comes first; you need the place that each pixel has. Sort what the
# sorting told you, once more.
#
# </details>
# <details><summary>Hint: ranks with ties</summary>
#
# Count, for each value, how many in its map are smaller, and how many are smaller or equal. Its
# rank is the middle of the places between. In a sorted list, `torch.searchsorted` finds both
# counts. (`scipy.stats.rankdata` and `numpy.unique` can help as well.)
#
# </details>

# %% [markdown]
# How alike are the methods to *each other*, on the same trained model? (And does SciPy agree?)

# %% tags=["expected-question-2"]
from scipy.stats import spearmanr

maps = {name: method(X, y, model) for name, method in methods.items()}
table = np.array([[rank_correlation(a, b).mean() for b in maps.values()] for a in maps.values()])
fig, ax = plt.subplots(figsize=(6.2, 4.2), dpi=80, layout="constrained")
picture = ax.imshow(table, vmin=-1, vmax=1, cmap="RdBu_r")
for i, row in enumerate(table.round(2) + 0.0):  # + 0.0: no "-0.00"
    for j, value in enumerate(row):
        colour = "white" if abs(value) > 0.75 else "black"
        ax.text(j, i, f"{value:.2f}", ha="center", va="center", fontsize=8, color=colour)
ax.set_xticks(range(len(maps)), maps, rotation=30, ha="right", fontsize=8)
ax.set_yticks(range(len(maps)), maps, fontsize=8)
ax.set_title("Mean rank correlation of the maps of two methods")
fig.colorbar(picture)
plt.show()

mine = rank_correlation(maps["gradient"], maps["Grad-CAM"])
pairs = zip(maps["gradient"], maps["Grad-CAM"])
theirs = torch.tensor([spearmanr(a.flatten(), b.flatten()).statistic for a, b in pairs])
print(f"largest difference to scipy.stats.spearmanr: {(mine - theirs).abs().max():.1e}")

# %% [markdown]
# <details><summary>The picture to expect</summary>
#
# ![A table of the rank correlations between six methods](expected/question-2.jpg)
#
# </details>
#
# Remember the edge detector's row: maps of different methods, and of a detector that asks no model,
# go together to some degree, because all of them have to do with the same image. Only the noise does
# not.

# %% [markdown]
# ## 3 The cascade as a curve
#
# Row $k$ says how much of the maps is left when $k$ layers have forgotten everything:
#
# $$ S_{ki} = \rho\bigl( E(I_i, y_i, \theta^{(k)}),\; E(I_i, y_i, \theta) \bigr), \qquad k = 0, 1, \ldots, L . $$

# %% [markdown]
# ### Question 3: `cascade_similarity` (16 points)

# %% nbgrader={"grade": false, "grade_id": "cascade_similarity", "locked": false, "schema_version": 3, "solution": true, "task": false}
def cascade_similarity(method, X, y, model):
    """How much of a method's maps is left while a model is randomised, from the output downwards.

    method: method(X, y, model) -> maps (N, H, W); it may need gradients
    X, y:   images (N, 3, H, W) and classes (N,)
    model:  images in, scores (N, C) out; it stays as it is
    return: (L + 1, N) for a model of L layers, as randomize_layers counts them. Row k: the rank
            correlation of the maps of a model whose last k layers are randomised with those of
            the original. Row 0 is the original against itself.
            Each row may have newly drawn layers, or keep those of the row before and add one.
    """
    ### BEGIN SOLUTION
    layers = [m for m in model.modules() if any(True for _ in m.parameters(recurse=False))]
    original = method(X, y, model)
    rows = [
        rank_correlation(method(X, y, randomize_layers(model, k)), original)
        for k in range(len(layers) + 1)
    ]
    return torch.stack(rows)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_cascade_similarity", "locked": true, "points": 16, "schema_version": 3, "solution": false, "task": false}
check_cascade_similarity(cascade_similarity)

# %% [markdown]
# <details><summary>Hint</summary>
#
# Make the original's maps once, before anything is randomised. Each row has N numbers;
# `torch.stack` puts rows on top of each other.
#
# </details>

# %% tags=["expected-question-3"]
similarity = cascade_similarity(METHODS["gradient"], X, y, model)
fig, ax = plt.subplots(figsize=(7.5, 3.2), dpi=80, layout="constrained")
ax.plot(similarity, color="#4c72b0", alpha=0.35, linewidth=1)
ax.plot(similarity.mean(dim=1), "o-", color="#4c72b0", label="mean")
ax.set(xlabel="randomised layers, counted from the output", ylabel="rank correlation")
ax.set(ylim=(-0.1, 1.05), title=f"Gradient: one thin line an image ({len(similarity) - 1} layers)")
ax.grid(alpha=0.3)
ax.legend()
plt.show()

# %% [markdown]
# <details><summary>The picture to expect</summary>
#
# ![Curves that fall from one while layers are randomised](expected/question-3.jpg)
#
# </details>
#
# ### Another ruler: SSIM
#
# The structural similarity index ([Wang et al., 2004](https://doi.org/10.1109/TIP.2003.819861))
# compares means, contrasts and correlations in small windows: closer to how a picture looks, blind
# to what is far apart. Here it is beside yours, for models that have forgotten one layer and all.

# %%
from skimage.metrics import structural_similarity


def ssim(a, b):
    """Structural similarity of pairs of maps (N, H, W) in [0, 1], (N,)."""
    pairs = zip(a.double().numpy(), b.double().numpy())
    return torch.tensor([structural_similarity(*pair, data_range=1.0) for pair in pairs])


fig, axes = plt.subplots(1, 2, figsize=(9.5, 3), dpi=80, sharey=True, layout="constrained")
for ax, n, title in zip(axes, (1, 999), ("one layer randomised", "all layers randomised")):
    forgot = randomize_layers(model, n)
    after = {name: method(X, y, forgot) for name, method in methods.items()}
    rho = [rank_correlation(after[name], maps[name]).mean() for name in maps]
    like = [ssim(stretched(after[name]), stretched(maps[name])).mean() for name in maps]
    places = np.arange(len(maps))
    ax.bar(places - 0.2, rho, 0.4, label="rank correlation", color="#4c72b0")
    ax.bar(places + 0.2, like, 0.4, label="SSIM", color="#dd8452")
    ax.set_xticks(places, maps, rotation=30, ha="right", fontsize=8)
    ax.set_title(f"Similarity to the original's maps, {title}", fontsize=9)
    ax.grid(alpha=0.3, axis="y")
axes[0].legend(fontsize=8)
plt.show()

# %% [markdown]
# The two rulers agree on what has not changed at all. How much is left of the rest they put into quite
# different numbers, for Grad-CAM perhaps even of another sign. "The maps are 60 % alike" means nothing
# without saying by which ruler, and against what.

# %% [markdown]
# ## Experiment A: which methods notice? (14 points)
#
# 1. Plot the mean of `cascade_similarity` against the number of randomised layers, for all methods
#    in `METHODS`, with twelve images or more. **(5 points)**
# 2. Show how much the images differ: a band, error bars or thin lines. **(2 points)**
# 3. What would *no relation* look like? For each method add the similarity between the maps of two
#    models that never learnt anything: both fully randomised, independently. **(3 points)**
# 4. Explain what you see, below. **(4 points)**
#
# <details><summary>Hint</summary>
#
# It takes a while: `for name, method in tqdm(METHODS.items(), leave=False)` shows how far it is.
# For part 3, `randomize_layers(model, 999)` gives another model each time.
#
# </details>

# %% nbgrader={"grade": true, "grade_id": "experiment_methods", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# The curves of all methods, with their spread, and what to compare them with.
### BEGIN SOLUTION
# Rubric: 5 curves of all methods over the same images, axes and methods named
#         2 the spread over images
#         3 two independent randomised models compared with each other, for each method
many = sample_images("shapes", n=16, seed=11)
network = load_classifier("shapes_cnn")
blank, other_blank = randomize_layers(network, 999), randomize_layers(network, 999)
fig, ax = plt.subplots(figsize=(9.5, 4.2), dpi=80, layout="constrained")
for i, (name, method) in enumerate(tqdm(METHODS.items(), leave=False)):
    curves = cascade_similarity(method, many.images, many.labels, network)
    mean, spread = curves.mean(dim=1), curves.std(dim=1)
    nothing = rank_correlation(
        method(many.images, many.labels, blank), method(many.images, many.labels, other_blank)
    ).mean()
    steps_down = range(len(curves))
    ax.plot(steps_down, mean, "o-", color=f"C{i}", markersize=4, label=name)
    ax.fill_between(steps_down, mean - spread, mean + spread, color=f"C{i}", alpha=0.12)
    ax.plot(len(curves) + 0.3, nothing, "<", color=f"C{i}", markersize=8)
ax.plot([], [], "<", color="grey", label="two models that\nlearnt nothing")
ax.set(xlabel="randomised layers, counted from the output", ylabel="rank correlation")
ax.set(title="What is left of the maps (mean over 16 images, band: standard deviation)")
ax.grid(alpha=0.3)
fig.legend(loc="outside right center", fontsize=8)
plt.show()
### END SOLUTION

# %% [markdown] nbgrader={"grade": true, "grade_id": "answer_methods", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# **Your explanation (4 points).** Which methods pass the test, and which don't? Guided
# backpropagation hardly changes until most layers are random: what in its rule may be the reason?
# And why does the gradient of a model that has forgotten everything not fall to zero?
#
# <!-- ### BEGIN SOLUTION -->
# **Model answer.** Grad-CAM loses most of its similarity with the last layer, whose weights decide
# which feature maps it adds up, and the gradient falls at once and then steadily: both depend on
# what the upper layers learnt. Guided backpropagation stays above 0.8 for more than half of the
# layers: it answers almost the same whatever those layers are, so it does not explain the class
# score; at the top it behaves like the edge detector, which by construction stays at 1. Its rule
# keeps only positive gradients at every ReLU; a sum over many paths of positive terms does not
# depend much on the weights, and what remains is a product of the ReLU patterns near the input,
# that is, of edges. The image itself goes through all these maps. Even the gradients of two models
# that learnt nothing agree far better than chance (0.3, guided backpropagation 0.4 to 0.5, Grad-CAM
# hardly): convolutions with any weights respond to edges and contrasts, and their strides leave the
# same grid in every gradient. That level, not 0, is what "nothing is left" looks like.
#
# **Rubric.** 1: gradient and Grad-CAM react, guided backpropagation hardly, the edge detector
# never. 1: the sign rule at the ReLUs makes the upper layers' weights nearly irrelevant. 1: the
# image (and the architecture) alone make maps similar. 1: uses the comparison of two untrained
# models as the level to compare with.
# <!-- ### END SOLUTION -->

# %% [markdown]
# ## Experiment B: labels without meaning (10 points)
#
# The second test randomises the *data*. `shapes_random_labels` has the architecture of
# `shapes_cnn`, but the labels of its training images were shuffled before it learnt them. It could
# only learn them by heart:

# %%
card = model_card("shapes_random_labels")
print(f"on its own training images: {card['training_accuracy']:.0%} right")
print(f"on new images:              {card['accuracy']:.0%} right, by chance it would be {1 / 12:.0%}")

# %% [markdown]
# A method that shows *why* a model says what it says must show different reasons for the two.
#
# 1. Show the maps of both models for eight images, by three methods or more. **(2 points)**
# 2. For each method: the mean rank correlation between the two models' maps over 24 images or more.
#    Beside it, for comparison, that between `shapes_cnn` and `shapes_vgg`: another architecture,
#    but trained on true labels. **(3 points)**
# 3. For the three models, the share of each method's maps that lies on the object, on average, with
#    its 95 % confidence interval: `estimate(share_inside(maps, masks))`. Take 60 images or more of
#    `sample_images("scattered", ...)`, whose objects lie anywhere, and add the `BASELINES`, which know
#    nothing of the classes. **(1 point)**
# 4. Explain, below. **(4 points)**

# %% nbgrader={"grade": true, "grade_id": "experiment_random_labels", "locked": false, "points": 6, "schema_version": 3, "solution": true, "task": false}
true_labels = load_classifier("shapes_cnn")
random_labels = load_classifier("shapes_random_labels")
another = load_classifier("shapes_vgg")
### BEGIN SOLUTION
# Rubric: 2 maps of both models side by side, named, each on its own scale
#         3 both correlations for each method, over 24 images or more
#         1 the shares on the object, also of the baselines
few = sample_images("shapes", n=8, seed=3)
rows = {"image": few.images}
for name in ("gradient", "guided backprop", "Grad-CAM"):
    for kind, network in (("true labels", true_labels), ("random labels", random_labels)):
        rows[f"{name}\n{kind}"] = stretched(METHODS[name](few.images, few.labels, network))
display(show_grid(rows, few.names, title="The same architecture, true and random labels"))

many = sample_images("shapes", n=32, seed=12)
three = {"true labels": true_labels, "random labels": random_labels, "other network": another}
print("rank correlation with the maps of the network with true labels:")
print(f"{'':18}{'random labels':>15}{'other network':>15}")
for name, method in METHODS.items():
    of_each = [method(many.images, many.labels, network) for network in three.values()]
    alike = [rank_correlation(of_each[0], maps).mean() for maps in of_each[1:]]
    print(f"{name:18}{alike[0]:15.2f}{alike[1]:15.2f}")

far = sample_images("scattered", n=60, seed=12)
print(f"\nshare on the object, which covers {far.masks.float().mean():.0%} of the pixels:")
print(f"{'':18}" + "".join(f"{name:>20}" for name in three))
for name, method in {**METHODS, **BASELINES}.items():
    shares = [
        estimate(share_inside(method(far.images, far.labels, network), far.masks))
        for network in three.values()
    ]
    print(f"{name:18}" + "".join(f"{share!s:>20}" for share in shares))
### END SOLUTION

# %% [markdown] nbgrader={"grade": true, "grade_id": "answer_random_labels", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# **Your explanation (4 points).** Which methods tell the two models apart? Why is the comparison
# with a network that was trained on *true* labels needed? And what can a map of the model with
# random labels be right about, when it points at the object?
#
# <!-- ### BEGIN SOLUTION -->
# **Model answer.** Grad-CAM tells them apart plainly: its maps of the two models have little in
# common, while those of two networks with true labels agree well. For the gradient and for guided
# backpropagation the correlation with the random-label model is lower than with the other sensible
# network, but not by much, so most of what these maps show they would also show for a model
# without any knowledge of classes. Without the comparison a value of 0.5 can't be read: two good
# networks need not have equal gradients either, and the difference between the two numbers is what
# counts. Pointing at the object need not be wrong: to know images by heart a model has to use
# something in them, and the object is where the images differ. It says that the scores depend on
# these pixels, not that the model knows what they show. The baselines say how little it takes: the
# gradient of the model with random labels puts 13 % (11 to 15 %) on objects that cover 7 %, more than
# an untrained network's (8 %), but less than an edge detector (18 %; 16 to 20 %), and the gradient of
# the model with true labels (21 %; 19 to 23 %) hardly more than that. With true labels guided
# backpropagation (38 %), Grad-CAM (32 %) and gradient times input (26 %) are clearly ahead of the edge
# detector; the pixel in the middle (32 %; 20 to 44 %) is too uncertain on 60 images to be told from
# them.
#
# **Rubric.** 1: Grad-CAM separates clearly, gradient and guided backpropagation little. 1: the
# comparison gives the level that two sensible models reach. 1: much of what maps share
# comes from the image. 1: memorising also uses the object's pixels; a map can be faithful to a
# model that learnt nothing general.
# <!-- ### END SOLUTION -->

# %% [markdown]
# ## Experiment C: is it the architecture? (8 points)
#
# 1. Repeat the plot of experiment A for `shapes_cnn`, `shapes_resnet` and `shapes_vgg`, with at
#    least three methods, side by side. The networks have different numbers of layers: use the
#    *share* of randomised layers as the axis. **(3 points)**
# 2. Add one picture of your choice that shows a difference, or its absence. **(2 points)**
# 3. Explain, below. **(3 points)**

# %% nbgrader={"grade": true, "grade_id": "experiment_architectures", "locked": false, "points": 5, "schema_version": 3, "solution": true, "task": false}
architectures = ["shapes_cnn", "shapes_resnet", "shapes_vgg"]
### BEGIN SOLUTION
# Rubric: 3 curves against the share of layers, same images and methods for all networks
#         2 a picture that fits what is said about it
many = sample_images("shapes", n=12, seed=13)
chosen_methods = ["gradient", "guided backprop", "Grad-CAM", "edge detector"]
fig, axes = plt.subplots(1, 3, figsize=(11, 3.2), dpi=80, sharey=True, layout="constrained")
rows = {}
for ax, architecture in zip(axes, tqdm(architectures, leave=False)):
    network = load_classifier(architecture)
    for i, name in enumerate(METHODS):
        if name in chosen_methods:
            curve = cascade_similarity(METHODS[name], many.images, many.labels, network).mean(dim=1)
            share = np.linspace(0, 1, len(curve))
            ax.plot(share, curve, "o-", color=f"C{i}", markersize=3, label=name)
    ax.set(title=f"{architecture} ({len(curve) - 1} layers)", xlabel="share of randomised layers")
    ax.grid(alpha=0.3)
    half = randomize_layers(network, (len(curve) - 1) // 2)
    for kind, m in (("trained", network), ("half random", half)):
        maps_of = METHODS["guided backprop"](many.images[:8], many.labels[:8], m)
        rows[f"{architecture}\n{kind}"] = stretched(maps_of)
axes[0].set_ylabel("rank correlation")
fig.legend(*ax.get_legend_handles_labels(), loc="outside right center", fontsize=8)
plt.show()
show_grid(
    {"image": many.images[:8], **rows},
    many.names[:8],
    title="Guided backpropagation before and after half of the layers were randomised",
)
### END SOLUTION

# %% [markdown] nbgrader={"grade": true, "grade_id": "answer_architectures", "locked": false, "points": 3, "schema_version": 3, "solution": true, "task": false}
# **Your explanation (3 points).** What holds for all architectures, and what differs? Look at the
# right end of the gradient's curves: what can two networks have in common that share no weight,
# only their architecture?
#
# <!-- ### BEGIN SOLUTION -->
# **Model answer.** The order of the methods is the same: Grad-CAM reacts first, then the gradient,
# guided backpropagation late. So it is a property of the methods, not of one network. What differs
# is where the curves end. When nothing learnt is left, the gradient's maps of the residual network
# correlate with the original's by less than 0.2, those of the plain and the VGG-like network by
# about 0.3. Weights can't be the reason, so the architecture must be: strided
# convolutions give some pixels more paths to the score than others and leave the same grid in
# every map, and max pooling sends the gradient to the strongest responses, which lie on edges and
# contrasts for random filters too. The residual network here pools by averaging, which treats the
# pixels of a window alike.
#
# **Rubric.** 1: the order of the methods is common. 1: names a difference that the plot shows,
# such as the level at the end. 1: strides, pooling or the paths on skip connections shape a map
# whatever the weights are (any one of them, with a reason).
# <!-- ### END SOLUTION -->

# %% [markdown]
# ## Reviews
#
# A review is read by somebody who has not read the paper. Write in your own words, and tell what
# the authors show from what they suggest.

# %% [markdown] nbgrader={"grade": true, "grade_id": "review_sanity_checks", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# **Review 1: *Sanity Checks for Saliency Maps* (10 points).** Half a page to a page: its
# contributions, its strengths, its weaknesses, and your own takeaway. Use what you measured above
# where it supports or contradicts the paper.
#
# <!-- ### BEGIN SOLUTION -->
# **Model answer.** *Contributions.* Two tests that any attribution method can be put to: randomise
# the parameters (from the output down, or one layer at a time), and train on shuffled labels. A
# comparison of the common methods by rank correlation, SSIM and HOG similarity on several data sets
# and networks. The finding that gradients and Grad-CAM react while guided backpropagation and
# guided Grad-CAM hardly do (experiment A agrees on the first three; guided Grad-CAM was not tried
# here); that products with the input keep the look of the input (by rank correlation they react
# here, at least as much as the gradient); and an analogy with edge detectors that explains why such
# maps convince people all the same.
#
# *Strengths.* The question is put so that a method can fail, instead of by pictures that please.
# The tests are cheap, need no ground truth and no retraining (the first one). Several measures,
# data sets and architectures; simple models for which the behaviour can be derived.
#
# *Weaknesses.* Passing is necessary, not sufficient: noise passes both tests, as `METHODS["noise"]`
# does here. There is no threshold and no statement of what two unrelated maps would score; in
# experiment A that level was well above 0 for the gradient and for guided backpropagation. Results
# depend on the measure (rank correlation and SSIM gave different numbers here) and, as the paper
# itself says, on preprocessing (absolute values; not tried here). A similar picture may be right if
# the randomised network still computes something similar: random convolutions probably pass edges
# on, so part of the invariance may belong to the network; the agreement of two models that learnt
# nothing points to it, but proves nothing. From the output down is the order in which the lower,
# trained layers stay the longest. Only gradient-based methods and image classifiers are tested.
#
# *Takeaway.* Before I interpret a map I compare it with that of a randomised model and of an edge
# detector. A map that fails tells little about the model; one that passes has only earned a closer
# look.
#
# **Rubric.** 3: contributions (both tests, what was compared, the main result: 1 each). 2: two
# strengths with a reason. 3: three weaknesses or limits, at least one of which goes beyond the
# paper's own discussion. 1: a takeaway for one's own work. 1: refers to own measurements.
# <!-- ### END SOLUTION -->

# %% [markdown] nbgrader={"grade": true, "grade_id": "review_fooling_images", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# **Review 2: a paper on fooling images (4 points).** Goodfellow, Shlens and Szegedy, [*Explaining
# and Harnessing Adversarial Examples*](https://arxiv.org/abs/1412.6572) (2015), or another one of
# your choice on the subject. A paragraph: what it adds, a strength, a weakness, your takeaway.
#
# <!-- ### BEGIN SOLUTION -->
# **Model answer.** *Adds:* an explanation of adversarial examples by the *linearity* of networks
# in high dimension (many tiny changes, all in the direction of the gradient's sign, add up), the
# fast gradient sign method that follows from it, and adversarial training with it. *Strength:* a
# simple hypothesis that predicts what is seen (transfer between models, a one-step attack that
# works) and gives a cheap tool. *Weakness:* one step is a weak attack; networks trained against it
# fall to attacks with several steps, so the claims on robustness did not last, and linearity alone
# does not say why models agree on wrong classes. *Takeaway:* high accuracy on natural images says
# little about the neighbourhood of these images, and a defence is as good as the strongest attack
# it was tried on.
#
# **Rubric.** 1: what is new in the paper. 1: a strength with a reason. 1: a weakness with a reason.
# 1: a takeaway of one's own.
# <!-- ### END SOLUTION -->

# %% [markdown] nbgrader={"grade": true, "grade_id": "review_style_transfer", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# **Review 3: a paper on style transfer (4 points).** Gatys, Ecker and Bethge, [*Image Style
# Transfer Using Convolutional Neural Networks*](https://doi.org/10.1109/CVPR.2016.265) (2016), or
# another one of your choice on the subject. A paragraph: what it adds, a strength, a weakness,
# your takeaway.
#
# <!-- ### BEGIN SOLUTION -->
# **Model answer.** *Adds:* content and style of an image as two different statistics of the same
# classifier's features (the features themselves, and their Gram matrices), and an image that
# matches both, found by gradient descent on the pixels. *Strength:* nothing is trained for the
# task; one pretrained network, two losses with few weights, results that convinced at first sight
# and can be steered by layers and weights. *Weakness:* minutes of optimisation for each image,
# weights tuned by eye, no measure of success but looks; that Gram matrices *are* style is a
# definition, and they lose the arrangement of the parts. *Takeaway:* a classifier's features know
# more than classes, and any statistic of them can be asked for by gradient descent; but a pleasing
# picture is no evidence for an explanation.
#
# **Rubric.** 1: what is new in the paper. 1: a strength with a reason. 1: a weakness with a reason.
# 1: a takeaway of one's own.
# <!-- ### END SOLUTION -->

# %% [markdown]
# ## What a sanity check does not tell
#
# * **Noise passes.** A method that draws random numbers changes with every parameter, and with
#   none. Depending on the model is necessary, not sufficient.
# * **Similar maps can be right.** If a randomised network still does something similar, its honest
#   explanation is similar. Compare with the level that untrained networks reach.
# * **The ruler decides.** Rank correlation, SSIM and our eyes weigh different things; absolute
#   values and scaling come before all of them.
# * **Testing is not explaining.** You know now which maps *react* to what was learnt. What they say
#   about it is another question.
