"""Wrong answers to the style transfer assignment, by name.

Each function here answers one question of the assignment wrongly, in a way that students do. Its
docstring is the hint that a student reads when the values or gradients agree: what they are, and
what the question asks for. `caught_by` names the check that is about this mistake.
"""

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from autograder.checks import misconception

Features = Sequence[Tensor]


def _gram(features: Tensor) -> Tensor:
    """(N, C, C), not normalised."""
    return torch.einsum("nchw,ndhw->ncd", features, features)


def _elements(features: Tensor) -> int:
    """C * H * W."""
    return features[0].numel()


def _normalized(features: Tensor) -> Tensor:
    return _gram(features) / _elements(features)


def _either(features: Tensor, normalize: bool) -> Tensor:
    return _normalized(features) if normalize else _gram(features)


def _steps(img: Tensor) -> tuple[Tensor, Tensor]:
    """Differences of vertical and of horizontal neighbours."""
    return img.diff(dim=2), img.diff(dim=3)


def _style(
    feats: Features,
    layers: Sequence[int],
    targets: Features,
    weights: Sequence[float],
    distance: Callable[[Tensor, Tensor], Tensor] = lambda G, A: (G - A).pow(2).sum(),
    gram: Callable[[Tensor], Tensor] = _normalized,
) -> Tensor:
    """The right sum, with another distance or another Gram matrix."""
    terms = [w * distance(gram(feats[i]), A) for i, A, w in zip(layers, targets, weights)]
    return torch.stack(terms).sum()


# ---------------------------------------------------------------------------------------------
# Question 1: content_loss(content_weight, content_current, content_original)
# ---------------------------------------------------------------------------------------------


@misconception(of="content_loss", caught_by="test_content_loss_of_a_layer")
def content_mean_instead_of_sum(weight: float, current: Tensor, original: Tensor) -> Tensor:
    """This equals the mean of the squared differences, as a library's ready-made loss returns it by
    default; the question asks for their sum.
    """
    return weight * F.mse_loss(current, original)


@misconception(of="content_loss", caught_by="test_content_loss_of_a_layer")
def content_absolute_differences(weight: float, current: Tensor, original: Tensor) -> Tensor:
    """This adds up the absolute values of the differences; the question asks for their squares."""
    return weight * (current - original).abs().sum()


@misconception(of="content_loss", caught_by="test_content_loss_of_a_layer")
def content_norm_not_squared(weight: float, current: Tensor, original: Tensor) -> Tensor:
    """This equals the norm of the difference, so a square root was taken; the question asks for the
    sum of squares itself.
    """
    return weight * (current - original).norm()


@misconception(of="content_loss", caught_by="test_content_loss_of_a_layer")
def content_half(weight: float, current: Tensor, original: Tensor) -> Tensor:
    """This is half of what is asked for: the paper has a factor of one half in its content loss,
    the formula of this question has none.
    """
    return 0.5 * weight * (current - original).pow(2).sum()


@misconception(of="content_loss", caught_by="test_content_loss_grows_with_its_weight")
def content_weight_forgotten(weight: float, current: Tensor, original: Tensor) -> Tensor:
    """The sum of squares is right, but its weight is missing: the loss comes out the same whatever
    the content weight is.
    """
    return (current - original).pow(2).sum()


@misconception(of="content_loss", caught_by="test_content_loss_grows_with_its_weight")
def content_weight_squared(weight: float, current: Tensor, original: Tensor) -> Tensor:
    """The weight is squared together with the difference; the question multiplies the sum of
    squares by it, once.
    """
    return (weight * (current - original)).pow(2).sum()


@misconception(of="content_loss", caught_by="test_content_loss_of_a_layer")
def content_sum_before_square(weight: float, current: Tensor, original: Tensor) -> Tensor:
    """The differences are added up before they are squared, so that those of opposite signs cancel;
    square each one first.
    """
    return weight * (current - original).sum().pow(2)


@misconception(of="content_loss", caught_by="test_content_loss_of_a_layer")
def content_difference_of_squares(weight: float, current: Tensor, original: Tensor) -> Tensor:
    """Each of the two features is squared and the squares are subtracted; the question asks for the
    square of their difference, which is never negative.
    """
    return weight * (current.pow(2) - original.pow(2)).sum()


