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
# # Style transfer: what one picture shows, in the manner of another
#
# A classifier is trained to answer one question, and on the way learns to see edges, textures,
# parts. That is enough to tell *what* a picture shows from *how* it is painted: take the what from
# a photograph, the how from a painting, and change the pixels of an image until it has both.
# Nothing is trained here; the network only looks and compares.
#
# After this notebook you can
#
# * write down a wish about an image as a loss, and let the gradient with respect to the *pixels* fulfil it;
# * say what a layer's features keep of an image and what they let go;
# * say what a Gram matrix knows about a picture, and why that is its style and not its content;
# * balance losses that pull in different directions, and read from their curves who won.
#
# | | what you do | points |
# |---|---|---|
# | Questions 1 to 4 | write four functions, checked automatically | 10 + 20 + 20 + 20 |
# | Experiments A and B | layers and weights; a pair of your own | 8 + 8 |
# | In words | a question on Gram matrices, a review of the paper | 4 + 10 |
#
# Write your code where a cell says `NotImplementedError`. The line below it checks your function
# and its gradient, which is what the image will follow; it prints what works and says what
# doesn't. The final grade comes from more such checks on other inputs.

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
import matplotlib.pyplot as plt
import numpy as np
import torch

# %%
from course_lib import load_classifier
from course_lib.image_sources import folder_images
from course_lib.photos import PHOTOS, photo_samples
from course_lib.plots import show_grid, show_images, show_panels
from course_lib.style import Losses, extract_features, feature_layers
from course_lib.style import paint, show_losses, suggest_recipe, transfer_style
from course_lib.style_images import STYLES, style_images
from course_lib.visible_checks.style_transfer import (
    check_content_loss,
    check_gram_matrix,
    check_style_loss,
    check_tv_loss,
)

# %% [markdown]
# ## The model and the pictures
#
# Each can be switched in one line, and everything below follows. The network need not know the
# things in the pictures: it lends its eyes, not its answers.

# %%
model = load_classifier("petit_resnet")  # or "petit_vgg", ..., "squeezenet1_1"

# %%
SIZE = 144  # pixels a side: twice as many take four times as long
photographs = photo_samples(["temple", "cat", "flower"], SIZE).images
styles = style_images(["swirls", "mosaic", "contours"], SIZE)
# or styles = folder_images("my_paintings", model, size=SIZE).images, as many as you like

# %%
# One photograph to each style. If there are more of the one than of the other, some come twice.
count = max(len(photographs), len(styles))
photographs, styles = (x[torch.arange(count) % len(x)] for x in (photographs, styles))
style_names = [f"style {number}" for number in range(1, count + 1)]

# %% [markdown]
# <details><summary>Other models and pictures</summary>
#
# * `load_classifier("squeezenet1_1")` and any other torchvision classifier: its weights are fetched
#   once. These networks have seen a million photographs.
# * Pictures that come with the course: `list(PHOTOS)` and `list(STYLES)` name them. Some styles are
#   drawn by code, others are photographs from scikit-image: `style_images(["tissue"], SIZE)`.
# * Your own, photographs or styles: put them into a folder, and write
#   `folder_images("my_pictures", model, n=3, size=SIZE).images`.
#
# </details>

# %%
recipe = suggest_recipe(model)
print("layers: ", ", ".join(feature_layers(model)))
print("content:", recipe.content_layer)
print("style:  ", ", ".join(recipe.style_layers))
show_grid({"content": photographs, "style": styles}, title="Whose content, whose style?")

# %% [markdown]
# ## 1 Content: what a deep layer keeps
#
# Let $F^\ell(I)$ be what layer $\ell$ puts out for the image $I$: $C$ feature maps of $H \times W$
# numbers. `extract_features(images, model)` returns them for all layers. Here is their mean size
# over the channels.

# %%
names = list(feature_layers(model))
picture = photographs[:1]
with torch.no_grad():
    features = extract_features(picture, model)
shown = np.linspace(0, len(names) - 1, 6).round().astype(int)
panels = {"the image": picture[0]}
for i in shown[1:]:
    _, channels, height, width = features[i].shape
    panels[f"{names[i]}\n{channels} x {height} x {width}"] = features[i].abs().mean(dim=1)[0]
