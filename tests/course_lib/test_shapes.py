"""Drawn images: true masks, the right amount of object, and nothing but the outline to tell."""

import subprocess
import sys
import time

import numpy as np
import pytest
import torch
from scipy import ndimage
from skimage.measure import perimeter_crofton

from course_lib.shapes import (
    CLASS_NAMES,
    add_watermark,
    draw_scattered,
    draw_shapes,
    watermark_mask,
)
from course_lib.shapes.outlines import OUTLINES


@pytest.fixture(scope="module")
def shapes():
    return draw_shapes(360, seed=11)


def test_ten_classes_or_more_of_64_pixels(shapes):
    assert len(CLASS_NAMES) >= 10 and len(set(CLASS_NAMES)) == len(CLASS_NAMES)
    assert shapes.images.shape == (360, 3, 64, 64) and shapes.images.dtype == torch.float32
    assert shapes.masks.shape == (360, 64, 64) and shapes.masks.dtype == torch.bool
    assert shapes.images.min() >= 0 and shapes.images.max() <= 1


def test_objects_cover_8_to_38_percent_and_lie_inside(shapes):
    area = shapes.masks.float().mean((1, 2))
    assert area.min() > 0.08 and area.max() < 0.38
    border = torch.ones(64, 64, dtype=torch.bool)
    border[1:-1, 1:-1] = False
    # A rounded edge may touch the border; no object is cut by it.
    assert (shapes.masks & border).sum((1, 2)).max() <= 12


def test_every_mask_is_one_piece(shapes):
    for mask in shapes.masks.numpy():
        pieces, _ = ndimage.label(mask, np.ones((3, 3)))
        # The last pixel of a crescent's tip may come off.
        assert np.bincount(pieces.ravel())[1:].max() >= mask.sum() - 1


@pytest.mark.parametrize(
    ("name", "holes", "compactness"),
    [
        ("disc", 0, (0.95, 1.07)),
        ("square", 0, (0.7, 0.92)),
        ("triangle", 0, (0.54, 0.7)),
        ("ring", 1, (0.1, 0.45)),
        ("star", 0, (0.2, 0.55)),
        ("cross", 0, (0.3, 0.6)),
    ],
)
def test_masks_have_the_geometry_of_their_class(shapes, name, holes, compactness):
    """4 pi area / perimeter^2 is 1 for a disc, 0.79 for a square, 0.60 for a triangle."""
    low, high = compactness
    for mask in shapes.masks[shapes.labels == CLASS_NAMES.index(name)].numpy():
        assert ndimage.label(np.pad(~mask, 1, constant_values=True))[1] == 1 + holes
        assert low < 4 * np.pi * mask.sum() / perimeter_crofton(mask) ** 2 < high


def test_the_mask_is_the_object():
    """Only the object hides the background: off the mask, another object changes little."""
    one = draw_shapes(1, seed=3, labels=[0])
    other = draw_shapes(1, seed=3, labels=[2])  # same background, fragments and lines
    neither = ~(one.masks | other.masks)[0].numpy()
    far = torch.from_numpy(ndimage.binary_erosion(neither, iterations=9))
    changed = (one.images - other.images).abs().amax(1)[0]
    assert far.sum() > 300
    assert changed[far].median() < 0.08 < changed[(one.masks ^ other.masks)[0]].median()


def test_one_image_depends_on_seed_index_and_label_only(shapes):
    few = draw_shapes(5, seed=11)
    assert torch.equal(few.images, shapes.images[:5]) and torch.equal(few.masks, shapes.masks[:5])
    assert not torch.equal(few.images, draw_shapes(5, seed=12).images)
    relabelled = draw_shapes(5, seed=11, labels=[0, 1, 2, 3, 0])
    assert torch.equal(relabelled.images[:4], few.images[:4])
    assert not torch.equal(relabelled.images[4], few.images[4])


