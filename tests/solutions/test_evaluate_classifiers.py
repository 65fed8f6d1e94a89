"""The page of the bundled classifiers says what their cards say, and the table notices what does not."""

import importlib.util

import pytest

from autograder.grading.assignment import HOME
from course_lib.classifiers import model_card


@pytest.fixture(scope="module")
def evaluate():
    path = HOME / "solutions" / "evaluate_classifiers.py"
    spec = importlib.util.spec_from_file_location("evaluate_classifiers", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_the_one_that_the_cards_make(evaluate):
    assert evaluate.PAGE.read_text(encoding="utf-8") == evaluate.card_table()


def test_every_figure_that_is_asked_for_is_on_its_card_and_high_enough(evaluate):
    low = {
        (name, figure): model_card(name)[figure]
        for (name, figure), least in evaluate.AT_LEAST.items()
        if model_card(name)[figure] < least
    }
    assert low == {}


@pytest.mark.parametrize(("moved_by", "fine"), [(0.0, True), (0.02, True), (-0.1, False)])
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
    import torch

    maps, masks = torch.zeros(2, 8, 8), torch.zeros(2, 8, 8, dtype=torch.bool)
    masks[:, 2:4, 2:4] = True
    maps[0, 2, 3] = 1  # on the object
    maps[1, 2, 5] = 1  # two pixels beside it
    assert evaluate._pointing_game(maps, masks, tolerance=0) == 0.5
    assert evaluate._pointing_game(maps, masks, tolerance=2) == 1.0