show_panels(panels, title="The same picture, deeper and deeper in the network (C x H x W)")

# %% [markdown]
# Deep layers forget the exact pixels and keep what is where. So "shows the same as the photograph
# $P$" can be said with features: their squared distance is small, at one layer $\ell$,
#
# $$ L_{\text{content}}(I) \;=\; w \sum_{c,i,j} \bigl( F^\ell_{cij}(I) - F^\ell_{cij}(P) \bigr)^2 . $$
#
# This loss, and the idea of the notebook, are those of Gatys, Ecker and Bethge,
# [*Image Style Transfer Using Convolutional Neural Networks*](https://openaccess.thecvf.com/content_cvpr_2016/html/Gatys_Image_Style_Transfer_CVPR_2016_paper.html)
# (2016; first as [*A Neural Algorithm of Artistic Style*](https://arxiv.org/abs/1508.06576), 2015).
#
# ### Question 1: `content_loss` (10 points)

# %% nbgrader={"grade": false, "grade_id": "content_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def content_loss(content_weight, content_current, content_original):
    """How far the features of an image are from those of the photograph.

    content_weight:   a number
    content_current:  features of the image that is being painted, (1, C, H, W)
    content_original: features of the photograph at the same layer, (1, C, H, W)
    return: content_weight * the sum of all squared differences, one number, with its gradient
    """
    ### BEGIN SOLUTION
    return content_weight * (content_current - content_original).pow(2).sum()
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_content_loss", "locked": true, "points": 10, "schema_version": 3, "solution": false, "task": false}
check_content_loss(content_loss)

# %% [markdown]
# <details><summary>Hint: my number is right, but there is no gradient</summary>
#
# The way from the features to the result must be all torch. `item()`, `float(...)`, `.data`,
# `detach()`, `torch.no_grad()` and NumPy each cut it.
#
# </details>
#
# ### What is left of a photograph in its features
#
# Start with noise and ask for nothing but the features of the photograph, at one layer
# ([Mahendran and Vedaldi, 2015](https://arxiv.org/abs/1412.0035)). What the layer has forgotten
# stays noise. Sixty steps do not reach these features: the distance that is left is in the
# titles, as a share of the size of the features.

# %% tags=["expected-question-1"]
noise = torch.rand(picture.shape, generator=torch.Generator().manual_seed(0))
panels = {"the photograph": picture[0], "the start": noise[0]}
for i in shown[2:]:
    wanted = features[i]

    def fits_the_features(image):
        current = extract_features(image, model, last=names[i])[-1]
        return {"content": content_loss(1 / wanted.pow(2).sum(), current, wanted)}

    painting = paint(noise, fits_the_features, steps=60)
    left = painting.history["content"][-1] ** 0.5
    panels[f"from {names[i]}\n{left:.0%} left"] = painting.image[0]
show_panels(panels, title="Towards the features of the photograph, at one layer each")

# %% [markdown]
# <details><summary>The picture to expect</summary>
#
# ![A photograph and images made from noise to have its features, at four layers](expected/question-1.jpg)
#
# </details>
#
# ## 2 Style: what occurs together, wherever it is
#
# Style is in the brush strokes, not in where they are. So throw the places away: multiply any two
# feature maps of a layer with each other, place by place, and add up over all places,
#
# $$ G_{cd}(I) \;=\; \frac{1}{CHW} \sum_{i,j} F_{cij}(I)\, F_{dij}(I) . $$
#
# $G_{cd}$ is large when the two features are often strong at the *same* place: "blue" with "short
# curved stroke", say. This $C \times C$ table is the **Gram matrix** of the layer. (The factor
# keeps its size alike for images and layers of different sizes.)
#
# The simplest layer is the image itself, with the features red, green and blue. Here is one element
# of its Gram matrix, but for the factor, and that of an image with the same pixels in another order:

