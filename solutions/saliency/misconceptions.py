"""Wrong answers to the saliency assignment, by name.

Each function here answers one question of the assignment wrongly, in a way that students do. Its
docstring is the hint that a student reads when the values agree: what they are, and what the
question asks for. `caught_by` names the check that is about this mistake. All of them leave the
model, the images and the random numbers as they were.
"""

import copy
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from autograder.checks import misconception

Quantity = Callable[[Tensor], Tensor]  # scores (N, C) -> what is differentiated, any shape
Losses = list[tuple[float, Quantity]]


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


def _score(y: Tensor) -> Quantity:
    """The unnormalised score of class y of each image, (N,): what most of the questions ask for."""
    return lambda scores: scores.gather(1, y[:, None])[:, 0]


def _cross_entropy(y: Tensor) -> Quantity:
    return lambda scores: F.cross_entropy(scores, y)


def _predicted_score(scores: Tensor) -> Tensor:
    return scores.amax(dim=1)


def _weighted_sum(losses: Losses) -> Quantity:
    return lambda scores: sum(weight * loss(scores) for weight, loss in losses)


def _largest(gradient: Tensor) -> Tensor:
    """Maximum of the absolute values over channels: (N, C, H, W) -> (N, H, W)."""
    return gradient.abs().amax(dim=1)


def _per_map(maps: Tensor, reduce: Callable[[Tensor], Tensor]) -> Tensor:
    """One number for each map, shaped (N, 1, 1)."""
    return reduce(maps.flatten(1))[:, None, None]


def _smallest_and_largest(maps: Tensor) -> tuple[Tensor, Tensor]:
    return _per_map(maps, lambda m: m.amin(1)), _per_map(maps, lambda m: m.amax(1))


