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
# # Saliency: which pixels does a classifier's answer depend on?
#
# A classifier turns twelve thousand numbers, the pixels of a small picture, into twelve: a score
# for each class. Ask of every pixel: *if I changed it a little, how much would the score change?*
# Twelve thousand questions, and one backward pass answers them all. Drawn as a picture, the
# answers are a **saliency map**.
#
# After this notebook you can
#
# * compute the saliency map of any differentiable classifier, for a batch, for any of its layers,
#   and for any question about its scores;
# * say what a map depends on besides the image: the label you ask about, the model and how it was
#   trained, the scale of the input;
# * look for an object with a model that was never told where objects are, and test whether it was the
#   map that found it;
# * say what a saliency map does *not* tell.
#
# | | what you do | points |
# |---|---|---|
# | Questions 1 to 4 | write four functions, checked automatically | 14 + 6 + 10 + 10 |
# | Experiments A to D | ten examples, input scale, robust training, labels, each with words | 10 + 20 + 20 + 10 |
#
# Write your code where a cell says `NotImplementedError`, with torch alone: a library that has the
# maps ready comes in for comparison only. The line below checks your function on tiny networks,
# against slopes measured without any calculus; it prints what works and says what doesn't. The
# final grade comes from more such checks on other inputs.

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
import matplotlib.pyplot as plt
import numpy as np
import torch

# %%
from course_lib import list_classifiers, load_classifier, sample_images
from course_lib import ClassScore, CrossEntropy, Entropy, Margin
from course_lib.image_sources import dataset_images, folder_images
from course_lib.baselines import BASELINES
from course_lib.intervals import estimate, print_scores
from course_lib.localize import graph_cut, iou, share_inside
from course_lib.plots import show_grid, show_images, show_maps, show_outlines
from course_lib.plots import show_overlays, show_panels
from course_lib.visible_checks.saliency import (
    check_compute_layer_saliency,
    check_compute_loss_saliency,
    check_compute_saliency_maps,
    check_normalize_maps,
)

# %% [markdown]
# ## The model and the images
#
# Each can be switched in one line, and everything below follows. A classifier takes pixels in [0,
# 1], normalises them inside itself, and returns unnormalised scores: one row an image, one column
# a class.

# %%
model = load_classifier("shapes_cnn")  # or another bundled one, or "squeezenet1_1"
print("bundled:", ", ".join(list_classifiers()))

# %%
samples = sample_images("shapes", n=10)  # or folder_images("my_photos", model), ...

# %% [markdown]
# <details><summary>Other images and models</summary>
#
# * Bundled models: `list_classifiers()` names them; no download needed.
# * ImageNet models: any name in `torchvision.models.list_models()`, for example `"squeezenet1_1"`
#   or `"resnet18"`. The weights are fetched once.
# * Your own photographs: `folder_images("my_photos", model)`. A file called `king_penguin.jpg` is
#   asked about as a king penguin, if the model knows that class; any other file is asked about as
#   whatever the model takes it for, and its title says *(guess)*. Experiments on right and wrong
#   labels leave guesses out.
# * A data set: `dataset_images("digits", model)` needs no download, `dataset_images("CIFAR10",
#   model)` and all others of torchvision are downloaded once.
# * A model of your own: `python -m course_lib.train my_digits --data digits` on the command line,
#   here `load_classifier("my_digits")`.
# * Images have the size that the model was trained on. `transform=...` prepares them differently,
#   for a network that does not normalise inside itself, for example.
#
# </details>

# %%
with torch.no_grad():
    predicted = model(samples.images).argmax(dim=1)
show_images(
    samples.images,
    [f"{true}\n(said: {model.class_names[k]})" for true, k in zip(samples.names, predicted)],
    title="The images, their classes, and what the model says",
)

# %% [markdown]
# ## 1 One number for each pixel
#
# Let $s_y(I)$ be the score that the model gives to class $y$ for the image $I$. Near an image
# $I_0$ the model is almost linear,
#
# $$ s_y(I) \;\approx\; s_y(I_0) + \langle w,\; I - I_0\rangle, \qquad w = \left.\frac{\partial s_y}{\partial I}\right|_{I_0}, $$
#
# and in a linear model the weights say how strongly the score reacts to each pixel: with a weight
# of zero a change of the pixel does nothing, with a large one, of either sign, it does much. (How
# much the pixel *contributes* to the score is another question: there its brightness counts as
# well.) A pixel has three channels and gets the largest of its three weights, in absolute value:
#
# $$ M_{ij} \;=\; \max_{c}\, \bigl|\, w_{cij} \,\bigr| . $$
#
# This is the image-specific class saliency map of Simonyan, Vedaldi and Zisserman, [*Deep Inside
# Convolutional Networks*](https://arxiv.org/abs/1312.6034) (2013).
#
# Before any calculus, the hard way: make one small patch of the image brighter, run the model, and
# note by how much the score moves. Then the next patch.

