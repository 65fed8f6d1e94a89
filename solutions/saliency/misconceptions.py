"""Wrong answers to the saliency assignment, by name.

Each function here answers one question of the assignment wrongly, in a way that students do. Its
docstring is the hint that a student reads when the values agree: what they are, and what the
question asks for. `caught_by` names the check that is about this mistake. All of them leave the
model, the images and the random numbers as they were.
"""

import copy
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from autograder.checks import formula, misconception

Quantity = Callable[[Tensor], Tensor]  # scores (N, C) -> what is differentiated, any shape
Losses = list[tuple[float, Quantity]]
Part = Callable[..., Any]


def _itself(thing: Any, *others: Any) -> Any:
    return thing


def _image_gradient(X: Tensor, model: nn.Module, quantity: Quantity) -> Tensor:
    """d sum(quantity(scores)) / d X, (N, 3, H, W)."""
    pixels = X.detach().clone().requires_grad_()
    with torch.enable_grad():
        (gradient,) = torch.autograd.grad(quantity(model(pixels)).sum(), pixels)
    return gradient


def _layer_gradient(
    X: Tensor, model: nn.Module, layer: nn.Module, quantity: Quantity
) -> tuple[Tensor, Tensor]:
    """d sum(quantity(scores)) / d (output of the layer), and that output: (N, C, h, w) each."""
    outputs = []

    def keep(module: nn.Module, inputs: tuple, output: Tensor) -> Tensor:
        outputs.append(output)
        return output.clone()  # what follows may work in place

    handle = layer.register_forward_hook(keep)
    try:
        with torch.enable_grad():
            total = quantity(model(X.detach().clone().requires_grad_())).sum()
            (gradient,) = torch.autograd.grad(total, outputs[-1])
    finally:
        handle.remove()
    return gradient, outputs[-1].detach()


def _score(scores: Tensor, y: Tensor) -> Tensor:
    """The unnormalised score of class y of each image, (N,): what most of the questions ask for."""
    return scores.gather(1, y[:, None])[:, 0]


def _sizes_first(gradient: Tensor, reduce: Part) -> Tensor:
    return reduce(gradient.abs())


def _largest(values: Tensor) -> Tensor:
    """Maximum over channels: (N, C, H, W) -> (N, H, W)."""
    return values.amax(dim=1)


def _per_map(maps: Tensor, reduce: Callable[[Tensor], Tensor]) -> Tensor:
    """One number for each map, shaped (N, 1, 1)."""
    return reduce(maps.flatten(1))[:, None, None]


def _smallest_and_largest(maps: Tensor) -> tuple[Tensor, Tensor]:
    return _per_map(maps, lambda m: m.amin(1)), _per_map(maps, lambda m: m.amax(1))


# ---------------------------------------------------------------------------------------------
# Question 1: compute_saliency_maps(X, y, model)
# ---------------------------------------------------------------------------------------------


@formula(of="compute_saliency_maps")
def maps_of_images(
    X: Tensor,
    y: Tensor,
    model: nn.Module,
    *,
    mode: Part = _itself,
    scores_of: Part = _itself,
    quantity: Part = _score,
    treated: Part = _itself,
    size: Part = _sizes_first,
    reduce: Part = _largest,
    scale: Part = _itself,
    shape: Part = _itself,
) -> Tensor:
    """The right answer, part by part; `size` decides when the sizes of the gradient are taken."""
    gradient = _image_gradient(X, mode(model), lambda scores: quantity(scores_of(scores), y))
    return shape(scale(size(treated(gradient, X), reduce)))


@maps_of_images.part("quantity", caught_by="test_maps_of_one_image")
def gradient_of_cross_entropy(scores: Tensor, y: Tensor) -> Tensor:
    """This equals the gradient of the cross-entropy; the question asks for the unnormalised score
    of class y.
    """
    return F.cross_entropy(scores, y)


@maps_of_images.part("quantity", caught_by="test_maps_of_a_batch")
def gradient_of_log_probability(scores: Tensor, y: Tensor) -> Tensor:
    """This equals the gradient of the logarithm of class y's probability, which all scores enter
    through the softmax; the question asks for the unnormalised score of class y alone.
    """
    return _score(scores.log_softmax(dim=1), y)


@maps_of_images.part("quantity", caught_by="test_maps_of_one_image")
def gradient_of_probability(scores: Tensor, y: Tensor) -> Tensor:
    """This equals the gradient of class y's probability, after the softmax; the question asks for
    the score before it.
    """
    return _score(scores.softmax(dim=1), y)