# %%
order = torch.randperm(SIZE**2, generator=torch.Generator().manual_seed(1))
shuffled = styles.flatten(2)[:, :, order].view_as(styles)
panels = {}
for title, image in {style_names[0]: styles[0], "shuffled": shuffled[0]}.items():
    red, _, blue = image
    panels[title] = image
    panels[f"{title}:\nred"], panels[f"{title}:\nblue"] = red, blue
    panels[f"red x blue\n({title}), its mean\n{(red * blue).mean():.4f}"] = red * blue
show_panels(panels, title="Do red and blue occur together?")

# %% [markdown]
# With deeper layers the features that occur together are no longer colours but strokes and
# corners, and an image with the same Gram matrices can no longer be any order of pixels.
#
# ### Question 2: `gram_matrix` (20 points)

# %% nbgrader={"grade": false, "grade_id": "gram_matrix", "locked": false, "schema_version": 3, "solution": true, "task": false}
def gram_matrix(features, normalize=True):
    """Which features of a layer occur together, wherever that is.

    features:  (N, C, H, W), of N images
    normalize: whether to divide by C * H * W
    return: (N, C, C), for each image the products of any two of its C feature maps, added up over
            all places; with its gradient
    """
    ### BEGIN SOLUTION
    _, channels, height, width = features.shape
    flat = features.flatten(start_dim=2)  # (N, C, H * W)
    gram = flat @ flat.transpose(1, 2)  # (N, C, C)
    return gram / (channels * height * width) if normalize else gram
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_gram_matrix", "locked": true, "points": 20, "schema_version": 3, "solution": false, "task": false}
check_gram_matrix(gram_matrix)

# %% [markdown]
# <details><summary>Hint: without a loop over pairs of channels</summary>
#
# Write each feature map as one long row of $H \cdot W$ numbers. What does a matrix of such rows
# give when it is multiplied by its own transpose? `@` multiplies the last two dimensions and
# leaves those before them alone.
#
# </details>
# <details><summary>Hint: one image works, a batch doesn't</summary>
#
# Print the shape after each line, for `torch.rand(2, 3, 4, 5)`. The 2 must never meet the 3.
# Giving a tensor another shape does not move its numbers; `transpose` and `permute` do.
#
# </details>

# %% tags=["expected-question-2"]
layer = names.index(recipe.style_layers[1])
with torch.no_grad():
    grams = gram_matrix(extract_features(styles, model, names[layer])[layer])
panels = {}
for name, image, gram in zip(style_names, styles, grams):
    panels[name] = image
    panels[f"Gram of {name}"] = gram
show_panels(panels, title=f"What occurs together in three pictures: Gram matrices of {names[layer]}")

# %% [markdown]
# <details><summary>The picture to expect</summary>
#
# ![Three pictures and their Gram matrices](expected/question-2.jpg)
#
# </details>

# %% [markdown]
# Machine learning knows the table of all inner products of some vectors as their *linear kernel*.
# Does somebody else get the same?

# %%
from sklearn.metrics.pairwise import linear_kernel

features = extract_features(styles[:1], model, names[layer])[layer]  # (1, C, H, W)
theirs = torch.from_numpy(linear_kernel(features[0].flatten(1)))
difference = (gram_matrix(features, normalize=False)[0] - theirs).abs().max() / theirs.max()
print(f"largest difference to scikit-learn's linear_kernel: {difference:.0e} of the largest value")

# %% [markdown] nbgrader={"grade": true, "grade_id": "answer_gram", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# **Written question 1 (4 points).** Why does a Gram matrix describe style and not content? Name two
# changes of a picture that leave the Gram matrices of all layers (nearly) as they are although a
# viewer notices them at once, or say why there are none. Why are several layers used, and not the
# first one alone?
#
# <!-- ### BEGIN SOLUTION -->
# **Model answer.** The sum over places forgets where anything was: any permutation of the places of
# a feature map gives the same matrix. What stays is which features occur together and how often,
# which is a statistic of texture. Moving a motif to another place (a shift, with the part that
# leaves coming back at the other side) or exchanging the left and the right half leave all but the
# places at borders and seams unchanged, since convolutions do the same everywhere. A mirror image
# is *not* an example: features of oriented strokes change places. The first layer sees only a few
# pixels at once: its matrix knows colours and fine edges. Larger strokes and their arrangement
# need layers with larger receptive fields.
#
# **Rubric.** 1: the sum over places removes position; what co-occurs remains. 2: two changes, such
# as shifts and exchanged parts, with the reason that convolution treats all places alike (1 for one
# of them). 1: layers see different scales of texture.
# <!-- ### END SOLUTION -->

