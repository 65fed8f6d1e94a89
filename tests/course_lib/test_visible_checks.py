"""Do the visible checks of all assignments accept right answers and stop at wrong ones?"""

from __future__ import annotations

from importlib import import_module

import pytest

from course_lib.visible_checks import CheckFailed
from tests.corpus import ASSIGNMENTS, answers_in, assignment

NAMES = [name for name in ASSIGNMENTS if name != "lecture_quiz"]
CHECKS = {
    function: getattr(import_module(f"course_lib.visible_checks.{name}"), f"check_{function}")
    for name in NAMES
    for function in assignment(name).functions
}
RIGHT = [(name, path) for name in NAMES for path in assignment(name).right_answers]
WRONG = [
    wrong
    for name in NAMES
    for all_of_a_function in assignment(name).misconceptions.values()
    for wrong in all_of_a_function
]
# To see these, a check needs more networks, images or draws than are looked at below a stub.
LEFT_TO_GRADED_CHECKS = {
    "class_visualization_update_step": {
        "model_in_training_mode",  # the tiny network has no batch norm
        "training_mode_afterwards",
        "trains_the_model",  # its weights ask for no gradients
        "root_of_a_black_image",  # no image is black
    },
    "create_class_visualization": {
        "blurred_before_moving_back",  # blur is looked at without jitter
        "column_drawn_once",  # a move counts as new if rows or columns are
        "row_drawn_once",
        "seed_zero_ignored",  # seeds are larger
        "steps_in_training_mode",
        "goes_on_with_any_returned_tensor",  # the step returns nothing
    },
    "make_fooling_image": {"stops_when_sure", "stops_above_the_first_class"},
    "fooling_report": {"linf_of_darker_pixels", "linf_of_rows", "asked_in_training_mode"},
    "guided_backprop": {"only_relus_in_sequences", "in_place_flags_left_off"},
    "grad_cam": {
        "last_convolution_whatever_the_layer",
        "stretched_before_enlarging",
        "divided_by_largest_value",
        "divided_by_largest_value_before_the_shift",
        "constant_map_above_zero_becomes_nan",
    },
    "guided_grad_cam": {
        "plain_gradient_times_cam",
        "product_with_cam_of_guided_gradients",
        "product_with_cam_of_the_last_convolution",
    },
    "randomize_layers": {"weights_shuffled", "noise_added"},
    "rank_correlation": {"one_for_two_constant_maps", "small_values_rounded"},
    "cascade_similarity": {"values_correlated", "predicted_class_asked", "cascade_over_blocks"},
}
# Python or torch says what is wrong before a check could.
OWN_ERROR = {
    "gradient_seed_for_five_images": RuntimeError,
    "divides_the_step_by_zero": ZeroDivisionError,
    "scores_squeezed": IndexError,
    "goes_on_with_what_the_step_returns": TypeError,
    "range_without_numbers": RuntimeError,
    "numpy_range_without_numbers": ValueError,
    "mask_of_the_last_use": RuntimeError,
    "backward_hook_before_an_in_place_relu": RuntimeError,
    "no_graph_in_a_frozen_model": RuntimeError,
    "more_layers_than_there_are_fail": IndexError,
    "gradients_switched_off": RuntimeError,
}
# Words that the sentence about a misconception must hold: what to look at, not what to write.
ADVICE = {
    "compute_saliency_maps": {
        "signed_maximum": "never negative",
        "absolute_value_after_maximum": "comes after the largest is taken",
        "gradient_of_cross_entropy": "comes from the cross-entropy",
        "channels_kept": r"shape \(3, 5, 6\)",
        "rows_and_columns_swapped": r"shape \(3, 5, 6\)",
        "single_image_squeezed": "whether N = 1 is a special case",
        "mean_of_scores": "other images in its batch",
    },
    "normalize_maps": {
        "nan_for_constant_map": "division by zero",
        "ones_for_constant_map": "a constant map should become zeros",
    },
    "compute_layer_saliency": {
        "layer_gradient_of_cross_entropy": "comes from the cross-entropy",
        "layer_mean_of_scores": "mixes images",
        "overwritten_by_in_place_relu": "a ReLU follows in place",
    },
    "compute_loss_saliency": {
        "loss_mean_over_batch": "up over the batch",
        "weighted_mean_of_losses": "weighted losses up, this is their mean",
        "weights_ignored": "weights of the losses seem to be missing",
    },
    "fgsm_attack": {
        "step_down_the_loss": "only 0% of the pixels .* go up the loss",
        "step_twice": "each moves by 0.1; the step is taken once",
        "label_off_by_one": "raise that of class 1; take y",
        "only_first_image_attacked": "67% of them do not move",
        "slope_without_sign": "only its sign counts",
        "not_clamped": "clamp the image",
        "zero_counts_as_up": "sign of zero",
    },
    "class_visualization_update_step": {
        "learning_rate_ignored": "learning rate seems to be missing",
        "step_taken_twice": "taken twice",
    },
    "momentum_update_step": {
        "image_moved_by_old_velocity": "img is the same .* new velocity",
        "velocity_shrinks_too_late": "momentum belongs to the old velocity",
    },
    "create_class_visualization": {
        "always_the_same_seed": "different seeds give the same move",
        "axes_swapped_on_the_way_back": "rows and columns are exchanged",
        "blurred_after_each_step": "blur_every=0 means never",
        "columns_never_move": "the columns are always moved by 0",
        "no_jitter": "never moved",
        "step_on_a_copy": "the tensor that step_fn changes",
    },
    "make_fooling_image": {
        "first_step_in_any_case": "come back as it is; ask the model before",
        "target_off_by_one": "score of class 0, which the model predicts; take that of class 1",
        "change_alone": "return the image, not its change",
        "each_step_taken_twice": "change of length 2;",
        "a_single_step": "after 3 steps of length 1 gets a change",
        "last_step_not_returned": "comes back unchanged",
        "gradient_of_first_step_kept": "second step",
        "ninety_nine_steps": "100 steps.* the length 99",
        "input_written_over": "makes no copy",
    },
    "fooling_report": {
        "l2_squared": "square root",
        "confidence_is_score": "probability",
        "rounded_to_four_digits": "should be 0.761905 here, but is 0.7619:",
    },
    "guided_backprop": {
        "plain_gradient": "two ReLUs",
        "last_relu_left_out": "two ReLUs",
        "only_relus_at_the_top": "block inside a block",
        "hooks_left_on_the_model": "hooks stay",
        "relus_left_replaced": "inplace flags",
        "model_left_in_train_mode": "its mode",
        "guided_mean_over_batch": "other images in its batch",
        "guided_absolute_values": "without any ReLU",
        "guided_maximum_over_channels": r"shape \(3, 3, 6, 7\)",
    },
    "grad_cam": {
        "absolute_value_instead_of_relu": "steps",
        "stretched_over_the_whole_batch": "other images in its batch",
        "activations_overwritten_by_in_place_relu": "follows in place",
        "not_enlarged": r"shape \(3, 6, 7\)",
        "stretched_to_255": "last step",
        "constant_map_becomes_nan": "division by zero",
    },
    "guided_grad_cam": {
        "cam_alone": "multiply each channel of guided_backprop by the map",
        "maps_multiplied_along_the_channels": "three channels share it",
    },
    "gram_matrix": {"gram_divided_by_batch_too": "number of images as well"},
    "rank_correlation": {
        "sign_lost": "keep the sign",
        "whole_batch_ranked": "rank each map on its own",
    },
    "randomize_layers": {
        "first_layers": "n = 1 the layers 6 should .* but they are 0",
    },
}
on_all = pytest.mark.parametrize("function", CHECKS)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "path"), RIGHT, ids=[path.stem for _, path in RIGHT])
def test_right_answers_pass_with_one_line_a_property(name, path, capsys):
    for function, answer in answers_in(assignment(name), path).items():
        CHECKS[function](answer)
        out, err = capsys.readouterr()
        assert sum(line.startswith("✓ ") for line in out.splitlines()) >= 3
        assert "✗" not in out and err == ""


