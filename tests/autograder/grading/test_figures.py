"""A figure is graded by what its axes hold, and leaves nothing behind."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from matplotlib import pyplot
from matplotlib.figure import Figure

from autograder.checks import assert_same
from autograder.grading.compare import Mismatch
from autograder.grading.student import Answers, LocalStudent, Raised

X, Y = [1.0, 2.0, 4.0], [3.0, 5.0, 9.0]


@pytest.fixture(autouse=True)
def nothing_leaks():
    """Figures that are open, and the one that is current, are the same before and after."""
    own = pyplot.figure()
    pyplot.figure()
    pyplot.figure(own.number)
    before = pyplot.get_fignums(), pyplot.gcf().number, pyplot.get_backend()
    yield
    assert (pyplot.get_fignums(), pyplot.gcf().number, pyplot.get_backend()) == before
    pyplot.close("all")


def figure_of(thing, reference=None):
    return Answers(LocalStudent({"plot": thing}), SimpleNamespace(plot=reference)).plot.figure


def with_subplots(x, y):
    figure, axes = pyplot.subplots()
    axes.plot(x, y, label="loss")
    axes.set(title="Loss", xlabel="step", ylabel="loss", yscale="log")
    return figure


def on_the_current_figure(x, y):
    pyplot.plot(x, y, label="loss")
    pyplot.title("Loss")
    pyplot.xlabel("step")
    pyplot.ylabel("loss")
    pyplot.yscale("log")
    pyplot.show()


def without_pyplot(x, y):
    axes = Figure().subplots()
    axes.semilogy(x, y, label="loss")
    axes.set(title="Loss", xlabel="step", ylabel="loss")
    return axes


@pytest.mark.parametrize("plot", [with_subplots, on_the_current_figure, without_pyplot])
def test_the_same_figure_is_drawn_in_many_ways(plot):
    (axes,) = figure_of(plot)(X, Y)["axes"]
    said = [axes[key] for key in ("title", "xlabel", "ylabel", "xscale", "yscale")]
    assert said == ["Loss", "step", "loss", "linear", "log"]
    (line,) = axes["lines"]
    assert (line["label"], line["x"].tolist(), line["y"].tolist()) == ("loss", X, Y)
    assert axes["bars"] == axes["points"] == axes["images"] == []
    assert_same(figure_of(plot, with_subplots), X, Y)


def test_a_wrong_figure_is_described():
    with pytest.raises(Mismatch, match="'axes': number 1: 'xlabel': '' is not right"):
        assert_same(
            figure_of(lambda x, y: pyplot.semilogy(x, y) and pyplot.title("Loss"), with_subplots),
            X,
            Y,
        )


def test_bars_points_and_images_are_data():
    def plot():
        figure, (left, middle, right) = pyplot.subplots(1, 3)
        left.bar(["a", "b"], [2.0, 3.0], width=0.5)
        middle.scatter([1, 2], [3, 4], label="runs")
        shown = right.imshow(np.arange(6).reshape(2, 3))
        figure.colorbar(shown)
        return left, middle, right

    left, middle, right = figure_of(plot)()["axes"]
    assert [(bar["x"], bar["height"]) for bar in left["bars"]] == [(-0.25, 2.0), (0.75, 3.0)]
    (points,) = middle["points"]
    assert (points["label"], points["x"].tolist(), points["y"].tolist()) == ("runs", [1, 2], [3, 4])
    assert torch.equal(right["images"][0], torch.arange(6.0).view(2, 3).double())


def test_a_figure_that_is_kept_under_a_name_stays_open():
    kept = pyplot.figure()
    kept.subplots(2)[1].set_title("below")
    data = figure_of(kept)()
    assert [axes["title"] for axes in data["axes"]] == ["", "below"]
    assert kept.number in pyplot.get_fignums()
    assert figure_of(kept.axes[1])() == data
    pyplot.close(kept)


def test_axes_that_are_given_are_drawn_on():
    def plot(values, ax):
        ax.plot(values)

    (axes,) = figure_of(plot)([2.0, 1.0], ax=Figure().subplots())["axes"]
    assert axes["lines"][0]["y"].tolist() == [2.0, 1.0]


def test_an_exception_in_the_middle_leaves_nothing_open():
    def plot():
        pyplot.subplots()
        raise ValueError("no data")

    with pytest.raises(Raised, match="ValueError: no data"):
        figure_of(plot)()


def test_what_is_no_figure_is_named():
    with pytest.raises(Raised, match="a list is not a figure"):
        figure_of([1, 2])()