@maps_of_images.part("quantity", caught_by="test_maps_of_classes_that_are_not_predicted")
def gradient_of_predicted_class(scores: Tensor, y: Tensor) -> Tensor:
    """This equals the gradient of the largest score, so y was never used; the question asks for the
    score of class y, whether or not the model predicts it.
    """
    return scores.amax(dim=1)


@maps_of_images.part("quantity", caught_by="test_maps_of_one_image")
def gradient_of_all_scores(scores: Tensor, y: Tensor) -> Tensor:
    """This equals the gradient of the sum of all the scores, so y was never used; the question asks
    for the score of class y only.
    """
    return scores.sum(dim=1)


@maps_of_images.part("quantity", caught_by="test_maps_of_one_image")
def label_off_by_one(scores: Tensor, y: Tensor) -> Tensor:
    """This equals the map of the class just before y; classes are counted from 0, and y already
    does so.
    """
    return _score(scores, (y - 1) % scores.shape[1])


@maps_of_images.part("quantity", caught_by="test_maps_of_a_batch")
def label_of_first_image_for_all(scores: Tensor, y: Tensor) -> Tensor:
    """Every map here belongs to the label of the first image; the question asks for each image's
    own label.
    """
    return _score(scores, y[:1].expand_as(y))


@maps_of_images.part("quantity", caught_by="test_maps_of_a_batch")
def labels_of_whole_batch_for_each(scores: Tensor, y: Tensor) -> Tensor:
    """For each image the scores of all the labels in the batch were added up; the question pairs
    image i with label y[i] only. Look at the shape of what your index picks out of the scores.
    """
    return scores[:, y]


@maps_of_images.part("quantity", caught_by="test_maps_of_a_batch")
def mean_of_scores(scores: Tensor, y: Tensor) -> Tensor:
    """These maps are the right ones divided by the number of images, as if the scores had been
    averaged; an image's map is the gradient of its own score, however many images keep it company.
    """
    return _score(scores, y).mean()


@maps_of_images.part("scores_of", caught_by="test_maps_of_one_image")
def scores_squeezed(scores: Tensor) -> Tensor:
    """The scores of a single image lost their first axis on the way, as squeeze() without an axis
    does; they are (N, C) for every N, also 1.
    """
    return scores.squeeze()


@maps_of_images.part("treated", caught_by="test_maps_of_one_image")
def gradient_squeezed(gradient: Tensor, X: Tensor) -> Tensor:
    """The gradient of a single image lost its first axis before the maximum, which was then taken
    over the rows; squeeze() without an axis takes every axis of length 1.
    """
    return gradient.squeeze()


@maps_of_images.part("size", caught_by="test_maps_of_one_image")
def signed_maximum(gradient: Tensor, reduce: Part) -> Tensor:
    """The gradients kept their signs; a channel that lowers the score counts just as much, so the
    question takes absolute values before the maximum over the channels.
    """
    return reduce(gradient)


@maps_of_images.part("size", caught_by="test_maps_of_one_image")
def absolute_value_after_maximum(gradient: Tensor, reduce: Part) -> Tensor:
    """The absolute value was taken after the channels had been merged; the question takes it
    before, and the order matters where the gradients of a pixel differ in sign.
    """
    return reduce(gradient).abs()


@maps_of_images.part("size", caught_by="test_maps_of_one_image")
def squared_gradient(gradient: Tensor, reduce: Part) -> Tensor:
    """These are the squares of the right values; the question asks for the absolute value of the
    gradient.
    """
    return reduce(gradient.square())


@maps_of_images.part("size", caught_by="test_maps_of_one_image")
def positive_part_of_gradient(gradient: Tensor, reduce: Part) -> Tensor:
    """Negative gradients were set to zero here; the question keeps them, through their absolute
    value.
    """
    return reduce(gradient.relu())


@maps_of_images.part("reduce", caught_by="test_maps_of_one_image")
def mean_over_channels(values: Tensor) -> Tensor:
    """This is the mean of the absolute gradients over the channels; the question asks for their
    maximum.
    """
    return values.mean(dim=1)


@maps_of_images.part("reduce", caught_by="test_maps_of_one_image")
def sum_over_channels(values: Tensor) -> Tensor:
    """This is the sum of the absolute gradients over the channels; the question asks for their
    maximum.
    """
    return values.sum(dim=1)


@maps_of_images.part("reduce", caught_by="test_maps_of_one_image")
def norm_over_channels(values: Tensor) -> Tensor:
    """This is the Euclidean norm of the gradient over the channels; the question asks for the
    maximum of the absolute values.
    """
    return values.norm(dim=1)


