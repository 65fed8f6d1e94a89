"""What a right answer to the assignment on sanity checks is.

Adebayo, Gilmer, Muelly, Goodfellow, Hardt, Kim: "Sanity Checks for Saliency Maps", 2018.

Re-initialised parameters are random, and there are many good ways to draw them: the checks look at
which layers are new, never at the values. A map that a check compares depends on which layers are
new, too. `cascade_similarity` builds on the other two functions: where its answer is wrong, it is
asked once more with others in their place, so that one mistake costs its points once.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from autograder.checks.follow_through import FINAL
from autograder.grading.compare import SINGLE, Mismatch, assert_same, assert_value, fail
from autograder.grading.inside import probes
from autograder.grading.inside.probes_sanity_checks import model_afterwards, randomized
from autograder.grading.inside.stand_ins_sanity_checks import (
    MapsOfWhatChanged,
    brightness_maps,
    closeness,
    gradient_maps,
    marked_copy,
)
from autograder.grading.inside.with_helpers import WithHelpers
from autograder.grading.student import Student, StudentFault, StudentFunction, as_it_is

# Whoever works with ranks in float32 is right, too, and a correlation may be near zero.
RANKS = 1e-4

cell, points = pytest.mark.cell, pytest.mark.points


# randomize_layers(model, n) -> a copy whose last n layers with parameters are new


@cell("test_randomize_layers")
@points(4)
def test_the_last_layers_are_new(student, draw):
    for n in (1, 2):
        _assert_randomized(student, draw.plain_network(), n)


@cell("test_randomize_layers")
@points(2)
def test_no_layer_is_new_for_zero(student, draw):
    for model in (draw.plain_network(), draw.batch_norm_network()):
        _assert_randomized(student, model, 0)


@cell("test_randomize_layers")
@points(2)
def test_all_layers_are_new(student, draw):
    for model in (draw.plain_network(frozen=False), draw.shared_relu_network()):
        _assert_randomized(student, model, len(_layers(model)))


@cell("test_randomize_layers")
@points(1)
def test_more_layers_than_there_are(student, draw):
    for extra in (1, 2, 4):
        model = draw.shared_relu_network()
        _assert_randomized(student, model, len(_layers(model)) + extra)


@cell("test_randomize_layers")
@points(3)
def test_batch_norm_is_a_layer_too(student, draw):
    for n in (6, 3, 2):
        model = draw.residual_network() if n == 6 else draw.batch_norm_network()
        _assert_randomized(student, model, n)


@cell("test_randomize_layers")
@points(2)
def test_layers_inside_blocks_are_counted(student, draw):
    for n in (3, 6):
        _assert_randomized(student, draw.residual_network(frozen=False), n)


@cell("test_randomize_layers")
@points(3)
def test_new_parameters_are_drawn_at_random(student, draw):
    for model, n in ((draw.plain_network(), 2), (draw.dropout_network(), 3)):
        function = _asked(student, lambda answer, model=model, n=n: _words(answer, model, n))
        seen = _ask(function, model, n)
        wrong = {name: word for name, word in seen.items() if word != "new"}
        if wrong:
            name, word = next(iter(wrong.items()))
            sentence = f"with n = {n}, the tensor {name!r} of the copy is {word}."
            fail(function, sentence, seen, model, n)


@cell("test_randomize_layers")
@points(2)
def test_the_original_stays_as_it_was(student, draw):
    for model, n in ((draw.plain_network(frozen=False), 2), (draw.batch_norm_network(), 4)):
        before = _state(model)
        function = _asked(student, lambda answer, b=before: _what_happened(answer, b))
        seen = _ask(function, model, n)
        if seen:
            sentence = f"the model that was given is changed: {', '.join(seen)}."
            fail(function, sentence, seen, model, n)


@cell("test_randomize_layers")
@points(1)
def test_all_else_in_the_copy_is_as_in_the_original(student, draw):
    asked = (
        (draw.batch_norm_network(torch.float32), 1),
        (draw.residual_network(), 2),
        (draw.dropout_network().train(), 1),
        (draw.plain_network(), 0),
    )
    for model, n in asked:
        function = _asked(student, lambda answer, m=model, n=n: _what_else_differs(answer, m, n))
        seen = _ask(function, model, n)
        if seen:
            sentence = (
                f"with n = {n}, the copy differs in more than its last {n} layers: {seen[0]}."
            )
            fail(function, sentence, seen, model, n)


def _asked(student: Student, view: Callable[[Any], Any]) -> StudentFunction:
    def of_a_model(answer: Any) -> Any:
        is_model = isinstance(answer["copy"], dict)
        return view(answer) if is_model else f"returned {answer['copy']}; a model was expected."

    return StudentFunction(student, "randomize_layers", randomized, of_a_model)


def _ask(function: StudentFunction, model: nn.Module, n: int) -> Any:
    """What the view of `_asked` makes of the answer, if that is a model."""
    seen = function(model, n)
    if isinstance(seen, str):
        fail(function, seen, seen, model, n)
    return seen


def _assert_randomized(student: Student, model: nn.Module, n: int) -> None:
    """Check which layers are new, whatever their values."""
    layers = _layers(model)

    def new_layers(answer: Any) -> list[int]:
        copy = answer["copy"]
        return [k for k, own in enumerate(layers.values(), 1) if _differing(copy, own)]

    function = _asked(student, new_layers)
    seen = _ask(function, model, n)
    if seen != list(range(1, len(layers) + 1))[max(0, len(layers) - n) :]:
        numbers = ", ".join(map(str, seen)) or "none"
        fail(
            function,
            f"of {len(layers)} layers, counted from the input, the last {n} should be new; those with "
            f"new parameters: {numbers}.",
            seen,
            model,
            n,
        )


def _layers(model: nn.Module) -> dict[str, dict[str, Tensor]]:
    """By name, each module with parameters of its own, and those parameters."""
    own = {
        name: {f"{name}.{key}": p.detach() for key, p in module.named_parameters(recurse=False)}
        for name, module in model.named_modules()
    }
    return {name: parameters for name, parameters in own.items() if parameters}


def _state(model: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}


def _kept_state(model: nn.Module, n: int) -> dict[str, Tensor]:
    """What belongs to no layer that may be new: statistics of a new batch norm may be reset."""
    layers = list(_layers(model))
    new = layers[len(layers) - n :]
    return {k: v for k, v in _state(model).items() if k.rpartition(".")[0] not in new}


def _differing(state: dict[str, Any], before: dict[str, Tensor]) -> list[str]:
    """Names of the tensors that are not exactly what they were."""
    return [name for name, old in before.items() if not _equal(state.get(name), old)]


def _equal(new: Any, old: Tensor) -> bool:
    return isinstance(new, Tensor) and new.dtype == old.dtype and torch.equal(new.cpu(), old.cpu())


def _what_happened(answer: dict[str, Any], before: dict[str, Tensor]) -> list[str]:
    """To the original, which was in evaluation mode."""
    return _differing(answer["original"], before) + ["its mode"] * any(answer["original_modes"])


def _what_else_differs(answer: dict[str, Any], model: nn.Module, n: int) -> list[str]:
    kept = _kept_state(model, n)
    dtype = next(iter(kept.values())).dtype
    other = [k for k, v in answer["copy"].items() if v.is_floating_point() and v.dtype != dtype]
    return [
        *(f"it is in {_mode(mode)} mode" for mode in answer["modes"] if mode != model.training),
        *(f"{name!r} has another dtype" for name in other),
        *(f"{name!r} has changed" for name in _differing(answer["copy"], kept)),
        *(f"{name!r} is no copy, but the model's own tensor" for name in answer["shared"]),
    ]


def _mode(training: bool) -> str:
    return "training" if training else "evaluation"


def _words(answer: dict[str, Any], model: nn.Module, n: int) -> dict[str, str]:
    """What has become of each parameter of the last n layers, in a few words."""
    parameters = {k: p for own in list(_layers(model).values())[-n:] for k, p in own.items()}
    return {name: _word(answer["copy"].get(name), old) for name, old in parameters.items()}


def _word(new: Any, old: Tensor) -> str:
    if not isinstance(new, Tensor) or new.shape != old.shape:
        return "missing, or of another shape"
    new, old = new.cpu().double().flatten(), old.cpu().double().flatten()
    if torch.equal(new, old):
        return "as it was"
    if int((new == old).sum()) > max(1, old.numel() // 100):  # one or the other may be by chance
        return "in part as it was"
    if not new.isfinite().all():
        return "not finite"
    if torch.equal(new.abs().sort().values, old.abs().sort().values):
        return "made of the old numbers, in another order or with other signs"
    if old.numel() < 50:  # biases: zeros will do, and few numbers look like any others
        return "new"
    if new.std() == 0:
        return "the same number everywhere"
    # Chance makes correlations of 1 / sqrt(how many); seven times that it does not.
    like = min(0.7, 7 / old.numel() ** 0.5)
    values, sizes = torch.stack([new, old]), torch.stack([new.abs(), old.abs()])
    if torch.corrcoef(values)[0, 1].abs() > like or torch.corrcoef(sizes)[0, 1].abs() > like:
        return "still like the old numbers"
    if not 1e-4 < new.std() < 100:
        return "far too small or too large"
    return "new"


# rank_correlation(a, b) -> (N,): Spearman's rho of each pair of maps


@cell("test_rank_correlation")
@points(2)
def test_correlation_of_one_pair_of_maps(student, reference, draw):
    a = draw.maps(1)
    assert_same(student.rank_correlation, reference.rank_correlation, a, a + draw.maps(1))


@cell("test_rank_correlation")
@points(3)
def test_correlations_of_a_batch(student, reference, draw):
    for n in (5, 2):
        a = draw.maps(n)
        b = a.flip(0) + 0.5 * a + draw.maps(n)
        assert_same(student.rank_correlation, reference.rank_correlation, a, b)


@cell("test_rank_correlation")
@points(1)
def test_correlations_of_maps_that_are_not_square(student, reference, draw):
    for height, width in ((4, 11), (11, 4)):
        a = draw.maps(3, height, width)
        b = draw.maps(3, height, width) + 0.7 * a
        assert_same(student.rank_correlation, reference.rank_correlation, a, b)


@cell("test_rank_correlation")
@points(3)
def test_ties_get_their_mean_rank(student, reference, draw):
    a = draw.maps(3)
    b = a.mean() + draw.maps(3)
    # Levels first: behind a ReLU, with ties at one end only, some wrong ways come out alike.
    for with_ties in (_rounded_to_levels, torch.relu):
        maps = with_ties(a), with_ties(b)
        assert_same(student.rank_correlation, reference.rank_correlation, *maps, rtol=RANKS)


def _rounded_to_levels(maps: Tensor) -> Tensor:
    return (2 * maps / maps.std(dim=(1, 2), keepdim=True)).round()


@cell("test_rank_correlation")
@points(1)
def test_only_the_order_counts(student, draw):
    a = draw.maps(2)
    one, other = torch.ones(2).to(a), -torch.ones(2).to(a)
    assert_value(student.rank_correlation, one, a, (a / 4).exp())
    assert_value(student.rank_correlation, other, a, -a)
    assert_value(student.rank_correlation, one, a, a - a.max() - 1)  # all of it negative


@cell("test_rank_correlation")
@points(1)
def test_small_values_are_told_apart(student, reference, draw):
    a = draw.maps(2)
    b = a + draw.maps(2)
    assert_same(student.rank_correlation, reference.rank_correlation, 1e-9 * a, 1e-9 * b)


@cell("test_rank_correlation")
@points(1)
def test_a_constant_map_correlates_with_nothing(student, reference, draw):
    a, b = draw.maps(3), draw.maps(3)
    a[1] = draw.numbers(1)[0]
    b[2] = draw.numbers(1)[0]
    assert_same(student.rank_correlation, reference.rank_correlation, a, b, rtol=RANKS)
    a[0] = b[0] = 0
    assert_same(student.rank_correlation, reference.rank_correlation, a, b, rtol=RANKS)


@cell("test_rank_correlation")
@points(2)
def test_correlations_in_float32(student, reference, draw):
    a = draw.maps(2, 40, 30).float()
    b = (a + draw.maps(2, 40, 30).float()).relu()
    assert_same(student.rank_correlation, reference.rank_correlation, a, b, rtol=SINGLE)


# cascade_similarity(method, X, y, model) -> (layers + 1, N): row k, maps with k random layers


@cell("test_cascade_similarity")
@points(2)
def test_a_row_for_each_number_of_layers(student, reference, draw):
    for model, n in ((draw.plain_network(), 2), (draw.batch_norm_network(), 5)):
        X, y = draw.images(n), draw.labels(n)
        _assert_cascade(student, reference, brightness_maps, X, y, model, view=_only_shape)


@cell("test_cascade_similarity")
@points(2)
def test_a_method_that_ignores_the_model_has_ones_only(student, reference, draw):
    X, y, model = draw.images(2, 7, 10), draw.labels(2), draw.plain_network(frozen=False)
    _assert_cascade(student, reference, brightness_maps, X, y, model)


@cell("test_cascade_similarity")
@points(2)
def test_with_nothing_randomised_a_gradient_is_itself(student, reference, draw):
    X, y, model = draw.images(2), draw.labels(2), draw.batch_norm_network()
    _assert_cascade(student, reference, gradient_maps, X, y, model, view=_first_row_is_one)


@cell("test_cascade_similarity")
@points(4)
def test_rows_follow_the_cascade(student, reference, draw):
    for model in (draw.plain_network(), draw.shared_relu_network(frozen=False)):
        X, y = draw.images(1), 1 + draw.labels(1) % 6
        method = _maps_of_what_changed(model, draw)
        _assert_cascade(student, reference, method, X, y, model)


@cell("test_cascade_similarity")
@points(2)
def test_each_image_is_compared_with_itself(student, reference, draw):
    for n in (5, 2):
        X, y, model = draw.images(n, 10, 7), draw.labels(n), draw.plain_network()
        method = _maps_of_what_changed(model, draw)
        _assert_cascade(student, reference, method, X, y, model)


@cell("test_cascade_similarity")
@points(2)
def test_cascade_through_batch_norm_and_blocks(student, reference, draw):
    for model in (draw.batch_norm_network(), draw.residual_network()):
        X, y = draw.images(2), draw.labels(2)
        method = _maps_of_what_changed(model, draw)
        _assert_cascade(student, reference, method, X, y, model)


@cell("test_cascade_similarity")
@points(1)
def test_the_model_stays_as_it_was(student, reference, draw):
    X, y, model = draw.images(2), draw.labels(2), draw.plain_network(frozen=False)
    before = _state(model)

    def changed(model: Any) -> str:
        if model["returned"] == "nothing":
            return "nothing was returned"
        names = _differing(model["state"], before) + ["its mode"] * any(model["modes"])
        return f"changed in the model: {', '.join(names) or 'nothing'}"

    _assert_cascade(
        student, reference, brightness_maps, X, y, model, probe=model_afterwards, view=changed
    )


@cell("test_cascade_similarity")
@points(1)
def test_cascade_in_float32(student, reference, draw):
    X, y = draw.images(2, dtype=torch.float32), draw.labels(2)
    model = draw.plain_network(torch.float32)
    method = _maps_of_what_changed(model, draw)
    _assert_cascade(student, reference, method, X, y, model, rtol=SINGLE)


HELPERS = (("randomize_layers", marked_copy), ("rank_correlation", closeness))
OTHER_HELPERS = [chosen for count in (1, 2) for chosen in itertools.combinations(HELPERS, count)]


def _assert_cascade(
    student: Student,
    reference: Any,
    *arguments: Any,
    probe: Callable = probes.value,
    view: Callable[[Any], Any] = as_it_is,
    rtol: float = RANKS,
) -> None:
    """Compare with the reference; a student whose helpers are wrong is asked with other ones.

    The others do no more than count, so that they give nothing away to the code that runs beside
    them, and the reference answers with the same ones in its place.
    """
    asked = StudentFunction(student, "cascade_similarity", probe, view)
    right = reference.cascade_similarity
    try:
        assert_same(asked, right, *arguments, rtol=rtol)
    except FINAL:
        raise
    except (Mismatch, StudentFault) as failure:
        for helpers in OTHER_HELPERS:
            again = WithHelpers(helpers, probe)
            other = StudentFunction(student, "cascade_similarity", again, view)
            try:
                assert_same(other, right, *arguments, rtol=rtol)
            except FINAL:
                raise
            except (Mismatch, StudentFault):
                continue
            return
        raise failure


def _maps_of_what_changed(model: nn.Module, draw: Any) -> MapsOfWhatChanged:
    return MapsOfWhatChanged(list(_layers(model).values()), int(1e6 * draw.numbers(1)[0]))


def _only_shape(answer: Any) -> Any:
    answer = _tensor(answer)
    return torch.zeros_like(answer) if isinstance(answer, Tensor) else answer


def _first_row_is_one(answer: Any) -> Any:
    """The other rows are random. Of the first one, in words, whether it is 1."""
    answer = _tensor(answer)
    if not isinstance(answer, Tensor):
        return answer
    is_one = (answer[:1] - 1).abs() < RANKS
    return [f"row 0 is {'' if one else 'not '}1" for one in is_one.flatten().tolist()]


def _tensor(answer: Any) -> Any:
    return torch.from_numpy(answer) if isinstance(answer, np.ndarray) else answer
