"""Is the quiz as it must be: right, fair, and without its answers in what students get?"""

from __future__ import annotations

import contextlib
import io
import json
import linecache
import re
import warnings

import pytest
import torch
import yaml
from nbgrader.utils import compute_checksum

from autograder.grading.assignment import grade_id
from autograder.quiz.assignment import options_text
from autograder.quiz.questions import for_students
from autograder.quiz.reading import load_quiz
from tests.corpus import ROOT, assignment

QUIZ = assignment("lecture_quiz")
QUESTIONS = QUIZ.quiz.questions
OPTIONS = [(question, option) for question in QUESTIONS for option in question.options]


@pytest.fixture(scope="module")
def bench():
    """The names that a student has when the questions begin."""
    namespace = {"__name__": "bench"}
    for cell in QUIZ.source.cells:
        if cell.cell_type == "code" and "quiz.ask" not in cell.source:
            lines = cell.source.splitlines(keepends=True)
            linecache.cache[f"<{cell.id}>"] = (len(cell.source), None, lines, f"<{cell.id}>")
            exec(compile(cell.source, f"<{cell.id}>", "exec"), namespace)
        if "def climb" in cell.source:
            return namespace
    raise AssertionError("the notebook has no bench")


def run(code, namespace):
    """Run a few lines as a notebook cell does; the value of the last one."""
    *lines, last = code.strip().splitlines()
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            value = compile(last, "<try>", "eval")
        except SyntaxError:
            exec(code, namespace)
            return None
        exec("\n".join(lines), namespace)
        return eval(value, namespace)


def test_there_are_enough_questions_with_four_options_each():
    assert len(QUESTIONS) >= 12
    assert all(len(question.options) == 4 for question in QUESTIONS)
    assert len({question.key for question in QUESTIONS}) == len(QUESTIONS)
    assert all(question.right.name == "" for question in QUESTIONS)
    names = [option.name for question in QUESTIONS for option in question.wrong]
    assert all(name.isidentifier() for name in names) and len(set(names)) == len(names)


def test_labels_are_plain_and_none_is_used_twice():
    labels = [option.label for _, option in OPTIONS]
    assert len(set(labels)) == len(labels)
    assert all(re.fullmatch("[a-z]{2}", label) for label in labels)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("question", "option"), OPTIONS, ids=[f"{q.key}-{o.label}" for q, o in OPTIONS]
)
def test_what_is_suggested_can_be_tried_on_the_bench(question, option, bench):
    assert option.see.startswith("If so, ")
    if question.options[0].code != option.code:
        run(question.options[0].code, bench)  # an option's own code may go on from the question's
    run(option.code, bench)


def test_the_options_that_students_receive_are_those_of_the_questions():
    assert QUIZ.options_path == ROOT / "course_lib" / "quiz" / "lecture_quiz.json"
    text = QUIZ.options_path.read_text(encoding="utf-8")
    assert text == options_text(QUIZ.quiz), "run autograder release lecture_quiz"


def test_the_frame_holds_no_question_and_no_answer():
    frame = QUIZ.source_path.read_text(encoding="utf-8")
    assert not any(option.says.strip() in frame for _, option in OPTIONS)
    assert "def quiz_answers" not in frame


def test_every_option_is_in_the_release():
    text = "\n".join(cell.source for cell in QUIZ.release.cells)
    for question, option in OPTIONS:
        assert f"* `{option.label}` {option.says.strip()}" in text, question.key


def test_another_release_shuffles_anew_and_leaves_the_labels(tmp_path):
    path = tmp_path / "quiz.yaml"
    source = (QUIZ.folder / QUIZ.FILE).read_text(encoding="utf-8")
    path.write_text(re.sub("^release: .*", "release: another one", source, flags=re.M))
    again = load_quiz(path).questions
    assert [q.options for q in again] == [q.options for q in QUESTIONS]
    moved = [a.key for a, b in zip(again, QUESTIONS, strict=True) if a.shuffled != b.shuffled]
    assert len(moved) > len(QUESTIONS) / 2


# Nothing that students receive tells the right answers


def handed_out_files():
    yield QUIZ.release_path
    yield from (ROOT / "course_lib").rglob("*.py")
    yield from (ROOT / "course_lib").rglob("*.json")


def test_the_order_of_the_options_has_nothing_to_do_with_the_right_one(tmp_path):
    """The seed can be guessed, and this code is public."""
    source = yaml.safe_load((QUIZ.folder / QUIZ.FILE).read_text(encoding="utf-8"))
    for entry in source["questions"]:
        entry["right"], entry["wrong"][0] = entry["wrong"][0], entry["right"]
        del entry["right"]["name"]
    other = tmp_path / "quiz.yaml"
    other.write_text(yaml.safe_dump(source), encoding="utf-8")
    orders = [
        [[option.label for option in question.shuffled] for question in quiz.questions]
        for quiz in (QUIZ.quiz, load_quiz(other))
    ]
    assert orders[0] == orders[1]


def test_no_file_that_students_receive_says_more_of_one_option_than_of_another():
    kinds = {tuple(option) for entry in for_students(QUIZ.quiz) for option in entry["options"]}
    assert kinds == {("label", "says", "see", "code")}
    text = "\n".join(path.read_text(encoding="utf-8") for path in handed_out_files())
    text = json.dumps(text)
    for question, option in OPTIONS:
        assert json.dumps(option.why.strip())[1:60] not in text, question.key
        assert not option.name or option.name not in text