@maps_of_images.part("reduce", caught_by="test_maps_of_one_image")
def index_of_maximum(values: Tensor) -> Tensor:
    """These are the numbers 0, 1 and 2 of the channels with the largest gradient; the question asks
    for its value.
    """
    return values.argmax(dim=1)


@maps_of_images.part("reduce", caught_by="test_maps_of_one_image")
def channels_kept(values: Tensor) -> Tensor:
    """This still has its three channels, (N, 3, H, W); the question asks for one map per image, (N,
    H, W), with the maximum over the channels.
    """
    return values


@maps_of_images.part("reduce", caught_by="test_maps_of_one_image")
def maximum_over_rows(values: Tensor) -> Tensor:
    """The maximum was taken over the rows of the image, which leaves (N, 3, W); the question takes
    it over the channels.
    """
    return values.amax(dim=2)


@maps_of_images.part("treated", caught_by="test_maps_of_one_image")
def input_times_gradient(gradient: Tensor, X: Tensor) -> Tensor:
    """This is the gradient multiplied by the pixels, another attribution method; the question asks
    for the gradient itself.
    """
    return gradient * X.detach()


@maps_of_images.part("treated", caught_by="test_maps_of_one_image")
def pixels_instead_of_gradient(gradient: Tensor, X: Tensor) -> Tensor:
    """This is the maximum over the image's own pixel values; the question asks for the gradient of
    a score with respect to them.
    """
    return X.detach()


@maps_of_images.part("treated", caught_by="test_maps_of_one_image")
def zeros_everywhere(gradient: Tensor, X: Tensor) -> Tensor:
    """These maps are zero everywhere, as if no gradient had reached the image; check what is
    differentiated, and that nothing in between cuts the graph.
    """
    return torch.zeros_like(gradient)


@maps_of_images.part("treated", caught_by="test_maps_do_not_depend_on_the_rest_of_the_batch")
def gradient_divided_by_its_norm(gradient: Tensor, X: Tensor) -> Tensor:
    """The gradient was divided by its norm over the whole batch, as one does in an optimisation
    step; the question asks for the absolute gradient as it is.
    """
    return gradient / gradient.norm()


@maps_of_images.part("shape", caught_by="test_maps_of_one_image")
def channel_axis_kept(maps: Tensor) -> Tensor:
    """The values are right, but an axis of length 1 is left where the channels were; the question
    asks for (N, H, W).
    """
    return maps.unsqueeze(1)


@maps_of_images.part("shape", caught_by="test_maps_of_a_batch")
def maximum_over_images(maps: Tensor) -> Tensor:
    """The images of the batch were merged into one map by a maximum over them; the question asks
    for a map of each image.
    """
    return maps.amax(dim=0, keepdim=True)


@maps_of_images.part("shape", caught_by="test_maps_of_non_square_images")
def rows_and_columns_swapped(maps: Tensor) -> Tensor:
    """Rows and columns are swapped: this is (N, W, H); the question asks for (N, H, W), which only
    a square image can hide.
    """
    return maps.transpose(1, 2)


@maps_of_images.part("shape", caught_by="test_maps_of_one_image")
def single_image_squeezed(maps: Tensor) -> Tensor:
    """A batch of one image lost its first axis, as squeeze() without an axis does; the question
    asks for (N, H, W) for every N, also 1.
    """
    return maps.squeeze()


@maps_of_images.part("shape", caught_by="test_maps_of_one_image")
def room_for_five_images(maps: Tensor) -> Tensor:
    """Five maps come back whatever the number of images; the question asks for as many maps as X
    has images.
    """
    room = maps.new_zeros(5, *maps.shape[1:])
    room[: len(maps)] = maps[:5]
    return room


@maps_of_images.part("scale", caught_by="test_maps_of_one_image")
def each_map_normalised(maps: Tensor) -> Tensor:
    """Each map was stretched to [0, 1] already; this question asks for the absolute gradient
    itself, and scaling for display is the next one.
    """
    smallest, largest = _smallest_and_largest(maps)
    return (maps - smallest) / (largest - smallest)


@maps_of_images.part("scale", caught_by="test_maps_do_not_depend_on_the_rest_of_the_batch")
def divided_by_largest_of_batch(maps: Tensor) -> Tensor:
    """The maps were divided by the largest value in the whole batch, so that an image's map changes
    with its neighbours; the question asks for the absolute gradient itself.
    """
    return maps / maps.max()


