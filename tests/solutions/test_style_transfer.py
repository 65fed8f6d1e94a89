"""Is the reference right by sources that are not ours?"""

import re

import numpy as np
import pytest
import torch
from PIL import Image
from scipy import ndimage
from scipy.spatial.distance import sqeuclidean
from skimage.metrics import structural_similarity
from sklearn.metrics import pairwise_distances
from sklearn.metrics.pairwise import linear_kernel

from course_lib import load_classifier
from course_lib.gradients import numeric_gradient
from course_lib.style import Losses, suggest_recipe, transfer_style
from course_lib.style_images import style_images
from tests.corpus import assignment

reference = assignment("style_transfer").reference

LOSSES = ("content_loss", "gram_matrix", "style_loss", "tv_loss")


def features(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def test_content_loss_is_scipy_s_squared_distance():
    current, original = features(1, 4, 3, 5), features(1, 4, 3, 5, seed=1)
    theirs = 0.7 * sqeuclidean(current.flatten().numpy(), original.flatten().numpy())
    assert reference.content_loss(0.7, current, original).item() == pytest.approx(theirs)


def test_gram_matrices_are_scikit_learn_s_linear_kernels():
    batch = features(3, 4, 5, 2)
    theirs = np.stack([linear_kernel(image.flatten(1)) for image in batch])
    torch.testing.assert_close(reference.gram_matrix(batch, False), torch.from_numpy(theirs))
    torch.testing.assert_close(reference.gram_matrix(batch), torch.from_numpy(theirs) / 40)


def test_style_loss_is_a_weighted_sum_of_squared_distances_of_linear_kernels():
    feats = [features(1, c, 3, 4, seed=c) for c in (2, 5, 3)]
    targets = [features(1, 3, 3, seed=7), features(1, 2, 2, seed=8)]
    theirs = 0
    for layer, target, weight in zip([2, 0], targets, [0.5, 3.0], strict=True):
        rows = feats[layer][0].flatten(1)
        kernel = linear_kernel(rows) / rows.numel()
        theirs += (
            weight * pairwise_distances(kernel.reshape(1, -1), target.reshape(1, -1))[0, 0] ** 2
        )
    mine = reference.style_loss(feats, [2, 0], targets, [0.5, 3.0])
    assert mine.item() == pytest.approx(theirs)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_any_number_of_own_paintings_goes_with_the_three_photographs(count, tmp_path):
    for number in range(count):
        Image.new("RGB", (20, 30), (40 * number, 90, 200)).save(tmp_path / f"{number}.png")
    cells = [c.source for c in assignment("style_transfer").source.cells if c.cell_type == "code"]
    (grid,) = [
        i for i, source in enumerate(cells) if '{"content": photographs, "style": styles}' in source
    ]
    script = "\n".join(cells[: grid + 1])
    own = f"styles = folder_images({str(tmp_path)!r}, model, size=SIZE).images"
    namespace: dict = {}
    exec(re.sub(r"^styles = .*$", lambda match: own, script, flags=re.M), namespace)
    pairs = namespace["photographs"], namespace["styles"], namespace["style_names"]
    assert [len(part) for part in pairs] == [max(3, count)] * 3
    assert len(namespace["styles"].flatten(1).unique(dim=0)) == count


def test_tv_loss_is_that_of_scipy_s_correlation():
    img = features(1, 3, 6, 9)
    theirs = 0
    for axis in (2, 3):
        steps = ndimage.correlate1d(img.numpy(), [-1, 1], axis=axis, origin=-1)
        inside = steps[:, :, :-1] if axis == 2 else steps[..., :-1]
        theirs += 0.3 * (inside**2).sum()
    assert reference.tv_loss(img, 0.3).item() == pytest.approx(theirs)


def test_gradients_agree_with_finite_differences():
    current, original = features(1, 2, 3, 4), features(1, 2, 3, 4, seed=1)
    target = reference.gram_matrix(original)
    for loss in (
        lambda x: reference.content_loss(0.7, x, original),
        lambda x: reference.gram_matrix(x)[0, 0, 1],
        lambda x: reference.style_loss([original, x], [1], [target], [0.7]),
        lambda x: reference.tv_loss(x, 0.7),
    ):
        x = current.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(loss(x), x)
        torch.testing.assert_close(gradient, numeric_gradient(loss, current), rtol=1e-6, atol=1e-8)


def test_the_more_content_counts_the_more_of_the_photograph_s_structure_stays():
    """Structural similarity is scikit-image's; style and smoothness are as the notebook has them."""
    losses = Losses(*(getattr(reference, name) for name in LOSSES))
    model = load_classifier("shapes_cnn")
    photograph, style = style_images(["tissue", "mosaic"], 48).split(1)
    recipe, alike = suggest_recipe(model), []
    for content in (0.01, 1.0, 100.0):
        painted = transfer_style(
            photograph, style, model, losses, recipe.but(content=content), steps=30
        )
        pair = [image[0].permute(1, 2, 0).numpy() for image in (photograph, painted.image)]
        alike.append(structural_similarity(*pair, channel_axis=2, data_range=1.0))
    assert alike == sorted(alike)
    assert alike[-1] > alike[0] + 0.1
