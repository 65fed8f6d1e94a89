"""Two independent mistakes in one answer are both named, and nothing else is.

The pairs are those of different parts of one formula, where each mistake changes the answer that the
other one gives, in what the checks see: what one mistake hides, nobody can name.
"""

from __future__ import annotations

import random
from functools import cache

import pytest

from autograder.grading.misconception import several_at_once
from autograder.verify.questions import Answer, ask, questions_about
from autograder.verify.scores import SEED, verdicts
from tests.corpus import assignment

SAMPLE = 24  # pairs of each function
FUNCTIONS = [
    (name, function)
    for name in ("saliency", "style_transfer", "class_visualization")
    for function in assignment(name).functions
]


def independent_pairs(known, answers_of):
    """Pairs of mistakes that both show, with the wrong answer that makes them."""
    pairs = list(several_at_once(known, 2))
    random.Random(SEED).shuffle(pairs)
    for both, mistakes in pairs:
        if not any(alike(answers_of(both), answers_of(mistake)) for mistake in mistakes):
            yield both, mistakes


def alike(one, other):
    return all(map(Answer.same_as, one, other))


def told(name, function, answer):
    """What a student reads about an answer."""
    cells, broken = verdicts(assignment(name), {function: answer}, only=[function])
    assert broken == []
    return {check.name: (check.message, check.misconceptions) for check in cells[function].lost}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "function"), FUNCTIONS)
def test_both_mistakes_are_named_and_no_other(name, function):
    known = assignment(name).misconceptions[function]
    questions = questions_about(assignment(name), function, SEED)

    @cache
    def answers_of(wrong):
        return [ask(question, wrong) for question in questions]

    def is_the_same_answer(both, names):
        """Whether other mistakes come to the same values: then nobody can tell which were made."""
        others = tuple(wrong for wrong in known if wrong.__name__ in names)
        combined = next(several_at_once(others, len(others)), others)[0]
        return alike(answers_of(both), answers_of(combined))

    named, wrongly_named, pairs, missed = 0, 0, 0, []
    for both, mistakes in independent_pairs(known, answers_of):
        made, seen = {mistake.__name__ for mistake in mistakes}, told(name, function, both)
        names = {wrong for _, given in seen.values() for wrong in given}
        if names - made and is_the_same_answer(both, names):
            continue
        if names < made and any(seen == told(name, function, one) for one in mistakes):
            continue
        pairs += 1
        named += made <= names
        wrongly_named += bool(names - made)
        if names != made:
            missed.append((sorted(made), sorted(names)))
        if pairs == SAMPLE:
            break
    print(f"{function}: {named} of {pairs} pairs named, {wrongly_named} wrongly")
    assert pairs >= 5
    assert named >= 0.9 * pairs, missed
    assert wrongly_named <= 0.02 * pairs, missed
