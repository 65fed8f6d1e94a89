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
# # Saliency: where does a classifier look?

# %% nbgrader={"grade": false, "grade_id": "imports", "locked": true, "schema_version": 3, "solution": false, "task": false}
import torch

# %%
from course_lib.visible_checks.saliency import (
    check_compute_layer_saliency,
    check_compute_loss_saliency,
    check_compute_saliency_maps,
    check_normalize_maps,
)

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