# %% [markdown]
# ### Question 3: `style_loss` (20 points)
#
# With $A^k$ the Gram matrices of the style image at layers $\ell_1, \ell_2, \dots$, and a weight
# for each,
#
# $$ L_{\text{style}}(I) \;=\; \sum_k w_k \sum_{c,d} \bigl( G^{\ell_k}_{cd}(I) - A^k_{cd} \bigr)^2 . $$
#
# The function gets the features of *all* layers and picks those that it is told to.

# %% nbgrader={"grade": false, "grade_id": "style_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def style_loss(feats, style_layers, style_targets, style_weights):
    """How far the Gram matrices of an image are from those of the style image.

    feats:         list of features (1, C, H, W) of the image that is being painted, of all layers
    style_layers:  list of indices into feats, in any order
    style_targets: list of Gram matrices (1, C, C) of the style image, normalised; number i belongs
                   to layer style_layers[i]
    style_weights: list of numbers, or a tensor; number i belongs to layer style_layers[i]
    return: the sum over i of style_weights[i] * the sum of squared differences of the normalised
            Gram matrix of that layer and its target; one number, with its gradient
    """
    ### BEGIN SOLUTION
    loss = 0
    for layer, target, weight in zip(style_layers, style_targets, style_weights):
        loss = loss + weight * (gram_matrix(feats[layer]) - target).pow(2).sum()
    return loss
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_style_loss", "locked": true, "points": 20, "schema_version": 3, "solution": false, "task": false}
check_style_loss(style_loss)

# %% [markdown]
# <details><summary>Hint: i and style_layers[i]</summary>
#
# With `style_layers = [3, 1]` the first target belongs to `feats[3]`. `feats` may be longer than
# the list of layers, and the layers need not come in order.
#
# </details>
#
# ### A picture that is nothing but style
#
# From noise, and with this loss alone, comes a *texture*: as much of the style image as its Gram
# matrices know ([Gatys, Ecker and Bethge, 2015](https://arxiv.org/abs/1505.07376)). One layer more in
# each column.

# %% tags=["expected-question-3"]
indices = [names.index(name) for name in recipe.style_layers]
rows = {}
for row in range(min(2, count)):
    with torch.no_grad():
        style_features = extract_features(styles[row : row + 1], model)
        start_features = extract_features(noise, model)
    made = [styles[row : row + 1]]
    for depth in range(1, len(indices) + 1):
        layers = indices[:depth]
        targets = [gram_matrix(style_features[k]) for k in layers]
        # Each layer counts as much as the others at the start.
        weights = [1 / style_loss(start_features, [k], [t], [1.0]) for k, t in zip(layers, targets)]

        def has_the_style(image):
            now = extract_features(image, model, last=names[max(layers)])
            return {"style": style_loss(now, layers, targets, weights)}

        made.append(paint(noise, has_the_style, steps=60).image)
    rows[style_names[row]] = torch.cat(made)
titles = ["the style image", *(f"up to\n{names[k]}" for k in indices)]
show_grid(rows, titles, title="Textures made from noise by Gram matrices")