@maps_of_images.part("mode", caught_by="test_maps_with_batch_norm_and_in_place_relu")
def batch_norm_in_train_mode(model: nn.Module) -> nn.Module:
    """These are the maps of the model in train mode, where batch norm mixes the images of a batch;
    keep the model in the mode in which you were given it.
    """
    model = copy.deepcopy(model)
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.train()  # not the whole model: dropout would make the values random
    return model


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_one_image")
def gradient_seed_for_five_images(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """This runs for batches of five images only; the question asks for any number of them, so take
    the number from X.
    """
    pixels = X.detach().clone().requires_grad_()
    with torch.enable_grad():
        score = _score(model(pixels), y)
        (gradient,) = torch.autograd.grad(score, pixels, grad_outputs=score.new_ones(5))
    return _largest(gradient.abs())


# ---------------------------------------------------------------------------------------------
# Question 2: normalize_maps(maps)
# ---------------------------------------------------------------------------------------------


def _stretched(maps: Tensor, smallest: Tensor, largest: Tensor, constant: Part) -> Tensor:
    """From 0 to 1; where there is nothing to stretch, what `constant` makes of the maps."""
    span = largest - smallest
    return torch.where(span > 0, (maps - smallest) / span, constant(maps))


def _to_unit_range(maps: Tensor, smallest: Tensor, largest: Tensor) -> Tensor:
    return _stretched(maps, smallest, largest, torch.zeros_like)


@formula(of="normalize_maps")
def maps_from_zero_to_one(
    maps: Tensor,
    *,
    first: Part = _itself,
    extremes: Part = _smallest_and_largest,
    stretch: Part = _to_unit_range,
    last: Part = _itself,
) -> Tensor:
    """The right answer, part by part."""
    maps = first(maps)
    return last(stretch(maps, *extremes(maps)))


@maps_from_zero_to_one.part("extremes", caught_by="test_maps_are_normalised_on_their_own")
def extremes_of_whole_batch(maps: Tensor) -> tuple[Tensor, Tensor]:
    """The minimum and the maximum were taken over the whole batch; the question stretches each map
    by its own.
    """
    return maps.min(), maps.max()


@maps_from_zero_to_one.part("extremes", caught_by="test_maps_are_normalised_on_their_own")
def extremes_over_images(maps: Tensor) -> tuple[Tensor, Tensor]:
    """The minimum and the maximum were taken over the images, for each pixel; the question takes
    them over the pixels, for each image.
    """
    return maps.amin(dim=0), maps.amax(dim=0)


@maps_from_zero_to_one.part("extremes", caught_by="test_each_map_spans_zero_to_one")
def extremes_of_each_row(maps: Tensor) -> tuple[Tensor, Tensor]:
    """Each row was stretched by its own minimum and maximum; the question takes them over the whole
    map, rows and columns.
    """
    return maps.amin(dim=2, keepdim=True), maps.amax(dim=2, keepdim=True)


@maps_from_zero_to_one.part("stretch", caught_by="test_each_map_spans_zero_to_one")
def divided_by_maximum_only(maps: Tensor, smallest: Tensor, largest: Tensor) -> Tensor:
    """Each map was divided by its maximum, which leaves its smallest value above (or below) 0; the
    question moves that to 0 as well.
    """
    return maps / largest


@maps_from_zero_to_one.part("stretch", caught_by="test_each_map_spans_zero_to_one")
def minimum_subtracted_only(maps: Tensor, smallest: Tensor, largest: Tensor) -> Tensor:
    """Each map starts at 0 now but does not end at 1; the question asks for both."""
    return maps - smallest


@maps_from_zero_to_one.part("stretch", caught_by="test_each_map_spans_zero_to_one")
def minimum_subtracted_then_divided_by_old_maximum(
    maps: Tensor, smallest: Tensor, largest: Tensor
) -> Tensor:
    """The minimum was subtracted, and then the maximum from before that was divided by, so that the
    largest value misses 1; after the subtraction the largest value is another one.
    """
    return (maps - smallest) / largest


@maps_from_zero_to_one.part("stretch", caught_by="test_each_map_spans_zero_to_one")
def parentheses_missing(maps: Tensor, smallest: Tensor, largest: Tensor) -> Tensor:
    """Only the minimum was divided by the range, not the difference to it; look at your
    parentheses.
    """
    return maps - smallest / (largest - smallest)


@maps_from_zero_to_one.part("stretch", caught_by="test_each_map_spans_zero_to_one")
def standardised(maps: Tensor, smallest: Tensor, largest: Tensor) -> Tensor:
    """Each map has mean 0 and standard deviation 1 here; the question asks for the range from 0 to
    1.
    """
    mean, deviation = _per_map(maps, lambda m: m.mean(1)), _per_map(maps, lambda m: m.std(1))
    return (maps - mean) / deviation


@maps_from_zero_to_one.part("stretch", caught_by="test_each_map_spans_zero_to_one")
def divided_by_sum(maps: Tensor, smallest: Tensor, largest: Tensor) -> Tensor:
    """The values of each map add up to 1 here; the question asks that they range from 0 to 1."""
    return maps / _per_map(maps, lambda m: m.sum(1))


@maps_from_zero_to_one.part("stretch", caught_by="test_each_map_spans_zero_to_one")
def softmax_of_each_map(maps: Tensor, smallest: Tensor, largest: Tensor) -> Tensor:
    """This is a softmax over the pixels of each map; the question stretches the values linearly by
    minimum and maximum.
    """
    return maps.flatten(1).softmax(1).view_as(maps)


@maps_from_zero_to_one.part("stretch", caught_by="test_negative_and_small_values")
def large_constant_added_to_range(maps: Tensor, smallest: Tensor, largest: Tensor) -> Tensor:
    """Something was added to the range before dividing, and it is not small beside real saliency
    maps: those never reach 1. Treat the constant map as a case of its own.
    """
    return (maps - smallest) / (largest - smallest + 1e-3)


@maps_from_zero_to_one.part("stretch", caught_by="test_a_constant_map_becomes_zeros")
def nan_for_constant_map(maps: Tensor, smallest: Tensor, largest: Tensor) -> Tensor:
    """A constant map became NaN, zero divided by zero; the question wants zeros there."""
    return (maps - smallest) / (largest - smallest)


@maps_from_zero_to_one.part("stretch", caught_by="test_a_constant_map_becomes_zeros")
def ones_for_constant_map(maps: Tensor, smallest: Tensor, largest: Tensor) -> Tensor:
    """A constant map became ones; the question wants zeros there, since no pixel of it stands out."""
    return _stretched(maps, smallest, largest, torch.ones_like)


@maps_from_zero_to_one.part("stretch", caught_by="test_a_constant_map_becomes_zeros")
def constant_map_left_alone(maps: Tensor, smallest: Tensor, largest: Tensor) -> Tensor:
    """A constant map came back as it was; the question wants zeros there."""
    return _stretched(maps, smallest, largest, _itself)


@maps_from_zero_to_one.part("stretch", caught_by="test_negative_and_small_values")
def clipped(maps: Tensor, smallest: Tensor, largest: Tensor) -> Tensor:
    """Values outside [0, 1] were cut off; the question moves and stretches each map instead, so
    that nothing is lost.
    """
    return maps.clamp(0, 1)


@maps_from_zero_to_one.part("first", caught_by="test_negative_and_small_values")
def absolute_values_first(maps: Tensor) -> Tensor:
    """The signs were dropped before the maps were stretched; the smallest value, negative or not,
    is the one that becomes 0.
    """
    return maps.abs()


@maps_from_zero_to_one.part("last", caught_by="test_each_map_spans_zero_to_one")
def scaled_to_bytes(maps: Tensor) -> Tensor:
    """These values run from 0 to 255; the question asks for 0 to 1."""
    return 255 * maps


@misconception(of="normalize_maps", caught_by="test_each_map_spans_zero_to_one")
def upside_down(maps: Tensor) -> Tensor:
    """The largest value became 0 and the smallest 1; the question asks for it the other way round."""
    smallest, largest = _smallest_and_largest(maps)
    span = largest - smallest
    return torch.where(span > 0, (largest - maps) / span, torch.zeros_like(maps))


# ---------------------------------------------------------------------------------------------
# Question 3: compute_layer_saliency(X, y, model, layer)
# ---------------------------------------------------------------------------------------------


@formula(of="compute_layer_saliency")
def maps_of_layers(
    X: Tensor,
    y: Tensor,
    model: nn.Module,
    layer: nn.Module,
    *,
    place: Part = _layer_gradient,
    quantity: Part = _score,
    treated: Part = _itself,
    size: Part = _sizes_first,
    reduce: Part = _largest,
    shape: Part = _itself,
) -> Tensor:
    """The right answer, part by part."""
    found = place(X, model, layer, lambda scores: quantity(scores, y))
    return shape(size(treated(*found), reduce), X)


@maps_of_layers.part("treated", caught_by="test_layer_maps_of_one_image")
def activations_instead_of_gradients(gradient: Tensor, activations: Tensor) -> Tensor:
    """These are the layer's activations; the question asks for the gradient of the score with
    respect to them.
    """
    return activations


@maps_of_layers.part("treated", caught_by="test_layer_maps_of_one_image")
def gradient_times_activation(gradient: Tensor, activations: Tensor) -> Tensor:
    """This is the gradient multiplied by the activations; the question asks for the gradient
    itself.
    """
    return gradient * activations


@maps_of_layers.part("size", caught_by="test_layer_maps_of_one_image")
def layer_signed_maximum(gradient: Tensor, reduce: Part) -> Tensor:
    """The layer's gradients kept their signs; the question takes absolute values before the
    maximum over the channels.
    """
    return reduce(gradient)


@maps_of_layers.part("reduce", caught_by="test_layer_maps_of_one_image")
def layer_mean_over_channels(values: Tensor) -> Tensor:
    """This is the mean of the layer's absolute gradients over its channels; the question asks for
    their maximum.
    """
    return values.mean(dim=1)


@maps_of_layers.part("reduce", caught_by="test_layer_maps_of_one_image")
def layer_sum_over_channels(values: Tensor) -> Tensor:
    """This is the sum of the layer's absolute gradients over its channels; the question asks for
    their maximum.
    """
    return values.sum(dim=1)


@maps_of_layers.part("quantity", caught_by="test_layer_maps_of_one_image")
def layer_gradient_of_cross_entropy(scores: Tensor, y: Tensor) -> Tensor:
    """This equals the gradient of the cross-entropy at the layer; the question asks for the
    unnormalised score of class y.
    """
    return F.cross_entropy(scores, y)


@maps_of_layers.part("quantity", caught_by="test_layer_maps_of_a_batch")
def layer_gradient_of_predicted_class(scores: Tensor, y: Tensor) -> Tensor:
    """This equals the gradient of the largest score at the layer; the question asks for the score
    of class y, whether or not the model predicts it.
    """
    return scores.amax(dim=1)


@maps_of_layers.part("quantity", caught_by="test_layer_maps_of_a_batch")
def layer_mean_of_scores(scores: Tensor, y: Tensor) -> Tensor:
    """These maps are the right ones divided by the number of images, as if the scores had been
    averaged; each image has a score of its own.
    """
    return _score(scores, y).mean()


@maps_of_layers.part("quantity", caught_by="test_layer_maps_of_a_batch")
def layer_label_of_first_image_for_all(scores: Tensor, y: Tensor) -> Tensor:
    """Every map at the layer belongs to the label of the first image; the question asks for each
    image's own label.
    """
    return _score(scores, y[:1].expand_as(y))


@maps_of_layers.part("shape", caught_by="test_layer_maps_of_one_image")
def layer_single_image_squeezed(maps: Tensor, X: Tensor) -> Tensor:
    """A batch of one image lost its first axis on the way; the question asks for (N, h, w) for
    every N, also 1.
    """
    return maps.squeeze(0)


@maps_of_layers.part("shape", caught_by="test_layer_maps_of_early_and_late_layers")
def resized_to_image(maps: Tensor, X: Tensor) -> Tensor:
    """The map was enlarged to the size of the image; the question asks for (N, h, w), the layer's
    own height and width.
    """
    return F.interpolate(maps[:, None], X.shape[2:], mode="bilinear", align_corners=False)[:, 0]


@maps_of_layers.part("treated", caught_by="test_layer_maps_of_one_image")
def layer_zeros_everywhere(gradient: Tensor, activations: Tensor) -> Tensor:
    """The layer's maps are zero everywhere, as if no gradient had reached it; check what your hook
    kept, and when it is read.
    """
    return torch.zeros_like(gradient)


@maps_of_layers.part("place", caught_by="test_layer_followed_by_in_place_relu")
def overwritten_by_in_place_relu(
    X: Tensor, model: nn.Module, layer: nn.Module, quantity: Quantity
) -> tuple[Tensor, Tensor]:
    """This is the gradient behind the layer's successor: an in-place ReLU (or addition) wrote over
    the tensor that your hook had kept. The question asks for the layer's output as it left the
    layer.
    """
    outputs = []
    handle = layer.register_forward_hook(lambda module, inputs, output: outputs.append(output))
    try:
        with torch.enable_grad():
            total = quantity(model(X.detach().clone().requires_grad_())).sum()
            (gradient,) = torch.autograd.grad(total, outputs[-1])
    finally:
        handle.remove()
    return gradient, outputs[-1].detach()


@maps_of_layers.part("place", caught_by="test_layer_maps_of_early_and_late_layers")
def gradient_at_layer_input(
    X: Tensor, model: nn.Module, layer: nn.Module, quantity: Quantity
) -> tuple[Tensor, Tensor]:
    """This is the gradient with respect to what goes into the layer; the question asks for what
    comes out of it.
    """
    kept = []

    def keep(module: nn.Module, inputs: tuple) -> tuple:
        kept.append(inputs[0])
        return (inputs[0].clone(), *inputs[1:])  # the layer itself may work in place

    handle = layer.register_forward_pre_hook(keep)
    try:
        with torch.enable_grad():
            total = quantity(model(X.detach().clone().requires_grad_())).sum()
            (gradient,) = torch.autograd.grad(total, kept[-1])
    finally:
        handle.remove()
    return gradient, kept[-1].detach()


@maps_of_layers.part("place", caught_by="test_layer_maps_of_early_and_late_layers")
def map_of_image_instead_of_layer(
    X: Tensor, model: nn.Module, layer: nn.Module, quantity: Quantity
) -> tuple[Tensor, Tensor]:
    """This is the saliency map of the image, so the layer was never used; the question asks for the
    gradient with respect to the layer's output.
    """
    return _image_gradient(X, model, quantity), X.detach()


@misconception(of="compute_layer_saliency", caught_by="test_layer_maps_of_one_image")
def grad_cam_instead(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """This is Grad-CAM: activations weighted by their mean gradient; the question asks for the
    largest absolute gradient over the channels, without the activations.
    """
    gradient, activations = _layer_gradient(X, model, layer, lambda scores: _score(scores, y))
    return (gradient.mean(dim=(2, 3), keepdim=True) * activations).sum(dim=1).relu()


# ---------------------------------------------------------------------------------------------
# Question 4: compute_loss_saliency(X, losses, model)
# ---------------------------------------------------------------------------------------------


def _value(loss: Quantity, scores: Tensor, weight: float) -> Tensor:
    return weight * loss(scores)


@formula(of="compute_loss_saliency")
def maps_of_losses(
    X: Tensor,
    losses: Losses,
    model: nn.Module,
    *,
    weights: Part = _itself,
    chosen: Part = _itself,
    scores_of: Part = _itself,
    value: Part = _value,
    total: Part = sum,
    size: Part = _sizes_first,
    reduce: Part = _largest,
    scale: Part = _itself,
    shape: Part = _itself,
) -> Tensor:
    """The right answer, part by part."""
    used = chosen([(weight, loss) for weight, (_, loss) in zip(weights(_weights(losses)), losses)])

    def quantity(scores: Tensor) -> Tensor:
        return total([value(loss, scores_of(scores), weight) for weight, loss in used])

    return shape(scale(size(_image_gradient(X, model, quantity), reduce), losses))


def _weights(losses: Losses) -> list[float]:
    return [weight for weight, _ in losses]


@maps_of_losses.part("weights", caught_by="test_a_weighted_sum_of_losses")
def weights_ignored(weights: list[float]) -> list[float]:
    """The losses were added without their weights; the question asks for their weighted sum."""
    return [1.0 for _ in weights]


@maps_of_losses.part("weights", caught_by="test_negative_and_zero_weights")
def signs_of_weights_ignored(weights: list[float]) -> list[float]:
    """Negative weights were used as positive ones; a negative weight subtracts its loss."""
    return [abs(weight) for weight in weights]


@maps_of_losses.part("weights", caught_by="test_negative_and_zero_weights")
def negative_weights_dropped(weights: list[float]) -> list[float]:
    """Losses with a negative weight were left out; a negative weight subtracts its loss."""
    return [max(weight, 0) for weight in weights]


@maps_of_losses.part("weights", caught_by="test_a_weighted_sum_of_losses")
def weights_squared(weights: list[float]) -> list[float]:
    """Each weight was applied twice; the question multiplies each loss by its weight once."""
    return [weight**2 for weight in weights]


@maps_of_losses.part("weights", caught_by="test_a_weighted_sum_of_losses")
def weights_made_to_sum_to_one(weights: list[float]) -> list[float]:
    """The weights were divided by their sum; the question uses them as they are."""
    return [weight / sum(weights) for weight in weights]


@maps_of_losses.part("scale", caught_by="test_a_weighted_sum_of_losses")
def weighted_mean_of_losses(maps: Tensor, losses: Losses) -> Tensor:
    """The weighted losses were averaged, divided by their number; the question asks for their
    weighted sum.
    """
    return maps / len(losses)


@maps_of_losses.part("chosen", caught_by="test_a_weighted_sum_of_losses")
def first_loss_only(losses: Losses) -> Losses:
    """Only the first loss was used; the question asks for the weighted sum of all of them. See
    where your loop returns.
    """
    return losses[:1]


@maps_of_losses.part("chosen", caught_by="test_a_weighted_sum_of_losses")
def last_loss_only(losses: Losses) -> Losses:
    """Only the last loss was used; the question asks for the weighted sum of all of them. See what
    your loop keeps from one turn to the next.
    """
    return losses[-1:]


@maps_of_losses.part("chosen", caught_by="test_a_weighted_sum_of_losses")
def running_total_differentiated_each_turn(losses: Losses) -> Losses:
    """The running total was differentiated in every turn of the loop and the gradients piled up, so
    that early losses count several times; each loss counts once.
    """
    return [(weight * (len(losses) - i), loss) for i, (weight, loss) in enumerate(losses)]


@maps_of_losses.part("total", caught_by="test_a_weighted_sum_of_losses")
def product_of_losses(values: list[Tensor]) -> Tensor:
    """The weighted losses were multiplied; the question asks for their sum."""
    return torch.stack(values).prod(dim=0)


@maps_of_losses.part("value", caught_by="test_nonlinear_losses")
def weights_inside_losses(loss: Quantity, scores: Tensor, weight: float) -> Tensor:
    """The scores were multiplied by the weight before the loss saw them; the question weights the
    value of the loss, which is another thing when the loss is not linear.
    """
    return loss(weight * scores)


@maps_of_losses.part("scores_of", caught_by="test_a_single_loss")
def losses_of_probabilities(scores: Tensor) -> Tensor:
    """The losses were given probabilities, after a softmax; they expect the unnormalised scores."""
    return scores.softmax(dim=1)


@maps_of_losses.part("scores_of", caught_by="test_a_single_loss")
def losses_of_log_probabilities(scores: Tensor) -> Tensor:
    """The losses were given the logarithms of the probabilities; they expect the unnormalised
    scores.
    """
    return scores.log_softmax(dim=1)


@maps_of_losses.part("scale", caught_by="test_a_single_loss")
def loss_mean_over_batch(maps: Tensor, losses: Losses) -> Tensor:
    """These maps are the right ones divided by the number of images, as if the losses had been
    averaged over the batch; an image's map is the gradient of its own loss.
    """
    return maps / len(maps)


@maps_of_losses.part("size", caught_by="test_a_single_loss")
def loss_signed_maximum(gradient: Tensor, reduce: Part) -> Tensor:
    """The gradients of the loss kept their signs; the question takes absolute values before the
    maximum over the channels.
    """
    return reduce(gradient)


@maps_of_losses.part("reduce", caught_by="test_a_single_loss")
def loss_mean_over_channels(values: Tensor) -> Tensor:
    """This is the mean of the loss's absolute gradients over the channels; the question asks for
    their maximum.
    """
    return values.mean(dim=1)


@maps_of_losses.part("reduce", caught_by="test_a_single_loss")
def loss_sum_over_channels(values: Tensor) -> Tensor:
    """This is the sum of the loss's absolute gradients over the channels; the question asks for
    their maximum.
    """
    return values.sum(dim=1)


@maps_of_losses.part("shape", caught_by="test_loss_maps_of_one_image")
def loss_single_image_squeezed(maps: Tensor) -> Tensor:
    """A batch of one image lost its first axis on the way; the question asks for (N, H, W) for
    every N, also 1.
    """
    return maps.squeeze(0)


@misconception(of="compute_loss_saliency", caught_by="test_a_weighted_sum_of_losses")
def sum_of_maps(X: Tensor, losses: Losses, model: nn.Module) -> Tensor:
    """A map of each loss was made, and the maps were weighted and added; the question asks for the
    map of the weighted sum, where gradients of opposite sign cancel before the absolute value.
    """
    return sum(weight * _largest(_image_gradient(X, model, loss).abs()) for weight, loss in losses)


@misconception(of="compute_loss_saliency", caught_by="test_a_weighted_sum_of_losses")
def largest_of_maps(X: Tensor, losses: Losses, model: nn.Module) -> Tensor:
    """At each pixel the loss with the strongest gradient was kept; the question adds the weighted
    losses up first.
    """
    maps = [_largest((weight * _image_gradient(X, model, loss)).abs()) for weight, loss in losses]
    return torch.stack(maps).amax(dim=0)


@misconception(of="compute_loss_saliency", caught_by="test_a_single_loss")
def largest_score_instead_of_losses(X: Tensor, losses: Losses, model: nn.Module) -> Tensor:
    """This is the map of the largest score, so the losses were never used; the question asks for
    the gradient of their weighted sum.
    """
    return _largest(_image_gradient(X, model, lambda scores: scores.amax(dim=1)).abs())
