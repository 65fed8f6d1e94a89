"""Batches of labelled images, and the families they come from."""

import pytest
import torch

from course_lib import Samples, sample_images
from course_lib.photos import PHOTOS


@pytest.fixture
def samples():
    images = torch.arange(4.0).view(4, 1, 1, 1).expand(4, 3, 2, 2) / 4
    masks = torch.tensor([True, False, True, False]).view(4, 1, 1).expand(4, 2, 2)
    return Samples(images, torch.tensor([0, 1, 1, 0]), masks, ("cat", "dog"))


def test_a_slice_keeps_images_labels_and_masks_together(samples):
    part = samples[1:3]
    assert len(samples) == 4 and len(part) == 2
    assert part.images[:, 0, 0, 0].tolist() == [0.25, 0.5]
    assert part.labels.tolist() == [1, 1]
    assert part.masks[:, 0, 0].tolist() == [False, True]
    assert part.names == ["dog", "dog"]


@pytest.mark.parametrize("index", [[3, 0], torch.tensor([3, 0])], ids=["list", "tensor"])
def test_an_index_list_reorders(samples, index):
    assert samples[index].images[:, 0, 0, 0].tolist() == [0.75, 0.0]


def test_one_index_gives_a_batch_of_one(samples):
    assert samples[-1].images.shape == (1, 3, 2, 2)
    assert samples[torch.tensor(2)].labels.tolist() == [1]
    with pytest.raises(IndexError):
        samples[4]


def test_a_boolean_mask_selects(samples):
    assert samples[samples.labels == 0].images[:, 0, 0, 0].tolist() == [0.0, 0.75]


def test_a_loop_ends_and_yields_batches_of_one(samples):
    assert [one.labels.tolist() for one in samples] == [[0], [1], [1], [0]]


def test_masks_may_be_unknown(samples):
    assert Samples(samples.images, samples.labels, None, ("cat", "dog"))[:2].masks is None


def test_shapes_come_in_turns_and_repeat_for_the_same_seed():
    first, again, other = sample_images(n=14), sample_images(n=14), sample_images(n=14, seed=1)
    assert first.images.shape == (14, 3, 64, 64) and first.images.dtype == torch.float32
    assert first.labels.tolist() == [*range(12), 0, 1]
    assert torch.equal(first.images, again.images)
    assert not torch.equal(first.images, other.images)


def test_classes_by_name_and_by_index():
    chosen = sample_images("shapes", n=3, classes=["star", 0])
    assert chosen.names == ["star", "disc", "star"]


def test_photos_have_imagenet_labels():
    photos = sample_images("photos")
    assert photos.images.shape == (len(PHOTOS), 3, 224, 224)
    assert photos.images.min() >= 0 and photos.images.max() <= 1
    assert photos.masks is None and len(photos.class_names) == 1000
    assert photos.names[:3] == ["Egyptian cat", "espresso", "moped"]
    assert sample_images("photos", classes=["rocket"]).names == ["missile"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"family": "fruit"}, "fruit.*shapes, scattered, photos"),
        ({"classes": ["circle"]}, "circle.*disc"),
        ({"classes": [12]}, "12"),
        ({"classes": []}, "empty"),
    ],
)
def test_wrong_use_says_what_there_is(arguments, message):
    with pytest.raises(ValueError, match=message):
        sample_images(**arguments)
