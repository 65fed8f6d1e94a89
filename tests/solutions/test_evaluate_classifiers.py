"""The page of the bundled classifiers says what their cards say, and the table notices what does not."""

import importlib.util

import numpy as np
import pytest
import torch

from course_lib.classifiers import load_classifier, model_card
from course_lib.shapes import draw_shapes
from course_lib.train.recipes import RECIPES
from tests.corpus import ROOT


@pytest.fixture(scope="module")
def evaluate():
    path = ROOT / "solutions" / "evaluate_classifiers.py"
    spec = importlib.util.spec_from_file_location("evaluate_classifiers", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_the_one_that_the_cards_make(evaluate):
    assert evaluate.PAGE.read_text(encoding="utf-8") == evaluate.card_table()


def test_the_page_sets_the_robust_members_against_the_others(evaluate):
    """The accuracies with an attack and without it, in columns of their own, of all that was trained."""
    rows = [line.strip("| ").split(" | ") for line in evaluate.card_table().splitlines()]
    headings = [row for row in rows if row[0] == "classifier"]
    cells = {row[0].strip("`"): row for row in rows if row[0].strip("`") in RECIPES}
    assert len(headings) == 2 and cells.keys() == RECIPES.keys()
    for name, row in cells.items():
        found = dict(zip(headings[0 if name.startswith("shapes") else 1], row))
        for column, figure in {"accuracy": "accuracy", "under attack": "robust_accuracy"}.items():
            if (name, figure) == ("shapes_untrained", "robust_accuracy"):
                assert found[column] == "–"
            else:
                assert found[column] == f"{model_card(name)[figure]:.1%}", (name, column)


def test_where_maps_point_stands_beside_what_baselines_reach_with_intervals(evaluate):
    page = evaluate.card_table()
    for name in (name for name in RECIPES if name.startswith("shapes")):
        card = model_card(name)
        (row,) = [line for line in page.splitlines() if line.startswith(f"| `{name}`")]
        for figure in (
            "pointing_game_gradcam",
            "pointing_game_saliency",
            "pointing_game_untrained",
        ):
            mean, n = card[figure], 500
            # Wilson's interval, solved for the ends: |p - mean| = 1.96 sqrt(p (1 - p) / n)
            ends = np.roots([1 + 1.96**2 / n, -(2 * mean + 1.96**2 / n), mean**2])
            assert f"{mean:.0%} ({min(ends):.0%} to {max(ends):.0%})" in row, (name, figure)
        low, high = card["on_object"]["saliency"][1:]
        assert f"{card['saliency_on_object']:.0%} ({low:.0%} to {high:.0%})" in row
    card = model_card("shapes_vgg")
    for words, key in (("centre pixel", "centre_pixel"), ("edge detector", "edges")):
        assert f"| {words} | {card[f'pointing_game_{key}']:.0%} (" in page
    assert "strict pointing" not in page


def test_the_best_methods_are_clearly_ahead_of_all_baselines_and_saliency_is_not(evaluate):
    """What the texts say: by the pointing game Grad-CAM, by the share only the robust saliency."""
    for name in ("shapes_vgg", "shapes_resnet", "shapes_robust", "shapes_cnn"):
        card = model_card(name)
        keys = ("untrained", *evaluate.BASELINE_ROWS.values())
        best = max(card[f"pointing_game_{key}"] for key in keys)
        assert card["pointing_game_gradcam"] > best + 0.1
        assert (card["pointing_game_saliency"] < best - 0.1) == (name != "shapes_robust")
        shares = card["on_object"]
        ahead = shares["saliency"][1] > max(shares[key][2] for key in keys)
        assert ahead == (name == "shapes_robust")


def test_the_page_says_which_photographs_are_wanted(evaluate):
    page = evaluate.card_table()
    assert "`train/CLASS` and `val/CLASS`" in page and "Tiny ImageNet" in page
    for name in model_card("petit_vgg")["class_names"]:
        assert f"`{name.replace(' ', '_')}`" in page


def test_every_figure_that_is_asked_for_is_on_its_card_and_as_wanted(evaluate):
    wanted = evaluate.AT_LEAST.keys() | evaluate.AT_MOST.keys()
    figures = {(name, figure): model_card(name)[figure] for name, figure in wanted}
    assert {k: v for k, v in figures.items() if not evaluate.as_wanted(*k, v)} == {}


@pytest.mark.parametrize(
    ("name", "figure", "value"),
    [("shapes_cnn", "accuracy", 0.96), ("shapes_resnet", "robust_accuracy", 0.6)],
)
def test_a_figure_that_is_too_low_or_too_high_is_not_as_wanted(evaluate, name, figure, value):
    assert not evaluate.as_wanted(name, figure, value)


@pytest.mark.parametrize(("moved_by", "fine"), [(0.0, True), (-0.02, True), (-0.05, False)])
def test_a_figure_that_is_not_as_on_its_card_is_marked(evaluate, moved_by, fine):
    figures = {"accuracy": model_card("shapes_robust")["accuracy"] + moved_by}
    ((row, is_fine),) = evaluate._rows("shapes_robust", figures)
    assert is_fine == fine
    assert row[-1] == ("" if fine else "✗")


def test_without_photographs_the_petit_family_is_not_measured_and_said_so(evaluate, tmp_path):
    from course_lib.train.data import DataNotFound

    with pytest.raises(DataNotFound):
        evaluate.measure("petit_vgg", str(tmp_path / "nothing"), tmp_path)


def test_the_attack_breaks_the_standard_network_not_the_robust_one_nor_the_random_numbers(evaluate):
    drawn = draw_shapes(24, seed=31)
    standard, robust = load_classifier("shapes_resnet"), load_classifier("shapes_robust")
    state = torch.random.get_rng_state()
    assert evaluate._under_attack(standard, drawn.images, drawn.labels, 8 / 255) <= 0.35
    assert evaluate._under_attack(robust, drawn.images, drawn.labels, 8 / 255) >= 0.65
    assert torch.equal(torch.random.get_rng_state(), state)