# ---------------------------------------------------------------------------------------------
# Question 1: compute_saliency_maps(X, y, model)
# ---------------------------------------------------------------------------------------------


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_one_image")
def gradient_of_cross_entropy(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """This equals the gradient of the cross-entropy; the question asks for the unnormalised score
    of class y.
    """
    return _largest(_image_gradient(X, model, _cross_entropy(y)))


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_a_batch")
def gradient_of_log_probability(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """This equals the gradient of the logarithm of class y's probability, which all scores enter
    through the softmax; the question asks for the unnormalised score of class y alone.
    """
    return _largest(_image_gradient(X, model, lambda scores: _score(y)(scores.log_softmax(1))))


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_one_image")
def gradient_of_probability(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """This equals the gradient of class y's probability, after the softmax; the question asks for
    the score before it.
    """
    return _largest(_image_gradient(X, model, lambda scores: _score(y)(scores.softmax(1))))


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_classes_that_are_not_predicted")
def gradient_of_predicted_class(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """This equals the gradient of the largest score, so y was never used; the question asks for the
    score of class y, whether or not the model predicts it.
    """
    return _largest(_image_gradient(X, model, _predicted_score))


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_one_image")
def gradient_of_all_scores(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """This equals the gradient of the sum of all the scores, so y was never used; the question asks
    for the score of class y only.
    """
    return _largest(_image_gradient(X, model, torch.sum))


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_one_image")
def label_off_by_one(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """This equals the map of the class just before y; classes are counted from 0, and y already
    does so.
    """

    def score_before(scores: Tensor) -> Tensor:
        return _score((y - 1) % scores.shape[1])(scores)

    return _largest(_image_gradient(X, model, score_before))


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_a_batch")
def label_of_first_image_for_all(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """Every map here belongs to the label of the first image; the question asks for each image's
    own label.
    """
    return _largest(_image_gradient(X, model, _score(y[:1].expand_as(y))))


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_a_batch")
def labels_of_whole_batch_for_each(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """For each image the scores of all the labels in the batch were added up; the question pairs
    image i with label y[i] only. Look at the shape of what your index picks out of the scores.
    """
    return _largest(_image_gradient(X, model, lambda scores: scores[:, y]))


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_a_batch")
def mean_of_scores(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """These maps are the right ones divided by the number of images, as if the scores had been
    averaged; an image's map is the gradient of its own score, however many images keep it company.
    """
    return _largest(_image_gradient(X, model, _score(y))) / len(X)


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_one_image")
def signed_maximum(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """This is the maximum of the signed gradients; a channel that lowers the score counts just as
    much, so the question takes absolute values before the maximum.
    """
    return _image_gradient(X, model, _score(y)).amax(dim=1)


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_one_image")
def absolute_value_after_maximum(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """Here the absolute value was taken of the maximum; the question takes the maximum of the
    absolute values, and the order matters where the strongest gradient is negative.
    """
    return _image_gradient(X, model, _score(y)).amax(dim=1).abs()


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_one_image")
def mean_over_channels(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """This is the mean of the absolute gradients over the channels; the question asks for their
    maximum.
    """
    return _image_gradient(X, model, _score(y)).abs().mean(dim=1)


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_one_image")
def sum_over_channels(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """This is the sum of the absolute gradients over the channels; the question asks for their
    maximum.
    """
    return _image_gradient(X, model, _score(y)).abs().sum(dim=1)


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_one_image")
def signed_sum_over_channels(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """The channels were added before the absolute value, so that opposite signs cancelled; the
    question asks for the maximum over channels of the absolute gradient.
    """
    return _image_gradient(X, model, _score(y)).sum(dim=1).abs()


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_one_image")
def norm_over_channels(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """This is the Euclidean norm of the gradient over the channels; the question asks for the
    maximum of the absolute values.
    """
    return _image_gradient(X, model, _score(y)).norm(dim=1)


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_one_image")
def squared_gradient(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """These are the squares of the right values; the question asks for the absolute value of the
    gradient.
    """
    return _largest(_image_gradient(X, model, _score(y))).square()


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_one_image")
def positive_part_of_gradient(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """Negative gradients were set to zero here; the question keeps them, through their absolute
    value.
    """
    return _image_gradient(X, model, _score(y)).relu().amax(dim=1)


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_one_image")
def input_times_gradient(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """This is the gradient multiplied by the pixels, another attribution method; the question asks
    for the gradient itself.
    """
    return _largest(X.detach() * _image_gradient(X, model, _score(y)))


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_one_image")
def pixels_instead_of_gradient(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """This is the maximum over the image's own pixel values; the question asks for the gradient of
    a score with respect to them.
    """
    return _largest(X.detach())


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_one_image")
def zeros_everywhere(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """These maps are zero everywhere, as if no gradient had reached the image; check what is
    differentiated, and that nothing in between cuts the graph.
    """
    return torch.zeros_like(X[:, 0])


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_one_image")
def index_of_maximum(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """These are the numbers 0, 1 and 2 of the channels with the largest gradient; the question asks
    for its value.
    """
    return _image_gradient(X, model, _score(y)).abs().argmax(dim=1)


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_one_image")
def channels_kept(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """This still has its three channels, (N, 3, H, W); the question asks for one map per image, (N,
    H, W), with the maximum over the channels.
    """
    return _image_gradient(X, model, _score(y)).abs()


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_one_image")
def channel_axis_kept(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """The values are right, but an axis of length 1 is left where the channels were; the question
    asks for (N, H, W).
    """
    return _image_gradient(X, model, _score(y)).abs().amax(dim=1, keepdim=True)


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_one_image")
def maximum_over_rows(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """The maximum was taken over the rows of the image, which leaves (N, 3, W); the question takes
    it over the channels.
    """
    return _image_gradient(X, model, _score(y)).abs().amax(dim=2)


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_a_batch")
def maximum_over_images(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """The images of the batch were merged into one map by a maximum over them; the question asks
    for a map of each image.
    """
    return _largest(_image_gradient(X, model, _score(y))).amax(dim=0, keepdim=True)


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_non_square_images")
def rows_and_columns_swapped(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """Rows and columns are swapped: this is (N, W, H); the question asks for (N, H, W), which only
    a square image can hide.
    """
    return _largest(_image_gradient(X, model, _score(y))).transpose(1, 2)


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_one_image")
def single_image_squeezed(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """A batch of one image lost its first axis, as squeeze() without an axis does; the question
    asks for (N, H, W) for every N, also 1.
    """
    return _largest(_image_gradient(X, model, _score(y))).squeeze()


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_one_image")
def gradient_seed_for_five_images(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """This runs for batches of five images only; the question asks for any number of them, so take
    the number from X.
    """
    pixels = X.detach().clone().requires_grad_()
    with torch.enable_grad():
        score = _score(y)(model(pixels))
        (gradient,) = torch.autograd.grad(score, pixels, grad_outputs=score.new_ones(5))
    return _largest(gradient)


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_one_image")
def room_for_five_images(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """Five maps come back whatever the number of images; the question asks for as many maps as X
    has images.
    """
    maps = X.new_zeros(5, *X.shape[2:])
    maps[: len(X)] = _largest(_image_gradient(X, model, _score(y)))[:5]
    return maps


@misconception(of="compute_saliency_maps", caught_by="test_maps_of_one_image")
def each_map_normalised(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """Each map was stretched to [0, 1] already; this question asks for the absolute gradient
    itself, and scaling for display is the next one.
    """
    maps = _largest(_image_gradient(X, model, _score(y)))
    smallest, largest = _smallest_and_largest(maps)
    return (maps - smallest) / (largest - smallest)


@misconception(
    of="compute_saliency_maps", caught_by="test_maps_do_not_depend_on_the_rest_of_the_batch"
)
def divided_by_largest_of_batch(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """The maps were divided by the largest value in the whole batch, so that an image's map changes
    with its neighbours; the question asks for the absolute gradient itself.
    """
    maps = _largest(_image_gradient(X, model, _score(y)))
    return maps / maps.max()


@misconception(
    of="compute_saliency_maps", caught_by="test_maps_do_not_depend_on_the_rest_of_the_batch"
)
def gradient_divided_by_its_norm(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """The gradient was divided by its norm over the whole batch, as one does in an optimisation
    step; the question asks for the absolute gradient as it is.
    """
    gradient = _image_gradient(X, model, _score(y))
    return _largest(gradient / gradient.norm())


@misconception(of="compute_saliency_maps", caught_by="test_maps_with_batch_norm_and_in_place_relu")
def batch_norm_in_train_mode(X: Tensor, y: Tensor, model: nn.Module) -> Tensor:
    """These are the maps of the model in train mode, where batch norm mixes the images of a batch;
    keep the model in the mode in which you were given it.
    """
    model = copy.deepcopy(model)
    for module in model.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.train()  # not the whole model: dropout would make the values random
    return _largest(_image_gradient(X, model, _score(y)))


# ---------------------------------------------------------------------------------------------
# Question 2: normalize_maps(maps)
# ---------------------------------------------------------------------------------------------


@misconception(of="normalize_maps", caught_by="test_maps_are_normalised_on_their_own")
def extremes_of_whole_batch(maps: Tensor) -> Tensor:
    """The minimum and the maximum were taken over the whole batch; the question stretches each map
    by its own.
    """
    return (maps - maps.min()) / (maps.max() - maps.min())


@misconception(of="normalize_maps", caught_by="test_maps_are_normalised_on_their_own")
def extremes_over_images(maps: Tensor) -> Tensor:
    """The minimum and the maximum were taken over the images, for each pixel; the question takes
    them over the pixels, for each image.
    """
    smallest, largest = maps.amin(0), maps.amax(0)
    span = largest - smallest
    return torch.where(span > 0, (maps - smallest) / span, torch.zeros_like(maps))


@misconception(of="normalize_maps", caught_by="test_each_map_spans_zero_to_one")
def extremes_of_each_row(maps: Tensor) -> Tensor:
    """Each row was stretched by its own minimum and maximum; the question takes them over the whole
    map, rows and columns.
    """
    smallest, largest = maps.amin(2, keepdim=True), maps.amax(2, keepdim=True)
    span = largest - smallest
    return torch.where(span > 0, (maps - smallest) / span, torch.zeros_like(maps))


@misconception(of="normalize_maps", caught_by="test_each_map_spans_zero_to_one")
def divided_by_maximum_only(maps: Tensor) -> Tensor:
    """Each map was divided by its maximum, which leaves its smallest value above (or below) 0; the
    question moves that to 0 as well.
    """
    return maps / _smallest_and_largest(maps)[1]


@misconception(of="normalize_maps", caught_by="test_each_map_spans_zero_to_one")
def minimum_subtracted_only(maps: Tensor) -> Tensor:
    """Each map starts at 0 now but does not end at 1; the question asks for both."""
    return maps - _smallest_and_largest(maps)[0]


@misconception(of="normalize_maps", caught_by="test_each_map_spans_zero_to_one")
def minimum_subtracted_then_divided_by_old_maximum(maps: Tensor) -> Tensor:
    """The minimum was subtracted, and then the maximum from before that was divided by, so that the
    largest value misses 1; after the subtraction the largest value is another one.
    """
    smallest, largest = _smallest_and_largest(maps)
    return (maps - smallest) / largest


@misconception(of="normalize_maps", caught_by="test_each_map_spans_zero_to_one")
def parentheses_missing(maps: Tensor) -> Tensor:
    """Only the minimum was divided by the range, not the difference to it; look at your
    parentheses.
    """
    smallest, largest = _smallest_and_largest(maps)
    return maps - smallest / (largest - smallest)


@misconception(of="normalize_maps", caught_by="test_each_map_spans_zero_to_one")
def standardised(maps: Tensor) -> Tensor:
    """Each map has mean 0 and standard deviation 1 here; the question asks for the range from 0 to
    1.
    """
    mean, deviation = _per_map(maps, lambda m: m.mean(1)), _per_map(maps, lambda m: m.std(1))
    return (maps - mean) / deviation


@misconception(of="normalize_maps", caught_by="test_each_map_spans_zero_to_one")
def divided_by_sum(maps: Tensor) -> Tensor:
    """The values of each map add up to 1 here; the question asks that they range from 0 to 1."""
    return maps / _per_map(maps, lambda m: m.sum(1))


@misconception(of="normalize_maps", caught_by="test_each_map_spans_zero_to_one")
def softmax_of_each_map(maps: Tensor) -> Tensor:
    """This is a softmax over the pixels of each map; the question stretches the values linearly by
    minimum and maximum.
    """
    return maps.flatten(1).softmax(1).view_as(maps)


@misconception(of="normalize_maps", caught_by="test_negative_and_small_values")
def clipped(maps: Tensor) -> Tensor:
    """Values outside [0, 1] were cut off; the question moves and stretches each map instead, so
    that nothing is lost.
    """
    return maps.clamp(0, 1)


@misconception(of="normalize_maps", caught_by="test_negative_and_small_values")
def absolute_values_first(maps: Tensor) -> Tensor:
    """The signs were dropped before the maps were stretched; the smallest value, negative or not,
    is the one that becomes 0.
    """
    maps = maps.abs()
    smallest, largest = _smallest_and_largest(maps)
    span = largest - smallest
    return torch.where(span > 0, (maps - smallest) / span, torch.zeros_like(maps))


@misconception(of="normalize_maps", caught_by="test_negative_and_small_values")
def large_constant_added_to_range(maps: Tensor) -> Tensor:
    """Something was added to the range before dividing, and it is not small beside real saliency
    maps: those never reach 1. Treat the constant map as a case of its own.
    """
    smallest, largest = _smallest_and_largest(maps)
    return (maps - smallest) / (largest - smallest + 1e-3)


@misconception(of="normalize_maps", caught_by="test_a_constant_map_becomes_zeros")
def nan_for_constant_map(maps: Tensor) -> Tensor:
    """A constant map became NaN, zero divided by zero; the question wants zeros there."""
    smallest, largest = _smallest_and_largest(maps)
    return (maps - smallest) / (largest - smallest)


@misconception(of="normalize_maps", caught_by="test_a_constant_map_becomes_zeros")
def ones_for_constant_map(maps: Tensor) -> Tensor:
    """A constant map became ones; the question wants zeros there, since no pixel of it stands out."""
    smallest, largest = _smallest_and_largest(maps)
    span = largest - smallest
    return torch.where(span > 0, (maps - smallest) / span, torch.ones_like(maps))


@misconception(of="normalize_maps", caught_by="test_a_constant_map_becomes_zeros")
def constant_map_left_alone(maps: Tensor) -> Tensor:
    """A constant map came back as it was; the question wants zeros there."""
    smallest, largest = _smallest_and_largest(maps)
    span = largest - smallest
    return torch.where(span > 0, (maps - smallest) / span, maps)


@misconception(of="normalize_maps", caught_by="test_each_map_spans_zero_to_one")
def scaled_to_bytes(maps: Tensor) -> Tensor:
    """These values run from 0 to 255; the question asks for 0 to 1."""
    smallest, largest = _smallest_and_largest(maps)
    span = largest - smallest
    return torch.where(span > 0, 255 * (maps - smallest) / span, torch.zeros_like(maps))


@misconception(of="normalize_maps", caught_by="test_each_map_spans_zero_to_one")
def upside_down(maps: Tensor) -> Tensor:
    """The largest value became 0 and the smallest 1; the question asks for it the other way round."""
    smallest, largest = _smallest_and_largest(maps)
    span = largest - smallest
    return torch.where(span > 0, (largest - maps) / span, torch.zeros_like(maps))


# ---------------------------------------------------------------------------------------------
# Question 3: compute_layer_saliency(X, y, model, layer)
# ---------------------------------------------------------------------------------------------


@misconception(of="compute_layer_saliency", caught_by="test_layer_maps_of_one_image")
def activations_instead_of_gradients(
    X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module
) -> Tensor:
    """These are the layer's activations; the question asks for the gradient of the score with
    respect to them.
    """
    return _largest(_layer_gradient(X, model, layer, _score(y))[1])


@misconception(of="compute_layer_saliency", caught_by="test_layer_maps_of_one_image")
def gradient_times_activation(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """This is the gradient multiplied by the activations; the question asks for the gradient
    itself.
    """
    gradient, activations = _layer_gradient(X, model, layer, _score(y))
    return _largest(gradient * activations)


@misconception(of="compute_layer_saliency", caught_by="test_layer_maps_of_one_image")
def grad_cam_instead(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """This is Grad-CAM: activations weighted by their mean gradient; the question asks for the
    largest absolute gradient over the channels, without the activations.
    """
    gradient, activations = _layer_gradient(X, model, layer, _score(y))
    return (gradient.mean(dim=(2, 3), keepdim=True) * activations).sum(dim=1).relu()


@misconception(of="compute_layer_saliency", caught_by="test_layer_maps_of_one_image")
def layer_signed_maximum(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """This is the maximum of the layer's signed gradients; the question takes absolute values
    before the maximum.
    """
    return _layer_gradient(X, model, layer, _score(y))[0].amax(dim=1)


@misconception(of="compute_layer_saliency", caught_by="test_layer_maps_of_one_image")
def layer_mean_over_channels(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """This is the mean of the layer's absolute gradients over its channels; the question asks for
    their maximum.
    """
    return _layer_gradient(X, model, layer, _score(y))[0].abs().mean(dim=1)


@misconception(of="compute_layer_saliency", caught_by="test_layer_maps_of_one_image")
def layer_sum_over_channels(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """This is the sum of the layer's absolute gradients over its channels; the question asks for
    their maximum.
    """
    return _layer_gradient(X, model, layer, _score(y))[0].abs().sum(dim=1)


@misconception(of="compute_layer_saliency", caught_by="test_layer_maps_of_one_image")
def layer_gradient_of_cross_entropy(
    X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module
) -> Tensor:
    """This equals the gradient of the cross-entropy at the layer; the question asks for the
    unnormalised score of class y.
    """
    return _largest(_layer_gradient(X, model, layer, _cross_entropy(y))[0])


@misconception(of="compute_layer_saliency", caught_by="test_layer_maps_of_a_batch")
def layer_gradient_of_predicted_class(
    X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module
) -> Tensor:
    """This equals the gradient of the largest score at the layer; the question asks for the score
    of class y, whether or not the model predicts it.
    """
    return _largest(_layer_gradient(X, model, layer, _predicted_score)[0])


@misconception(of="compute_layer_saliency", caught_by="test_layer_maps_of_a_batch")
def layer_mean_of_scores(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """These maps are the right ones divided by the number of images, as if the scores had been
    averaged; each image has a score of its own.
    """
    return _largest(_layer_gradient(X, model, layer, _score(y))[0]) / len(X)


@misconception(of="compute_layer_saliency", caught_by="test_layer_maps_of_a_batch")
def layer_label_of_first_image_for_all(
    X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module
) -> Tensor:
    """Every map at the layer belongs to the label of the first image; the question asks for each
    image's own label.
    """
    return _largest(_layer_gradient(X, model, layer, _score(y[:1].expand_as(y)))[0])


@misconception(of="compute_layer_saliency", caught_by="test_layer_maps_of_one_image")
def layer_single_image_squeezed(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """A batch of one image lost its first axis on the way; the question asks for (N, h, w) for
    every N, also 1.
    """
    return _largest(_layer_gradient(X, model, layer, _score(y))[0]).squeeze(0)


@misconception(of="compute_layer_saliency", caught_by="test_layer_followed_by_in_place_relu")
def overwritten_by_in_place_relu(
    X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module
) -> Tensor:
    """This is the gradient behind the layer's successor: an in-place ReLU (or addition) wrote over
    the tensor that your hook had kept. The question asks for the layer's output as it left the
    layer.
    """
    outputs = []
    handle = layer.register_forward_hook(lambda module, inputs, output: outputs.append(output))
    try:
        with torch.enable_grad():
            score = _score(y)(model(X.detach().clone().requires_grad_())).sum()
            (gradient,) = torch.autograd.grad(score, outputs[-1])
    finally:
        handle.remove()
    return _largest(gradient)


@misconception(of="compute_layer_saliency", caught_by="test_layer_maps_of_early_and_late_layers")
def gradient_at_layer_input(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
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
            score = _score(y)(model(X.detach().clone().requires_grad_())).sum()
            (gradient,) = torch.autograd.grad(score, kept[-1])
    finally:
        handle.remove()
    return _largest(gradient)


@misconception(of="compute_layer_saliency", caught_by="test_layer_maps_of_early_and_late_layers")
def map_of_image_instead_of_layer(
    X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module
) -> Tensor:
    """This is the saliency map of the image, so the layer was never used; the question asks for the
    gradient with respect to the layer's output.
    """
    return _largest(_image_gradient(X, model, _score(y)))


@misconception(of="compute_layer_saliency", caught_by="test_layer_maps_of_early_and_late_layers")
def resized_to_image(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The map was enlarged to the size of the image; the question asks for (N, h, w), the layer's
    own height and width.
    """
    maps = _largest(_layer_gradient(X, model, layer, _score(y))[0])
    return F.interpolate(maps[:, None], X.shape[2:], mode="bilinear", align_corners=False)[:, 0]


@misconception(of="compute_layer_saliency", caught_by="test_layer_maps_of_one_image")
def layer_zeros_everywhere(X: Tensor, y: Tensor, model: nn.Module, layer: nn.Module) -> Tensor:
    """The layer's maps are zero everywhere, as if no gradient had reached it; check what your hook
    kept, and when it is read.
    """
    return torch.zeros_like(_layer_gradient(X, model, layer, _score(y))[1][:, 0])


# ---------------------------------------------------------------------------------------------
# Question 4: compute_loss_saliency(X, losses, model)
# ---------------------------------------------------------------------------------------------


@misconception(of="compute_loss_saliency", caught_by="test_a_weighted_sum_of_losses")
def weights_ignored(X: Tensor, losses: Losses, model: nn.Module) -> Tensor:
    """The losses were added without their weights; the question asks for their weighted sum."""
    return _largest(_image_gradient(X, model, _weighted_sum([(1, loss) for _, loss in losses])))


@misconception(of="compute_loss_saliency", caught_by="test_negative_and_zero_weights")
def signs_of_weights_ignored(X: Tensor, losses: Losses, model: nn.Module) -> Tensor:
    """Negative weights were used as positive ones; a negative weight subtracts its loss."""
    return _largest(
        _image_gradient(X, model, _weighted_sum([(abs(w), loss) for w, loss in losses]))
    )


@misconception(of="compute_loss_saliency", caught_by="test_negative_and_zero_weights")
def negative_weights_dropped(X: Tensor, losses: Losses, model: nn.Module) -> Tensor:
    """Losses with a negative weight were left out; a negative weight subtracts its loss."""
    return _largest(
        _image_gradient(X, model, _weighted_sum([(max(w, 0), loss) for w, loss in losses]))
    )


@misconception(of="compute_loss_saliency", caught_by="test_a_weighted_sum_of_losses")
def weights_squared(X: Tensor, losses: Losses, model: nn.Module) -> Tensor:
    """Each weight was applied twice; the question multiplies each loss by its weight once."""
    return _largest(_image_gradient(X, model, _weighted_sum([(w * w, loss) for w, loss in losses])))


@misconception(of="compute_loss_saliency", caught_by="test_a_weighted_sum_of_losses")
def weighted_mean_of_losses(X: Tensor, losses: Losses, model: nn.Module) -> Tensor:
    """The weighted losses were averaged, divided by their number; the question asks for their
    weighted sum.
    """
    return _largest(_image_gradient(X, model, _weighted_sum(losses))) / len(losses)


@misconception(of="compute_loss_saliency", caught_by="test_a_weighted_sum_of_losses")
def weights_made_to_sum_to_one(X: Tensor, losses: Losses, model: nn.Module) -> Tensor:
    """The weights were divided by their sum; the question uses them as they are."""
    total = sum(weight for weight, _ in losses)
    return _largest(_image_gradient(X, model, _weighted_sum(losses)) / total)


@misconception(of="compute_loss_saliency", caught_by="test_a_weighted_sum_of_losses")
def first_loss_only(X: Tensor, losses: Losses, model: nn.Module) -> Tensor:
    """Only the first loss was used; the question asks for the weighted sum of all of them. See
    where your loop returns.
    """
    return _largest(_image_gradient(X, model, _weighted_sum(losses[:1])))


@misconception(of="compute_loss_saliency", caught_by="test_a_weighted_sum_of_losses")
def last_loss_only(X: Tensor, losses: Losses, model: nn.Module) -> Tensor:
    """Only the last loss was used; the question asks for the weighted sum of all of them. See what
    your loop keeps from one turn to the next.
    """
    return _largest(_image_gradient(X, model, _weighted_sum(losses[-1:])))


@misconception(of="compute_loss_saliency", caught_by="test_a_weighted_sum_of_losses")
def sum_of_maps(X: Tensor, losses: Losses, model: nn.Module) -> Tensor:
    """A map of each loss was made, and the maps were weighted and added; the question asks for the
    map of the weighted sum, where gradients of opposite sign cancel before the absolute value.
    """
    return sum(weight * _largest(_image_gradient(X, model, loss)) for weight, loss in losses)


@misconception(of="compute_loss_saliency", caught_by="test_a_weighted_sum_of_losses")
def largest_of_maps(X: Tensor, losses: Losses, model: nn.Module) -> Tensor:
    """At each pixel the loss with the strongest gradient was kept; the question adds the weighted
    losses up first.
    """
    maps = [_largest(weight * _image_gradient(X, model, loss)) for weight, loss in losses]
    return torch.stack(maps).amax(dim=0)


@misconception(of="compute_loss_saliency", caught_by="test_a_weighted_sum_of_losses")
def product_of_losses(X: Tensor, losses: Losses, model: nn.Module) -> Tensor:
    """The weighted losses were multiplied; the question asks for their sum."""

    def product(scores: Tensor) -> Tensor:
        return torch.stack([weight * loss(scores) for weight, loss in losses]).prod(dim=0)

    return _largest(_image_gradient(X, model, product))


@misconception(of="compute_loss_saliency", caught_by="test_a_weighted_sum_of_losses")
def running_total_differentiated_each_turn(X: Tensor, losses: Losses, model: nn.Module) -> Tensor:
    """The running total was differentiated in every turn of the loop and the gradients piled up, so
    that early losses count several times; each loss counts once.
    """
    counted = [(weight * (len(losses) - i), loss) for i, (weight, loss) in enumerate(losses)]
    return _largest(_image_gradient(X, model, _weighted_sum(counted)))


@misconception(of="compute_loss_saliency", caught_by="test_nonlinear_losses")
def weights_inside_losses(X: Tensor, losses: Losses, model: nn.Module) -> Tensor:
    """The scores were multiplied by the weight before the loss saw them; the question weights the
    value of the loss, which is another thing when the loss is not linear.
    """

    def sum_of_losses(scores: Tensor) -> Tensor:
        return sum(loss(weight * scores) for weight, loss in losses)

    return _largest(_image_gradient(X, model, sum_of_losses))


@misconception(of="compute_loss_saliency", caught_by="test_a_single_loss")
def losses_of_probabilities(X: Tensor, losses: Losses, model: nn.Module) -> Tensor:
    """The losses were given probabilities, after a softmax; they expect the unnormalised scores."""
    return _largest(
        _image_gradient(X, model, lambda scores: _weighted_sum(losses)(scores.softmax(dim=1)))
    )


@misconception(of="compute_loss_saliency", caught_by="test_a_single_loss")
def losses_of_log_probabilities(X: Tensor, losses: Losses, model: nn.Module) -> Tensor:
    """The losses were given the logarithms of the probabilities; they expect the unnormalised
    scores.
    """
    return _largest(
        _image_gradient(X, model, lambda scores: _weighted_sum(losses)(scores.log_softmax(dim=1)))
    )


@misconception(of="compute_loss_saliency", caught_by="test_a_single_loss")
def loss_mean_over_batch(X: Tensor, losses: Losses, model: nn.Module) -> Tensor:
    """These maps are the right ones divided by the number of images, as if the losses had been
    averaged over the batch; an image's map is the gradient of its own loss.
    """
    return _largest(_image_gradient(X, model, _weighted_sum(losses))) / len(X)


@misconception(of="compute_loss_saliency", caught_by="test_a_single_loss")
def loss_signed_maximum(X: Tensor, losses: Losses, model: nn.Module) -> Tensor:
    """This is the maximum of the signed gradients of the loss; the question takes absolute values
    before the maximum.
    """
    return _image_gradient(X, model, _weighted_sum(losses)).amax(dim=1)


@misconception(of="compute_loss_saliency", caught_by="test_a_single_loss")
def loss_mean_over_channels(X: Tensor, losses: Losses, model: nn.Module) -> Tensor:
    """This is the mean of the loss's absolute gradients over the channels; the question asks for
    their maximum.
    """
    return _image_gradient(X, model, _weighted_sum(losses)).abs().mean(dim=1)


@misconception(of="compute_loss_saliency", caught_by="test_a_single_loss")
def loss_sum_over_channels(X: Tensor, losses: Losses, model: nn.Module) -> Tensor:
    """This is the sum of the loss's absolute gradients over the channels; the question asks for
    their maximum.
    """
    return _image_gradient(X, model, _weighted_sum(losses)).abs().sum(dim=1)


@misconception(of="compute_loss_saliency", caught_by="test_loss_maps_of_one_image")
def loss_single_image_squeezed(X: Tensor, losses: Losses, model: nn.Module) -> Tensor:
    """A batch of one image lost its first axis on the way; the question asks for (N, H, W) for
    every N, also 1.
    """
    return _largest(_image_gradient(X, model, _weighted_sum(losses))).squeeze(0)


@misconception(of="compute_loss_saliency", caught_by="test_a_single_loss")
def largest_score_instead_of_losses(X: Tensor, losses: Losses, model: nn.Module) -> Tensor:
    """This is the map of the largest score, so the losses were never used; the question asks for
    the gradient of their weighted sum.
    """
    return _largest(_image_gradient(X, model, _predicted_score))
