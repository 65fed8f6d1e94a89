"""One mistake costs the points of the checks that are about it, and no others."""

from __future__ import annotations

import pytest

from autograder.verify.scores import verdicts
from tests.corpus import assignment

pytestmark = pytest.mark.slow

OF_ONE_IMAGE = [  # the axis of a single image is lost
    ("saliency", "compute_saliency_maps", "single_image_squeezed", "test_maps_of_one_image"),
    (
        "saliency",
        "compute_layer_saliency",
        "layer_single_image_squeezed",
        "test_layer_maps_of_one_image",
    ),
    (
        "saliency",
        "compute_loss_saliency",
        "loss_single_image_squeezed",
        "test_loss_maps_of_one_image",
    ),
    ("style_transfer", "gram_matrix", "gram_without_batch", "test_gram_matrix_of_one_image"),
    ("fooling_images", "fgsm_attack", "single_image_squeezed", "test_attack_on_one_image"),
]
OF_THE_STOP = {
    "test_the_stop",
    "test_another_class_on_the_way_is_no_stop",
    "test_an_image_already_classified_so_comes_back_unchanged",
    "test_no_more_than_100_steps",
}


def lost(name, function, mistake):
    """The checks that a misconception fails, and the names that it is given there."""
    known = {wrong.__name__: wrong for wrong in assignment(name).misconceptions[function]}
    cells, _ = verdicts(assignment(name), {function: known[mistake]}, only=[function])
    return {check.name: check.misconceptions for check in cells[function].lost}


@pytest.mark.parametrize(("name", "function", "mistake", "check"), OF_ONE_IMAGE)
def test_an_axis_that_only_a_single_image_loses_is_charged_once(name, function, mistake, check):
    assert lost(name, function, mistake) == {check: [mistake]}


@pytest.mark.parametrize("mistake", ["one_step_too_many", "last_step_not_returned", "never_stops"])
def test_a_wrong_stop_costs_the_checks_of_the_stop(mistake):
    assert lost("fooling_images", "make_fooling_image", mistake).keys() <= OF_THE_STOP