# %% [markdown]
# <details><summary>The picture to expect</summary>
#
# ![Two style images and textures made from them with more and more layers](expected/question-3.jpg)
#
# </details>
#
# The Gram matrix of the pixels does not even give the right colours: it holds six numbers, how large
# each colour is in the mean square and which two go together, and many other colourings have the
# same six. The first convolution brings the colours of the style, the layers after it strokes and
# shapes.
#
# ## 3 Smoothness: neighbours should be alike
#
# Networks pool and stride, so some patterns of single pixels pass them unseen, and an image that
# is optimised picks them up. The *total variation* (Mahendran and Vedaldi, 2015, with $\beta = 2$)
# speaks against them: it adds up how much neighbouring pixels differ,
#
# $$ L_{\text{tv}}(I) \;=\; w \sum_{c} \Bigl( \sum_{i=1}^{H-1} \sum_{j=1}^{W} \bigl(I_{c,i+1,j} - I_{c,i,j}\bigr)^2
# + \sum_{i=1}^{H} \sum_{j=1}^{W-1} \bigl(I_{c,i,j+1} - I_{c,i,j}\bigr)^2 \Bigr). $$

# %%
grain = torch.randn(picture.shape, generator=torch.Generator().manual_seed(2))
noisy = (picture + 0.1 * grain).clamp(0, 1)
panels = {}
for title, image in {"a photograph": picture, "with noise": noisy}.items():
    panels[title] = image[0]
    panels[f"{title}:\nvertical"] = image.diff(dim=2)[0].abs().mean(dim=0)
    panels[f"{title}:\nhorizontal"] = image.diff(dim=3)[0].abs().mean(dim=0)
show_panels(panels, title="Differences between neighbours")

# %% [markdown]
# ### Question 4: `tv_loss` (20 points)

# %% nbgrader={"grade": false, "grade_id": "tv_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def tv_loss(img, tv_weight):
    """How much the neighbouring pixels of an image differ.

    img:       image (1, 3, H, W)
    tv_weight: a number
    return: tv_weight * (sum of squared differences of vertical neighbours + the same for
            horizontal neighbours), over all channels; one number, with its gradient
    """
    ### BEGIN SOLUTION
    vertical = img[:, :, 1:, :] - img[:, :, :-1, :]  # (1, 3, H - 1, W)
    horizontal = img[:, :, :, 1:] - img[:, :, :, :-1]  # (1, 3, H, W - 1)
    return tv_weight * (vertical.pow(2).sum() + horizontal.pow(2).sum())
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_tv_loss", "locked": true, "points": 20, "schema_version": 3, "solution": false, "task": false}
check_tv_loss(tv_loss)

# %% [markdown]
# <details><summary>Hint: no loop, and nothing around the edge</summary>
#
# The image without its first row and the image without its last row have the same size. A row of
# the one lies on the row above it of the other.
#
# </details>

# %% tags=["expected-question-4"]
panels = {"with noise": noisy[0]}
for weight in (0.05, 0.3, 2.0):

    def smooth_but_close(image):
        return {"pixels": (image - noisy).pow(2).sum(), "smoothness": tv_loss(image, weight)}

    smoothed = paint(noisy, smooth_but_close, steps=60, learning_rate=0.02).image
    panels[f"weight {weight}\nerror {(smoothed - picture).pow(2).mean().sqrt():.3f}"] = smoothed[0]
panels["without noise"] = picture[0]
show_panels(panels, title="Smoothness against noise: a little helps, much blurs")

# %% [markdown]
# <details><summary>The picture to expect</summary>
#
# ![A noisy photograph, smoothed with three weights](expected/question-4.jpg)
#
# </details>
#
# ## 4 All together
#
# The image starts as the photograph. Adam changes its pixels for a hundred steps; after each they
# are put back into [0, 1]. The loop is given: `transfer_style`. Weights are counted in units that
# you can imagine, the same for every model and size: 1 of *content* means "as far away as the style
# image is", 1 of *style* "as far from the style as the photograph is", 1 of *smoothness* "as rough
# as the photograph".

# %% tags=["expected-pairs"]
losses = Losses(content_loss, gram_matrix, style_loss, tv_loss)
paintings = [
    transfer_style(photograph[None], style[None], model, losses, recipe)
    for photograph, style in zip(photographs, styles)
]
results = torch.cat([painting.image for painting in paintings])
display(
    show_grid(
        {"content": photographs, "style": styles, "both": results},
        title=f"content {recipe.content}, style {recipe.style}, smoothness {recipe.smooth}",
    )
)
show_losses({name: p.history for name, p in zip(style_names, paintings)})

