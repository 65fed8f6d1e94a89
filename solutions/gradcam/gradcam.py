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
# # Grad-CAM: which part of the picture speaks for this class?
#
# A saliency map is fine-grained and noisy, and its maps for two different classes look much the
# same. Two ideas mend one weakness each. **Guided backpropagation** changes what a ReLU lets pass
# on the way back, and out comes a clean drawing. **Grad-CAM** stops at a deep layer, asks which of
# its channels speak for the class, and shows where they are active: coarse, but about *this* class.
# Their product has something of both.
#
# After this notebook you can
#
# * change the backward pass of a network with hooks, and leave the network as it was;
# * compute Grad-CAM for any class at any layer of any convolutional classifier;
# * measure, instead of judging by eye, whether a map points at the object;
# * find out that a network with good marks has learnt the wrong thing.
#
# | | what you do | points |
# |---|---|---|
# | Questions 1 to 3 | write three functions, checked automatically | 24 + 26 + 10 |
# | Experiments A and B | the pointing game; a network that cheats, each with words | 14 + 14 |
# | Written question | saliency maps and Grad-CAM | 12 |
#
# Write your code where a cell says `NotImplementedError`. The line below it checks your function
# on tiny networks and prints what works. The final grade comes from more such checks on other
# inputs.

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
from contextlib import ExitStack

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

# %%
from course_lib import list_classifiers, load_classifier, sample_images
from course_lib.attribution import methods_for
from course_lib.baselines import BASELINES
from course_lib.intervals import hits, print_scores, show_scores
from course_lib.signed_pictures import attribution_pictures
from course_lib.image_sources import dataset_images, folder_images
from course_lib.plots import show_grid, show_images, show_overlays, show_panels
from course_lib.shapes import add_watermark, watermark_mask
from course_lib.visible_checks.gradcam import (
    check_grad_cam,
    check_guided_backprop,
    check_guided_grad_cam,
)

# %% [markdown]
# ## The model, the layer and the images
#
# One line each, and everything below follows. The layer is the last one that still knows where
# things are: what comes after it takes the mean over all places.

# %%
model = load_classifier("shapes_vgg")  # or another bundled one, or "squeezenet1_1"
layer = list(model.layers().values())[-1]
print("bundled:", ", ".join(list_classifiers()))
print("layers of this one:", ", ".join(model.layers()))
methods_for(model);  # says so if guided backpropagation does not apply to this one

# %%
samples = sample_images("shapes", n=8, seed=4)  # or folder_images("my_photos", model), ...

# %% [markdown]
# <details><summary>Other images and models</summary>
#
# * Bundled models: `list_classifiers()` names them; no download needed.
# * ImageNet models: any name in `torchvision.models.list_models()`, for example `"squeezenet1_1"`.
#   The weights are fetched once. Seven photographs for them: `sample_images("photos")`.
# * Your own photographs: `folder_images("my_photos", model)`. A file called `king_penguin.jpg` is
#   asked about as a king penguin, if the model knows that class. Else its label is the model's
#   own guess, and its title says so.
# * A data set: `dataset_images("digits", model)` needs no download, `dataset_images("CIFAR10",
#   model)` and all others of torchvision are downloaded once.
# * Transformers: their tokens are shown to you as feature maps. Where a model has no ReLUs, a
#   sentence above says so, and guided backpropagation is nothing but the gradient.
#
# </details>

# %%
with torch.no_grad():
    confidence, predicted = model(samples.images).softmax(dim=1).max(dim=1)
said = [f"{model.class_names[k]}, {p:.0%}" for k, p in zip(predicted, confidence)]
show_images(
    samples.images,
    [f"{true}\n(said: {answer})" for true, answer in zip(samples.names, said)],
    title="The images, their classes, and what the model says",
)

# %% [markdown]
# ## 1 Guided backpropagation
#
# The gradient of a score with respect to the pixels is a picture, too: three channels, positive and
# negative.
# Here it is, with zero as grey.

# %%
X = samples.images.clone().requires_grad_()
scores = model(X)
(gradient,) = torch.autograd.grad(scores[range(len(X)), samples.labels].sum(), X)
show_grid(
    {"image": samples.images, "gradient": attribution_pictures(gradient)},
    samples.names,
    title="The plain gradient: some of the object, and a lot of noise",
)

