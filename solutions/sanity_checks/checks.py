"""What a right answer to the assignment on sanity checks is.

Adebayo, Gilmer, Muelly, Goodfellow, Hardt, Kim: "Sanity Checks for Saliency Maps", 2018.

Re-initialised parameters are random, and there are many good ways to draw them: the checks look at
which layers are new, never at the values. A map that a check compares depends on which layers are
new, too. `cascade_similarity` builds on the other two functions: where its answer is wrong, it is
asked again with test doubles in their places, so that one mistake costs its points once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from autograder.checks import (
    FINAL,
    SINGLE,
    Draw,
    Mismatch,
    StudentFault,
    StudentFunction,
    WithHelpers,
    assert_same,
    assert_value,
    check,
    describe_form,
    fail,
)

from .layers import (
    changes_of_the_original,
    describe_parameters,
    differing,
    layers,
    new_layers,
    other_changes_of_the_copy,
)
from .probes import (
    MapsOfWhatChanged,
    brightness_maps,
    closeness,
    gradient_maps,
    marked_copy,
    model_afterwards,
    randomized,
)

RANKS = 1e-4  # ranks in float32 are right, too, and a correlation may be near zero


# randomize_layers(model, n) -> a copy whose last n layers with parameters are new


def _judge(
    answer: StudentFunction,
    model: nn.Module,
    n: int,
    view: Callable[[dict[str, Any], nn.Module, int], Any],
    complaint: Callable[[Any, int], str],
) -> None:
    """Fail if there is a complaint about an answer.

    Args:
        view: one of those in `layers`.
        complaint: takes what the view returned, and n; returns a sentence, or nothing.
    """

    def view_of_a_model(told: dict[str, Any]) -> Any:
        if not isinstance(told["copy"], dict):
            return f"returned {told['copy']}; a model was expected."
        return describe_form(told, right) or view(told, model, n)

    asked = answer.asked(randomized)
    right = asked.expected(model, n)
    asked = asked.seen_as(view_of_a_model)
    seen = asked(model, n)
    sentence = seen if isinstance(seen, str) else complaint(seen, n)
    if sentence:
        fail(asked, sentence, seen, model, n)


def _assert_randomized(answer: StudentFunction, model: nn.Module, n: int) -> None:
    """Check which layers are new, whatever their values."""
    count = len(layers(model))
    expected = list(range(1, count + 1))[max(0, count - n) :]

    def complaint(found: list[int], n: int) -> str:
        if found == expected:
            return ""
        numbers = ", ".join(map(str, found)) or "none"
        return (
            f"of {count} layers, counted from the input, the last {n} should be new; those with "
            f"new parameters: {numbers}."
        )

    _judge(answer, model, n, new_layers, complaint)


@check("randomize_layers", points=4)
def test_the_last_layers_are_new(answer, draw):
    for n in (1, 2):
        _assert_randomized(answer, draw.plain_network(), n)


@check("randomize_layers", points=2)
def test_no_layer_is_new_for_zero(answer, draw):
    for model in (draw.plain_network(), draw.batch_norm_network()):
        _assert_randomized(answer, model, 0)


@check("randomize_layers", points=2)
def test_all_layers_are_new(answer, draw):
    for model in (draw.plain_network(frozen=False), draw.shared_relu_network()):
        _assert_randomized(answer, model, len(layers(model)))


@check("randomize_layers", points=1)
def test_more_layers_than_there_are(answer, draw):
    for extra in (1, 2, 4):
        model = draw.shared_relu_network()
        _assert_randomized(answer, model, len(layers(model)) + extra)


@check("randomize_layers", points=3)
def test_batch_norm_is_a_layer_too(answer, draw):
    _assert_randomized(answer, draw.residual_network(), 6)
    for n in (3, 2):
        _assert_randomized(answer, draw.batch_norm_network(), n)


@check("randomize_layers", points=2)
def test_layers_inside_blocks_are_counted(answer, draw):
    for n in (3, 6):
        _assert_randomized(answer, draw.residual_network(frozen=False), n)


@check("randomize_layers", points=3)
def test_new_parameters_are_drawn_at_random(answer, draw):
    def complaint(descriptions: dict[str, str], n: int) -> str:
        wrong = [
            f"with n = {n}, the tensor {name!r} of the copy is {description}."
            for name, description in descriptions.items()
            if description != "new"
        ]
        return wrong[0] if wrong else ""

    for model, n in ((draw.plain_network(), 2), (draw.dropout_network(), 3)):
        _judge(answer, model, n, describe_parameters, complaint)


@check("randomize_layers", points=2)
def test_the_original_stays_as_it_was(answer, draw):
    def complaint(changes: list[str], n: int) -> str:
        return f"the model that was given is changed: {', '.join(changes)}." if changes else ""

    for model, n in ((draw.plain_network(frozen=False), 2), (draw.batch_norm_network(), 4)):
        _judge(answer, model, n, changes_of_the_original, complaint)


@check("randomize_layers", points=1)
def test_all_else_in_the_copy_is_as_in_the_original(answer, draw):
    def complaint(changes: list[str], n: int) -> str:
        if not changes:
            return ""
        return f"with n = {n}, the copy differs in more than its last {n} layers: {changes[0]}."

    asked = (
        (draw.batch_norm_network(torch.float32), 1),
        (draw.residual_network(), 2),
        (draw.dropout_network().train(), 1),
        (draw.plain_network(), 0),
    )
    for model, n in asked:
        _judge(answer, model, n, other_changes_of_the_copy, complaint)


# rank_correlation(a, b) -> (N,): Spearman's rho of each pair of maps


@check("rank_correlation", points=2)
def test_correlation_of_one_pair_of_maps(answer, draw):
    a = draw.maps(1)
    assert_same(answer, a, a + draw.maps(1))


@check("rank_correlation", points=3)
def test_correlations_of_a_batch(answer, draw):
    for n in (5, 2):
        a = draw.maps(n)
        assert_same(answer, a, a.flip(0) + 0.5 * a + draw.maps(n))


@check("rank_correlation", points=1)
def test_correlations_of_maps_that_are_not_square(answer, draw):
    for height, width in ((4, 11), (11, 4)):
        a = draw.maps(3, height, width)
        assert_same(answer, a, draw.maps(3, height, width) + 0.7 * a)


@check("rank_correlation", points=3)
def test_ties_get_their_mean_rank(answer, draw):
    a = draw.maps(3)
    b = a.mean() + draw.maps(3)
    # Levels first: behind a ReLU, with ties at one end only, some wrong ways come out alike.
    for with_ties in (_rounded_to_levels, torch.relu):
        assert_same(answer, with_ties(a), with_ties(b), rtol=RANKS)


def _rounded_to_levels(maps: Tensor) -> Tensor:
    return (2 * maps / maps.std(dim=(1, 2), keepdim=True)).round()


@check("rank_correlation", points=1)
def test_only_the_order_counts(answer, draw):
    a = draw.maps(2)
    one = torch.ones(2).to(a)
    assert_value(answer, one, a, (a / 4).exp())
    assert_value(answer, -one, a, -a)
    assert_value(answer, one, a, a - a.max() - 1)  # all of it negative


@check("rank_correlation", points=1)
def test_small_values_are_told_apart(answer, draw):
    a = draw.maps(2)
    b = a + draw.maps(2)
    assert_same(answer, 1e-9 * a, 1e-9 * b)


@check("rank_correlation", points=1)
def test_a_constant_map_correlates_with_nothing(answer, draw):
    a, b = draw.maps(3), draw.maps(3)
    a[1] = draw.numbers(1)[0]
    b[2] = draw.numbers(1)[0]
    assert_same(answer, a, b, rtol=RANKS)
    a[0] = b[0] = 0
    assert_same(answer, a, b, rtol=RANKS)


@check("rank_correlation", points=2)
def test_correlations_in_float32(answer, draw):
    a = draw.maps(2, 40, 30).float()
    b = (a + draw.maps(2, 40, 30).float()).relu()
    assert_same(answer, a, b, rtol=SINGLE)


# cascade_similarity(method, X, y, model) -> (layers + 1, N): row k, maps with k random layers

HELPERS = (("randomize_layers", marked_copy), ("rank_correlation", closeness))
DOUBLES = (HELPERS[:1], HELPERS[1:], HELPERS)


def _assert_cascade(answer: StudentFunction, *arguments: Any, rtol: float = RANKS) -> None:
    """Compare with the reference; where that fails, with test doubles in the place of helpers."""
    try:
        assert_same(answer, *arguments, rtol=rtol)
    except FINAL:
        raise
    except (Mismatch, StudentFault):
        asked_again = (answer.asked(WithHelpers(doubles, answer.probe)) for doubles in DOUBLES)
        if not any(_is_same(again, *arguments, rtol=rtol) for again in asked_again):
            raise


def _is_same(answer: StudentFunction, *arguments: Any, rtol: float) -> bool:
    try:
        assert_same(answer, *arguments, rtol=rtol)
    except FINAL:
        raise
    except (Mismatch, StudentFault):
        return False
    return True


def _maps_of_what_changed(model: nn.Module, draw: Draw) -> MapsOfWhatChanged:
    return MapsOfWhatChanged(list(layers(model).values()), int(1e6 * draw.numbers(1)[0]))


def _shape_only(answer: Any) -> Any:
    answer = _as_tensor(answer)
    return torch.zeros_like(answer) if isinstance(answer, Tensor) else answer


def _first_row_is_one(answer: Any) -> Any:
    """In words, the number of rows and whether the first one is 1; the others are random."""
    answer = _as_tensor(answer)
    if not isinstance(answer, Tensor):
        return answer
    is_one = (answer[:1] - 1).abs() < RANKS
    rows = f"{len(answer)} rows" if answer.dim() else "no rows"
    return [rows, *(f"row 0 is {'' if one else 'not '}1" for one in is_one.flatten().tolist())]


def _as_tensor(answer: Any) -> Any:
    return torch.from_numpy(answer) if isinstance(answer, np.ndarray) else answer


@check("cascade_similarity", points=2)
def test_a_row_for_each_number_of_layers(answer, draw):
    for model, n in ((draw.plain_network(), 2), (draw.batch_norm_network(), 5)):
        X, y = draw.images(n), draw.labels(n)
        _assert_cascade(answer.seen_as(_shape_only), brightness_maps, X, y, model)


@check("cascade_similarity", points=2)
def test_a_method_that_ignores_the_model_has_ones_only(answer, draw):
    X, y, model = draw.images(2, 7, 10), draw.labels(2), draw.plain_network(frozen=False)
    _assert_cascade(answer, brightness_maps, X, y, model)


@check("cascade_similarity", points=2)
def test_with_nothing_randomised_a_gradient_is_itself(answer, draw):
    X, y, model = draw.images(2), draw.labels(2), draw.batch_norm_network()
    _assert_cascade(answer.seen_as(_first_row_is_one), gradient_maps, X, y, model)


@check("cascade_similarity", points=4)
def test_rows_follow_the_cascade(answer, draw):
    for model in (draw.plain_network(), draw.shared_relu_network(frozen=False)):
        X, y = draw.images(1), 1 + draw.labels(1) % 6
        _assert_cascade(answer, _maps_of_what_changed(model, draw), X, y, model)


@check("cascade_similarity", points=2)
def test_each_image_is_compared_with_itself(answer, draw):
    for n in (5, 2):
        X, y, model = draw.images(n, 10, 7), draw.labels(n), draw.plain_network()
        _assert_cascade(answer, _maps_of_what_changed(model, draw), X, y, model)


@check("cascade_similarity", points=2)
def test_cascade_through_batch_norm_and_blocks(answer, draw):
    for model in (draw.batch_norm_network(), draw.residual_network()):
        X, y = draw.images(2), draw.labels(2)
        _assert_cascade(answer, _maps_of_what_changed(model, draw), X, y, model)


@check("cascade_similarity", points=1)
def test_the_model_stays_as_it_was(answer, draw):
    X, y, model = draw.images(2), draw.labels(2), draw.plain_network(frozen=False)

    def changes(after: dict[str, Any]) -> str:
        if after["returned"] == "nothing":
            return "nothing was returned"
        names = differing(after["state"], model.state_dict())
        names += ["its mode"] * (after["modes"] != [module.training for module in model.modules()])
        return f"changed in the model: {', '.join(names) or 'nothing'}"

    asked = answer.asked(model_afterwards).seen_as(changes)
    _assert_cascade(asked, brightness_maps, X, y, model)


@check("cascade_similarity", points=1)
def test_cascade_in_float32(answer, draw):
    X, y = draw.images(2, dtype=torch.float32), draw.labels(2)
    model = draw.plain_network(torch.float32)
    _assert_cascade(answer, _maps_of_what_changed(model, draw), X, y, model, rtol=SINGLE)