@misconception(of="content_loss", caught_by="test_content_loss_of_a_layer")
def content_per_place(weight: float, current: Tensor, original: Tensor) -> Tensor:
    """The sum of squares is divided by the number of places in a feature map; the question divides
    by nothing.
    """
    places = current.shape[2] * current.shape[3]
    return weight * (current - original).pow(2).sum() / places


@misconception(of="content_loss", caught_by="test_content_loss_of_layers_of_any_size")
def content_map_for_each_channel(weight: float, current: Tensor, original: Tensor) -> Tensor:
    """There is one sum for each channel here; the question asks for a single number, the sum over
    all channels and places.
    """
    return weight * (current - original).pow(2).sum(dim=(0, 2, 3))


@misconception(of="content_loss", caught_by="test_content_gradient")
def content_detached(weight: float, current: Tensor, original: Tensor) -> Tensor:
    """The number is right, but the graph behind it was cut off, so that the loss can't move the
    image: the current features must reach the result as they came in.
    """
    return weight * (current.detach() - original).pow(2).sum()


@misconception(of="content_loss", caught_by="test_content_gradient")
def content_as_plain_number(weight: float, current: Tensor, original: Tensor) -> float:
    """The number is right, but it is a plain Python number, which has no gradient, so that the loss
    can't move the image; return the tensor itself.
    """
    return (weight * (current - original).pow(2).sum()).item()


@misconception(of="content_loss", caught_by="test_content_gradient")
def content_root_squared(weight: float, current: Tensor, original: Tensor) -> Tensor:
    """The number is right, but a root was taken and squared again: the slope of a root at zero is
    infinite, so that a painting that begins as the photograph gets a gradient that is not a number.
    """
    return weight * (current - original).pow(2).sum().sqrt().pow(2)


# ---------------------------------------------------------------------------------------------
# Question 2: gram_matrix(features, normalize=True)
# ---------------------------------------------------------------------------------------------


@misconception(of="gram_matrix", caught_by="test_gram_matrices_of_a_batch")
def gram_of_first_image_only(features: Tensor, normalize: bool = True) -> Tensor:
    """Only the first image of the batch got a matrix; the question asks for one for each image."""
    return _either(features[:1], normalize)


@misconception(of="gram_matrix", caught_by="test_gram_matrix_of_one_image")
def gram_without_batch(features: Tensor, normalize: bool = True) -> Tensor:
    """For a single image the dimension of the batch is gone; a batch of one is a batch, too, and
    keeps the shape that begins with N.
    """
    return _either(features, normalize).squeeze(0)


@misconception(of="gram_matrix", caught_by="test_gram_matrices_of_a_batch")
def gram_mixed_over_batch(features: Tensor, normalize: bool = True) -> Tensor:
    """The matrices of all images were added up, and each image got that sum; the question asks for
    each image's own, which does not depend on its neighbours.
    """
    return _either(features, normalize).sum(dim=0, keepdim=True).expand(len(features), -1, -1)


@misconception(of="gram_matrix", caught_by="test_gram_matrices_of_a_batch")
def gram_of_images_and_channels_alike(features: Tensor, normalize: bool = True) -> Tensor:
    """Images and channels were laid out in one long list, which gives one large matrix of all
    pairs, across images too; the question asks for pairs of channels of the same image.
    """
    return _either(features.flatten(0, 1)[None], normalize)


@misconception(of="gram_matrix", caught_by="test_gram_matrix_of_one_image")
def gram_never_normalized(features: Tensor, normalize: bool = True) -> Tensor:
    """The matrix is not normalised, although that was asked for: it should be divided by the number
    of features of an image.
    """
    return _gram(features)


@misconception(of="gram_matrix", caught_by="test_gram_matrix_that_is_not_normalized")
def gram_always_normalized(features: Tensor, normalize: bool = True) -> Tensor:
    """The matrix is normalised even when it should not be: the second argument says whether it is
    to be divided.
    """
    return _normalized(features)