# %% [markdown]
# <details><summary>The pictures to expect</summary>
#
# ![Three photographs, three styles, three paintings, and their losses](expected/pairs.jpg)
#
# </details>
#
# At the start the content is perfect and the style all wrong. The losses pull against each other;
# what you see is a compromise.
#
# ## Experiment A: whose wish is granted? (8 points)
#
# Choose one photograph and one style.
#
# 1. Paint it with three weights of the style, each about ten times the one before, and with three
#    sets of style layers: only early ones, only late ones, and all of the recipe. Show the nine
#    images as a grid. **(3 points)**
# 2. Start once more from noise instead of the photograph, with the recipe and with ten times its
#    content weight, and show both. **(1 point)**
# 3. Explain, below. **(4 points)**
#
# <details><summary>Hint</summary>
#
# `recipe.but(style=10, style_layers=[...])` is the recipe with something changed;
# `transfer_style(..., start=noise)` begins elsewhere; `steps=50` is enough to try things.
#
# </details>

# %% nbgrader={"grade": true, "grade_id": "experiment_weights", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# Nine paintings in a grid, and two that began as noise.
### BEGIN SOLUTION
# Rubric: 3 three weights and three sets of layers, all else equal, rows and columns named
#         1 two from noise, with content weights that differ by ten
which = 0
photograph, style = photographs[which : which + 1], styles[which : which + 1]
half = len(recipe.style_layers) // 2
sets = {
    "early": recipe.style_layers[:half],
    "late": recipe.style_layers[half:],
    "all": recipe.style_layers,
}
rows = {}
for title, layers in sets.items():
    recipes = [recipe.but(style=w, style_layers=layers) for w in (0.1, 1, 10)]
    made = [
        transfer_style(photograph, style, model, losses, r, steps=50).image for r in recipes
    ]
    rows[f"{title}:\n{', '.join(layers)}"] = torch.cat([photograph, style, *made])
titles = ["content", "style", "style 0.1", "style 1", "style 10"]
display(show_grid(rows, titles, title="Weights and layers of style"))
from_noise = [
    transfer_style(photograph, style, model, losses, recipe.but(content=c), start=noise).image
    for c in (recipe.content, 10 * recipe.content)
]
show_images(torch.cat(from_noise), ["content", "10 x content"], title="Begun as noise")
### END SOLUTION

# %% [markdown] nbgrader={"grade": true, "grade_id": "answer_weights", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# **Your explanation (4 points).** What do early and late style layers bring? What happens to the
# content as the style's weight grows, and why is there no right balance? Why does the result depend
# on the start at all, when the loss does not know where it began?
#
# <!-- ### BEGIN SOLUTION -->
# **Model answer.** Early layers bring colours and fine grain, because they see few pixels at once;
# late ones larger strokes and shapes, sometimes without the right colours. With more weight on
# style, the features at the content layer are given up where the two conflict, and objects dissolve
# into texture, slowly here, where the photograph was the start; with little, only the colours
# shift. The sum has no right balance: each
# weight defines another problem, and which painting is best is for a viewer to say. The loss is not
# convex, with many local minima and flat directions (what the layers don't see), and a hundred
# steps don't reach the nearest one: an image begun as the photograph keeps its details, also those
# that no loss asks for, and one begun as noise keeps some noise.
#
# **Rubric.** 1: early fine and colour, late coarse. 1: trade-off of content and style. 1: weights
# are a choice, not a truth. 1: not convex / unseen directions / not converged.
# <!-- ### END SOLUTION -->

# %% [markdown]
# ## Experiment B: a pair of your own (8 points)
#
# Choose a photograph and a style of your own (your files, or others that come with the course, but
# none of the pairs above).
#
# 1. Paint it. Tune layers and weights until *you* like it, and show content, style, and at least
#    three of your tries, the best one last. **(5 points)**
# 2. Show the losses of the best one. **(1 point)**
# 3. In two or three sentences, as a comment or a text cell: what did you change from try to try, and
#    why? **(2 points)**
#
# <details><summary>Hint: pictures from files</summary>
#
# `folder_images("my_pictures", model, n=2, size=192).images` reads a folder's pictures as squares.
# `photo_samples(list(PHOTOS), SIZE).images` are seven photographs, `list(STYLES)` names ten styles.
#
# </details>

