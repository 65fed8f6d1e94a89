"""Do the baselines know nothing of what was learnt, and is the untrained one untrained?"""

import pytest
import torch

from course_lib import load_classifier, sample_images
from course_lib.baselines import BASELINES, centre_blob_map, centre_pixel_map, untrained_copy


@pytest.fixture(scope="module")
def samples():
    return sample_images("scattered", n=4, seed=5)


@pytest.mark.parametrize("name", BASELINES)
def test_a_baseline_is_the_same_for_two_networks_of_one_architecture_and_for_all_labels(
    name, samples
):
    """Only the untrained network's map depends on the label that is asked about."""
    trained, random = load_classifier("shapes_cnn"), load_classifier("shapes_random_labels")
    maps = BASELINES[name](samples.images, samples.labels, trained)
    assert maps.shape == (4, 96, 96) and (maps >= 0).all() and (maps.amax(dim=(1, 2)) > 0).all()
    assert torch.equal(maps, BASELINES[name](samples.images, samples.labels, random))
    others = BASELINES[name](samples.images, samples.labels.flip(0), trained)
    assert torch.equal(maps, others) == (name != "untrained network")


def test_the_centre_is_in_the_middle():
    X = torch.rand(2, 3, 5, 9)
    pixel, blob = (f(X, None, None) for f in (centre_pixel_map, centre_blob_map))
    assert pixel.nonzero().tolist() == [[0, 2, 4], [1, 2, 4]]
    assert blob.flatten(1).argmax(dim=1).tolist() == [2 * 9 + 4] * 2
    torch.testing.assert_close(blob, blob.flip(1, 2))
    # The ends of a row lie at 4/9 of the width from the middle, in units of 0.2 of it.
    expected = torch.exp(torch.tensor(-((4 / 9) ** 2) / (2 * 0.2**2)))
    torch.testing.assert_close(blob[0, 2, 0], expected)


def test_the_untrained_copy_has_new_parameters_and_the_random_state_stays():
    model = load_classifier("shapes_resnet")
    state = torch.random.get_rng_state()
    first, again = untrained_copy(model), untrained_copy(model)
    assert torch.equal(torch.random.get_rng_state(), state)
    for name, parameter in model.named_parameters():
        assert not torch.equal(first.get_parameter(name), parameter)
        assert torch.equal(first.get_parameter(name), again.get_parameter(name))
    assert not torch.equal(
        untrained_copy(model, seed=1).network.head.weight, first.network.head.weight
    )