@misconception(of="gram_matrix", caught_by="test_gram_matrix_that_is_not_normalized")
def gram_normalized_the_wrong_way_round(features: Tensor, normalize: bool = True) -> Tensor:
    """The matrix is divided when it should not be, and not divided when it should: look at what the
    second argument decides.
    """
    return _either(features, not normalize)


@misconception(of="gram_matrix", caught_by="test_gram_matrix_of_one_image")
def gram_divided_by_places_only(features: Tensor, normalize: bool = True) -> Tensor:
    """The matrix is divided by the number of places H W; the number of channels belongs to the
    divisor as well.
    """
    places = features.shape[2] * features.shape[3]
    return _gram(features) / places if normalize else _gram(features)


@misconception(of="gram_matrix", caught_by="test_gram_matrix_of_one_image")
def gram_divided_by_channels_only(features: Tensor, normalize: bool = True) -> Tensor:
    """The matrix is divided by the number of channels; the number of places, height times width,
    belongs to the divisor as well.
    """
    return _gram(features) / features.shape[1] if normalize else _gram(features)


@misconception(of="gram_matrix", caught_by="test_gram_matrices_of_a_batch")
def gram_divided_by_batch_too(features: Tensor, normalize: bool = True) -> Tensor:
    """The number of images is part of the divisor, so that a matrix gets smaller in a larger batch;
    only the features of one image count.
    """
    return _gram(features) / features.numel() if normalize else _gram(features)


@misconception(of="gram_matrix", caught_by="test_gram_matrix_of_one_image")
def gram_centred(features: Tensor, normalize: bool = True) -> Tensor:
    """The mean of each channel was subtracted first, which gives covariances; the question
    multiplies the features as they are.
    """
    return _either(features - features.mean(dim=(2, 3), keepdim=True), normalize)


@misconception(of="gram_matrix", caught_by="test_gram_matrix_of_one_image")
def gram_of_cosines(features: Tensor, normalize: bool = True) -> Tensor:
    """Each channel was scaled to length one, which leaves only the angles between channels; how
    strong a channel is belongs to the style.
    """
    directions = F.normalize(features.flatten(2), dim=2)
    return _either(directions.view_as(features), normalize)


@misconception(of="gram_matrix", caught_by="test_gram_matrix_of_one_image")
def gram_of_places(features: Tensor, normalize: bool = True) -> Tensor:
    """The matrix relates pairs of places, added up over channels; the question asks for pairs of
    channels, added up over places. Which of the two sides has to be transposed?
    """
    flat = features.flatten(2)  # (N, C, H W)
    gram = flat.transpose(1, 2) @ flat
    return gram / _elements(features) if normalize else gram


@misconception(of="gram_matrix", caught_by="test_gram_matrix_of_one_image")
def gram_of_scrambled_features(features: Tensor, normalize: bool = True) -> Tensor:
    """The features were given the shape (N, H W, C) without moving the channels there, so a column
    holds a mixture of channels: changing the shape does not transpose.
    """
    n, channels, height, width = features.shape
    scrambled = features.reshape(n, height * width, channels)
    gram = scrambled.transpose(1, 2) @ scrambled
    return gram / _elements(features) if normalize else gram


@misconception(of="gram_matrix", caught_by="test_gram_matrix_of_one_image")
def gram_diagonal_only(features: Tensor, normalize: bool = True) -> Tensor:
    """Only the diagonal is right, each channel times itself, and everything else is zero; the
    question asks for the products of all pairs of channels.
    """
    return torch.diag_embed(torch.diagonal(_either(features, normalize), dim1=1, dim2=2))


@misconception(of="gram_matrix", caught_by="test_gram_gradient")
def gram_detached_unless_normalized(features: Tensor, normalize: bool = True) -> Tensor:
    """The matrix that is not normalised is right, but the graph behind it was cut off; look at that
    branch on its own.
    """
    return _normalized(features) if normalize else _gram(features.detach())


@misconception(of="gram_matrix", caught_by="test_gram_gradient")
def gram_detached(features: Tensor, normalize: bool = True) -> Tensor:
    """The matrix is right, but the graph behind it was cut off, so that style can't move the image:
    the features must reach the result as they came in.
    """
    return _either(features.detach(), normalize)