# %% nbgrader={"grade": true, "grade_id": "experiment_own_pair", "locked": false, "points": 8, "schema_version": 3, "solution": true, "task": false}
# A pair of your own.
### BEGIN SOLUTION
# Rubric: 5 a new pair (1), at least three tries that differ (2), a best one that keeps the content
#           recognisable and has the style's colours and strokes (2)
#         1 its loss curves
#         2 says what was changed from try to try, and for what reason
coffee = photo_samples(["coffee"], SIZE).images
waves = style_images(["waves"], SIZE)
# First much content, and a deep layer more of style: a cup with faint ripples. Then without that
# layer, whose strokes are larger than the rings. Then with the little content of the recipe: waves
# everywhere, and still a cup.
much = recipe.but(content=5 * recipe.content)
deep = much.but(style_layers=[*recipe.style_layers, names[-3]])
tries = [deep, much, recipe]
done = [transfer_style(coffee, waves, model, losses, tried, steps=80) for tried in tries]
shown = torch.cat([coffee, waves, *(painting.image for painting in done)])
settings = [f"{len(r.style_layers)} layers, content {r.content:.3g}" for r in tries]
titles = ["content", "style", *settings]
display(show_images(shown, titles, title="Three tries"))
show_losses({"the last": done[-1].history})
### END SOLUTION

# %% [markdown] nbgrader={"grade": true, "grade_id": "answer_review", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# ## In words: a review of the paper (10 points)
#
# Read Gatys, Ecker and Bethge,
# [*Image Style Transfer Using Convolutional Neural Networks*](https://openaccess.thecvf.com/content_cvpr_2016/html/Gatys_Image_Style_Transfer_CVPR_2016_paper.html)
# (2016, ten pages) as a reviewer would. In your own words, about 300 of them: what does it
# contribute **(3)**, what are its strengths **(2)** and its weaknesses **(3)**, what do *you* take
# away from it **(2)**? Where you can, lean on what you have seen in this notebook.
#
# <!-- ### BEGIN SOLUTION -->
# **Model answer.** *Contributions:* features of a network trained to classify separate content
# (responses of a high layer) from style (Gram matrices of several layers); both can be imposed on
# one image by gradient descent on its pixels; the trade-off is controlled by weights, and its parts
# (layers, initial image, photo-realistic styles) are studied. The style part continues the same
# authors' texture synthesis. *Strengths:* simple, general (any image is a style, nothing is
# trained for it), convincing pictures, and a use of representations that shows what they know; the
# choices of layers are shown, not only stated. *Weaknesses:* slow, minutes of optimisation for each
# image (feed-forward networks came soon after); resolution limited; noise and artefacts, for which
# later work adds total variation; "style" and "content" are defined by what the method does, and
# its success is judged by eye: no measure, no study with viewers, few failures shown; a Gram matrix
# has no notion of where or of long-range structure (symmetric ornaments fail); only VGG is tried, and
# why its features suit is not explained; weights are found by trial. *Takeaway:* losses can be measured in a network's feature space, and a classifier knows
# more than its classes: this became the perceptual loss of much that followed.
#
# **Rubric.** 3: the three steps content by features, style by Gram matrices, optimisation of
# pixels (1 each). 2: two strengths with a reason. 3: three weaknesses with a reason (an
# observation from the notebook counts). 2: a takeaway that is the student's own and follows from
# the rest.
# <!-- ### END SOLUTION -->

# %% [markdown]
# ## What the pictures do not tell
#
# * **"Style" is a definition here.** It is what Gram matrices of certain layers keep. Composition,
#   subject and symbols are style to an art historian, and invisible to this loss.
# * **A nice picture is no measurement.** Ten people would choose ten weights. Who claims that one
#   method is better must ask viewers, or measure something that was fixed before.
# * **Nothing was learnt.** The network's weights never changed; each painting starts from the
#   beginning. Networks that paint in one pass are trained with these very losses.
