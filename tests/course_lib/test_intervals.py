"""Are hits, means and intervals right, by hand and by SciPy?"""

import numpy as np
import pytest
import torch
from matplotlib.text import Text
from scipy import stats

from course_lib.intervals import estimate, hits, lead, print_scores, show_scores, verdict


def test_a_hit_is_a_maximum_on_the_object_or_near_it():
    maps, masks = torch.zeros(3, 8, 8), torch.zeros(3, 8, 8, dtype=torch.bool)
    masks[:, 2:4, 2:4] = True
    maps[0, 2, 3] = 1  # on the object
    maps[1, 2, 5] = 1  # two pixels beside it
    maps[2, 6, 6] = 1  # three pixels off, on the diagonal
    assert hits(maps, masks).tolist() == [True, False, False]
    assert hits(maps, masks, within=2).tolist() == [True, True, False]
    assert hits(maps, masks, within=3).tolist() == [True, True, True]


@pytest.mark.parametrize("right", [0, 3, 50, 97, 100])
def test_the_interval_of_hits_is_wilson_s(right):
    values = torch.arange(100) < right
    theirs = stats.binomtest(right, 100).proportion_ci(0.95, method="wilson")
    mean, low, high = estimate(values)
    assert mean == right / 100
    assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=2e-4)


def test_the_interval_of_numbers_holds_their_mean_as_often_as_it_says():
    """Of 2,000 samples of 50 numbers, about 95 in 100 intervals hold the true mean."""
    draws = np.random.default_rng(0).exponential(0.3, (2000, 50))
    held = [low <= 0.3 <= high for _, low, high in map(estimate, torch.tensor(draws))]
    assert 0.92 < np.mean(held) < 0.96
    x = torch.tensor([0.1, 0.4, 0.4, 0.7])
    error = stats.sem(x.numpy())
    assert estimate(x) == pytest.approx((0.4, 0.4 - 1.96 * error, 0.4 + 1.96 * error))


def test_a_lead_is_counted_image_by_image():
    """Two methods that agree on all images but two: their intervals overlap, the lead's is narrow."""
    a = torch.arange(100) < 52
    b = torch.arange(100) < 50
    assert lead(a, b).mean == pytest.approx(0.02)
    assert lead(a, b).high - lead(a, b).low < 0.06
    assert estimate(a).low < estimate(b).high


@pytest.mark.parametrize(
    ("right", "words"),
    [(90, "is clearly ahead of"), (54, "can't be told from"), (20, "is clearly behind")],
)
def test_the_verdict_compares_with_the_best_baseline(right, words, capsys):
    draw = torch.Generator().manual_seed(0)
    scores = {
        "poor method": torch.zeros(100, dtype=torch.bool),
        "method": (torch.arange(100) < right)[torch.randperm(100, generator=draw)],
        "centre": torch.arange(100) < 50,
        "edges": torch.arange(100) < 10,
    }
    sentence = verdict(scores, {"centre", "edges"})
    assert sentence.startswith(f"method {words} the best baseline, centre: difference ")
    print_scores(scores, {"centre", "edges"})
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == sentence and len(lines) == 5
    assert [line.endswith("(knows nothing)") for line in lines] == [False, False, True, True, False]


def test_the_figure_has_a_bar_an_interval_and_a_number_for_each():
    scores = {"mine": torch.arange(40) < 30, "centre pixel": torch.arange(40) < 10}
    fig = show_scores(scores, {"centre pixel"}, label="hits", title="A game")
    (ax,) = fig.axes
    assert [patch.get_height() for patch in ax.patches] == [0.75, 0.25]
    assert ax.patches[0].get_facecolor() != ax.patches[1].get_facecolor()
    assert len(ax.containers) == 4, "two bars, two intervals"
    written = {text.get_text() for text in fig.findobj(Text)}
    assert {"75%", "25%", "mine", "centre\npixel", "hits"} <= written
