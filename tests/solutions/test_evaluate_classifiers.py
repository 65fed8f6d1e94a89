"""The page of the bundled classifiers says what their cards say, and the table notices what does not."""

import importlib.util

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
    """The accuracies with an attack and without it, in columns of their own, of all that was trained;
    where the drawings' masks tell what is right, also what the maximum of a map lies on."""
    rows = [line.strip("| ").split(" | ") for line in evaluate.card_table().splitlines()]
    headings = [row for row in rows if row[0] == "classifier"]
    cells = {row[0].strip("`"): row for row in rows if row[0].strip("`") in RECIPES}
    assert len(headings) == 2 and cells.keys() == RECIPES.keys()
    figures = {"accuracy": "accuracy", "under attack": "robust_accuracy"}
    of_maps = {
        "pointing game, Grad-CAM": "pointing_game_gradcam",
        "pointing game, saliency": "pointing_game_saliency",
    }
    for name, row in cells.items():
        shapes = name.startswith("shapes")
        found = dict(zip(headings[0 if shapes else 1], row))
        for column, figure in (figures | of_maps if shapes else figures).items():
            if (name, figure) == ("shapes_untrained", "robust_accuracy"):
                assert found[column] == "–"
            else:
                assert found[column] == f"{model_card(name)[figure]:.1%}", (name, column)


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


def test_the_pointing_game_counts_maxima_on_the_object(evaluate):
    maps, masks = torch.zeros(2, 8, 8), torch.zeros(2, 8, 8, dtype=torch.bool)
    masks[:, 2:4, 2:4] = True
    maps[0, 2, 3] = 1  # on the object
    maps[1, 2, 5] = 1  # two pixels beside it
    assert evaluate._pointing_game(maps, masks, tolerance=0) == 0.5
    assert evaluate._pointing_game(maps, masks, tolerance=2) == 1.0


def test_the_attack_breaks_the_standard_network_not_the_robust_one_nor_the_random_numbers(evaluate):
    drawn = draw_shapes(24, seed=31)
    standard, robust = load_classifier("shapes_resnet"), load_classifier("shapes_robust")
    state = torch.random.get_rng_state()
    assert evaluate._under_attack(standard, drawn.images, drawn.labels, 8 / 255) <= 0.35
    assert evaluate._under_attack(robust, drawn.images, drawn.labels, 8 / 255) >= 0.65
    assert torch.equal(torch.random.get_rng_state(), state)