# %% [markdown]
# Where does the noise come from? On its way back the gradient is split and added up again in every
# layer, positive and negative parts alike: neurons that the class *needs* and neurons that speak
# *against* it, mixed in one picture. Springenberg, Dosovitskiy, Brox and Riedmiller, [*Striving for
# Simplicity: The All Convolutional Net*](https://arxiv.org/abs/1412.6806) (2015), keep only the
# first kind. Let $f^l$ be what goes into a ReLU and $R^{l+1}$ what comes back to it from above:
#
# $$ R^{l} = \underbrace{[\,f^{l} > 0\,]}_{\text{as always}} \cdot
#            \underbrace{[\,R^{l+1} > 0\,]}_{\text{new}} \cdot R^{l+1} . $$
#
# | goes into the ReLU | comes back from above | gradient | guided |
# |:-:|:-:|:-:|:-:|
# | 2 | 3 | 3 | 3 |
# | 2 | −3 | −3 | **0** |
# | −2 | 3 | 0 | 0 |
# | −2 | −3 | 0 | 0 |
#
# Everything else in the network passes gradients back as always. The result is no longer the
# gradient of anything, but it shows which pixels excite the neurons that excite the class.
#
# ### Question 1: `guided_backprop` (24 points)
#
# The rule holds for *every* ReLU, down to the last one before the scores. Beware of three things
# that happen in real networks: ReLUs sit deep inside blocks; one ReLU module may be used at several
# places; and an in-place ReLU writes over its input. And nobody wants a network that goes on
# cheating after you have left: afterwards the model is as it was.

# %% nbgrader={"grade": false, "grade_id": "guided_backprop", "locked": false, "schema_version": 3, "solution": true, "task": false}
def guided_backprop(X, y, model):
    """Guided backpropagation: from the score of class y to the pixels, positive gradients only.

    X:      images (N, 3, H, W), pixels in [0, 1]
    y:      classes (N,), long: y[i] is the class that image i is asked about
    model:  images in, unnormalised scores (N, C) out; its ReLUs are `nn.ReLU` modules. It is
            afterwards as it was: no hooks, the same modules, the same flags
    return: (N, 3, H, W), d score / d pixel where every ReLU passes back only positive gradients
            at positive inputs
    """
    ### BEGIN SOLUTION

    def keep_positive(module, inputs, output):
        # Called when a gradient reaches the output; the ReLU's own rule follows after it. A module
        # in several places is called at each, and in-place or not, its output is a tensor.
        output.register_hook(lambda gradient: gradient.clamp(min=0))

    X = X.detach().clone().requires_grad_()
    with ExitStack() as hooks:  # removes them again, whatever happens
        for module in model.modules():
            if isinstance(module, nn.ReLU):
                hooks.enter_context(module.register_forward_hook(keep_positive))
        scores = model(X).gather(1, y.view(-1, 1))  # (N, 1)
    (guided,) = torch.autograd.grad(scores.sum(), X)
    return guided
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_guided_backprop", "locked": true, "points": 24, "schema_version": 3, "solution": false, "task": false}
check_guided_backprop(guided_backprop)

# %% [markdown]
# <details><summary>Hint: how do I find all ReLUs?</summary>
#
# `model.modules()` walks through everything, blocks in blocks too, and names each module once. Look
# for `isinstance(module, nn.ReLU)`.
#
# </details>
# <details><summary>Hint: where can I step in?</summary>
#
# `tensor.register_hook(fn)` calls `fn` with the gradient when it arrives at that tensor, and goes on
# with what `fn` returns. You get at a ReLU's output with a forward hook on the module. Is it enough
# to change the gradient *above* the ReLU, and leave the rest to autograd?
#
# </details>
# <details><summary>Hint: "... is a view and is being modified inplace"</summary>
#
# That is `register_full_backward_hook` on an in-place module. Hook the tensor instead, or work on
# `copy.deepcopy(model)` with `inplace` switched off.
#
# </details>

# %% tags=["expected-question-1"]
guided = guided_backprop(samples.images, samples.labels, model)
rows = {
    "image": samples.images,
    "gradient": attribution_pictures(gradient),
    "guided backprop": attribution_pictures(guided),
}
show_grid(rows, samples.names, title="Negative gradients stopped: what remains is a drawing")

# %% [markdown]
# <details><summary>The picture to expect</summary>
#
# ![Eight images, their gradients, and guided backpropagation](expected/question-1.jpg)
#
# </details>
#
# Much cleaner. But cleaner is not the same as truer: hold on to the question *what* is drawn here.
# Below you will ask the same picture about two classes.

# %% [markdown]
# ## 2 Grad-CAM
#
# Now the other way round: forget fine detail, and ask a deep layer. Each of its channels has learnt
# to respond to something, and its map still says where. Raise one channel a little, at all places,
# and run the rest of the network: how much does the score of the right class gain, for each unit?
# Here are the three channels of the chosen layer with the largest gain, and the two with the smallest.

