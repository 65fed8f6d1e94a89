"""Judges the jitter of `create_class_visualization`, whatever numbers were drawn.

Each `fault_of_...` is given runs, as the probe `WithSeeds` returns them, and the settings of the
call. It returns a sentence, empty where nothing is wrong. What it has no sentence for is left to
the other checks.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

from course_lib.ascent import gaussian_blur

from .probes import KnownStep

Move = tuple[int, int]  # rows down, columns to the right
Runs = list[dict[str, Any]]
Settings = dict[str, Any]

NO_IMAGE = "the returned value is not a tensor."
NO_CALL = "step_fn is not called once for each step."
NO_MOVE = "the image that step_fn gets is never moved, although max_jitter is not 0."
NOT_ROLLED = (
    "the image that step_fn gets is not the initial image, rolled: rows and columns that leave at "
    "one side have to come in at the other."
)
TOO_FAR = "the image that step_fn gets is moved by more than max_jitter pixels."
NO_ROWS = "the image that step_fn gets is moved to the left or right only, never up or down."
NO_COLUMNS = "the image that step_fn gets is moved up or down only, never to the left or right."
DIAGONAL = "rows and columns always move by the same number of pixels: draw one number for each."
REPEATED = "each step moves the image by the same number of pixels: draw new ones for each step."
ROWS_REPEATED = (
    "each step moves the rows by the same number of pixels: draw a new one for each step, as you "
    "do for the columns."
)
COLUMNS_REPEATED = (
    "each step moves the columns by the same number of pixels: draw a new one for each step, as "
    "you do for the rows."
)
ONLY_AT_FIRST = "only the first step moves the image: draw new numbers for each step."
NOT_CARRIED_ON = "a later step does not get the image that the step before left, rolled."
WANDERS = "from step to step the image moves further away: move it back after each step."
NOT_BACK = "the image is not moved back after the step."
MOVED_ON = "after the step the image is moved again in the same direction, not back."
BACK_ELSEWHERE = "after the step the image is moved, but not back to where it was."
NOT_STEPPED = "the change that step_fn makes to the image is lost."
OTHER_IMAGE = "the returned image is not the one that step_fn changed, moved back."
BLURRED_FIRST = "the image is blurred before it is moved back: move it back first."
FILMED_FIRST = "the callback gets the image before it is moved back."
SEED_IGNORED = "two calls with the same seed give different images."
SEED_0_IGNORED = "two calls with the seed 0 give different images: it is a seed like any other."
SEED_FIXED = "two calls with different seeds give the same image: the random numbers ignore it."

# Many different mistakes lead to one of these: they tell nothing about which one it is.
SAYS_LITTLE = (NO_IMAGE, NO_CALL, NOT_CARRIED_ON, OTHER_IMAGE)


def fault_of_moves(runs: Runs, settings: Settings) -> str:
    """In runs of one step: no moves, on one axis only, or too far."""
    if any(len(run["steps"]) != 1 for run in runs):
        return NO_CALL
    before, reach = settings["initial"].cpu(), settings["max_jitter"]
    moves = [_move(before, run["steps"][0]["img"]) for run in runs]
    if None in moves:
        return NOT_ROLLED
    if any(max(abs(down), abs(right)) > reach for down, right in moves):
        return TOO_FAR
    if len(set(moves)) == 1 and moves[0] != (0, 0):
        return ""  # the same move for every seed: fault_of_seeds
    downs, rights = [{move[axis] for move in moves} for axis in (0, 1)]
    if downs == {0}:
        return NO_MOVE if rights == {0} else NO_ROWS
    if rights == {0}:
        return NO_COLUMNS
    diagonal = any(all(down == sign * right for down, right in moves) for sign in (1, -1))
    return DIAGONAL if diagonal else ""


def fault_of_repetition(runs: Runs, settings: Settings) -> str:
    """In runs of several steps: a move that is not drawn anew, undone after the step or not."""
    before, first_moves, differences = settings["initial"].cpu(), set(), []
    for run in runs:
        seen = [call["img"] for call in run["steps"]]
        if len(seen) != settings["steps"]:
            return NO_CALL
        left = [_stepped(img, k, settings) for k, img in enumerate(seen)]
        between = [_move(one, other) for one, other in zip(left[:-1], seen[1:], strict=True)]
        if None in between:
            return NOT_CARRIED_ON
        first_moves.add(_move(before, seen[0]))
        differences.append(between)
    if None in first_moves:
        return NOT_ROLLED
    if first_moves == {(0, 0)} and not _varied(differences):
        return NO_MOVE
    # The first difference has a part of the first move, which may be the only one.
    varied = _varied(between[1:] for between in differences)
    if not varied and _varied(differences):
        return ONLY_AT_FIRST
    never = [axis for axis in (0, 1) if {move[axis] for move in first_moves} == {0}]
    return {
        (0, 1): "",
        (0,): NO_COLUMNS if 1 in never else COLUMNS_REPEATED,
        (1,): NO_ROWS if 0 in never else ROWS_REPEATED,
        (): REPEATED,
    }[tuple(varied)]


def _varied(differences: Iterable[list[Move]]) -> list[int]:
    """The axes on which, in one run or another, the moves between the steps are not all alike."""
    runs = list(differences)
    return [axis for axis in (0, 1) if any(len({move[axis] for move in run}) > 1 for run in runs)]


def fault_of_return(runs: Runs, settings: Settings) -> str:
    """In runs of one step: an image that is not moved back by as much as it was moved."""
    before, faults = settings["initial"].cpu(), set()
    for run in runs:
        if len(run["steps"]) != 1:
            return NO_CALL
        img, value = run["steps"][0]["img"], run["value"]
        if not isinstance(value, Tensor):
            return NO_IMAGE
        move = _move(before, img)
        if move is None:
            return NOT_ROLLED
        off = _move(_roll_back(_stepped(img, 0, settings), move), value)
        if off is None:
            return NOT_STEPPED if _move(before, value) is not None else OTHER_IMAGE
        if off != (0, 0):
            known = {move: NOT_BACK, _centred(2 * move[0], 2 * move[1], before): MOVED_ON}
            faults.add(known.get(off, BACK_ELSEWHERE))
    # In a single run another mistake may come to the same.
    return faults.pop() if len(faults) == 1 else BACK_ELSEWHERE if faults else ""


def fault_of_path(runs: Runs, settings: Settings) -> str:
    """In runs of several steps: one that does not begin where the last ended, but for a move."""
    before, reach = settings["initial"].cpu(), settings["max_jitter"]
    within_reach, far = True, False
    for run in runs:
        if len(run["steps"]) != settings["steps"]:
            return NO_CALL
        if not isinstance(run["value"], Tensor):
            return NO_IMAGE
        img = before
        for k, call in enumerate(run["steps"]):
            move = _move(img, call["img"])
            if move is None:
                return NOT_CARRIED_ON
            if max(map(abs, move)) > reach:
                within_reach, far = within_reach and k > 0, True
            img = _roll_back(_stepped(call["img"], k, settings), move)
        off = _move(img, run["value"])
        if off != (0, 0):
            return OTHER_IMAGE if off is None else NOT_BACK
    # Moves that are too far from the first step on are a fault of the range: fault_of_moves.
    return WANDERS if far and within_reach else ""


def fault_of_blur(runs: Runs, settings: Settings) -> str:
    """In runs of one step with a blur: a blur before the image is moved back."""
    before = settings["initial"].cpu()
    for run in runs:
        if len(run["steps"]) != 1 or not isinstance(run["value"], Tensor):
            continue
        move = _move(before, run["steps"][0]["img"])
        if move in (None, (0, 0)):
            continue
        blurred = gaussian_blur(_stepped(run["steps"][0]["img"], 0, settings))
        if _move(blurred, run["value"]) == (-move[0], -move[1]):
            return BLURRED_FIRST
    return ""


def fault_of_seeds(runs: Runs, settings: Settings) -> str:
    """In runs with the seeds a, a, b, 0 and 0: images that are not alike where the seeds are."""
    values = [run["value"] for run in runs]
    if not all(isinstance(value, Tensor) for value in values):
        return NO_IMAGE
    first, again, other, zero, zero_again = values
    if not torch.allclose(first, again):
        return SEED_IGNORED
    if not torch.allclose(zero, zero_again):
        return SEED_0_IGNORED
    return SEED_FIXED if torch.allclose(first, other) else ""


def fault_of_film(changes: dict[str, Any]) -> str:
    """In the answer of `probes.changes`: a last image of the callback that is not moved back."""
    film, value = changes["kwargs"]["callback"], changes["value"]
    if not film or not isinstance(value, Tensor):
        return ""
    return "" if _move(film[-1]["image"], value) in (None, (0, 0)) else FILMED_FIRST


def _stepped(img: Tensor, call: int, settings: Settings) -> Tensor:
    """The image after KnownStep and the clamp that follows it."""
    return KnownStep.result(img, call, settings["l2_reg"], settings["learning_rate"]).clamp(0, 1)


def _roll_back(img: Tensor, move: Move) -> Tensor:
    return torch.roll(img, (-move[0], -move[1]), dims=(2, 3))


def _move(before: Tensor, after: Tensor) -> Move | None:
    """The move by which `after` is `before`, rolled; None if it is something else."""
    if after.shape != before.shape:
        return None
    before, after = before.double(), after.detach().double()
    corner = after[0, :, :1, :1]
    # The pixel in the corner came from somewhere: few places, mostly one, are left to try.
    for place in ((before[0] - corner).abs().amax(dim=0) < 1e-6).nonzero().tolist():
        if torch.allclose(_roll_back(before, place), after, rtol=0, atol=1e-6):
            return _centred(-place[0], -place[1], before)
    return None


def _centred(down: int, right: int, img: Tensor) -> Move:
    """The same move in numbers that are small and of both signs."""
    height, width = img.shape[2:]
    return (down + height // 2) % height - height // 2, (right + width // 2) % width - width // 2