@misconception(of="gram_matrix", caught_by="test_gram_gradient")
def gram_with_one_side_detached(features: Tensor, normalize: bool = True) -> Tensor:
    """The matrix is right, but its derivative is half of what it should be: the features stand in
    the product twice, and one of the two was treated as a constant.
    """
    gram = torch.einsum("nchw,ndhw->ncd", features, features.detach())
    return gram / _elements(features) if normalize else gram


# ---------------------------------------------------------------------------------------------
# Question 3: style_loss(feats, style_layers, style_targets, style_weights)
# ---------------------------------------------------------------------------------------------


@misconception(of="style_loss", caught_by="test_style_loss_of_several_layers")
def style_features_by_position(
    feats: Features, layers: Sequence[int], targets: Features, weights: Sequence[float]
) -> Tensor:
    """The first features of the list were taken, as many as there are style layers; the question
    takes those that the style layers name.
    """
    return _style(feats, range(len(layers)), targets, weights)


@misconception(of="style_loss", caught_by="test_style_layers_in_any_order")
def style_layers_sorted(
    feats: Features, layers: Sequence[int], targets: Features, weights: Sequence[float]
) -> Tensor:
    """The layers were taken from first to last, but targets and weights come in the order of the
    list of style layers, whatever that is.
    """
    return _style(feats, sorted(layers), targets, weights)


@misconception(of="style_loss", caught_by="test_style_loss_of_several_layers")
def style_weights_ignored(
    feats: Features, layers: Sequence[int], targets: Features, weights: Sequence[float]
) -> Tensor:
    """The weights are missing: each layer counts the same, whatever its weight."""
    return _style(feats, layers, targets, [1.0] * len(layers))


@misconception(of="style_loss", caught_by="test_style_loss_of_several_layers")
def style_first_weight_for_all(
    feats: Features, layers: Sequence[int], targets: Features, weights: Sequence[float]
) -> Tensor:
    """The first weight was used for all layers; each layer has its own."""
    return _style(feats, layers, targets, [weights[0]] * len(layers))


@misconception(of="style_loss", caught_by="test_style_loss_of_several_layers")
def style_first_target_for_all(
    feats: Features, layers: Sequence[int], targets: Features, weights: Sequence[float]
) -> Tensor:
    """All layers were compared with the first target; each layer has its own."""
    return _style(feats, layers, [targets[0]] * len(layers), weights)


@misconception(of="style_loss", caught_by="test_style_loss_of_several_layers")
def style_weights_inside_the_square(
    feats: Features, layers: Sequence[int], targets: Features, weights: Sequence[float]
) -> Tensor:
    """The weights are squared together with the differences; the question multiplies each layer's
    sum of squares by its weight, once.
    """
    return _style(feats, layers, targets, [weight**2 for weight in weights])


@misconception(of="style_loss", caught_by="test_style_loss_of_several_layers")
def style_weights_made_to_sum_to_one(
    feats: Features, layers: Sequence[int], targets: Features, weights: Sequence[float]
) -> Tensor:
    """The sum was divided by the sum of the weights; the question takes them as they are."""
    return _style(feats, layers, targets, weights) / sum(weights)


@misconception(of="style_loss", caught_by="test_style_loss_of_several_layers")
def style_mean_over_layers(
    feats: Features, layers: Sequence[int], targets: Features, weights: Sequence[float]
) -> Tensor:
    """The sum was divided by the number of layers; the question adds the layers up."""
    return _style(feats, layers, targets, weights) / len(layers)


@misconception(of="style_loss", caught_by="test_style_loss_of_several_layers")
def style_last_layer_only(
    feats: Features, layers: Sequence[int], targets: Features, weights: Sequence[float]
) -> Tensor:
    """Only the last of the style layers counts, as if each turn of the loop wrote over the one
    before; the question adds all of them up.
    """
    return _style(feats, layers[-1:], targets[-1:], weights[-1:])


@misconception(of="style_loss", caught_by="test_style_loss_of_several_layers")
def style_first_layer_only(
    feats: Features, layers: Sequence[int], targets: Features, weights: Sequence[float]
) -> Tensor:
    """Only the first of the style layers counts, as if the function returned inside its loop; the
    question adds all of them up.
    """
    return _style(feats, layers[:1], targets[:1], weights[:1])


