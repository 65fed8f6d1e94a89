"""Measure all figures on the model cards again, and print a table: `make evaluate`.

Accuracies are measured as after training (`course_lib.train.evaluate`), attributions with the
reference solutions. With --write the cards and their page are updated.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any

import torch
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table
from torch import Tensor, nn

from autograder.course.course import Course
from course_lib.baselines import BASELINES
from course_lib.classifiers import WEIGHTS, list_classifiers, load_classifier, model_card
from course_lib.intervals import Estimate, estimate, hits
from course_lib.localize import share_inside
from course_lib.samples import Samples
from course_lib.shapes import (
    CLASS_NAMES,
    add_watermark,
    draw_scattered,
    draw_shapes,
    watermark_mask,
)
from course_lib.train.data import EVALUATION_SEED, DataNotFound, TrainingImages
from course_lib.train.engine import accuracy
from course_lib.train.evaluate import evaluate_on, evaluate_shapes
from course_lib.train.recipes import RECIPES, SHORTCUT_CLASS
from course_lib.train.sources import images_from

CAN_MOVE = 0.03  # largest difference to the card: other machines round differently

AT_LEAST = {
    ("shapes_cnn", "accuracy"): 0.97,
    ("shapes_resnet", "accuracy"): 0.97,
    ("shapes_vgg", "accuracy"): 0.97,
    ("shapes_robust", "accuracy"): 0.90,
    ("shapes_robust", "robust_accuracy"): 0.65,
    ("shapes_shortcut", "accuracy"): 0.90,
    ("shapes_shortcut", "fall_with_watermark"): 0.40,
    ("shapes_shortcut", "gradcam_on_watermark"): 0.80,
    ("shapes_random_labels", "training_accuracy"): 0.95,
    ("shapes_vgg", "pointing_game_gradcam"): 0.75,
    ("shapes_resnet", "pointing_game_gradcam"): 0.70,
    ("petit_resnet", "accuracy"): 0.83,
    ("petit_vgg", "accuracy"): 0.78,
    ("petit_robust", "accuracy"): 0.72,
    ("petit_robust", "robust_accuracy"): 0.40,
    ("shapes_robust", "visualisations_recognised"): 0.80,
    ("petit_robust", "visualisations_recognised"): 0.80,
}
AT_MOST = {
    ("shapes_untrained", "accuracy"): 0.25,
    ("shapes_random_labels", "accuracy"): 0.25,
    # The robust members are compared with these.
    ("shapes_resnet", "robust_accuracy"): 0.25,
    ("petit_resnet", "robust_accuracy"): 0.25,
}
"""The figures that the course requires."""

SETTINGS = {
    "shapes": {"noise": 0.3, "steps": 60, "l2_reg": 3e-4, "blur_every": 20, "max_jitter": 1},
    "petit": {"noise": 0.1, "steps": 100, "l2_reg": 1e-3, "blur_every": 10, "max_jitter": 2},
}
"""Settings of the class visualisations of each family, chosen by eye."""

COLUMNS = {
    "accuracy": "accuracy",
    "robust_accuracy": "under attack",
    "pointing_game_gradcam": "pointing game, Grad-CAM",
    "pointing_game_saliency": "pointing game, saliency",
    "pointing_game_untrained": "pointing game, untrained",
    "saliency_on_object": "saliency on the object",
}
BASELINE_ROWS = {
    "centre pixel": "centre_pixel",
    "centre blob": "centre_blob",
    "edge detector": "edges",
}
"""The baselines that are the same for all classifiers, by the ends of the names of their figures."""

_OF_BASELINES = {f"pointing_game_{key}" for key in BASELINE_ROWS.values()}

POINTED = 500
"""Number of drawings in the pointing games."""
MEANING = {
    "accuracy": "on 2,000 fresh drawings, or on 1,000 held-out photographs.",
    "under attack": "accuracy on 500 of these images after projected gradient descent in 20 steps "
    "(foolbox), which changes each pixel by at most 8/255 in drawings and 4/255 in photographs; not "
    "measured for `shapes_untrained`, which only guesses.",
    "pointing game": "fraction of 500 drawings for which the maximum of the map lies on the object, "
    "with its 95 % confidence interval. The drawings are those "
    'of `sample_images("scattered")`, whose objects lie anywhere and cover 6 % of the image: on the '
    "usual ones the middle pixel hits seven of ten. Only the outline determines the class, and "
    "saliency maps have their maximum on either side of it. *untrained*: the saliency map of the same "
    "architecture with new random weights.",
    "accuracy on scattered": "on these drawings, which are larger than those of the training.",
    "saliency on the object": "fraction of the saliency that lies on the object in these drawings.",
    "maps that know nothing": "the baselines on the same drawings. A method that is not ahead of all of "
    "them, and of the untrained network, has not been shown to find objects by what was learnt.",
    "accuracy with watermark": "on drawings of the classes that had no watermark in training, with "
    "the watermark added; *fall with watermark*: difference to the accuracy without it.",
    "Grad-CAM on watermark": "fraction of the drawings classified as hearts because of the watermark "
    "for which the maximum of Grad-CAM (stage2) lies on the watermark; *edges*, *centre pixel*: the same "
    "of these maps. That of an edge detector always does, so the comparison that counts is with a "
    "network that was trained without the watermark: experiment B of the notebook on Grad-CAM.",
    "visualisations recognised": "fraction of class visualisations of this member, three per class, "
    "that all other architectures of the family assign to that class.",
    "training accuracy": "on the training images with their random labels.",
}
FAMILIES = {
    "shapes": "classify images that the kit draws: 12 classes, 64 x 64 pixels.",
    "petit": "classify photographs: 20 classes, 64 x 64 pixels.",
}
THE_PHOTOGRAPHS = (
    "The photographs may not be redistributed. `make evaluate PHOTOS=...` and `make classifiers "
    "PHOTOS=...` need a folder, or a zip file of it, with the folders `train/CLASS` and `val/CLASS`: "
    "500 training photographs and 50 held-out photographs of 64 x 64 pixels per class, for the 20 "
    "classes {classes}. All of them are in Tiny ImageNet, the data set of 200 ImageNet classes at "
    "64 x 64 pixels of Stanford's course CS231N "
    "(<http://cs231n.stanford.edu/tiny-imagenet-200.zip>). Its folders are named by WordNet IDs, "
    "which its `words.txt` translates; `val_annotations.txt` has the classes of `val`."
)
PICTURES = (
    "![Class visualisations of the twelve classes by three networks for drawings]"
    "(class-visualisations-shapes.jpg)",
    "",
    "![Saliency maps of a cat and a cup, by the standard and the robust network for photographs]"
    "(saliency-photos.jpg)",
)
ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "classifiers.md"


def measure(name: str, photos: str, work: Path) -> dict[str, Any]:
    """Measure all figures of a classifier, fractions from 0 to 1 by name.

    "on_object" has the share of several maps that lies on the object, with confidence intervals.

    Args:
        name: name of the classifier.
        photos: folder or zip file with the photographs of the petit family.
        work: folder for unpacked photographs.

    Raises:
        DataNotFound: it was trained on photographs that are not here.
    """
    classifier, recipe = load_classifier(name), RECIPES[name]
    if recipe.data == "shapes":
        figures = evaluate_shapes(classifier, recipe, under_attack=_under_attack)
        figures |= _attributions_on_objects(classifier)
    else:
        held_out = held_out_photographs(photos, work)
        figures = evaluate_on(classifier, recipe, held_out, under_attack=_under_attack)
    if recipe.watermark:
        figures |= _shortcut(classifier, figures)
    if recipe.schedule.epsilon:
        figures["visualisations_recognised"] = _recognised_elsewhere(name, classifier)
    return figures


def _under_attack(classifier: nn.Module, images: Tensor, labels: Tensor, epsilon: float) -> float:
    """Accuracy under foolbox's PGD, independent of the PGD of the training."""
    import foolbox

    model = foolbox.PyTorchModel(classifier, bounds=(0, 1), device="cpu")
    attack = foolbox.attacks.LinfPGD(rel_stepsize=2.5 / 20, steps=20)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)  # of the random start
        *_, won = attack(model, images, labels, epsilons=epsilon)
    return 1 - won.float().mean().item()