def test_drawing_leaves_the_random_state_alone_and_repeats_in_another_process():
    torch.manual_seed(0), np.random.seed(0)
    expected = torch.rand(1).item(), np.random.rand()
    torch.manual_seed(0), np.random.seed(0)
    total = draw_shapes(3, seed=5).images.double().sum().item()
    assert (torch.rand(1).item(), np.random.rand()) == expected
    code = "from course_lib.shapes import draw_shapes; images = draw_shapes(3, seed=5).images; "
    code += "print(images.double().sum().item())"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout
    assert float(printed) == pytest.approx(total, abs=1e-3)


def test_colour_and_texture_do_not_tell_the_class(shapes):
    """The nearest neighbour by colour statistics on the object and around it guesses by chance."""
    flat = shapes.images.flatten(2)
    on = shapes.masks.flatten(1)[:, None].float()
    features = []
    for weight in (on, 1 - on):
        mean = (flat * weight).sum(2) / weight.sum(2)
        features += [mean, ((flat - mean[..., None]) ** 2 * weight).sum(2) / weight.sum(2)]
    features = torch.cat(features, 1)
    features = (features - features.mean(0)) / features.std(0)
    distance = torch.cdist(features, features).fill_diagonal_(torch.inf)
    right = (shapes.labels[distance.argmin(1)] == shapes.labels).float().mean()
    assert right < 2.5 / len(CLASS_NAMES)


@pytest.mark.parametrize("name", OUTLINES)
def test_distances_near_the_edge_are_distances(name):
    """A signed distance grows by one along its gradient: what makes edges smooth at any size."""
    outline = OUTLINES[name](np.random.default_rng(0))
    u, v = np.meshgrid(*[np.linspace(-1.2, 1.2, 481)] * 2)
    distance = outline(u, v)
    slope = np.hypot(*np.gradient(distance, u[0, 1] - u[0, 0]))
    assert np.median(np.abs(slope[np.abs(distance) < 0.05] - 1)) < 0.05
    assert np.hypot(u, v)[distance < 0].max() <= 1.02, "an outline lies in the unit circle"


def test_other_sizes():
    small, large = draw_shapes(12, seed=1, size=32), draw_shapes(12, seed=1, size=96)
    assert small.images.shape == (12, 3, 32, 32) and large.masks.shape == (12, 96, 96)
    assert torch.allclose(
        small.masks.float().mean((1, 2)), large.masks.float().mean((1, 2)), atol=0.3
    )


def test_labels_of_another_length_are_refused():
    with pytest.raises(ValueError, match="2 entries for 3"):
        draw_shapes(3, labels=[0, 1])


def test_drawing_is_fast():
    began = time.process_time()
    draw_shapes(100)
    assert time.process_time() - began < 1.5, "1,000 images take a few seconds, 100 a fraction"


def test_watermark_changes_its_place_only():
    images = torch.rand(6, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    before = images.clone()
    marked, where = add_watermark(images, seed=4), watermark_mask(6, seed=4)
    assert torch.equal(images, before)
    assert ((marked != images).any(1) <= where).all()
    assert (where.flatten(1).sum(1) == where[0].sum()).all() and 0 < where.float().mean() < 0.03
    assert marked.min() >= 0 and marked.max() <= 1
    assert len({tuple(map(int, mask.nonzero()[0] // 32)) for mask in where}) > 1, "several corners"


def test_scattered_objects_are_small_and_seldom_in_the_middle():
    drawn = draw_scattered(240, seed=11)
    assert drawn.images.shape == (240, 3, 96, 96)
    area = drawn.masks.float().mean((1, 2))
    assert area.min() > 0.03 and area.max() < 0.09
    usual = draw_shapes(240, seed=11).masks
    assert drawn.masks[:, 48, 48].float().mean() < 0.3 < 0.6 < usual[:, 32, 32].float().mean()
    # As large in pixels as some objects of the images that the networks learnt from.
    assert 330 < drawn.masks.sum((1, 2)).float().median() < usual.sum((1, 2)).float().median()
    again = draw_scattered(3, seed=11, labels=[0, 1, 2])
    assert torch.equal(again.images, drawn.images[:3])
