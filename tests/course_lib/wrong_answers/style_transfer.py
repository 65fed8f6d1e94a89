import torch
import torch.nn.functional as F

from tests.course_lib.wrong_answers import wrong


@wrong(of="content_loss", says="should be 15|mean of the squares")
def mean_squared_error(content_weight, content_current, content_original):
    return content_weight * F.mse_loss(content_current, content_original)


@wrong(of="content_loss", says="no gradient")
def original_s_data(content_weight, content_current, content_original):
    return content_weight * ((content_current.data - content_original) ** 2).sum()


@wrong(of="gram_matrix", says="not normalised|in spite of normalize=False")
def always_divided(features, normalize=True):
    n, c, h, w = features.shape
    flat = features.view(n, c, h * w)
    return torch.bmm(flat, flat.transpose(1, 2)) / (c * h * w)


@wrong(of="gram_matrix", says="C * H * W")
def divided_by_places(features, normalize=True):
    n, c, h, w = features.shape
    flat = features.reshape(n, c, -1)
    gram = flat @ flat.permute(0, 2, 1)
    return gram / (h * w) if normalize else gram


@wrong(of="gram_matrix", says="its own matrix|batch")
def one_matrix_for_the_batch(features, normalize=True):
    n, c, h, w = features.shape
    flat = features.transpose(0, 1).reshape(c, -1)
    gram = (flat @ flat.T).expand(n, c, c)
    return gram / (n * c * h * w) if normalize else gram


def gram(features):
    _, c, h, w = features.shape
    flat = features.flatten(2)
    return flat @ flat.transpose(1, 2) / (c * h * w)


@wrong(of="style_loss", says="second and the third of four layers|feats[style_layers[i]]")
def counts_from_the_first_layer(feats, style_layers, style_targets, style_weights):
    loss = 0
    for i in range(len(style_layers)):
        loss = loss + style_weights[i] * ((gram(feats[i]) - style_targets[i]) ** 2).sum()
    return loss


@wrong(of="style_loss", says="one layer|should be 127")
def mean_of_the_squares(feats, style_layers, style_targets, style_weights):
    loss = 0
    for k, target, weight in zip(style_layers, style_targets, style_weights):
        loss = loss + weight * F.mse_loss(gram(feats[k]), target)
    return loss


@wrong(of="style_loss", says="fourth layer and the first|feats[style_layers[i]]")
def targets_by_layer_order(feats, style_layers, style_targets, style_weights):
    loss = 0
    for k, target, weight in zip(sorted(style_layers), style_targets, style_weights):
        loss = loss + weight * ((gram(feats[k]) - target) ** 2).sum()
    return loss


@wrong(of="tv_loss", says="should be 20")
def absolute_steps(img, tv_weight):
    down = (img[:, :, 1:] - img[:, :, :-1]).abs().sum()
    across = (img[..., 1:] - img[..., :-1]).abs().sum()
    return tv_weight * (down + across)


@wrong(of="tv_loss", says="should be 20|no neighbours")
def rolled_round_the_edge(img, tv_weight):
    down = (img - img.roll(1, 2)).pow(2).sum()
    across = (img - img.roll(1, 3)).pow(2).sum()
    return tv_weight * (down + across)


@wrong(of="tv_loss", says="weight 0.5|should be 10", never="green")
def weight_for_rows_only(img, tv_weight):
    down = tv_weight * img.diff(dim=2).pow(2).sum()
    return down + img.diff(dim=3).pow(2).sum()