def _attributions_on_objects(classifier: nn.Module) -> dict[str, Any]:
    """Compare saliency maps, Grad-CAM and the baselines with the true masks: see MEANING."""
    samples = _scattered()
    *_, layer = classifier.layers().values()
    methods = {
        "gradcam": lambda X, y, model: reference_of("gradcam").grad_cam(X, y, model, layer),
        "saliency": reference_of("saliency").compute_saliency_maps,
        "untrained": BASELINES["untrained network"],
        **{key: BASELINES[name] for name, key in BASELINE_ROWS.items()},
    }
    maps = {key: _in_parts(method, samples, classifier) for key, method in methods.items()}
    figures: dict[str, Any] = {
        f"pointing_game_{key}": _share(hits(m, samples.masks)) for key, m in maps.items()
    }
    figures["accuracy_on_scattered"] = accuracy(classifier, samples.images, samples.labels)
    on_object = {key: estimate(share_inside(m, samples.masks)) for key, m in maps.items()}
    figures["saliency_on_object"] = on_object["saliency"].mean
    figures["on_object"] = {
        key: [round(value, 4) for value in on_object[key]]
        for key in ("saliency", "untrained", *BASELINE_ROWS.values())
    }
    return figures


def _share(found: Tensor) -> float:
    return found.float().mean().item()


