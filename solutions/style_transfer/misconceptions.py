"""Wrong answers to the style transfer assignment, by name.

Each function here answers one question of the assignment wrongly, in a way that students do. Its
docstring is the hint that a student reads when the values or gradients agree: what they are, and
what the question asks for. `caught_by` names the check that is about this mistake.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from autograder.checks import formula, misconception

Features = Sequence[Tensor]
Part = Callable[..., Any]


def _itself(thing: Any, *others: Any) -> Any:
    return thing


def _squares(one: Tensor, other: Tensor) -> Tensor:
    return (one - other).pow(2)


def _gram(features: Tensor) -> Tensor:
    """(N, C, C), not normalised."""
    return torch.einsum("nchw,ndhw->ncd", features, features)


def _elements(features: Tensor) -> int:
    """C * H * W."""
    return features[0].numel()


def _steps(img: Tensor) -> tuple[Tensor, Tensor]:
    """Differences of vertical and of horizontal neighbours."""
    return img.diff(dim=2), img.diff(dim=3)


# ---------------------------------------------------------------------------------------------
# Question 1: content_loss(content_weight, content_current, content_original)
# ---------------------------------------------------------------------------------------------


@formula(of="content_loss")
def loss_of_content(
    weight: float,
    current: Tensor,
    original: Tensor,
    *,
    weighed: Part = _itself,
    compared: Part = _squares,
    reduce: Part = torch.sum,
    root: Part = _itself,
    factor: Part = _itself,
    last: Part = _itself,
) -> Tensor:
    """The right answer, part by part."""
    return last(factor(weighed(weight) * root(reduce(compared(current, original)))))


@loss_of_content.part("reduce", caught_by="test_content_loss_of_a_layer")
def content_mean_instead_of_sum(values: Tensor) -> Tensor:
    """A mean was taken, as a library's ready-made loss does by default; the question asks for the
    sum over all features.
    """
    return values.mean()


@loss_of_content.part("compared", caught_by="test_content_loss_of_a_layer")
def content_absolute_differences(one: Tensor, other: Tensor) -> Tensor:
    """The differences were taken by their absolute values; the question asks for their squares."""
    return (one - other).abs()


@loss_of_content.part("root", caught_by="test_content_loss_of_a_layer")
def content_norm_not_squared(total: Tensor) -> Tensor:
    """A square root was taken of the total, as for a norm; the question asks for the sum of squares
    itself.
    """
    return total.sqrt()


@loss_of_content.part("factor", caught_by="test_content_loss_of_a_layer")
def content_half(loss: Tensor) -> Tensor:
    """There is a factor of one half: the paper has it in its content loss, the formula of this
    question has none.
    """
    return 0.5 * loss


@loss_of_content.part("weighed", caught_by="test_content_loss_grows_with_its_weight")
def content_weight_forgotten(weight: float) -> float:
    """The weight is missing: the loss comes out the same whatever the content weight is."""
    return 1.0


@loss_of_content.part("weighed", caught_by="test_content_loss_grows_with_its_weight")
def content_weight_squared(weight: float) -> float:
    """The weight was squared, as if it stood inside the square; the question multiplies the sum by
    it, once.
    """
    return weight**2


@misconception(of="content_loss", caught_by="test_content_loss_of_a_layer")
def content_sum_before_square(weight: float, current: Tensor, original: Tensor) -> Tensor:
    """The differences are added up before they are squared, so that those of opposite signs cancel;
    square each one first.
    """
    return weight * (current - original).sum().pow(2)


@loss_of_content.part("compared", caught_by="test_content_loss_of_a_layer")
def content_difference_of_squares(one: Tensor, other: Tensor) -> Tensor:
    """Each of the two features is squared and the squares are subtracted; the question asks for the
    square of their difference, which is never negative.
    """
    return one.pow(2) - other.pow(2)


@loss_of_content.part("reduce", caught_by="test_content_loss_of_a_layer")
def content_per_place(values: Tensor) -> Tensor:
    """The sum of squares is divided by the number of places in a feature map; the question divides
    by nothing.
    """
    return values.sum() / (values.shape[2] * values.shape[3])


@loss_of_content.part("reduce", caught_by="test_content_loss_of_layers_of_any_size")
def content_map_for_each_channel(values: Tensor) -> Tensor:
    """There is one sum for each channel here; the question asks for a single number, the sum over
    all channels and places.
    """
    return values.sum(dim=(0, 2, 3))


@loss_of_content.part("last", caught_by="test_content_gradient")
def content_detached(loss: Tensor) -> Tensor:
    """The graph behind the loss was cut off, so that it can't move the image: the current features
    must reach the result as they came in.
    """
    return loss.detach()


@loss_of_content.part("last", caught_by="test_content_gradient")
def content_as_plain_number(loss: Tensor) -> float:
    """The loss is a plain Python number, which has no gradient, so that it can't move the image;
    return the tensor itself.
    """
    return loss.item()


@loss_of_content.part("root", caught_by="test_content_gradient")
def content_root_squared(total: Tensor) -> Tensor:
    """A root was taken and squared again: the slope of a root at zero is infinite, so that a
    painting that begins as the photograph gets a gradient that is not a number.
    """
    return total.sqrt().pow(2)


# ---------------------------------------------------------------------------------------------
# Question 2: gram_matrix(features, normalize=True)
# ---------------------------------------------------------------------------------------------


@formula(of="gram_matrix")
def matrix_of_gram(
    features: Tensor,
    normalize: bool = True,
    *,
    images: Part = _itself,
    graph: Part = _itself,
    treated: Part = _itself,
    product: Part = _gram,
    entries: Part = _itself,
    when: Part = bool,
    divisor: Part = _elements,
    shape: Part = _itself,
) -> Tensor:
    """The right answer, part by part."""
    used = treated(graph(images(features), normalize))
    gram = entries(product(used))
    return shape(gram / divisor(used) if when(normalize) else gram, features)


@matrix_of_gram.part("images", caught_by="test_gram_matrices_of_a_batch")
def gram_of_first_image_only(features: Tensor) -> Tensor:
    """Only the first image of the batch got a matrix; the question asks for one for each image."""
    return features[:1]


@matrix_of_gram.part("shape", caught_by="test_gram_matrix_of_one_image")
def gram_without_batch(gram: Tensor, features: Tensor) -> Tensor:
    """For a single image the dimension of the batch is gone; a batch of one is a batch, too, and
    keeps the shape that begins with N.
    """
    return gram.squeeze(0)


@matrix_of_gram.part("shape", caught_by="test_gram_matrices_of_a_batch")
def gram_mixed_over_batch(gram: Tensor, features: Tensor) -> Tensor:
    """The matrices of all images were added up, and each image got that sum; the question asks for
    each image's own, which does not depend on its neighbours.
    """
    return gram.sum(dim=0, keepdim=True).expand(len(features), -1, -1)


@matrix_of_gram.part("images", caught_by="test_gram_matrices_of_a_batch")
def gram_of_images_and_channels_alike(features: Tensor) -> Tensor:
    """Images and channels were laid out in one long list, which gives one large matrix of all
    pairs, across images too; the question asks for pairs of channels of the same image.
    """
    return features.flatten(0, 1)[None]


@matrix_of_gram.part("when", caught_by="test_gram_matrix_of_one_image")
def gram_never_normalized(normalize: bool) -> bool:
    """The matrix is not normalised, although that was asked for: it should be divided by the number
    of features of an image.
    """
    return False


@matrix_of_gram.part("when", caught_by="test_gram_matrix_that_is_not_normalized")
def gram_always_normalized(normalize: bool) -> bool:
    """The matrix is normalised even when it should not be: the second argument says whether it is
    to be divided.
    """
    return True


@matrix_of_gram.part("when", caught_by="test_gram_matrix_that_is_not_normalized")
def gram_normalized_the_wrong_way_round(normalize: bool) -> bool:
    """The matrix is divided when it should not be, and not divided when it should: look at what the
    second argument decides.
    """
    return not normalize


@matrix_of_gram.part("divisor", caught_by="test_gram_matrix_of_one_image")
def gram_divided_by_places_only(features: Tensor) -> int:
    """The matrix is divided by the number of places H W; the number of channels belongs to the
    divisor as well.
    """
    return features.shape[2] * features.shape[3]


@matrix_of_gram.part("divisor", caught_by="test_gram_matrix_of_one_image")
def gram_divided_by_channels_only(features: Tensor) -> int:
    """The matrix is divided by the number of channels; the number of places, height times width,
    belongs to the divisor as well.
    """
    return features.shape[1]


@matrix_of_gram.part("divisor", caught_by="test_gram_matrices_of_a_batch")
def gram_divided_by_batch_too(features: Tensor) -> int:
    """The number of images is part of the divisor, so that a matrix gets smaller in a larger batch;
    only the features of one image count.
    """
    return features.numel()


@matrix_of_gram.part("treated", caught_by="test_gram_matrix_of_one_image")
def gram_centred(features: Tensor) -> Tensor:
    """The mean of each channel was subtracted first, which gives covariances; the question
    multiplies the features as they are.
    """
    return features - features.mean(dim=(2, 3), keepdim=True)


@matrix_of_gram.part("treated", caught_by="test_gram_matrix_of_one_image")
def gram_of_cosines(features: Tensor) -> Tensor:
    """Each channel was scaled to length one, which leaves only the angles between channels; how
    strong a channel is belongs to the style.
    """
    return F.normalize(features.flatten(2), dim=2).view_as(features)


@matrix_of_gram.part("product", caught_by="test_gram_matrix_of_one_image")
def gram_of_places(features: Tensor) -> Tensor:
    """The matrix relates pairs of places, added up over channels; the question asks for pairs of
    channels, added up over places. Which of the two sides has to be transposed?
    """
    flat = features.flatten(2)  # (N, C, H W)
    return flat.transpose(1, 2) @ flat


@matrix_of_gram.part("product", caught_by="test_gram_matrix_of_one_image")
def gram_of_scrambled_features(features: Tensor) -> Tensor:
    """The features were given the shape (N, H W, C) without moving the channels there, so a column
    holds a mixture of channels: changing the shape does not transpose.
    """
    n, channels, height, width = features.shape
    scrambled = features.reshape(n, height * width, channels)
    return scrambled.transpose(1, 2) @ scrambled


@matrix_of_gram.part("entries", caught_by="test_gram_matrix_of_one_image")
def gram_diagonal_only(gram: Tensor) -> Tensor:
    """Only the diagonal was computed, each channel times itself, and everything else is zero; the
    question asks for the products of all pairs of channels.
    """
    return torch.diag_embed(torch.diagonal(gram, dim1=1, dim2=2))


@matrix_of_gram.part("graph", caught_by="test_gram_gradient")
def gram_detached_unless_normalized(features: Tensor, normalize: bool) -> Tensor:
    """Where the matrix is not normalised, the graph behind it was cut off; look at that branch on
    its own.
    """
    return features if normalize else features.detach()


@matrix_of_gram.part("graph", caught_by="test_gram_gradient")
def gram_detached(features: Tensor, normalize: bool) -> Tensor:
    """The graph behind the matrix was cut off, so that style can't move the image: the features
    must reach the result as they came in.
    """
    return features.detach()


@matrix_of_gram.part("product", caught_by="test_gram_gradient")
def gram_with_one_side_detached(features: Tensor) -> Tensor:
    """The matrix is right, but its derivative is half of what it should be: the features stand in
    the product twice, and one of the two was treated as a constant.
    """
    return torch.einsum("nchw,ndhw->ncd", features, features.detach())


# ---------------------------------------------------------------------------------------------
# Question 3: style_loss(feats, style_layers, style_targets, style_weights)
# ---------------------------------------------------------------------------------------------


def _normalized(features: Tensor) -> Tensor:
    return _gram(features) / _elements(features)


@formula(of="style_loss")
def loss_of_style(
    feats: Features,
    layers: Sequence[int],
    targets: Features,
    weights: Sequence[float],
    *,
    asked: Part = _itself,
    aims: Part = _itself,
    weighed: Part = _itself,
    chosen: Part = _itself,
    gram: Part = _normalized,
    compared: Part = _squares,
    entries: Part = _itself,
    reduce: Part = torch.sum,
    root: Part = _itself,
    mean: Part = _itself,
    factor: Part = _itself,
    last: Part = _itself,
) -> Tensor:
    """The right answer, part by part."""
    terms = list(zip(asked(layers), aims(targets), weighed(weights)))
    losses = [
        weight * root(reduce(entries(compared(gram(feats[layer]), target))))
        for layer, target, weight in chosen(terms)
    ]
    return last(factor(mean(torch.stack(losses).sum(), layers)))


@loss_of_style.part("asked", caught_by="test_style_loss_of_several_layers")
def style_features_by_position(layers: Sequence[int]) -> Sequence[int]:
    """The first features of the list were taken, as many as there are style layers; the question
    takes those that the style layers name.
    """
    return range(len(layers))


@loss_of_style.part("asked", caught_by="test_style_layers_in_any_order")
def style_layers_sorted(layers: Sequence[int]) -> Sequence[int]:
    """The layers were taken from first to last, but targets and weights come in the order of the
    list of style layers, whatever that is.
    """
    return sorted(layers)


@loss_of_style.part("weighed", caught_by="test_style_loss_of_several_layers")
def style_weights_ignored(weights: Sequence[float]) -> list[float]:
    """The weights are missing: each layer counts the same, whatever its weight."""
    return [1.0] * len(weights)


@loss_of_style.part("weighed", caught_by="test_style_loss_of_several_layers")
def style_first_weight_for_all(weights: Sequence[float]) -> list[float]:
    """The first weight was used for all layers; each layer has its own."""
    return [weights[0]] * len(weights)


@loss_of_style.part("aims", caught_by="test_style_loss_of_several_layers")
def style_first_target_for_all(targets: Features) -> Features:
    """All layers were compared with the first target; each layer has its own."""
    return [targets[0]] * len(targets)


@loss_of_style.part("weighed", caught_by="test_style_loss_of_several_layers")
def style_weights_inside_the_square(weights: Sequence[float]) -> list[float]:
    """The weights are squared together with the differences; the question multiplies each layer's
    sum of squares by its weight, once.
    """
    return [weight**2 for weight in weights]


@loss_of_style.part("weighed", caught_by="test_style_loss_of_several_layers")
def style_weights_made_to_sum_to_one(weights: Sequence[float]) -> list[float]:
    """The sum was divided by the sum of the weights; the question takes them as they are."""
    return [weight / sum(weights) for weight in weights]


@loss_of_style.part("mean", caught_by="test_style_loss_of_several_layers")
def style_mean_over_layers(loss: Tensor, layers: Sequence[int]) -> Tensor:
    """The sum was divided by the number of layers; the question adds the layers up."""
    return loss / len(layers)


@loss_of_style.part("chosen", caught_by="test_style_loss_of_several_layers")
def style_last_layer_only(terms: list[tuple]) -> list[tuple]:
    """Only the last of the style layers counts, as if each turn of the loop wrote over the one
    before; the question adds all of them up.
    """
    return terms[-1:]


@loss_of_style.part("chosen", caught_by="test_style_loss_of_several_layers")
def style_first_layer_only(terms: list[tuple]) -> list[tuple]:
    """Only the first of the style layers counts, as if the function returned inside its loop; the
    question adds all of them up.
    """
    return terms[:1]


@loss_of_style.part("reduce", caught_by="test_style_loss_of_one_layer")
def style_mean_instead_of_sum(values: Tensor) -> Tensor:
    """A mean was taken over a Gram matrix, as a library's ready-made loss does by default; the
    question asks for the sum over all of its elements.
    """
    return values.mean()


@loss_of_style.part("compared", caught_by="test_style_loss_of_one_layer")
def style_absolute_differences(one: Tensor, other: Tensor) -> Tensor:
    """The differences of Gram matrices were taken by their absolute values; the question asks for
    their squares.
    """
    return (one - other).abs()


@loss_of_style.part("root", caught_by="test_style_loss_of_one_layer")
def style_norm_not_squared(total: Tensor) -> Tensor:
    """A square root was taken of the total of a layer, as for a norm; the question asks for the sum
    of squares itself.
    """
    return total.sqrt()


@loss_of_style.part("gram", caught_by="test_style_loss_of_one_layer")
def style_gram_not_normalized(features: Tensor) -> Tensor:
    """This compares Gram matrices that were not normalised with targets that were. Is the function
    of question 2 right, and is it asked to normalise?
    """
    return _gram(features)


@loss_of_style.part("factor", caught_by="test_style_loss_of_one_layer")
def style_quarter_of_the_paper(loss: Tensor) -> Tensor:
    """There is a factor of one quarter: the paper has it in its style loss, the formula of this
    question has none.
    """
    return 0.25 * loss


@loss_of_style.part("compared", caught_by="test_style_loss_of_one_layer")
def style_sum_before_square(one: Tensor, other: Tensor) -> Tensor:
    """The differences of Gram matrices are added up before they are squared, so that those of
    opposite signs cancel; square each one first.
    """
    return (one - other).sum().pow(2)


@loss_of_style.part("entries", caught_by="test_style_loss_of_one_layer")
def style_upper_triangle_only(values: Tensor) -> Tensor:
    """Each pair of different channels is counted once; a Gram matrix holds it twice, and the
    question adds up all of its elements.
    """
    return values.triu()


@loss_of_style.part("last", caught_by="test_style_gradient")
def style_detached(loss: Tensor) -> Tensor:
    """The graph behind the loss was cut off, so that it can't move the image: the features must
    reach the result as they came in.
    """
    return loss.detach()


@loss_of_style.part("last", caught_by="test_style_gradient")
def style_as_plain_number(loss: Tensor) -> float:
    """The loss is a plain Python number, which has no gradient, so that it can't move the image;
    add up tensors, and return a tensor.
    """
    return loss.item()


@loss_of_style.part("root", caught_by="test_style_gradient")
def style_root_squared(total: Tensor) -> Tensor:
    """A root was taken and squared again: the slope of a root at zero is infinite, so that a layer
    that is as it should be gets a gradient that is not a number.
    """
    return total.sqrt().pow(2)


# ---------------------------------------------------------------------------------------------
# Question 4: tv_loss(img, tv_weight)
# ---------------------------------------------------------------------------------------------


def _sum_of_both(down: Tensor, right: Tensor) -> Tensor:
    return down + right


def _squared(steps: Tensor) -> Tensor:
    return steps.pow(2)


@formula(of="tv_loss")
def loss_of_variation(
    img: Tensor,
    weight: float,
    *,
    weighed: Part = _itself,
    channels: Part = _itself,
    steps: Part = _steps,
    pairs: Part = lambda down, right: (down, right),
    power: Part = _squared,
    reduce: Part = torch.sum,
    both: Part = _sum_of_both,
    root: Part = _itself,
    factor: Part = _itself,
    last: Part = _itself,
) -> Tensor:
    """The right answer, part by part."""
    down, right = pairs(*steps(channels(img)))
    return last(factor(weighed(weight) * root(both(reduce(power(down)), reduce(power(right))))))


@loss_of_variation.part("power", caught_by="test_tv_loss_of_an_image")
def tv_absolute_differences(steps: Tensor) -> Tensor:
    """The differences between neighbours were taken by their absolute values; the question asks for
    their squares.
    """
    return steps.abs()


@loss_of_variation.part("both", caught_by="test_tv_loss_of_stripes")
def tv_vertical_only(down: Tensor, right: Tensor) -> Tensor:
    """Only neighbours one above the other are compared; those side by side count as well."""
    return down


@loss_of_variation.part("both", caught_by="test_tv_loss_of_stripes")
def tv_horizontal_only(down: Tensor, right: Tensor) -> Tensor:
    """Only neighbours side by side are compared; those one above the other count as well."""
    return right


@loss_of_variation.part("steps", caught_by="test_tv_loss_of_an_image")
def tv_around_the_edge(img: Tensor) -> tuple[Tensor, Tensor]:
    """The last row is compared with the first, and the last column with the first, as if the image
    were rolled up; pixels at opposite edges are not neighbours.
    """
    return img - img.roll(1, dims=2), img - img.roll(1, dims=3)


@loss_of_variation.part("steps", caught_by="test_tv_loss_of_an_image")
def tv_with_a_black_frame(img: Tensor) -> tuple[Tensor, Tensor]:
    """The image was padded with black, so that pixels at the edge are compared with pixels that are
    not there; only pairs inside the image count.
    """
    return _steps(F.pad(img, (1, 1, 1, 1)))


@loss_of_variation.part("pairs", caught_by="test_tv_loss_of_an_image")
def tv_last_row_and_column_cut_off(down: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
    """The pairs within the last row and within the last column are missing: the vertical and the
    horizontal differences need not have the same shape.
    """
    return down[..., :-1], right[:, :, :-1]


@loss_of_variation.part("pairs", caught_by="test_tv_loss_of_an_image")
def tv_first_row_and_column_cut_off(down: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
    """The pairs within the first row and within the first column are missing: the vertical and the
    horizontal differences need not have the same shape.
    """
    return down[..., 1:], right[:, :, 1:]


@misconception(of="tv_loss", caught_by="test_tv_loss_of_an_image")
def tv_length_of_the_slope(img: Tensor, weight: float) -> Tensor:
    """This adds up, over all pixels, the root of the two squared differences, as other papers do;
    the question takes no root.
    """
    down, right = _steps(img)
    return weight * (down[..., :-1].pow(2) + right[:, :, :-1].pow(2)).sqrt().sum()


@loss_of_variation.part("reduce", caught_by="test_tv_loss_of_an_image")
def tv_mean_instead_of_sum(values: Tensor) -> Tensor:
    """Means were taken, over the vertical pairs and over the horizontal ones; the question asks for
    sums.
    """
    return values.mean()


@loss_of_variation.part("root", caught_by="test_tv_loss_of_an_image")
def tv_root_of_the_sum(total: Tensor) -> Tensor:
    """A square root was taken of the whole sum; the question asks for the sum of squares itself."""
    return total.sqrt()


@loss_of_variation.part("both", caught_by="test_tv_loss_of_an_image")
def tv_sum_of_two_norms(down: Tensor, right: Tensor) -> Tensor:
    """Square roots were taken of the vertical and of the horizontal sum; the question adds the two
    sums themselves.
    """
    return down.sqrt() + right.sqrt()


@loss_of_variation.part("weighed", caught_by="test_tv_loss_grows_with_its_weight")
def tv_weight_forgotten(weight: float) -> float:
    """The weight is missing: the loss comes out the same whatever the weight is."""
    return 1.0


@misconception(of="tv_loss", caught_by="test_tv_loss_of_stripes")
def tv_weight_on_vertical_part_only(img: Tensor, weight: float) -> Tensor:
    """The weight multiplies the vertical part only: a product binds more tightly than a sum, so
    both parts need brackets around them.
    """
    down, right = _steps(img)
    return weight * down.pow(2).sum() + right.pow(2).sum()


@misconception(of="tv_loss", caught_by="test_tv_loss_of_stripes")
def tv_weight_on_horizontal_part_only(img: Tensor, weight: float) -> Tensor:
    """The weight multiplies the horizontal part only; it belongs to the sum of both parts."""
    down, right = _steps(img)
    return down.pow(2).sum() + weight * right.pow(2).sum()


@loss_of_variation.part("channels", caught_by="test_tv_loss_of_an_image")
def tv_first_channel_only(img: Tensor) -> Tensor:
    """Only the red channel is counted; the question adds up all three."""
    return img[:, :1]


@loss_of_variation.part("steps", caught_by="test_tv_loss_of_an_image")
def tv_across_channels(img: Tensor) -> tuple[Tensor, Tensor]:
    """The first of the two parts compares the colours of a pixel with each other, not pixels one
    above the other: in an image batch, dimension 1 holds the channels.
    """
    return img.diff(dim=1), img.diff(dim=2)


@loss_of_variation.part("steps", caught_by="test_tv_loss_of_an_image")
def tv_neighbours_but_one(img: Tensor) -> tuple[Tensor, Tensor]:
    """Pixels two steps apart are compared; neighbours are one step apart."""
    return img[:, :, 2:] - img[:, :, :-2], img[..., 2:] - img[..., :-2]


@loss_of_variation.part("factor", caught_by="test_tv_loss_of_an_image")
def tv_pairs_counted_twice(loss: Tensor) -> Tensor:
    """Each pair of neighbours was counted twice, once from either side; the question counts it
    once.
    """
    return 2 * loss


@loss_of_variation.part("both", caught_by="test_tv_loss_of_an_image")
def tv_parts_subtracted(down: Tensor, right: Tensor) -> Tensor:
    """The horizontal part is subtracted from the vertical one; the question adds them."""
    return down - right


@misconception(of="tv_loss", caught_by="test_tv_loss_of_an_image")
def tv_sum_before_square(img: Tensor, weight: float) -> Tensor:
    """The differences are added up before they are squared, so that those of opposite signs cancel;
    square each one first.
    """
    return weight * sum(step.sum().pow(2) for step in _steps(img))


@loss_of_variation.part("last", caught_by="test_tv_gradient")
def tv_detached(loss: Tensor) -> Tensor:
    """The graph behind the loss was cut off, so that it can't move the image: the image must reach
    the result as it came in.
    """
    return loss.detach()


@loss_of_variation.part("last", caught_by="test_tv_gradient")
def tv_as_plain_number(loss: Tensor) -> float:
    """The loss is a plain Python number, which has no gradient, so that it can't move the image;
    return the tensor itself.
    """
    return loss.item()


@loss_of_variation.part("steps", caught_by="test_tv_gradient")
def tv_with_one_side_detached(img: Tensor) -> tuple[Tensor, Tensor]:
    """The number is right, but its derivative is not: of two neighbours one was treated as a
    constant, and both of them move.
    """
    fixed = img.detach()
    return img[:, :, 1:] - fixed[:, :, :-1], img[..., 1:] - fixed[..., :-1]


@loss_of_variation.part("power", caught_by="test_tv_gradient")
def tv_roots_squared(steps: Tensor) -> Tensor:
    """Roots were taken and squared again: the slope of a root at zero is infinite, so that the
    gradient is not a number where neighbours are equal.
    """
    return steps.pow(2).sqrt().pow(2)
