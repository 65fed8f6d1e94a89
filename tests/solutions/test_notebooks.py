"""What holds for the source of every notebook with functions to write."""

import re

import pytest

from tests.corpus import ASSIGNMENTS, assignment

# Points by checked function, and by group of written or experimental answers.
POINTS = {
    "saliency": {
        "test_compute_saliency_maps": 14,
        "test_normalize_maps": 6,
        "test_compute_layer_saliency": 10,
        "test_compute_loss_saliency": 10,
        "experiment_ten_examples answer_batch_sum": 10,
        "experiment_input_scale answer_input_scale": 20,
        "experiment_robust_model answer_robust_model": 20,
        "experiment_labels answer_which_quantity": 10,
    },
    "class_visualization": {
        "test_class_visualization_update_step": 22,
        "test_momentum_update_step": 14,
        "test_create_class_visualization": 24,
        "experiment_initial_image answer_saliency_ascent": 10,
        "experiment_optimiser answer_regularisers": 10,
        "experiment_steps": 10,
        "experiment_ten_classes": 10,
    },
    "fooling_images": {
        "test_fgsm_attack": 20,
        "test_make_fooling_image": 28,
        "test_fooling_report": 12,
        "experiment_epsilon answer_epsilon": 12,
        "experiment_transfer answer_transfer": 12,
        "answer_what_they_tell": 8,
        "answer_paper_review": 8,
    },
    "gradcam": {
        "test_guided_backprop": 24,
        "test_grad_cam": 26,
        "test_guided_grad_cam": 10,
        "experiment_pointing_game answer_pointing_game": 14,
        "experiment_shortcut answer_shortcut": 14,
        "answer_saliency_and_grad_cam": 12,
    },
    "style_transfer": {
        "test_content_loss": 10,
        "test_gram_matrix": 20,
        "test_style_loss": 20,
        "test_tv_loss": 20,
        "experiment_weights answer_weights": 8,
        "experiment_own_pair": 8,
        "answer_gram": 4,
        "answer_review": 10,
    },
    "sanity_checks": {
        "test_randomize_layers": 20,
        "test_rank_correlation": 14,
        "test_cascade_similarity": 16,
        "experiment_methods answer_methods": 14,
        "experiment_random_labels answer_random_labels": 10,
        "experiment_architectures answer_architectures": 8,
        "review_sanity_checks": 10,
        "review_fooling_images review_style_transfer": 8,
    },
}
SWITCHES = {
    **dict.fromkeys(POINTS, ("model = load_classifier(", "samples = sample_images(")),
    "style_transfer": ("model = load_classifier(", "photographs = ", "styles = "),
}

on_all = pytest.mark.parametrize("name", POINTS)


def grading(cell):
    return cell.metadata.get("nbgrader", {})


def cells_of(name):
    return assignment(name).source.cells


def functions_of(name):
    return assignment(name).functions


def test_no_notebook_is_forgotten():
    assert set(POINTS) == set(ASSIGNMENTS) - {"lecture_quiz"}


@on_all
def test_the_points_are_those_of_the_course(name):
    given = [grading(cell) for cell in cells_of(name) if grading(cell).get("grade")]
    points = {cell["grade_id"]: cell["points"] for cell in given}
    groups = {group: sum(points.pop(cell) for cell in group.split()) for group in POINTS[name]}
    assert groups == POINTS[name]
    assert points == {} and sum(groups.values()) == 100


@on_all
def test_one_line_switches_the_model_and_one_the_images(name):
    lines = "\n".join(cell.source for cell in cells_of(name) if cell.cell_type == "code").split(
        "\n"
    )
    for start in SWITCHES[name]:
        assert sum(line.startswith(start) for line in lines) == 1, start


@on_all
def test_every_graded_cell_is_the_one_line_of_visible_checks_below_its_stub(name):
    cells = cells_of(name)
    ids = [grading(cell).get("grade_id") for cell in cells]
    for function in functions_of(name):
        check = cells[ids.index(f"test_{function}")]
        assert check.source == f"check_{function}({function})"
        assert grading(check)["locked"] and not grading(check)["solution"]
        assert ids[ids.index(f"test_{function}") - 1] == function


@on_all
def test_every_answer_has_a_rubric_that_never_reaches_students(name):
    for cell in cells_of(name):
        if grading(cell).get("solution"):
            outside = re.sub(r"### BEGIN SOLUTION.*### END SOLUTION", "", cell.source, flags=re.S)
            assert outside != cell.source
            assert "rubric" not in outside.lower() and "model answer" not in outside.lower()
            if grading(cell)["grade"]:
                assert "rubric" in cell.source.lower()
        else:
            assert "SOLUTION" not in cell.source


@pytest.mark.parametrize("name", [name for name in POINTS if name != "gradcam"])
def test_no_cell_that_students_receive_takes_a_gradient(name):
    """`gradcam` may show one: by then its students have written it themselves."""
    for cell in cells_of(name):
        if cell.cell_type == "code":
            given = re.sub(r"### BEGIN SOLUTION.*### END SOLUTION", "", cell.source, flags=re.S)
            assert "autograd.grad" not in given and "backward(" not in given


@on_all
def test_the_rubrics_add_up_to_the_points(name):
    for cell in cells_of(name):
        if grading(cell).get("grade") and grading(cell).get("solution"):
            rubric = cell.source[cell.source.index("Rubric") :]
            code = cell.cell_type == "code"
            item = r"^(?:# )?(?:Rubric:|#) +(\d) " if code else r"(?<=\s)(\d):\s"
            numbers = re.findall(item, rubric, re.M)
            assert sum(map(int, numbers)) == grading(cell)["points"], grading(cell)["grade_id"]


@on_all
def test_hints_and_expected_pictures_are_folded_away(name):
    text = "\n".join(cell.source for cell in cells_of(name) if cell.cell_type == "markdown")
    assert text.count("<details>") == text.count("</details>") >= 8
    pictures = re.findall(r"\]\((expected/[^)]+)\)", text)
    assert len(pictures) >= 2
    for picture in pictures:
        file = assignment(name).source_path.parent / picture
        assert file.exists(), f"{picture}: run solutions/expected_pictures.py {name}"
        folded = text[: text.index(picture)]
        assert folded.count("<details>") > folded.count("</details>")