# %%
one, step = samples[0], 0.01
channels = []


def raise_each(module, inputs, output):
    channels.extend(output[0])
    return output + step * torch.eye(len(channels))[..., None, None]  # (K, K, h, w)


with torch.no_grad():
    score = model(one.images)[0, one.labels[0]]
    with layer.register_forward_hook(raise_each):
        raised = model(one.images)[:, one.labels[0]]  # (K,): number k with channel k raised
gain = (raised - score) / step
order = gain.argsort(descending=True)
panels = {one.names[0]: one.images[0]}
for k in [*order[:3].tolist(), *order[-2:].tolist()]:
    panels[f"channel {k}\ngain {gain[k]:+.2f}"] = channels[k]
show_panels(panels, title="Channels that speak for the class, and two that speak against it")

# %% [markdown]
# Look at the scales, too: in an image that the model is sure of, channels that would speak against
# its class are hardly active, if at all.
#
# Channel $k$ of the layer's output is a map $A^k$. How much does it matter for class $c$? Its
# weight is the mean slope of the score over all places: the gain above, divided by their number. The
# weighted sum of the channels is the map; a ReLU keeps what speaks *for* the class:
#
# $$ \alpha_k^c = \frac{1}{hw}\sum_{i,j} \frac{\partial s_c}{\partial A^k_{ij}}, \qquad
#    L^c = \mathrm{ReLU}\Bigl(\sum_k \alpha_k^c\, A^k\Bigr) . $$
#
# This is Grad-CAM: Selvaraju, Cogswell, Das, Vedantam, Parikh and Batra, [*Grad-CAM: Visual
# Explanations from Deep Networks via Gradient-based Localization*](https://arxiv.org/abs/1610.02391)
# (2017).
#
# ### Question 2: `grad_cam` (26 points)
#
# In this order: weights, weighted sum, ReLU, enlarge to the size of the image, and stretch each map
# on its own to [0, 1]. A map without contrast, for example one without any evidence for the class,
# becomes zeros. The activations that count are those that left the layer, before an in-place ReLU
# wrote over them.

# %% nbgrader={"grade": false, "grade_id": "grad_cam", "locked": false, "schema_version": 3, "solution": true, "task": false}
def grad_cam(X, y, model, layer):
    """Grad-CAM: where a layer's channels are active that speak for class y.

    X:      images (N, 3, H, W), pixels in [0, 1]
    y:      classes (N,), long
    model:  images in, unnormalised scores (N, C) out
    layer:  any module inside the model; its output is (N, K, h, w)
    return: maps (N, H, W): ReLU of the sum of the layer's channels, each weighted by the spatial
            mean of d score / d channel; enlarged bilinearly (align_corners=False); then each map
            stretched on its own to [0, 1]; a constant map becomes zeros
    """
    ### BEGIN SOLUTION
    outputs = []

    def keep_output(module, inputs, output):
        outputs.append(output)
        return output.clone()  # an in-place ReLU that follows writes into the copy

    X = X.detach().clone().requires_grad_()  # so that there is a graph, frozen weights or not
    with layer.register_forward_hook(keep_output):
        scores = model(X).gather(1, y.view(-1, 1))  # (N, 1)
    activations = outputs[-1]  # (N, K, h, w)
    (gradient,) = torch.autograd.grad(scores.sum(), activations)
    weights = gradient.mean(dim=(2, 3), keepdim=True)  # (N, K, 1, 1)
    maps = (weights * activations.detach()).sum(dim=1, keepdim=True).relu()  # (N, 1, h, w)
    maps = F.interpolate(maps, X.shape[-2:], mode="bilinear", align_corners=False).squeeze(1)
    lowest, highest = maps.amin(dim=(1, 2), keepdim=True), maps.amax(dim=(1, 2), keepdim=True)
    # Enlarging rounds: a constant map may come out with a contrast of a ten-millionth.
    flat = highest - lowest <= 1e-6 * highest
    return (maps - lowest) / torch.where(flat, torch.inf, highest - lowest)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_grad_cam", "locked": true, "points": 26, "schema_version": 3, "solution": false, "task": false}
check_grad_cam(grad_cam)

# %% [markdown]
# <details><summary>Hint: activations and gradient in one pass</summary>
#
# A forward hook keeps the output *with* its graph, and `torch.autograd.grad(score, output)` gives
# the gradient with respect to it. If the hook returns a copy, the network goes on with the copy, and what you
# have kept stays as it is.
#
# </details>
# <details><summary>Hint: weights times channels</summary>
#
# With `keepdim=True` the weights are (N, K, 1, 1) and can be multiplied with activations (N, K, h,
# w). Then sum over the channels.
#
# </details>
# <details><summary>Hint: enlarging</summary>
#
# `F.interpolate` wants (N, channels, h, w): give the maps a channel, and take it away afterwards.
#
# </details>