@misconception(of="style_loss", caught_by="test_style_loss_of_one_layer")
def style_mean_instead_of_sum(
    feats: Features, layers: Sequence[int], targets: Features, weights: Sequence[float]
) -> Tensor:
    """This equals the mean of the squared differences of two Gram matrices, as a library's
    ready-made loss returns it by default; the question asks for their sum.
    """
    return _style(feats, layers, targets, weights, distance=F.mse_loss)


@misconception(of="style_loss", caught_by="test_style_loss_of_one_layer")
def style_absolute_differences(
    feats: Features, layers: Sequence[int], targets: Features, weights: Sequence[float]
) -> Tensor:
    """This adds up the absolute values of the differences of Gram matrices; the question asks for
    their squares.
    """
    return _style(feats, layers, targets, weights, distance=lambda G, A: (G - A).abs().sum())


@misconception(of="style_loss", caught_by="test_style_loss_of_one_layer")
def style_norm_not_squared(
    feats: Features, layers: Sequence[int], targets: Features, weights: Sequence[float]
) -> Tensor:
    """This equals the norm of the difference of two Gram matrices, so a square root was taken; the
    question asks for the sum of squares itself.
    """
    return _style(feats, layers, targets, weights, distance=lambda G, A: (G - A).norm())


@misconception(of="style_loss", caught_by="test_style_loss_of_one_layer")
def style_gram_not_normalized(
    feats: Features, layers: Sequence[int], targets: Features, weights: Sequence[float]
) -> Tensor:
    """This compares Gram matrices that were not normalised with targets that were. Is the function
    of question 2 right, and is it asked to normalise?
    """
    return _style(feats, layers, targets, weights, gram=_gram)


@misconception(of="style_loss", caught_by="test_style_loss_of_one_layer")
def style_quarter_of_the_paper(
    feats: Features, layers: Sequence[int], targets: Features, weights: Sequence[float]
) -> Tensor:
    """This is a quarter of what is asked for: the paper has a factor of one quarter in its style
    loss, the formula of this question has none.
    """
    return 0.25 * _style(feats, layers, targets, weights)


@misconception(of="style_loss", caught_by="test_style_loss_of_one_layer")
def style_sum_before_square(
    feats: Features, layers: Sequence[int], targets: Features, weights: Sequence[float]
) -> Tensor:
    """The differences of Gram matrices are added up before they are squared, so that those of
    opposite signs cancel; square each one first.
    """
    return _style(feats, layers, targets, weights, distance=lambda G, A: (G - A).sum().pow(2))


@misconception(of="style_loss", caught_by="test_style_loss_of_one_layer")
def style_upper_triangle_only(
    feats: Features, layers: Sequence[int], targets: Features, weights: Sequence[float]
) -> Tensor:
    """Each pair of different channels is counted once; a Gram matrix holds it twice, and the
    question adds up all of its elements.
    """
    return _style(
        feats, layers, targets, weights, distance=lambda G, A: (G - A).triu().pow(2).sum()
    )


@misconception(of="style_loss", caught_by="test_style_gradient")
def style_detached(
    feats: Features, layers: Sequence[int], targets: Features, weights: Sequence[float]
) -> Tensor:
    """The number is right, but the graph behind it was cut off, so that the loss can't move the
    image: the features must reach the result as they came in.
    """
    return _style(feats, layers, targets, weights).detach()


@misconception(of="style_loss", caught_by="test_style_gradient")
def style_as_plain_number(
    feats: Features, layers: Sequence[int], targets: Features, weights: Sequence[float]
) -> float:
    """The number is right, but it is a plain Python number, which has no gradient, so that the loss
    can't move the image; add up tensors, and return a tensor.
    """
    return _style(feats, layers, targets, weights).item()


@misconception(of="style_loss", caught_by="test_style_gradient")
def style_root_squared(
    feats: Features, layers: Sequence[int], targets: Features, weights: Sequence[float]
) -> Tensor:
    """The number is right, but a root was taken and squared again: the slope of a root at zero is
    infinite, so that a layer that is as it should be gets a gradient that is not a number.
    """

    def distance(G: Tensor, A: Tensor) -> Tensor:
        return (G - A).pow(2).sum().sqrt().pow(2)

    return _style(feats, layers, targets, weights, distance=distance)