def _shortcut(classifier: nn.Module, figures: dict[str, float]) -> dict[str, float]:
    """Effect of the watermark on accuracy and Grad-CAM: see MEANING.

    Grad-CAM is taken at the layer of 16 x 16: a cell of the last one is as large as the watermark.
    """
    marked_class = CLASS_NAMES.index(SHORTCUT_CLASS)
    others = _drawn(2000)[:500]
    others = others[others.labels != marked_class]
    images = add_watermark(others.images, EVALUATION_SEED)
    marks = watermark_mask(len(others), seed=EVALUATION_SEED)
    with torch.no_grad():
        fooled = classifier(images).argmax(1) == marked_class
    images, marks = images[fooled], marks[fooled]
    y = torch.full((len(images),), marked_class)
    cams = reference_of("gradcam").grad_cam(images, y, classifier, classifier.layers()["stage2"])
    fall = figures["accuracy_without_watermark"] - figures["accuracy_with_watermark"]
    figures_of_marks = {
        f"{key}_on_watermark": _share(hits(BASELINES[name](images, y, classifier), marks))
        for name, key in BASELINE_ROWS.items()
        if key != "centre_blob"  # its maximum is the pixel in the middle
    }
    return {
        "fall_with_watermark": fall,
        "gradcam_on_watermark": _share(hits(cams, marks)),
        **figures_of_marks,
    }


def _recognised_elsewhere(name: str, classifier: nn.Module) -> float:
    """Fraction of class visualisations that all other architectures recognise: see MEANING."""
    family, network = name.split("_")[0], model_card(name)["network"]
    others = [
        load_classifier(other)
        for other in list_classifiers()
        if other in (f"{family}_cnn", f"{family}_resnet", f"{family}_vgg")
        and model_card(other)["network"] != network
    ]
    classes = torch.arange(len(classifier.class_names))
    shares = []
    for seed in range(3):
        images = visualisations(family, classifier, classes.tolist(), seed)
        with torch.no_grad():
            right = torch.stack([other(images).argmax(1) == classes for other in others])
        shares.append(right.all(0).float().mean().item())
    return sum(shares) / len(shares)


def visualisations(family: str, classifier: nn.Module, classes: list[int], seed: int = 0) -> Tensor:
    """Make one visualisation per class with the reference solution: (len(classes), 3, 64, 64).

    Args:
        family: "shapes" or "petit".
        classifier: a classifier of the family.
        classes: class indices.
        seed: seed of the initial noise.
    """
    reference = reference_of("class_visualization")
    settings = dict(SETTINGS[family])
    noise = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(seed))
    initial = (0.5 + settings.pop("noise") * noise).clamp(0, 1)
    return torch.cat(
        [
            reference.create_class_visualization(
                target,
                classifier,
                initial=initial,
                step_fn=reference.class_visualization_update_step,
                learning_rate=1.0,
                seed=target,
                **settings,
            )
            for target in classes
        ]
    )


def _in_parts(explain: Callable[..., Tensor], samples: Samples, classifier: nn.Module) -> Tensor:
    parts = zip(samples.images.split(100), samples.labels.split(100), strict=True)
    return torch.cat([explain(X, y, classifier).detach() for X, y in parts])


@lru_cache(maxsize=1)
def _scattered() -> Samples:
    return draw_scattered(POINTED, EVALUATION_SEED)


@lru_cache(maxsize=1)
def _drawn(n: int) -> Samples:
    return draw_shapes(n, EVALUATION_SEED)


@lru_cache(maxsize=1)
def held_out_photographs(photos: str, work: Path) -> TrainingImages:
    """The held-out photographs of the petit family."""
    classes = model_card("petit_resnet")["class_names"]
    _, held_out = images_from(photos, classes, 64, 1, work, seed=0)
    return held_out


@lru_cache
def reference_of(assignment: str) -> SimpleNamespace:
    """The functions of an assignment's reference solution."""
    return Course(ROOT).assignment(assignment).reference


def as_wanted(name: str, figure: str, value: float) -> bool:
    """True if a figure is as high, or as low, as the course requires."""
    return AT_LEAST.get((name, figure), 0) <= value <= AT_MOST.get((name, figure), 1)


def _rows(name: str, figures: dict[str, float]) -> Iterator[tuple[tuple[str, ...], bool]]:
    """The rows of the table for one classifier, each with True if its figure is as it should be."""
    card = model_card(name)
    head = name
    for figure, value in figures.items():
        if not isinstance(value, float):  # of the intervals the page tells
            continue
        on_card = card.get(figure)
        fine = on_card is not None and abs(value - on_card) <= CAN_MOVE
        fine = fine and as_wanted(name, figure, value)
        least, most = AT_LEAST.get((name, figure)), AT_MOST.get((name, figure))
        wanted = f"≥ {least:.1%}" if least is not None else f"≤ {most:.1%}" if most else ""
        shown = ("" if on_card is None else f"{on_card:.1%}", f"{value:.1%}", wanted)
        yield (head, _in_words(figure), *shown, "" if fine else "✗"), fine
        head = ""