@pytest.mark.slow
@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.__name__)
def test_a_misconception_is_stopped_with_a_sentence_about_the_question(wrong):
    name = wrong.__name__
    if name in LEFT_TO_GRADED_CHECKS.get(wrong.of, ()):
        CHECKS[wrong.of](wrong)
    else:
        with pytest.raises(OWN_ERROR.get(name, CheckFailed)) as caught:
            CHECKS[wrong.of](wrong)
        if name not in OWN_ERROR:
            assert caught.match(rf"^{wrong.of} \(question \d\): ")


@pytest.mark.parametrize(
    ("function", "name", "words"),
    [(function, *advice) for function in ADVICE for advice in ADVICE[function].items()],
)
def test_the_sentence_says_what_to_look_at(function, name, words):
    (wrong,) = [wrong for wrong in WRONG if (wrong.of, wrong.__name__) == (function, name)]
    with pytest.raises(CheckFailed, match=words):
        CHECKS[function](wrong)


@on_all
def test_a_stub_keeps_its_own_error(function):
    def stub(*arguments, **keywords):
        raise NotImplementedError(f"{function}: not written yet")

    with pytest.raises(NotImplementedError, match=function):
        CHECKS[function](stub)


@on_all
def test_a_function_that_does_nothing_is_told_what_is_missing(function):
    with pytest.raises(
        CheckFailed, match=r"\(question \d\).*(return|NoneType|in place|own values)"
    ):
        CHECKS[function](lambda *arguments, **keywords: None)