# ---------------------------------------------------------------------------------------------
# Question 4: tv_loss(img, tv_weight)
# ---------------------------------------------------------------------------------------------


@misconception(of="tv_loss", caught_by="test_tv_loss_of_an_image")
def tv_absolute_differences(img: Tensor, weight: float) -> Tensor:
    """This adds up the absolute values of the differences between neighbours; the question asks for
    their squares.
    """
    return weight * sum(step.abs().sum() for step in _steps(img))


@misconception(of="tv_loss", caught_by="test_tv_loss_of_stripes")
def tv_vertical_only(img: Tensor, weight: float) -> Tensor:
    """Only neighbours one above the other are compared; those side by side count as well."""
    return weight * img.diff(dim=2).pow(2).sum()


@misconception(of="tv_loss", caught_by="test_tv_loss_of_stripes")
def tv_horizontal_only(img: Tensor, weight: float) -> Tensor:
    """Only neighbours side by side are compared; those one above the other count as well."""
    return weight * img.diff(dim=3).pow(2).sum()


@misconception(of="tv_loss", caught_by="test_tv_loss_of_an_image")
def tv_around_the_edge(img: Tensor, weight: float) -> Tensor:
    """The last row is compared with the first, and the last column with the first, as if the image
    were rolled up; pixels at opposite edges are not neighbours.
    """
    return weight * sum((img - img.roll(1, dims=dim)).pow(2).sum() for dim in (2, 3))


@misconception(of="tv_loss", caught_by="test_tv_loss_of_an_image")
def tv_with_a_black_frame(img: Tensor, weight: float) -> Tensor:
    """The image was padded with black, so that pixels at the edge are compared with pixels that are
    not there; only pairs inside the image count.
    """
    return weight * sum(step.pow(2).sum() for step in _steps(F.pad(img, (1, 1, 1, 1))))


@misconception(of="tv_loss", caught_by="test_tv_loss_of_an_image")
def tv_last_row_and_column_cut_off(img: Tensor, weight: float) -> Tensor:
    """The pairs within the last row and within the last column are missing: the vertical and the
    horizontal differences need not have the same shape.
    """
    down, right = _steps(img)
    return weight * (down[..., :-1].pow(2).sum() + right[:, :, :-1].pow(2).sum())


@misconception(of="tv_loss", caught_by="test_tv_loss_of_an_image")
def tv_first_row_and_column_cut_off(img: Tensor, weight: float) -> Tensor:
    """The pairs within the first row and within the first column are missing: the vertical and the
    horizontal differences need not have the same shape.
    """
    down, right = _steps(img)
    return weight * (down[..., 1:].pow(2).sum() + right[:, :, 1:].pow(2).sum())


@misconception(of="tv_loss", caught_by="test_tv_loss_of_an_image")
def tv_length_of_the_slope(img: Tensor, weight: float) -> Tensor:
    """This adds up, over all pixels, the root of the two squared differences, as other papers do;
    the question takes no root.
    """
    down, right = _steps(img)
    return weight * (down[..., :-1].pow(2) + right[:, :, :-1].pow(2)).sqrt().sum()


@misconception(of="tv_loss", caught_by="test_tv_loss_of_an_image")
def tv_mean_instead_of_sum(img: Tensor, weight: float) -> Tensor:
    """This equals the mean over the vertical pairs plus that over the horizontal ones; the question
    asks for sums.
    """
    return weight * sum(step.pow(2).mean() for step in _steps(img))


@misconception(of="tv_loss", caught_by="test_tv_loss_of_an_image")
def tv_root_of_the_sum(img: Tensor, weight: float) -> Tensor:
    """A square root was taken of the whole sum; the question asks for the sum of squares itself."""
    return weight * sum(step.pow(2).sum() for step in _steps(img)).sqrt()