# %%
def scores_after_nudging(image, patch, by, model, y):
    """The scores of class y when one patch of the image is brighter: one score a patch."""
    _, _, height, width = image.shape
    rows, columns = height // patch, width // patch
    nudged = image.repeat(rows * columns, 1, 1, 1)
    for k in range(rows * columns):
        top, left = patch * (k // columns), patch * (k % columns)
        nudged[k, :, top : top + patch, left : left + patch] += by
    with torch.no_grad():
        scores = torch.cat([model(part)[:, y] for part in nudged.split(64)])
    return scores.view(rows, columns)


chosen = samples[5 % len(samples)]
label, patch = chosen.labels[0], chosen.images.shape[-1] // 16
with torch.no_grad():
    before = model(chosen.images)[0, label]
change = scores_after_nudging(chosen.images, patch, 0.05, model, label) - before
show_panels(
    {
        chosen.names[0]: chosen.images[0],
        "the score moves": change.abs(),
        "it rises": change.clamp(min=0),
        "it falls": (-change).clamp(min=0),
    },
    title=f"{change.numel()} patches of {patch} x {patch} pixels, each made a little brighter",
)

# %% [markdown]
# ### Question 1: `compute_saliency_maps` (14 points)
#
# Now for every pixel of every image of a batch, with one forward and one backward pass.

# %% nbgrader={"grade": false, "grade_id": "compute_saliency_maps", "locked": false, "schema_version": 3, "solution": true, "task": false}
def compute_saliency_maps(X, y, model):
    """Saliency maps: how strongly each pixel moves the score of a class.

    X:      images (N, 3, H, W), pixels in [0, 1]
    y:      classes (N,), long: y[i] is the class that image i is asked about
    model:  images in, unnormalised scores (N, C) out
    return: maps (N, H, W), the largest |d score / d pixel| over the three channels
    """
    ### BEGIN SOLUTION
    X = X.detach().clone().requires_grad_()
    scores = model(X).gather(1, y.view(-1, 1))  # (N, 1): of each image, its own class
    (gradient,) = torch.autograd.grad(scores.sum(), X)
    return gradient.abs().amax(dim=1)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_compute_saliency_maps", "locked": true, "points": 14, "schema_version": 3, "solution": false, "task": false}
check_compute_saliency_maps(compute_saliency_maps)

# %% [markdown]
# <details><summary>Hint: which number does autograd start from?</summary>
#
# From a single one. You have N scores, one for each image. What becomes of the gradients if you
# add them up? (You will be asked below.)
#
# </details>
# <details><summary>Hint: how do I pick a different column in each row?</summary>
#
# `scores.gather(1, index)` takes an `index` of shape (N, 1); or index with two lists,
# `scores[rows, columns]`.
#
# </details>
# <details><summary>Hint: the gradient is None</summary>
#
# Autograd follows what has `requires_grad`. The model's parameters are frozen; the pixels are what
# you want the gradient for.
#
# </details>

# %% [markdown]
# ### The maps as they come
#
# All maps in a row share one scale, which the bar on the right shows. The arrow at its end stands
# for the few pixels that are brighter still.

# %% tags=["expected-question-1"]
maps = compute_saliency_maps(samples.images, samples.labels, model)
show_maps(samples.images, maps, samples.names, title="Saliency maps: score per brightness")

# %% [markdown]
# <details><summary>The picture to expect</summary>
#
# ![Ten images with their saliency maps](expected/question-1.jpg)
#
# </details>
#
# Some maps are bright and some dim: the score of one image moves more easily than that of another.
# That is worth knowing, but it hides *where* in each image the model looks.

# %% [markdown]
# ### Question 2: `normalize_maps` (6 points)
#
# Stretch each map to its own full scale. A map without any contrast has nothing to stretch: it
# becomes zeros.

# %% nbgrader={"grade": false, "grade_id": "normalize_maps", "locked": false, "schema_version": 3, "solution": true, "task": false}
def normalize_maps(maps):
    """Stretch each map on its own to [0, 1], so that it can be shown as a picture.

    maps:   (N, H, W), any real numbers
    return: (N, H, W): the smallest value of each map becomes 0, its largest 1;
            a map that is the same everywhere becomes zeros
    """
    ### BEGIN SOLUTION
    lowest = maps.amin(dim=(1, 2), keepdim=True)  # (N, 1, 1)
    span = maps.amax(dim=(1, 2), keepdim=True) - lowest
    return (maps - lowest) / torch.where(span > 0, span, 1.0)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_normalize_maps", "locked": true, "points": 6, "schema_version": 3, "solution": false, "task": false}
check_normalize_maps(normalize_maps)

# %% [markdown]
# <details><summary>Hint</summary>
#
# `maps.amin(dim=(1, 2), keepdim=True)` has the shape (N, 1, 1), so that it can be subtracted from
# all pixels of its map. For the constant map: 0 / 0 is NaN, 0 / 1 is not.
#
# </details>

# %% tags=["expected-question-2"]
maps = normalize_maps(compute_saliency_maps(samples.images, samples.labels, model))
display(show_maps(samples.images, maps, samples.names, title="Each map on its own scale"))
show_overlays(samples.images, maps, samples.names)

# %% [markdown]
# <details><summary>The picture to expect</summary>
#
# ![The same maps, each on its own scale, and laid over the images](expected/question-2.jpg)
#
# </details>
#
# Each map runs from 0 to 1 now. The bar ends earlier, as it did above: only half a percent of the
# pixels in the row are brighter than its end.
#
# ### Does somebody else get the same?
#
# [Captum](https://captum.ai) is a library of attribution methods. Its `Saliency` keeps the three
# channels apart.

# %%
from captum.attr import Saliency

theirs = Saliency(model).attribute(
    samples.images.clone().requires_grad_(), target=samples.labels
).amax(dim=1)
mine = compute_saliency_maps(samples.images, samples.labels, model)
difference = (mine - theirs).abs().max()
print(f"largest difference: {difference:.1e}, where the maps reach {mine.max():.3g}")
some = slice(0, 6)
show_grid(
    {"image": samples.images[some], "mine": mine[some], "captum's Saliency": theirs[some]},
    samples[some].names,
)

# %% [markdown]
# ## Experiment A: ten examples (10 points)
#
# A method is understood on examples, also on those where it looks odd. Choose ten images of your
# own (other seeds, other classes, your photographs, ...) that you find instructive and show each
# with its map and the overlay. The titles name the true class, the predicted class and its
# probability. **(6 points)**
#
# The other four points are those of written question 1.
#
# <details><summary>Hint</summary>
#
# `sample_images("shapes", n=200, seed=...)` draws as many as you like; `tried[[3, 17, 60]]` picks
# some of them. The odd ones are often among those that the model gets wrong, or hardly right.
#
# </details>

# %% nbgrader={"grade": true, "grade_id": "experiment_ten_examples", "locked": false, "points": 6, "schema_version": 3, "solution": true, "task": false}
# Ten images with their maps and overlays.
### BEGIN SOLUTION
# Rubric: 2 ten different images, at least five classes
#         2 maps of the right class, normalised, with overlay
#         1 titles with true class, predicted class and probability
#         1 at least one example is odd or misclassified
tried = sample_images("shapes", n=240, seed=7)
shapes_model = load_classifier("shapes_cnn")
with torch.no_grad():
    probabilities = shapes_model(tried.images).softmax(dim=1)
confidence, said = probabilities.max(dim=1)
wrong = (said != tried.labels).nonzero().flatten()[:3].tolist()
examples = tried[list(range(10 - len(wrong))) + wrong]
with torch.no_grad():
    confidence, said = shapes_model(examples.images).softmax(dim=1).max(dim=1)
titles = [
    f"{true}\nsaid: {examples.class_names[k]}\n{p:.0%}"
    for true, k, p in zip(examples.names, said, confidence)
]
maps = normalize_maps(compute_saliency_maps(examples.images, examples.labels, shapes_model))
display(show_maps(examples.images, maps, titles, title="Ten examples, the last ones odd"))
show_overlays(examples.images, maps, titles)
### END SOLUTION

# %% [markdown] nbgrader={"grade": true, "grade_id": "answer_batch_sum", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# **Written question 1 (4 points).** One backward pass starts from one number. Why may the scores
# of all images in a batch be *summed* before it, and each image still gets its own map? Name a
# layer, and the mode it would have to be in, with which this would go wrong.
#
# <!-- ### BEGIN SOLUTION -->
# **Model answer.** In eval mode the model treats each image on its own, so $\partial s_{y_i}(X_i)
# / \partial X_j = 0$ for $i \ne j$. The gradient of the sum with respect to $X_j$ is $\sum_i
# \partial s_{y_i}(X_i) / \partial X_j = \partial s_{y_j}(X_j) / \partial X_j$: only the image's
# own term is left. Batch normalisation in training mode breaks this: mean and variance are taken
# over the batch, so each score depends on every image.
#
# **Rubric.** 2: the score of one image does not depend on the others, so the mixed derivatives
# vanish. 1: what remains of the sum is each image's own gradient. 1: batch norm in training mode
# (or another operation that mixes images, such as normalising by statistics of the batch).
# <!-- ### END SOLUTION -->

# %% [markdown]
# ## 2 What a map depends on
#
# ### The architecture
#
# Three networks learnt the same twelve classes from the same pictures: a plain convolutional
# network, a residual network and a VGG-like one. They agree on what they see. Do they agree on
# where?

# %%
architectures = {
    "plain CNN": load_classifier("shapes_cnn"),
    "residual network": load_classifier("shapes_resnet"),
    "VGG-like": load_classifier("shapes_vgg"),
}
same = sample_images("shapes", n=8, seed=3)
rows = {"image": same.images}
for name, network in architectures.items():
    right = (network(same.images).argmax(dim=1) == same.labels).sum().item()
    network_maps = compute_saliency_maps(same.images, same.labels, network)
    rows[f"{name}\n({right} of 8 right)"] = normalize_maps(network_maps)
show_grid(rows, same.names, title="The same images, three architectures")

# %% [markdown]
# In all three the object stands out. The fine grain differs, and it is a fingerprint of the architecture:
# strides and pooling decide how many paths lead from a pixel to the score, and leave their grid in
# the map.

# %% [markdown]
# ## Experiment B: the scale of the input (20 points)
#
# Darken the input before the map is computed: multiply the images by 0.01, 0.03, 0.1, 0.3 and 1.
# What is in the picture stays the same, and the maps of a linear model would not change at all:
# its $w$ does not depend on $I$.
#
# 1. Show the maps of six images at each scale. **(6 points)**
# 2. Plot against the scale (logarithmic axis): the mean probability of the right class, and the
#    mean correlation of each map with the map at scale 1. **(3 points)**
# 3. At each scale, ask *all six* images about the *same* class. How alike are the six maps, by
#    their mean pairwise correlation? Add the curve. **(3 points)**
# 4. Explain what you see, below. **(8 points)**
#
# <details><summary>Hint: the correlation of maps</summary>
#
# `torch.corrcoef` takes one map a row, `maps.flatten(1)`, and returns all pairwise correlations;
# leave out the diagonal. It takes no notice of a map's scale, so there is no need to normalise.
#
# </details>

# %% nbgrader={"grade": true, "grade_id": "experiment_input_scale", "locked": false, "points": 12, "schema_version": 3, "solution": true, "task": false}
scales = [0.01, 0.03, 0.1, 0.3, 1.0]
six = samples.with_true_labels()[:6]
### BEGIN SOLUTION
# Rubric: 6 the maps: images scaled before (not after) they are computed, each normalised
#         3 the two curves against the scale
#         3 the third curve: one class for all images, no map correlated with itself
rows = {"image": six.images}
probability, like_full_scale, like_each_other = [], [], []
full = compute_saliency_maps(six.images, six.labels, model).flatten(1)
for scale in scales:
    darker = scale * six.images
    maps = compute_saliency_maps(darker, six.labels, model)
    rows[f"map at {scale}"] = normalize_maps(maps)
    with torch.no_grad():
        p = model(darker).softmax(dim=1).gather(1, six.labels.view(-1, 1))
    probability.append(p.mean().item())
    pairs = zip(maps.flatten(1), full)
    like_full_scale.append(np.mean([torch.corrcoef(torch.stack(pair))[0, 1] for pair in pairs]))
    one_class = torch.full_like(six.labels, six.labels[0].item())
    maps = compute_saliency_maps(darker, one_class, model).flatten(1)
    others = ~torch.eye(len(six), dtype=bool)
    like_each_other.append(torch.corrcoef(maps)[others].mean().item())
display(show_grid(rows, six.names, title="Maps of inputs scaled by 0.01 ... 1"))

fig, ax = plt.subplots(figsize=(9, 3), dpi=80, layout="constrained")
ax.semilogx(scales, probability, "o-", label="probability of the right class")
ax.semilogx(scales, like_full_scale, "s-", label="correlation with the map at scale 1")
ax.semilogx(scales, like_each_other, "^-", label="correlation between images, same class asked")
ax.set(xlabel="scale of the input", ylim=(-0.05, 1.05))
ax.set_title("What is left of the image in its map?")
fig.legend(loc="outside right center", fontsize=8)
ax.grid(alpha=0.3)
plt.show()
### END SOLUTION

# %% [markdown] nbgrader={"grade": true, "grade_id": "answer_input_scale", "locked": false, "points": 8, "schema_version": 3, "solution": true, "task": false}
# **Your explanation (8 points).** What happens to the maps as the input gets darker? What do they
# show at 0.01? For which networks would the maps *not* change at all? What follows for two people
# who compare their maps, one with pixels from 0 to 1 and one from 0 to 255?
#
# <!-- ### BEGIN SOLUTION -->
# **Model answer.** The map is the gradient *at* the input, and scaling moves the input along a
# line towards black. On the way ReLUs switch on and off, so the piecewise linear function has
# another slope. With `shapes_cnn` a map at 0.3 correlates by only 0.36 with that at 1 (maps of
# different images at scale 1, asked about one class: 0.18), and the probability of the right class
# has fallen near chance. At 0.01 all images lie next to the black image, in nearly the same linear
# piece. There the map hardly depends on the image any more, only on the class that is asked about
# (the images' maps correlate by 0.99): it is the gradient at black. Networks with *max pooling*
# are an exception: at a black image all candidates of a window are equal, and however dark the
# image is, its own differences decide which one passes the gradient on. With `shapes_vgg` the maps
# correlate by 0.2 at scale 0.01, with SqueezeNet 1.1 by less than 0.2. A network of ReLUs, max
# pooling and linear layers *without biases* (and without a mean being subtracted) is homogeneous,
# $s(\alpha I) = \alpha s(I)$, and its gradient is the same at every positive scale; biases, batch
# norm's shifts and the mean inside the normalisation spoil that. So the range of the pixels is a
# part of the model: a classifier must be given what it was trained on, and maps made with another
# range are maps of other images.
#
# **Rubric.** 2: maps change since the gradient depends on the point where it is taken (ReLU
# pattern). 2: what the student's own third curve shows at 0.01, with a reason: the maps no longer
# depend on the image / are all those of the black image; or, with a network that has max pooling,
# that they still depend on it. 2: homogeneous networks (no biases, no shift; a linear model is also
# accepted for 1). 2: input range and normalisation are a part of the model.
# <!-- ### END SOLUTION -->

# %% [markdown]
# ## Experiment C: a robust model beside a standard one (20 points)
#
# `shapes_robust` began as `shapes_resnet`. Then its training went on with pictures of the same kind,
# but before each step every picture was changed, by a little in each pixel, in the direction that
# hurt most (*adversarial training*, [Madry et al., 2018](https://arxiv.org/abs/1706.06083)):
#
# $$ \min_\theta \;\; \mathbb{E}\, \max_{\lVert\delta\rVert_\infty \le\, \varepsilon} \; L(\theta,\, I + \delta,\, y). $$
#
# 1. Show the maps of both models for the same eight images, in one figure. **(5 points)**
# 2. On 100 other images, whose objects lie anywhere, compute for each model the share of the
#    saliency that lies on the object (`share_inside(maps, masks)`), and the share of the pixels that
#    do. Can you beat the centre? Do the same for the maps in `BASELINES`, which know nothing of the
#    classes: the middle pixel, a blob in the middle, an edge detector, the map of an untrained
#    network. `estimate(shares)` is the mean with its 95 % confidence interval. **(4 points)**
# 3. Compare the typical *size* of the two models' gradients on these images, not only where they
#    lie. **(3 points)**
# 4. Explain, below. **(8 points)**
#
# <details><summary>Hint: the size of the gradients</summary>
#
# It is in the maps that your first function returns. After `normalize_maps` it is gone.
#
# </details>

# %% nbgrader={"grade": true, "grade_id": "experiment_robust_model", "locked": false, "points": 12, "schema_version": 3, "solution": true, "task": false}
standard, robust = load_classifier("shapes_resnet"), load_classifier("shapes_robust")
eight = sample_images("shapes", n=8, seed=3)
hundred = sample_images("scattered", n=100, seed=4)
### BEGIN SOLUTION
# Rubric: 5 one figure, same images, right labels, normalised maps, named rows
#         4 both models' shares over 100 images, that of the pixels, and those of the baselines
#         3 a sensible measure of size (mean map, norm), of maps that were not normalised
rows = {"image": eight.images}
for name, network in (("standard", standard), ("adversarially trained", robust)):
    rows[name] = normalize_maps(compute_saliency_maps(eight.images, eight.labels, network))
display(show_grid(rows, eight.names, title="The same architecture, trained in two ways"))

shares = {}
print(f"{'':24}{'mean |gradient|':>17}{'accuracy':>10}")
for name, network in (("standard", standard), ("adversarially trained", robust)):
    maps = compute_saliency_maps(hundred.images, hundred.labels, network)
    shares[name] = share_inside(maps, hundred.masks)
    right = (network(hundred.images).argmax(dim=1) == hundred.labels).float().mean()
    print(f"{name:24}{maps.mean():17.3f}{right:10.0%}")
for name, baseline in BASELINES.items():
    maps = baseline(hundred.images, hundred.labels, standard)
    shares[name] = share_inside(maps, hundred.masks)
print(f"\nshare on the object, which covers {hundred.masks.float().mean():.0%} of the pixels:")
print_scores(shares, BASELINES)
### END SOLUTION

# %% [markdown] nbgrader={"grade": true, "grade_id": "answer_robust_model", "locked": false, "points": 8, "schema_version": 3, "solution": true, "task": false}
# **Your explanation (8 points).** What differs between the two models' maps? Use the formula of
# adversarial training to say why (what does the maximum become when $L$ is almost linear?). Are
# the maps of the standard model *wrong*?
#
# <!-- ### BEGIN SOLUTION -->
# **Model answer.** The standard model's maps are grainy and spread over object and background; the
# robust model's are smoother, hug the outline of the object, put a larger share on it (34 %; 95 %
# interval 32 to 36 %), and its gradients are smaller. The robust model's maps are clearly ahead of
# all baselines. The standard model's (22 %; 20 to 24 %) can't be told from the middle pixel (21 %; 13
# to 29 %) and are hardly ahead of an edge detector (19 %; 17 to 20 %), though far ahead of an
# untrained network (7 %). To first order $\max_{\lVert\delta\rVert_\infty\le\varepsilon} L(I+\delta)
# \approx L(I) + \varepsilon \lVert\nabla_I L\rVert_1$: adversarial training is a penalty on the
# gradient. A pixel keeps a large gradient only if that pays, by telling the class in a way that a
# change of $\varepsilon$ can't undo: edges and shapes, which we see too. Many weak, noise-like
# cues that also predict the class in the training data do not survive. The standard model's maps
# are not wrong: they are exact derivatives, and they show truthfully that its scores do depend on
# patterns which mean nothing to us; the same sensitivity makes it easy to fool.
#
# **Rubric.** 2: describes the differences (grain, alignment with the object beside the baselines,
# size). 3: linearises
# the maximum and finds the penalty on the L1 norm of the gradient (2 for an argument in words). 1:
# weak cues disappear, strong ones remain. 2: the standard model's maps are faithful; what looks
# like noise is what the model uses.
# <!-- ### END SOLUTION -->

# %% [markdown]
# ## 3 Inside the network
#
# Nothing in the argument needed *pixels*. Cut the network open behind any layer: what follows is
# again a function, of the numbers that this layer puts out, and it has a gradient. First, what
# these numbers look like. A *forward hook* is called whenever its module has computed something:

# %%
outputs = {}


def remember(name):
    def hook(module, inputs, output):
        outputs[name] = output.detach().clone()

    return hook


one = samples[0]
handles = [layer.register_forward_hook(remember(name)) for name, layer in model.layers().items()]
model(one.images)
for handle in handles:
    handle.remove()  # a hook that stays would be called for ever
panels = {one.names[0]: one.images[0]}
for name in list(outputs)[:: max(1, len(outputs) // 5)]:
    _, channels, height, width = outputs[name].shape
    size = outputs[name].abs().mean(dim=1)[0]
    panels[f"{name}\n{channels} maps\n{height} x {width}"] = size
show_panels(panels, title="What the layers put out: mean size over their channels")

# %% [markdown]
# ### Question 3: `compute_layer_saliency` (10 points)
#
# The same map with respect to what a layer put out. Beware of what comes after the layer: an
# in-place ReLU writes over the very tensor that you have kept.

# %% nbgrader={"grade": false, "grade_id": "compute_layer_saliency", "locked": false, "schema_version": 3, "solution": true, "task": false}
def compute_layer_saliency(X, y, model, layer):
    """Saliency maps with respect to what a layer puts out, instead of the pixels.

    X:      images (N, 3, H, W), pixels in [0, 1]
    y:      classes (N,), long
    model:  images in, unnormalised scores (N, C) out
    layer:  any module inside the model; its output is (N, K, h, w)
    return: maps (N, h, w), the largest |d score / d output| over the layer's K channels
    """
    ### BEGIN SOLUTION
    outputs = []

    def keep_output(module, inputs, output):
        outputs.append(output)
        return output.clone()  # an in-place ReLU that follows writes into the copy

    X = X.detach().clone().requires_grad_()  # so that there is a graph, frozen weights or not
    with layer.register_forward_hook(keep_output):
        scores = model(X).gather(1, y.view(-1, 1))  # (N, 1)
    (gradient,) = torch.autograd.grad(scores.sum(), outputs[-1])
    return gradient.abs().amax(dim=1)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_compute_layer_saliency", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
check_compute_layer_saliency(compute_layer_saliency)

# %% [markdown]
# <details><summary>Hint: how do I get hold of the output?</summary>
#
# With a forward hook, as in the cell above, but keep the tensor *with* its graph. Remove the hook
# afterwards, also if the model raises an error: `register_forward_hook` returns a handle that
# works in a `with` statement.
#
# </details>
# <details><summary>Hint: the in-place ReLU</summary>
#
# A forward hook may *return* something: the network then goes on with that instead. With a copy,
# say. Or catch the gradient on its way back, with a hook on the tensor.
#
# </details>

# %% tags=["expected-question-3"]
few = samples[:6]
layers = model.layers()
names = list(layers)[:: max(1, len(layers) // 5)]
rows = {"image": few.images}
rows["pixels"] = normalize_maps(compute_saliency_maps(few.images, few.labels, model))
for name in names:
    layer_maps = compute_layer_saliency(few.images, few.labels, model, layers[name])
    _, height, width = layer_maps.shape
    title = f"{name}\n{height} x {width}"
    if torch.allclose(layer_maps, layer_maps.mean(dim=(1, 2), keepdim=True)):
        title += "\nthe same everywhere"
        layer_maps = torch.zeros_like(layer_maps)
    rows[title] = normalize_maps(layer_maps)
show_grid(rows, few.names, title="Saliency of pixels and of layers, first to last")

# %% [markdown]
# <details><summary>The picture to expect</summary>
#
# ![Saliency maps of six images at the pixels and at each layer](expected/question-3.jpg)
#
# </details>
#
# The deeper the layer, the coarser the map: one number there stands for a whole neighbourhood of
# pixels. A regular grid in it is again the work of strides, which read some places more often than
# others. Behind the last layer the map can be the same everywhere (black, by your `normalize_maps`):
# global average pooling gives every place the same weight. What differs from place to place is the
# *activation*; putting gradient and activation together is the idea of Grad-CAM, which has a
# notebook of its own.

# %% [markdown]
# ## 4 Ask another question
#
# A map answers a question about the scores. So far it was: *what moves the score of the right
# class?*

# %%
one = samples[6 % len(samples)]
with torch.no_grad():
    scores = model(one.images)[0]
top = scores.topk(min(12, len(scores)))
fig, (left, right) = plt.subplots(
    1, 2, figsize=(8, 2.8), dpi=80, width_ratios=(1, 2.2), layout="constrained"
)
left.imshow(one.images[0].permute(1, 2, 0))
left.set_title(one.names[0], fontsize=9)
left.axis("off")
names = [model.class_names[k] for k in top.indices]
right.barh(names, top.values, color=["#e07b39"] + ["#8899aa"] * (len(names) - 1))
right.invert_yaxis()
right.tick_params(labelsize=8)
right.set_title("Scores of the classes, highest first", fontsize=9)
plt.show()

# %% [markdown]
# ## Experiment D: right and wrong labels (10 points)
#
# Take one image and ask about its right label and about four wrong ones, the runner-up among them:
# five maps of one image. Show them in one figure, with the score of each label in the title, and
# say in a sentence or two, as a comment or in the figure's title, what stays and what changes.
# **(6 points)**
#
# The other four points are those of written question 2, further down.
#
# <details><summary>Hint</summary>
#
# `one.images.repeat(5, 1, 1, 1)` is a batch of five times the same image, for five labels.
#
# </details>

# %% nbgrader={"grade": true, "grade_id": "experiment_labels", "locked": false, "points": 6, "schema_version": 3, "solution": true, "task": false}
known = samples.with_true_labels()
one = known[6 % len(known)]
### BEGIN SOLUTION
# Rubric: 3 five maps of one image with five labels, the right one and the runner-up among them
#         1 labels and scores in the titles
#         2 an observation that fits the figure
with torch.no_grad():
    scores = model(one.images)[0]
order = scores.argsort(descending=True)
wrong = order[order != one.labels[0]]
labels = torch.cat([one.labels, wrong[[0, 1, len(wrong) // 2, -1]]])
X = one.images.repeat(5, 1, 1, 1)
maps = normalize_maps(compute_saliency_maps(X, labels, model))
ranks = ["right", "runner-up", "wrong", "wrong", "last"]
titles = [f"{r}: {model.class_names[k]}\n{scores[k]:.1f}" for r, k in zip(ranks, labels)]
# A wrong label has a map, too, and on the same object: what speaks against a class is found in the
# same place as what speaks for it, and the absolute value hides which way a pixel pulls. Only the
# emphasis moves, to other parts of the outline.
show_maps(X, maps, titles, title="One image, five questions: the same object, other parts of it")
### END SOLUTION

# %% [markdown]
# ### Question 4: `compute_loss_saliency` (10 points)
#
# Any function of the scores will do, or a weighted sum of several:
#
# $$ M_{ij} = \max_c \left| \frac{\partial}{\partial I_{cij}} \sum_k \lambda_k\, \ell_k\bigl(s(I)\bigr) \right| . $$
#
# With the margin $s_a - s_b$ you ask *why this and not that?*; with the entropy, *what makes you
# unsure?* `course_lib` has `ClassScore(y)`, `LogProbability(y)`, `CrossEntropy(y)`, `Margin(y,
# other)` and `Entropy()`, and any function of your own from scores (N, C) to N numbers is as good.

# %% nbgrader={"grade": false, "grade_id": "compute_loss_saliency", "locked": false, "schema_version": 3, "solution": true, "task": false}
def compute_loss_saliency(X, losses, model):
    """Saliency maps of any question about the scores, put as a weighted sum of losses.

    X:      images (N, 3, H, W), pixels in [0, 1]
    losses: list of (weight, loss); weight is a number, loss takes scores (N, C) and returns (N,)
    model:  images in, unnormalised scores (N, C) out
    return: maps (N, H, W), the largest |d sum_k weight_k loss_k / d pixel| over the channels
    """
    ### BEGIN SOLUTION
    X = X.detach().clone().requires_grad_()
    scores = model(X)
    total = sum(weight * loss(scores) for weight, loss in losses)  # (N,)
    (gradient,) = torch.autograd.grad(total.sum(), X)
    return gradient.abs().amax(dim=1)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_compute_loss_saliency", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
check_compute_loss_saliency(compute_loss_saliency)

# %% [markdown]
# <details><summary>Hint</summary>
#
# One forward pass: each loss looks at the same scores. Is the absolute value of a sum the sum of
# the absolute values?
#
# </details>

# %% tags=["expected-question-4"]
few = samples[-6:]
with torch.no_grad():
    ranking = model(few.images).argsort(dim=1, descending=True)
runner_up = torch.where(ranking[:, 0] == few.labels, ranking[:, 1], ranking[:, 0])
y = few.labels


def mean_score(scores):
    return scores.mean(dim=1)


questions = {
    "score of the right class": [(1.0, ClassScore(y))],
    "margin over the runner-up": [(1.0, Margin(y, runner_up))],
    "entropy": [(1.0, Entropy())],
    "score, less the mean of all": [(1.0, ClassScore(y)), (-1.0, mean_score)],
}
rows = {"image": few.images}
for name, losses in questions.items():
    rows[name] = normalize_maps(compute_loss_saliency(few.images, losses, model))
titles = [f"{a}\n(or {model.class_names[b]}?)" for a, b in zip(few.names, runner_up)]
show_grid(rows, titles, title="Four questions about the same images")

# %% [markdown]
# <details><summary>The picture to expect</summary>
#
# ![Maps of six images for four questions about their scores](expected/question-4.jpg)
#
# </details>
#
# One more comparison, for the question that follows: the three quantities that people
# differentiate most often. Look at the images of which the model is sure, and at the numbers on
# the bars.

# %%
def probability(scores):
    return scores.softmax(dim=1).gather(1, y.view(-1, 1)).squeeze(1)


rows = {"image": few.images}
for name, loss in (
    ("unnormalised score", ClassScore(y)),
    ("class probability", probability),
    ("cross-entropy loss", CrossEntropy(y)),
):
    rows[name] = compute_loss_saliency(few.images, [(1.0, loss)], model)
confidence = probability(model(few.images))
show_grid(rows, [f"{name}\np = {p:.4f}" for name, p in zip(few.names, confidence)])

# %% [markdown] nbgrader={"grade": true, "grade_id": "answer_which_quantity", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# **Written question 2 (4 points).** Cross-entropy loss, unnormalised score, class probability:
# which of them should be differentiated for a class saliency map, and why not the other two?
# (Write down the gradients of the other two in terms of the gradients of the scores.)
#
# <!-- ### BEGIN SOLUTION -->
# **Model answer.** The unnormalised score: it is the evidence for the class itself. With $p =
# \mathrm{softmax}(s)$, $\nabla p_y = p_y \bigl(\nabla s_y - \sum_k p_k \nabla s_k\bigr)$ and
# $\nabla L = -\nabla \log p_y = -\bigl(\nabla s_y - \sum_k p_k \nabla s_k\bigr)$. Both mix in the
# evidence for all *other* classes: a pixel may light up only because it lowers a competitor. And
# both fade out when the model is sure: for $p_y \to 1$ the bracket goes to 0, so that the map of a
# clear image consists of tiny numbers (and the probability's map also for $p_y \to 0$). The score
# has a weakness of its own: softmax ignores whatever is added to all scores alike, so training
# does not fix that common part, but the map of a single score contains it. A margin, such as the
# score less the mean of all scores or less a competitor's, does not contain it, and does not fade
# out either.
#
# **Rubric.** 1: the score; a margin of scores is right as well if the reason is that softmax
# ignores what is added to all of them. 1: the other two depend on the other classes' scores, with
# weights that depend on the probabilities. 1: they vanish as the model becomes certain. 1: a
# formula, or an equally exact argument.
# <!-- ### END SOLUTION -->

# %% [markdown]
# ## 5 What maps are good for
#
# ### Finding an object that nobody pointed out
#
# The model was given class names, never positions. Do its maps know where the object is? Take the
# colours under the most salient pixels for the object's and those under the least
# salient ones for the background's, and let a *graph cut* draw the border where neighbouring
# pixels differ most (section 3.2 of the paper; here `graph_cut(images, maps)`). Where the true
# mask is known, the overlap of found and true mask, intersection over union (IoU), says how well
# that went, and what the same cut makes of four maps that know nothing says what that is worth.

# %%
maps = compute_saliency_maps(samples.images, samples.labels, model)
found = graph_cut(samples.images, maps)
titles, outlines = samples.names, {}
if samples.masks is not None:
    overlap = iou(found, samples.masks)
    titles = [f"{name}\nIoU {value:.2f}" for name, value in zip(samples.names, overlap)]
    outlines["true outline"] = samples.masks
    overlaps = {"saliency": overlap}
    for name, baseline in BASELINES.items():
        nothing = baseline(samples.images, samples.labels, model)
        overlaps[name] = iou(graph_cut(samples.images, nothing), samples.masks)
    print("mean IoU, from 0 % to 100 %:")
    print_scores(overlaps, BASELINES)
outlines["found from the map"] = found
show_outlines(samples.images, outlines, titles, title="Localisation without having learnt it")

# %% [markdown]
# Where it fails, look at the map: a cut is only as good as the pixels it starts from. But beware of
# the success, too. Begun with a blob in the middle of these images, or with edges, the cut does as
# well: the objects are large, and of other colours than what is around them. So a good outline is no
# evidence that the *map* knew where to look.
#
# ### Any input will do
#
# Your function needs a differentiable model, and an input with respect to which it can be
# differentiated. Here the inputs are sounds:
# one second of noise with a chirp, a tone, a trill or pulses in it, as a *spectrogram* (time to
# the right, frequency upwards). A small network learns to tell them apart while you wait.

# %%
from IPython.display import Audio

from course_lib.spectrogram import RATE, make_sounds, train_sound_classifier

to_learn_from, _ = make_sounds(300, seed=1)
listener = train_sound_classifier(to_learn_from)
sounds, waves = make_sounds(10, seed=2)
right = (listener(sounds.images).argmax(dim=1) == sounds.labels).sum()
print(f"recognised: {right} of {len(sounds)} new sounds; here is the first, a {sounds.names[0]}")
Audio(waves[0].numpy(), rate=RATE)

# %%
maps = compute_saliency_maps(sounds.images, sounds.labels, listener)
many, _ = make_sounds(100, seed=3)
shares = {
    name: share_inside(method(many.images, many.labels, listener), many.masks)
    for name, method in {"saliency": compute_saliency_maps, **BASELINES}.items()
}
print(f"share on the sound, which covers {many.masks.float().mean():.1%} of {len(many)} pictures:")
print_scores(shares, BASELINES)
show_grid(
    {"spectrogram": sounds.images, "saliency": normalize_maps(maps), "true sound": sounds.masks},
    sounds.names,
    title="Where does a network listen?",
)

# %% [markdown]
# The sound gets more than its share, and more than an untrained network gives it. But an edge detector
# puts even more on it, and the map can't be told from a pixel in the middle: that it *finds* the sound
# is no evidence of what the network has learnt.

# %% [markdown]
# ## What a map does not tell
#
# * **Sensitivity is not contribution.** A pixel that was decisive, but whose further change would
#   do nothing (a saturated unit), has gradient zero. And in a linear model a pixel contributes its
#   weight *times its value*: nothing if it is black, however large the weight is.
# * **One step, in one direction at a time.** The gradient knows nothing about changing two pixels
#   together, or one pixel by a lot.
# * **A plausible map is no proof.** An edge detector gives plausible maps too, without any model.
#   Whether a map depends on what the model has *learnt* can be tested; that is the notebook on
#   sanity checks.
# * **A strange map is no disproof.** It may be the model that is strange. You have seen two that
#   differ in nothing but their training.