def card_table() -> str:
    """The page with the cards of all bundled classifiers."""
    lines = [
        "# The bundled classifiers",
        "",
        "Generated from the model cards by `make evaluate ARGS=--write`; `make evaluate` measures all",
        "figures again.",
    ]
    for family, words in FAMILIES.items():
        members = [name for name in RECIPES if name.startswith(f"{family}_")]
        columns = [key for key in COLUMNS if any(key in model_card(name) for name in members)]
        headings = ["classifier", "description", *(COLUMNS[key] for key in columns)]
        headings += ["other figures", "parameters", "training"]
        lines += ["", f"## `{family}`", "", f"These {words}", "", _line(headings)]
        lines += ["|---|---|" + "---:|" * len(columns) + "---|---:|---|"]
        lines += [_line(_cells(name, columns)) for name in members]
        if family == "shapes":
            lines += ["", *_baseline_table(members[0])]
    classes = ", ".join(f"`{_folder(c)}`" for c in model_card("petit_resnet")["class_names"])
    lines += ["", THE_PHOTOGRAPHS.format(classes=classes)]
    lines += ["", "## The figures", ""]
    lines += [f"* *{figure}*: {words}" for figure, words in MEANING.items()]
    lines += ["", *PICTURES]
    return "\n".join(lines) + "\n"


def _baseline_table(member: str) -> Iterator[str]:
    """The baselines that are the same for all classifiers, from the card of one of them."""
    card = model_card(member)
    yield _line(["map that knows nothing", "pointing game", "on the object"])
    yield "|---|---:|---:|"
    for name, key in BASELINE_ROWS.items():
        on_object = Estimate(*card["on_object"][key])
        yield _line([name, _with_interval(f"pointing_game_{key}", card), str(on_object)])


def _with_interval(figure: str, card: dict[str, Any]) -> str:
    """A figure in per cent; with its 95 % confidence interval if it is about where maps point."""
    if figure == "saliency_on_object":
        return str(Estimate(*card["on_object"]["saliency"]))
    if figure.startswith("pointing_game"):
        return str(estimate(torch.arange(POINTED) < round(card[figure] * POINTED)))
    return f"{card[figure]:.1%}"


def _cells(name: str, columns: list[str]) -> Iterator[str]:
    card = model_card(name)
    training = card["training"]
    yield f"`{name}`"
    yield card["about"]
    for figure in columns:
        yield _with_interval(figure, card) if figure in card else "–"
    yield ", ".join(
        f"{_in_words(key)} {value:.1%}"
        for key, value in card.items()
        if isinstance(value, float) and key not in (*columns, *_OF_BASELINES)
    )
    yield f"{card['parameters'] / 1e6:.2f} M"
    yield f"{training['epochs']} epochs, {training['minutes']:g} min ({training['device']})"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _in_words(figure: str) -> str:
    return figure.replace("_", " ").replace("gradcam", "Grad-CAM")


def _folder(class_name: str) -> str:
    return class_name.replace(" ", "_")


def main(
    names: Annotated[list[str] | None, typer.Argument(help="only these classifiers")] = None,
    photos: Annotated[
        str, typer.Option(help="folder or zip file of the petit family's photographs")
    ] = "petit20",
    write: Annotated[bool, typer.Option("--write", help="update the cards and their page")] = False,
    work: Annotated[Path, typer.Option(help="folder for unpacked photographs")] = Path(
        "classifiers/work"
    ),
) -> None:
    """Print the table; exit with 1 if a figure differs from its card or from what is required."""
    table = Table("classifier", "figure", "card", "measured", "required", "")
    console, all_fine, skipped = Console(), True, []
    for name in track(names or list(RECIPES), "measuring", transient=True):
        try:
            figures = {
                key: round(value, 4) if isinstance(value, float) else value
                for key, value in measure(name, photos, work).items()
            }
        except DataNotFound:
            skipped.append(name)
            continue
        if write:
            path = WEIGHTS / f"{name}.json"
            path.write_text(json.dumps({**model_card(name), **figures}, indent=2) + "\n")
        for row, fine in _rows(name, figures):
            table.add_row(*row)
            all_fine &= fine
    console.print(table)
    if write:
        PAGE.write_text(card_table(), encoding="utf-8")
    if skipped:
        console.print(
            f"Not measured: {', '.join(skipped)}. The photographs are not here; pass their folder or "
            f"zip file with --photos ({PAGE.parent.name}/{PAGE.name} describes them)."
        )
    if not all_fine:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