def test_the_release_gives_no_answer_and_no_checksum_of_one():
    (cell,) = [c for c in QUIZ.release.cells if grade_id(c) == "quiz_answers"]
    assert not any(f'"{option.label}"' in cell.source for _, option in OPTIONS)
    solved = {f'"{q.key}": "{q.right.label}"' for q in QUESTIONS}
    assert not any(pair in QUIZ.release_path.read_text() for pair in solved)
    # nbgrader's checksums are of the cells as they were handed out.
    for cell in QUIZ.release.cells:
        if "checksum" in cell.metadata.get("nbgrader", {}):
            assert cell.metadata.nbgrader.checksum == compute_checksum(cell)


GUESSES = {
    "the first one": lambda options: options[0],
    "the second one": lambda options: options[1],
    "the third one": lambda options: options[2],
    "the last one": lambda options: options[-1],
    "the longest one": lambda options: max(options, key=lambda o: len(o.says)),
    "the shortest one": lambda options: min(options, key=lambda o: len(o.says)),
    "the longest advice": lambda options: max(options, key=lambda o: len(o.see + o.code)),
    "the shortest advice": lambda options: min(options, key=lambda o: len(o.see + o.code)),
    "the first label": lambda options: min(options, key=lambda o: o.label),
    "the last label": lambda options: max(options, key=lambda o: o.label),
    "the one without code of its own": lambda options: min(
        options, key=lambda o: (sum(o.code == other.code for other in options) == 1, o.label)
    ),
    "the one with code of its own": lambda options: max(
        options, key=lambda o: (sum(o.code == other.code for other in options) == 1, o.label)
    ),
}


@pytest.mark.parametrize("guess", GUESSES.values(), ids=GUESSES)
def test_no_simple_way_of_guessing_gets_half_of_the_points(guess):
    hits = sum(guess(question.shuffled) is question.right for question in QUESTIONS)
    assert hits < len(QUESTIONS) / 2


# Are the right answers right? Measured, on the bench.


def test_probability_is_flat_where_the_model_is_sure():
    scores = torch.zeros(12, dtype=torch.float64, requires_grad=True)
    sure = scores + torch.log(torch.tensor(0.99999 / (0.00001 / 11))) * torch.eye(12)[3]
    probability = sure.softmax(0)[3]
    (slope,) = torch.autograd.grad(probability, scores)
    assert probability.item() == pytest.approx(0.99999) and 0 < slope[3] < 1.1e-5


def test_a_constant_leaves_the_map_and_nothing_else_does(bench):
    by_label = {
        option.label: option for q in QUESTIONS if q.key == "map_stays" for option in q.options
    }
    changes = {label: run(option.code, bench).item() for label, option in by_label.items()}
    assert [label for label, change in changes.items() if change == 0] == [
        q.right.label for q in QUESTIONS if q.key == "map_stays"
    ]


def test_only_the_linear_classifier_has_one_map_for_all(bench):
    question = next(q for q in QUESTIONS if q.key == "same_map_for_all")
    linear, kinked = run(question.right.code, bench)
    assert linear < 1e-6 < kinked


def test_two_starts_end_at_two_pictures_of_the_class(bench):
    question = next(q for q in QUESTIONS if q.key == "start_image")
    difference, probabilities = run(question.right.code, bench)
    assert difference > 0.1 and min(probabilities) > 0.9


def test_noise_does_not_fool_and_the_attack_does(bench):
    images = bench["sample_images"]("shapes", n=100, seed=9)
    model, y = bench["model"], images.labels
    X = images.images
    loss = lambda x: bench["CrossEntropy"](y)(model(x))  # noqa: E731
    attack = 0.03 * bench["gradient"](loss, X).sign()
    noise = 0.03 * torch.randn(X.shape, generator=torch.manual_seed(0)).sign()
    kept = [(model(X + d).argmax(1) == model(X).argmax(1)).float().mean() for d in (noise, attack)]
    assert kept[0] > 0.9 and kept[1] < 0.3


def test_the_sign_step_is_best_in_its_box_and_not_on_its_sphere(bench):
    questions = {q.key: q for q in QUESTIONS}
    (linear_sign, linear_along), _ = run(questions["fgsm_maximises"].right.code, bench)
    assert linear_sign > linear_along
    euclidean = next(o for o in questions["fgsm_maximises"].wrong if "ball" in o.name)
    along, sign = run(euclidean.code, bench)
    assert along > sign
    several = next(o for o in questions["fgsm_maximises"].wrong if "true_loss" in o.name)
    pgd, fgsm = run(several.code, bench)
    assert pgd.sum() > fgsm.sum()


def test_gram_matrices_and_total_variation_by_hand(bench):
    questions = {q.key: q for q in QUESTIONS}
    before, after = run(questions["gram_shuffled"].right.code, bench)
    torch.testing.assert_close(before, after)
    assert run(questions["tv_ramp"].right.code, bench) == pytest.approx([1.0, 0.1])


def test_a_guided_relu_lets_one_of_four_through(bench):
    passed = run(next(q for q in QUESTIONS if q.key == "guided_gating").right.code, bench)[0]
    assert passed.tolist() == [0, 0, 5, -5]  # plain backpropagation; guided also stops the -5