# %% tags=["expected-question-2"]
maps = grad_cam(samples.images, samples.labels, model, layer)
show_overlays(
    samples.images,
    maps,
    samples.names,
    label="Grad-CAM",
    title="Where the model sees the right class",
)

# %% [markdown]
# <details><summary>The picture to expect</summary>
#
# ![Grad-CAM of eight images, laid over them](expected/question-2.jpg)
#
# </details>
#
# ### Which layer?
#
# Nothing in the formula asks for the last one.

# %%
few = samples[:6]
rows = {"image": few.images}
names = list(model.layers())
for name in dict.fromkeys([*names[:: max(1, len(names) // 5)], names[-1]]):
    rows[name] = grad_cam(few.images, few.labels, model, model.layers()[name])
show_grid(rows, few.names, title="Grad-CAM at different depths, first to last")

# %% [markdown]
# Early layers know edges and colours, and a single weight for a whole channel can't tell an edge of
# the object from an edge of the background. For some images their weighted sum is negative everywhere:
# then the ReLU leaves nothing, and the map is black. Late layers know classes. The price is resolution.

# %% [markdown]
# ## 3 Both together
#
# ### Question 3: `guided_grad_cam` (10 points)
#
# Guided backpropagation has the detail, Grad-CAM knows the place: multiply them, pixel by pixel.

# %% nbgrader={"grade": false, "grade_id": "guided_grad_cam", "locked": false, "schema_version": 3, "solution": true, "task": false}
def guided_grad_cam(X, y, model, layer):
    """Guided Grad-CAM: guided backpropagation, weighted by the Grad-CAM map.

    X:      images (N, 3, H, W), pixels in [0, 1]
    y:      classes (N,), long
    model:  images in, unnormalised scores (N, C) out
    layer:  any module inside the model, for Grad-CAM
    return: (N, 3, H, W): each channel of `guided_backprop` times the map of `grad_cam`
    """
    ### BEGIN SOLUTION
    maps = grad_cam(X, y, model, layer)  # (N, H, W)
    return guided_backprop(X, y, model) * maps.unsqueeze(1)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_guided_grad_cam", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
check_guided_grad_cam(guided_grad_cam)

# %% [markdown]
# <details><summary>Hint</summary>
#
# (N, 3, H, W) times (N, H, W) does not do what you want: torch lines dimensions up from the right.
# Give the maps a channel of their own.
#
# </details>

# %% tags=["expected-question-3"]
both = guided_grad_cam(samples.images, samples.labels, model, layer)
rows = {
    "image": samples.images,
    "guided backprop": attribution_pictures(guided_backprop(samples.images, samples.labels, model)),
    "Grad-CAM": grad_cam(samples.images, samples.labels, model, layer),
    "guided Grad-CAM": attribution_pictures(both),
}
show_grid(rows, samples.names, title="Detail, place, and their product")

# %% [markdown]
# <details><summary>The picture to expect</summary>
#
# ![Guided backpropagation, Grad-CAM and their product for eight images](expected/question-3.jpg)
#
# </details>
#
# ### Two objects, one picture
#
# The test that tells them apart: two images side by side are one wide picture with two objects.
# Ask about the one, then about the other.

# %%
left, right = samples[1], samples[len(samples) - 2]
wide = torch.cat([left.images, right.images], dim=3)  # (1, 3, H, 2W)
asked = torch.cat([left.labels, right.labels])
X = wide.expand(2, -1, -1, -1)
cams = grad_cam(X, asked, model, layer)
rows = {
    "image": X,
    "guided backprop": attribution_pictures(guided_backprop(X, asked, model)),
    "Grad-CAM": cams,
    "guided Grad-CAM": attribution_pictures(guided_grad_cam(X, asked, model, layer)),
}
questions = [f"where is the {model.class_names[k]}?" for k in asked]
show_grid(rows, questions, title="One picture, two questions")

# %% [markdown]
# Guided backpropagation gives nearly the same drawing to both questions. Grad-CAM changes much more:
# with `shapes_vgg` its maximum moves to the object that is asked for. With another network it may
# stay where it is; look where yours points.

# %% [markdown]
# ## 4 Does somebody else get the same?
#
# [captum](https://captum.ai) has all three. It neither stretches nor enlarges its Grad-CAM, so that
# is done here. *Layer conductance* is a cousin of Grad-CAM: it does not take the slope at the image
# alone, but along the whole way from a black image to it, place by place (Dhamdhere, Sundararajan
# and Yan, [2018](https://arxiv.org/abs/1805.12233)). At the last layer of a bundled network the two
# nearly agree, for a reason: only the mean over all places and a linear layer follow, so the slope is
# the same everywhere on the way, and conductance is the same weighted sum less that of the black
# image. At an earlier layer, where the slope differs from place to place and changes on the way, they
# differ widely.

# %%
import warnings

from captum.attr import GuidedBackprop, GuidedGradCam, LayerConductance, LayerGradCam


def enlarged(maps):
    """Maps (N, 1, h, w) as large as the images, (N, 1, H, W)."""
    return LayerGradCam.interpolate(maps.detach(), samples.images.shape[-2:], "bilinear")


def stretched(maps):
    """Maps (N, 1, H, W), each from 0 to 1: (N, H, W)."""
    lowest, highest = maps.amin(dim=(2, 3), keepdim=True), maps.amax(dim=(2, 3), keepdim=True)
    return ((maps - lowest) / (highest - lowest).clamp_min(1e-12)).squeeze(1)


X, y = samples.images.clone().requires_grad_(), samples.labels
with warnings.catch_warnings():  # captum announces every time that it is going to use hooks
    warnings.filterwarnings("ignore", message="Setting backward hooks on ReLU")
    their_guided = GuidedBackprop(model).attribute(X, target=y).detach()
    product = GuidedGradCam(model, layer).attribute(X, target=y, interpolate_mode="bilinear")
small = LayerGradCam(model, layer).attribute(X, target=y, relu_attributions=True)
their_maps = stretched(enlarged(small))
conductance = LayerConductance(model, layer).attribute(
    X, target=y, n_steps=20, internal_batch_size=40
)
conductance = stretched(enlarged(conductance.sum(dim=1, keepdim=True).relu()))

# Their product is made with maps that were not stretched: do it afterwards.
span = enlarged(small).amax(dim=(1, 2, 3)) - enlarged(small).amin(dim=(1, 2, 3))
offset = enlarged(small).amin(dim=(2, 3), keepdim=True) * their_guided
their_product = (product.detach() - offset) / span.clamp_min(1e-12).view(-1, 1, 1, 1)

your_guided, your_maps = guided_backprop(X, y, model), grad_cam(X, y, model, layer)
your_product = guided_grad_cam(X, y, model, layer)
for name, yours, theirs in (
    ("GuidedBackprop", your_guided, their_guided),
    ("LayerGradCam", your_maps, their_maps),
    ("GuidedGradCam", your_product, their_product),
    ("LayerConductance", your_maps, conductance),
):
    largest = (yours - theirs).abs().max().item()
    print(f"{name:17} largest difference: {largest:.2g}, where values reach {theirs.max():.2g}")

rows = {
    "image": samples.images,
    "guided backprop, yours": attribution_pictures(your_guided),
    "guided backprop, captum": attribution_pictures(their_guided),
    "Grad-CAM, yours": your_maps,
    "Grad-CAM, captum": their_maps,
    "guided Grad-CAM, yours": attribution_pictures(your_product),
    "guided Grad-CAM, captum": attribution_pictures(their_product),
    "layer conductance, captum": conductance,
}
show_grid(rows, samples.names, title="Yours and captum's")

# %% [markdown]
# ## Experiment A: the pointing game (14 points)
#
# Looking at a few maps, one sees what one wants to see. So count. A map *hits* when its largest
# value lies on the object; the share of hits over many images is its score in the **pointing game**
# (Zhang et al., [2016](https://arxiv.org/abs/1608.00507)). `sample_images("scattered", ...)` knows
# the true masks, and its objects lie anywhere: in a picture that a large object fills, pointing at
# the middle is a hit nearly always.
#
# 1. Play it on at least 120 images with saliency maps, guided backpropagation and Grad-CAM at the
#    chosen layer. A signed picture becomes a map by its largest absolute value over the channels.
#    **(4 points)**
# 2. *Beat the centre.* Play it with four maps that know nothing of the classes, too: `BASELINES` has
#    the middle pixel, a blob in the middle, an edge detector, and the saliency map of the same network
#    before training. Show all of them in one figure, with 95 % confidence intervals. **(2 points)**
# 3. A second count that forgives near misses: a hit within 3 pixels of the object. **(2 points)**
# 4. Show four images that Grad-CAM hits and saliency misses, or the other way round, with both
#    maps. **(2 points)**
# 5. Explain what you see, below. **(4 points)**
#
# <details><summary>Hint: did it hit, and how sure is the score?</summary>
#
# `hits(maps, masks, within=3)` says for each image whether the map hits, with a tolerance of so many
# pixels. `print_scores` and `show_scores` take `{name: hits, ...}` and the names of the baselines,
# and add the confidence intervals.
#
# </details>
# <details><summary>Hint: saliency maps and wider masks</summary>
#
# `captum.attr.Saliency(model).attribute(X, target=y)`, with an X that `requires_grad`, is the
# absolute gradient (N, 3, H, W). `F.max_pool2d` with stride 1 makes a mask wider.
#
# </details>

# %% nbgrader={"grade": true, "grade_id": "experiment_pointing_game", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
many = sample_images("scattered", n=240, seed=21)
pointer = load_classifier("shapes_vgg")
pointer_layer = list(pointer.layers().values())[-1]
### BEGIN SOLUTION
# Rubric: 4 hit rates of the three methods on 120 images or more, of the right class
#         2 the four baselines on the same images, with confidence intervals
#         2 a second count with room of 3 pixels
#         2 four images on which the methods differ, with both maps
from captum.attr import Saliency
from tqdm.auto import tqdm


def saliency(X, y, model):
    return Saliency(model).attribute(X.clone().requires_grad_(), target=y).amax(dim=1)


def guided(X, y, model):
    return guided_backprop(X, y, model).abs().amax(dim=1)


def cam(X, y, model):
    return grad_cam(X, y, model, pointer_layer)


methods = {"saliency": saliency, "guided backprop": guided, "Grad-CAM": cam, **BASELINES}
found = {name: [] for name in methods}
for start in tqdm(range(0, len(many), 24), leave=False):
    part = many[start : start + 24]
    for name, method in methods.items():
        found[name].append(method(part.images, part.labels, pointer).detach())
found = {name: torch.cat(parts) for name, parts in found.items()}
for within, where_it_points in ((0, "on the object"), (3, "within 3 pixels of it")):
    scores = {name: hits(maps, many.masks, within) for name, maps in found.items()}
    print(f"\n{where_it_points}:")
    print_scores(scores, BASELINES)
    title = f"The pointing game on {len(many)} images: {where_it_points}"
    display(show_scores(scores, BASELINES, label="share of hits", title=title))

differ = hits(found["Grad-CAM"], many.masks) != hits(found["saliency"], many.masks)
chosen = differ.nonzero().flatten()[:4].tolist()


def with_pointer(maps, image):
    """The map stretched to [0, 1], with a cross where it is largest, drawn into the image."""
    row, column = divmod(int(maps.argmax()), maps.shape[1])
    marked = image.clone()
    arms = [(row + d, column) for d in range(-3, 4)] + [(row, column + d) for d in range(-3, 4)]
    for r, c in arms:
        if 0 <= r < maps.shape[0] and 0 <= c < maps.shape[1]:
            marked[:, r, c] = torch.tensor([1.0, 0.0, 1.0])
    return marked


rows = {"image": many.images[chosen]}
for name in ("saliency", "Grad-CAM"):
    rows[name] = found[name][chosen] / found[name][chosen].amax(dim=(1, 2), keepdim=True)
    pairs = zip(found[name][chosen], many.images[chosen])
    rows[f"{name} points here"] = torch.stack([with_pointer(m, image) for m, image in pairs])
rows["true mask"] = many.masks[chosen]
show_grid(rows, [many.names[i] for i in chosen], title="Where they differ")
### END SOLUTION

# %% [markdown] nbgrader={"grade": true, "grade_id": "answer_pointing_game", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# **Your explanation (4 points).** Who beats the centre, and who beats all four baselines, by the
# strict count? Why? What does the forgiving count tell about the misses? Name one thing that the
# pointing game does *not* measure.
#
# <!-- ### BEGIN SOLUTION -->
# **Model answer.** By the strict count all three methods beat the centre (18 %; 95 % interval 14 to
# 23 %), but only Grad-CAM is clearly ahead of all four maps that know nothing: 84 % (79 to 88 %),
# against 50 % (44 to 57 %) of the edge detector. Guided backpropagation (56 %; 50 to 62 %) can't be
# told from the edge detector, and saliency (26 %; 21 to 32 %) is clearly behind it. Grad-CAM's
# maximum stands for a whole cell of the deep layer, weighted by its evidence for the class;
# neighbouring cells see overlapping regions, so the map is smooth, and its peak lies in the object's
# middle. The maximum of a saliency map is one pixel, the largest of thousands of noisy values. With 3
# pixels of room saliency reaches 77 % (71 to 82 %) and guided backpropagation misses nothing any
# more, and both are ahead of the edge detector (63 %; 57 to 69 %): most of their misses were near
# misses. Both are largest at the object's outline, where brightness changes the score most, and half
# of an outline is background. So the strict count says less about *whether* they find the object
# than about *which part* of it they point at. Not measured: how much of the map lies on the object,
# its shape or detail; and whether the model *should* look there. Where objects are large and
# centred, a map that always points at the middle scores well, and a model that rightly uses the
# surroundings is marked down.
#
# **Rubric.** 1: the order, with the best baseline and the intervals named. 1: a reason (smooth,
# class-specific cells against a maximum over noisy single pixels). 1: misses near the outline. 1: a
# limit of the measure.
# <!-- ### END SOLUTION -->

# %% [markdown]
# ## Experiment B: caught cheating (14 points)
#
# `shapes_shortcut` has learnt from pictures in which something was odd: the images of *one* class
# all carried a small bar code in a corner, as photographs from one archive might carry its logo.
# Its accuracy on such pictures is excellent.

# %%
cheat, honest = load_classifier("shapes_shortcut"), load_classifier("shapes_vgg")
cheat_layer, honest_layer = list(cheat.layers().values())[-1], list(honest.layers().values())[-1]
plain = sample_images("shapes", n=240, seed=33)  # as in `sample_images`: no bar codes
marked = add_watermark(plain.images, seed=1)  # the same images, each with a bar code
where = watermark_mask(len(plain), marked.shape[-2:], seed=1)  # (N, H, W): it is here
show_images(marked[:8], plain.names[:8], title="With bar code")

# %% [markdown]
# 1. *Convict it.* On the plain images, how often is `cheat` right, class by class? Which class was
#    the marked one? **(2 points)**
# 2. *What does it look at?* Put the bar code on pictures of that class. Grad-CAM of the class,
#    `cheat` beside `honest`, for six of them. **(3 points)**
# 3. *Framing the innocent.* Put the bar code on the pictures of all *other* classes. How many does
#    `cheat` now take for the marked class, and how many does `honest`? On how many of them does
#    the maximum of `cheat`'s Grad-CAM for that class lie on the bar code, and that of `honest`'s, and
#    of the `BASELINES`? **(5 points)**
# 4. Explain, below. **(4 points)**

# %% nbgrader={"grade": true, "grade_id": "experiment_shortcut", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
### BEGIN SOLUTION
# Rubric: 2 accuracy by class on plain images; the class is named
#         3 Grad-CAM of both models for six marked images of that class
#         2 how many other images each model takes for the class, with and without the bar code
#         3 the share of Grad-CAM's maxima that lie on the bar code, beside `honest` and baselines
names = plain.class_names
with torch.no_grad():
    right = cheat(plain.images).argmax(dim=1) == plain.labels
by_class = [right[plain.labels == k].float().mean().item() for k in range(len(names))]
target = int(np.argmin(by_class))
fig, ax = plt.subplots(figsize=(9, 2.4), dpi=80, layout="constrained")
ax.bar(names, by_class, color=["#e07b39" if k == target else "#8899aa" for k in range(len(names))])
ax.tick_params(axis="x", rotation=45, labelsize=8)
ax.set(ylim=(0, 1.05), ylabel="right")
in_all = right.float().mean()
ax.set_title(f"Without bar codes: {in_all:.0%} right in all, but {names[target]} {by_class[target]:.0%}")
plt.show()

own = (plain.labels == target).nonzero().flatten()[:6].tolist()
y = torch.full((6,), target)
rows = {"marked image": marked[own]}
for name, network, its_layer in (
    ("honest", honest, honest_layer),
    ("cheat", cheat, cheat_layer),
):
    rows[f"{name}:\nGrad-CAM"] = grad_cam(marked[own], y, network, its_layer)
display(show_grid(rows, [names[target]] * 6, title=f"What says '{names[target]}'?"))

others = plain.labels != target
y = torch.full((int(others.sum()),), target)
with torch.no_grad():
    for name, network in (("cheat", cheat), ("honest", honest)):
        before = (network(plain.images[others]).argmax(dim=1) == target).sum()
        after = (network(marked[others]).argmax(dim=1) == target).sum()
        print(f"{name}: takes {before} of {len(y)} others for a {names[target]}, marked {after}")
maps = grad_cam(marked[others], y, cheat, cheat_layer)
on_mark = {
    "cheat's Grad-CAM": hits(maps, where[others]),
    "honest's Grad-CAM": hits(grad_cam(marked[others], y, honest, honest_layer), where[others]),
}
for name, method in BASELINES.items():
    on_mark[name] = hits(method(marked[others], y, cheat), where[others])
print("The maximum lies on the bar code in so many of them:")
print_scores(on_mark, BASELINES)
first = others.nonzero().flatten()[:8].tolist()
with torch.no_grad():
    answers = [names[k] for k in cheat(marked[first]).argmax(dim=1)]
titles = [f"{names[plain.labels[i]]}\nsaid: {answer}" for i, answer in zip(first, answers)]
show_overlays(
    marked[first], maps[:8], titles, label=f"cheat's Grad-CAM for '{names[target]}'"
)
### END SOLUTION

# %% [markdown] nbgrader={"grade": true, "grade_id": "answer_shortcut", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# **Your explanation (4 points).** What has `cheat` learnt about the marked class? Suppose that
# every image you have carries the bar code where it belongs, so that the accuracy is perfect: how
# would Grad-CAM have given the model away? What would you change before you train again?
#
# <!-- ### BEGIN SOLUTION -->
# **Model answer.** That a bar code means this class. The shape was not needed, so it was hardly
# learnt: plain images of the class are not recognised, and many images of other classes are taken
# for it as soon as they carry the code. Test images from the same source carry the same code, so
# accuracy can't show it. Grad-CAM of *right* answers does: for this class the map lies in a corner
# and not on the object, and seen over many images it follows the code from corner to corner. That a
# map lies there is no evidence by itself: an edge detector lies on the code in all images. The
# comparison counts: `honest`'s Grad-CAM of the same class lies there in 2 % of the images, `cheat`'s in
# 70 % (64 to 76 %).
# Before training again: remove or cover the mark, or put it on images of all classes alike (so that
# it says nothing), collect the class from other sources, and test on images without it.
#
# **Rubric.** 1: the mark instead of the shape. 2: maps of correctly classified images of this class
# lie on the mark, accuracy on data of the same source is blind to it. 1: a remedy in the data.
# <!-- ### END SOLUTION -->

# %% [markdown] nbgrader={"grade": true, "grade_id": "answer_saliency_and_grad_cam", "locked": false, "points": 12, "schema_version": 3, "solution": true, "task": false}
# **Written question (12 points).** You show a friend a saliency map and a Grad-CAM map of the same
# image and the same class. What does each of them tell (4 points)? In what do they differ (5
# points)? Is one of them better (3 points)?
#
# <!-- ### BEGIN SOLUTION -->
# **Model answer.** *Tell.* A saliency map gives for every pixel how strongly the score would change
# if this pixel changed a little: sensitivity, of either sign. A Grad-CAM map shows where the
# channels of one layer are active which, on the whole, raise the score: evidence for the class, by
# region.
#
# *Differ.* Saliency goes all the way back to the pixels and has their resolution; Grad-CAM stops at
# a layer, has the resolution of its grid, and has to be enlarged. Saliency uses the gradient alone;
# Grad-CAM multiplies averaged gradients with activations, so it depends on what is there and not
# only on what a change would do. Saliency takes absolute values, so what speaks for and against is
# mixed, and maps of different classes look alike; Grad-CAM keeps what is positive, and moves with
# the class. Saliency is noisy, because gradients of neighbouring pixels vary wildly; averaging over
# places makes Grad-CAM smooth. Saliency works for any differentiable model, Grad-CAM needs a layer
# with feature maps and a choice of it.
#
# *Better?* It depends on the question. For "where is the evidence for this class?" Grad-CAM: it wins
# the strict pointing game, follows the class, and exposes the shortcut. For fine detail, for "what
# would change the score?" (adversarial examples), or without convolutions: saliency. Neither proves
# that the model reasons as we do. Together, or as guided Grad-CAM, they show more than each alone,
# though what guided backpropagation adds is detail of the image rather than of the decision.
#
# **Rubric.** 4: two each for what the maps tell (sensitivity of the score to pixels; regions whose
# channels support the class). 5: one for each difference explained, of: resolution, activations
# used or not, sign, class dependence, noise, where they can be used. 3: a judgement tied to a
# purpose (1), with evidence from this notebook (1), and a limit of the preferred method (1).
# <!-- ### END SOLUTION -->

# %% [markdown]
# ## What these maps do not tell
#
# * **A clean drawing can be empty.** Guided backpropagation hardly changes when you ask about
#   another class. How much it changes when the *weights* are destroyed is measured in the notebook
#   on sanity checks.
# * **One weight a channel.** The mean slope forgets where in a channel the score depends on it; at
#   early layers that hurts.
# * **For, never against.** The ReLU hides what lowers the score. Without it you would see where a
#   class is contradicted.
# * **The map is stretched.** Full colour only says "more than elsewhere in this image", even if the
#   evidence is faint: look at the score as well.