@misconception(of="tv_loss", caught_by="test_tv_loss_of_an_image")
def tv_sum_of_two_norms(img: Tensor, weight: float) -> Tensor:
    """Square roots were taken of the vertical and of the horizontal sum; the question asks for the
    sums of squares themselves.
    """
    return weight * sum(step.norm() for step in _steps(img))


@misconception(of="tv_loss", caught_by="test_tv_loss_grows_with_its_weight")
def tv_weight_forgotten(img: Tensor, weight: float) -> Tensor:
    """The sum is right, but its weight is missing: the loss comes out the same whatever the weight
    is.
    """
    return sum(step.pow(2).sum() for step in _steps(img))


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


@misconception(of="tv_loss", caught_by="test_tv_loss_of_an_image")
def tv_first_channel_only(img: Tensor, weight: float) -> Tensor:
    """Only the red channel is counted; the question adds up all three."""
    return weight * sum(step.pow(2).sum() for step in _steps(img[:, :1]))


@misconception(of="tv_loss", caught_by="test_tv_loss_of_an_image")
def tv_across_channels(img: Tensor, weight: float) -> Tensor:
    """The first of the two parts compares the colours of a pixel with each other, not pixels one
    above the other: in an image batch, dimension 1 holds the channels.
    """
    return weight * (img.diff(dim=1).pow(2).sum() + img.diff(dim=2).pow(2).sum())


@misconception(of="tv_loss", caught_by="test_tv_loss_of_an_image")
def tv_neighbours_but_one(img: Tensor, weight: float) -> Tensor:
    """Pixels two steps apart are compared; neighbours are one step apart."""
    down, right = img[:, :, 2:] - img[:, :, :-2], img[..., 2:] - img[..., :-2]
    return weight * (down.pow(2).sum() + right.pow(2).sum())


@misconception(of="tv_loss", caught_by="test_tv_loss_of_an_image")
def tv_pairs_counted_twice(img: Tensor, weight: float) -> Tensor:
    """Each pair of neighbours was counted twice, once from either side; the question counts it
    once.
    """
    return 2 * weight * sum(step.pow(2).sum() for step in _steps(img))


@misconception(of="tv_loss", caught_by="test_tv_loss_of_an_image")
def tv_parts_subtracted(img: Tensor, weight: float) -> Tensor:
    """The horizontal part is subtracted from the vertical one; the question adds them."""
    down, right = _steps(img)
    return weight * (down.pow(2).sum() - right.pow(2).sum())


@misconception(of="tv_loss", caught_by="test_tv_loss_of_an_image")
def tv_sum_before_square(img: Tensor, weight: float) -> Tensor:
    """The differences are added up before they are squared, so that those of opposite signs cancel;
    square each one first.
    """
    return weight * sum(step.sum().pow(2) for step in _steps(img))


@misconception(of="tv_loss", caught_by="test_tv_gradient")
def tv_detached(img: Tensor, weight: float) -> Tensor:
    """The number is right, but the graph behind it was cut off, so that the loss can't move the
    image: the image must reach the result as it came in.
    """
    return weight * sum(step.pow(2).sum() for step in _steps(img.detach()))


@misconception(of="tv_loss", caught_by="test_tv_gradient")
def tv_as_plain_number(img: Tensor, weight: float) -> float:
    """The number is right, but it is a plain Python number, which has no gradient, so that the loss
    can't move the image; return the tensor itself.
    """
    return (weight * sum(step.pow(2).sum() for step in _steps(img))).item()


@misconception(of="tv_loss", caught_by="test_tv_gradient")
def tv_with_one_side_detached(img: Tensor, weight: float) -> Tensor:
    """The number is right, but its derivative is not: of two neighbours one was treated as a
    constant, and both of them move.
    """
    down, right = img[:, :, 1:] - img.detach()[:, :, :-1], img[..., 1:] - img.detach()[..., :-1]
    return weight * (down.pow(2).sum() + right.pow(2).sum())


@misconception(of="tv_loss", caught_by="test_tv_gradient")
def tv_roots_squared(img: Tensor, weight: float) -> Tensor:
    """The number is right, but roots were taken and squared again: the slope of a root at zero is
    infinite, so that the gradient is not a number where neighbours are equal.
    """
    return weight * sum(step.pow(2).sqrt().pow(2).sum() for step in _steps(img))
